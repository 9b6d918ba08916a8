/**
 * A pass-through between a program and a server that notes when requests and answers go by: the
 * same observer for every program, whatever it is made of.
 *
 * @module
 */

/** A request that went by, and its answer. Moments are `performance.now()`. */
export interface Exchange {
  /** The HTTP method. */
  readonly method: string;
  /** The path, without its query. */
  readonly path: string;
  /** When its first byte came. */
  readonly sentAt: number;
  /** When the first byte of the answer came; undefined while it has not. */
  answeredAt?: number;
  /** The status of the answer. */
  status?: number;
}

/** A pass-through that runs. */
export interface Tap {
  /** `127.0.0.1:port`: where programs go instead of the server. */
  readonly addr: string;
  /** When connections came, since `clear()`. */
  readonly connections: readonly number[];
  /** What went by, since `clear()`. */
  readonly exchanges: readonly Exchange[];
  /** Forgets what went by. */
  clear(): void;
  /**
   * Resolves when the next exchange is answered that fits; what was answered before does not count.
   */
  answered(fits: (exchange: Exchange) => boolean): Promise<Exchange>;
  /** Called with a request before it is passed on, and waited for. */
  hold: ((exchange: Exchange) => Promise<void>) | undefined;
  /** Ends it. */
  shutdown(): void;
}

/**
 * Starts a pass-through.
 *
 * Requests are recognised by how a chunk of bytes begins: clients send the head of a request in one
 * piece, and the next only after the answer.
 *
 * @param upstream `host:port` of the server, plain HTTP/1.1
 */
export function startTap(upstream: string): Tap {
  const [hostname = "", port = ""] = upstream.split(":");
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connections: number[] = [];
  const exchanges: Exchange[] = [];
  const waiting = new Set<{ fits: (one: Exchange) => boolean; tell: (one: Exchange) => void }>();
  const tap: Tap = {
    addr: `127.0.0.1:${listener.addr.port}`,
    connections,
    exchanges,
    clear() {
      connections.length = 0;
      exchanges.length = 0;
    },
    answered: (fits) => new Promise((tell) => waiting.add({ fits, tell })),
    hold: undefined,
    shutdown: () => listener.close(),
  };

  async function serve(client: Deno.TcpConn): Promise<void> {
    connections.push(performance.now());
    client.setNoDelay(true);
    const server = await Deno.connect({ hostname, port: Number(port) });
    server.setNoDelay(true);
    let open: Exchange | undefined;

    const onRequest = async (bytes: Uint8Array) => {
      const [, method, path] = /^([A-Z]+) ([^ ?]+)\S* HTTP\/1\.1\r/.exec(head(bytes)) ?? [];
      if (method === undefined || path === undefined) return;
      open = { method, path, sentAt: performance.now() };
      exchanges.push(open);
      await tap.hold?.(open);
    };
    const onAnswer = (bytes: Uint8Array) => {
      const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(head(bytes)) ?? [];
      if (open === undefined || status === undefined) return;
      open.answeredAt = performance.now();
      open.status = Number(status);
      for (const one of waiting) {
        if (!one.fits(open)) continue;
        waiting.delete(one);
        one.tell(open);
      }
    };
    await Promise.all([pass(client, server, onRequest), pass(server, client, onAnswer)]);
  }

  (async () => {
    for await (const client of listener) serve(client).catch(() => close(client));
  })();
  return tap;
}

function head(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 2048));
}

async function pass(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  look: (bytes: Uint8Array) => void | Promise<void>,
): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  try {
    for (let n = await from.read(buffer); n !== null; n = await from.read(buffer)) {
      const bytes = buffer.subarray(0, n);
      const looking = look(bytes);
      if (looking) await looking;
      for (let sent = 0; sent < n;) sent += await to.write(bytes.subarray(sent));
    }
  } catch {
    // One of the two has gone; the other is told by the close.
  }
  close(to);
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}
