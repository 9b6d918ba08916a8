import { close, dial, type Dialled, secure } from "./connection.ts";
import { bodyOf, type BodySource, createReader, type Head, NoAnswer, readHead } from "./message.ts";
import type { TlsOptions } from "./tls.ts";
import { type Clock, onAbort } from "../clock.ts";

/** What a wire needs. */
export interface WireOptions extends TlsOptions {
  readonly clock: Clock;
  /** Keeps connections for further requests until it fires; without it each request opens one. */
  readonly keepUntil?: AbortSignal | undefined;
}

/** An answer; its end closes the connection, unless the body was read to its end. */
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
   * Sends a request and reads the head of the answer. Where a kept connection has ended meanwhile, it
   * sends the request once more on a new one.
   */
  exchange(request: Sent, signal: AbortSignal): Promise<Exchange>;
}

/** Makes the way to a server. */
export function createWire(url: URL, options: WireOptions): Wire {
  const { clock, keepUntil } = options;
  /** Free connections, the one used last at the end. */
  const idle: Deno.Conn[] = [];
  /** Opened by `connect`, without TLS so far. */
  let opened: Dialled | undefined;
  keepUntil?.addEventListener("abort", () => {
    for (const one of idle.splice(0)) close(one);
    close(opened);
    opened = undefined;
  });
  const isKept = () => keepUntil?.aborted === false;
  const free = (conn: Deno.Conn) => {
    if (isKept()) idle.push(conn);
    else close(conn);
  };

  return {
    async connect(signal) {
      const conn = await dial(url, clock, signal, options);
      close(opened);
      opened = isKept() ? conn : undefined;
      const { hostname: own } = conn.localAddr as Deno.NetAddr;
      if (!opened) close(conn);
      return own;
    },

    async exchange(request, signal) {
      while (true) {
        const tcp = request.isFresh ? undefined : opened;
        if (tcp) opened = undefined;
        const kept = request.isFresh || tcp ? undefined : idle.pop();
        try {
          const conn = kept ??
            await secure(tcp ?? await dial(url, clock, signal, options), url, options, signal);
          return await talk(conn, request, signal, free);
        } catch (error) {
          // Servers, and whatever is between, close idle connections after 20 s and more.
          const isNew = kept === undefined && tcp === undefined;
          if (isNew || signal.aborted || !isLost(error)) throw error;
        }
      }
    },
  };
}

/**
 * Sends a request and reads the head of the answer.
 *
 * @param free takes the connection once another request may follow on it
 */
async function talk(
  conn: Deno.Conn,
  request: Sent,
  signal: AbortSignal,
  free: (conn: Deno.Conn) => void,
): Promise<Exchange> {
  const bound = onAbort(signal, () => close(conn));
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
        if (head.keepsOpen && body.isRead && !signal.aborted) free(conn);
        else close(conn);
      },
    };
  } catch (error) {
    bound[Symbol.dispose]();
    close(conn);
    throw error;
  }
}

/** Whether a connection has ended before a byte of the answer. */
function isLost(error: unknown): boolean {
  const { UnexpectedEof, BrokenPipe, ConnectionReset, ConnectionAborted } = Deno.errors;
  // UnexpectedEof: TLS without close_notify.
  return [NoAnswer, UnexpectedEof, BrokenPipe, ConnectionReset, ConnectionAborted]
    .some((kind) => error instanceof kind);
}
