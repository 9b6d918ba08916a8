import { failureOf } from "./failure.ts";
import type { TlsOptions } from "./tls.ts";
import { type Clock, onAbort, timeout } from "../clock.ts";
import { UnreachableError } from "../errors.ts";
import { tried } from "../tried.ts";

/**
 * A server that does not accept a connection within this time is tried anew, milliseconds. In a
 * rollout the queue of connections overflows, and a lost SYN is repeated after 1, 3 and 7 s: with
 * 5 s, some of 200 hooks at once gave up on a Nacos 3.1.0 that was only busy.
 */
const CONNECT_TIMEOUT_MS = 15_000;

/** A connection on which nothing is said yet. One with a client certificate is of TLS from the start. */
export type Dialled = Deno.TcpConn | Deno.TlsConn;

/**
 * Connects to the first address of the name that accepts it (`Deno.connect` and `Deno.connectTls` go on
 * to the next, Deno 2.9.6), without a proxy.
 *
 * @throws {UnreachableError} of kind `connection`
 */
export async function dial(
  url: URL,
  clock: Clock,
  signal: AbortSignal,
  { caCerts, client }: TlsOptions,
): Promise<Dialled> {
  const isTls = url.protocol === "https:";
  const address = { hostname: hostOf(url), port: Number(url.port || (isTls ? 443 : 80)) };
  using limit = timeout(clock, CONNECT_TIMEOUT_MS, signal);
  try {
    if (!isTls || !client) return await Deno.connect({ ...address, signal: limit.signal });
    // `Deno.startTls` knows no client certificate (Deno 2.9.6).
    const options = { ...address, ...tlsOptions(caCerts), ...client };
    return await unlessOver(Deno.connectTls(options), limit.signal);
  } catch (error) {
    const why = limit.signal.aborted ? "no connection in time" : failureOf(error).reason;
    throw new UnreachableError(`Cannot connect to ${url.origin}: ${why}`, {
      kind: "connection",
      cause: error,
    });
  }
}

/** `Deno.connectTls` takes no signal (Deno 2.9.6): a connection that comes too late is closed. */
async function unlessOver<Conn extends Deno.Conn>(
  opening: Promise<Conn>,
  signal: AbortSignal,
): Promise<Conn> {
  const over = Promise.withResolvers<never>();
  using _ = onAbort(signal, () => over.reject(signal.reason));
  try {
    return await Promise.race([over.promise, opening]);
  } catch (error) {
    opening.then(close, () => {});
    throw error;
  }
}

function tlsOptions(caCerts: string | undefined) {
  return { caCerts: caCerts ? [caCerts] : [], alpnProtocols: ["http/1.1"] };
}

/** Shakes hands where the URL is https. */
export async function secure(
  conn: Dialled,
  url: URL,
  { caCerts }: TlsOptions,
  signal: AbortSignal,
): Promise<Deno.Conn> {
  if (url.protocol !== "https:") return conn;
  const tls = "handshake" in conn
    ? conn
    : await Deno.startTls(conn, { hostname: hostOf(url), ...tlsOptions(caCerts) });
  using _ = onAbort(signal, () => close(tls));
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

/** Closes a connection that may be closed already. Nothing else ends a read or write that is under way. */
export function close(conn: Deno.Conn | undefined): void {
  tried(() => conn?.close());
}
