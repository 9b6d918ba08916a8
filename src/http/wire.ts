import { failureOf } from "./failure.ts";
import { bodyOf, type BodySource, createReader, type Head, NoAnswer, readHead } from "./message.ts";
import { type Clock, timeout } from "../clock.ts";
import { UnreachableError } from "../errors.ts";

/** What a wire needs. */
export interface WireOptions {
  /** Bounds how long a connection is waited for. */
  readonly clock: Clock;
  /** Certificates (PEM) to trust for https besides the usual ones. */
  readonly caCerts: readonly string[];
  /** Connections are kept for further requests until it fires; without it each request has its own. */
  readonly keepUntil?: AbortSignal | undefined;
}

/** An answer whose body comes as it is read. Closes the connection where it is not read to its end. */
export interface Exchange extends Head, Disposable {
  readonly body: BodySource;
}

/** A request. */
export interface Sent {
  /** Head and body. */
  readonly bytes: Uint8Array;
  /** Whether it is HEAD: its answer has no body. */
  readonly isHead: boolean;
  /** Whether it gets a new connection in any case. */
  readonly isFresh: boolean;
}

/** The way to one server. */
export interface Wire {
  /**
   * Opens a connection, which the next request takes.
   *
   * @returns our own address on it
   * @throws {UnreachableError} of kind `connection`
   */
  connect(signal: AbortSignal): Promise<string>;
  /**
   * Sends a request and reads the head of the answer. On a kept connection that has ended meanwhile
   * it is sent once more, on a new one.
   */
  exchange(request: Sent, signal: AbortSignal): Promise<Exchange>;
}

/**
 * A server that does not accept a connection within this time is tried anew, milliseconds. In a
 * rollout the queue of connections overflows, and a lost SYN is repeated after 1, 3 and 7 s: with
 * 5 s, some of 200 hooks at once gave up on a Nacos 3.1.0 that was only busy.
 */
const CONNECT_TIMEOUT_MS = 15_000;

/**
 * Each connection is made to the first address of the name that accepts one (`Deno.connect` goes on
 * to the next, Deno 2.9.6), without a proxy.
 */
export function createWire(url: URL, { clock, caCerts, keepUntil }: WireOptions): Wire {
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const isTls = url.protocol === "https:";
  const port = Number(url.port || (isTls ? 443 : 80));
  /** Connections that nobody uses, the one used last at the end. */
  const idle: Deno.Conn[] = [];
  /** What `connect` has opened: over TLS nothing was said yet. */
  let opened: Deno.TcpConn | undefined;
  keepUntil?.addEventListener("abort", () => {
    for (const one of idle.splice(0)) close(one);
    close(opened);
    opened = undefined;
  });

  async function dial(signal: AbortSignal): Promise<Deno.TcpConn> {
    using limit = timeout(clock, CONNECT_TIMEOUT_MS, signal);
    try {
      return await Deno.connect({ hostname, port, signal: limit.signal });
    } catch (error) {
      const why = limit.signal.aborted ? "no connection in time" : failureOf(error, false).reason;
      throw new UnreachableError(`Cannot connect to ${url.origin}: ${why}`, {
        kind: "connection",
        cause: error,
      });
    }
  }

  async function secure(tcp: Deno.TcpConn, signal: AbortSignal): Promise<Deno.Conn> {
    if (!isTls) return tcp;
    const alpnProtocols = ["http/1.1"];
    const tls = await Deno.startTls(tcp, { hostname, caCerts: [...caCerts], alpnProtocols });
    using _ = closing(tls, signal);
    try {
      await tls.handshake();
      return tls;
    } catch (error) {
      close(tls);
      throw error;
    }
  }

  async function talk(conn: Deno.Conn, request: Sent, signal: AbortSignal): Promise<Exchange> {
    const bound = closing(conn, signal);
    try {
      let rest = request.bytes;
      while (rest.length > 0) rest = rest.subarray(await conn.write(rest));
      const reader = createReader(conn);
      const head = await readHead(reader);
      const body = bodyOf(head, reader, request.isHead);
      return {
        ...head,
        body,
        [Symbol.dispose]() {
          bound[Symbol.dispose]();
          const isFree = head.keepsOpen && body.isRead && !signal.aborted;
          if (isFree && keepUntil?.aborted === false) idle.push(conn);
          else close(conn);
        },
      };
    } catch (error) {
      bound[Symbol.dispose]();
      close(conn);
      throw error;
    }
  }

  return {
    async connect(signal) {
      const conn = await dial(signal);
      close(opened);
      opened = keepUntil?.aborted === false ? conn : undefined;
      const { hostname: own } = conn.localAddr;
      if (!opened) close(conn);
      return own;
    },

    async exchange(request, signal) {
      while (true) {
        const tcp = request.isFresh ? undefined : opened;
        if (tcp) opened = undefined;
        const kept = request.isFresh || tcp ? undefined : idle.pop();
        try {
          const conn = kept ?? await secure(tcp ?? await dial(signal), signal);
          return await talk(conn, request, signal);
        } catch (error) {
          // Idle connections are closed by servers after 20 s and more, and by whatever is between.
          const isNew = kept === undefined && tcp === undefined;
          if (isNew || signal.aborted || !isLost(error)) throw error;
        }
      }
    },
  };
}

/** Whether a connection has ended before a byte of the answer. */
function isLost(error: unknown): boolean {
  const { UnexpectedEof, BrokenPipe, ConnectionReset, ConnectionAborted } = Deno.errors;
  // UnexpectedEof: TLS without close_notify.
  return [NoAnswer, UnexpectedEof, BrokenPipe, ConnectionReset, ConnectionAborted]
    .some((kind) => error instanceof kind);
}

/**
 * Closes a connection when the signal fires, until disposed of: nothing else ends a read or write
 * that is under way.
 */
function closing(conn: Deno.Conn, signal: AbortSignal): Disposable {
  const abort = () => close(conn);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  return { [Symbol.dispose]: () => signal.removeEventListener("abort", abort) };
}

function close(conn: Deno.Conn | undefined): void {
  try {
    conn?.close();
  } catch {
    // It is closed already.
  }
}
