import { failureOf } from "./failure.ts";
import { type Clock, timeout } from "../clock.ts";
import { UnreachableError } from "../errors.ts";

/**
 * A server that does not accept a connection within this time is tried anew, milliseconds. In a
 * rollout the queue of connections overflows, and a lost SYN is repeated after 1, 3 and 7 s: with
 * 5 s, some of 200 hooks at once gave up on a Nacos 3.1.0 that was only busy.
 */
const CONNECT_TIMEOUT_MS = 15_000;

/**
 * Connects to the first address of the name that accepts it (`Deno.connect` goes on to the next, Deno
 * 2.9.6), without a proxy. Nothing is said on it yet.
 *
 * @throws {UnreachableError} of kind `connection`
 */
export async function dial(url: URL, clock: Clock, signal: AbortSignal): Promise<Deno.TcpConn> {
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  using limit = timeout(clock, CONNECT_TIMEOUT_MS, signal);
  try {
    return await Deno.connect({ hostname: hostOf(url), port, signal: limit.signal });
  } catch (error) {
    const why = limit.signal.aborted ? "no connection in time" : failureOf(error).reason;
    throw new UnreachableError(`Cannot connect to ${url.origin}: ${why}`, {
      kind: "connection",
      cause: error,
    });
  }
}

/**
 * Shakes hands where the URL is https.
 *
 * @param caCerts certificates (PEM) to trust besides the usual ones
 */
export async function secure(
  tcp: Deno.TcpConn,
  url: URL,
  caCerts: string | undefined,
  signal: AbortSignal,
): Promise<Deno.Conn> {
  if (url.protocol !== "https:") return tcp;
  const tls = await Deno.startTls(tcp, {
    hostname: hostOf(url),
    caCerts: caCerts ? [caCerts] : [],
    alpnProtocols: ["http/1.1"],
  });
  using _ = closing(tls, signal);
  try {
    await tls.handshake();
    return tls;
  } catch (error) {
    close(tls);
    throw error;
  }
}

/** An IPv6 address has brackets in a URL. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}

/**
 * Closes a connection when the signal fires, until disposed of: nothing else ends a read or write
 * that is under way.
 */
export function closing(conn: Deno.Conn, signal: AbortSignal): Disposable {
  const abort = () => close(conn);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  return { [Symbol.dispose]: () => signal.removeEventListener("abort", abort) };
}

/** Closes a connection that may be closed already. */
export function close(conn: Deno.Conn | undefined): void {
  try {
    conn?.close();
  } catch {
    // It is closed already.
  }
}
