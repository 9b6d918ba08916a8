/**
 * A TCP front that can answer what no HTTP server library will send.
 *
 * Nacos 2.2.4 answers a wrong password with the status line `HTTP/1.1 0 `, and leaves the connection
 * open. `Deno.serve` cannot, so the bytes go through here, and an answer that carries the mark is
 * replaced.
 */

export interface UnparseableFront {
  readonly port: number;
  answer(headers?: Readonly<Record<string, string>>): Response;
  close(): void;
}

const MARK = "x-embedded-unparseable";

export function frontUnparseable(
  listener: Deno.Listener<Deno.Conn>,
  target: { readonly port: number },
): UnparseableFront {
  // Unguessable, so that no body that is passed on can look like it.
  const mark = crypto.randomUUID();
  const open = new Set<Deno.Conn>();
  const accept = async () => {
    for await (const client of listener) void pass(client, target.port, mark, open);
  };
  void accept().catch(() => {/* the listener was closed, or a TLS handshake failed */});
  return {
    port: (listener.addr as Deno.NetAddr).port,
    answer(headers = {}) {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
      return new Response(null, {
        headers: { [MARK]: mark + encodeURIComponent(lines.join("\r\n")) },
      });
    },
    close() {
      listener.close();
      for (const conn of open) end(conn);
    },
  };
}

async function pass(
  client: Deno.Conn,
  port: number,
  mark: string,
  open: Set<Deno.Conn>,
): Promise<void> {
  open.add(client);
  try {
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    open.add(server);
    const both = [
      copy(client, server, (bytes) => bytes),
      copy(server, client, replaceMarked(mark)),
    ];
    // Whichever side ends first ends the other.
    await Promise.race(both).catch(() => {});
    end(server);
    open.delete(server);
    end(client);
    await Promise.allSettled(both);
  } catch {
    // The server is shutting down; the client sees its connection end.
  } finally {
    end(client);
    open.delete(client);
  }
}

async function copy(
  from: Deno.Conn,
  to: Deno.Conn,
  change: (bytes: Uint8Array) => Uint8Array,
): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  while (true) {
    const read = await from.read(buffer);
    if (read === null) return;
    let rest = change(buffer.subarray(0, read));
    while (rest.length > 0) rest = rest.subarray(await to.write(rest));
  }
}

/** The head of an answer comes in one read: `Deno.serve` writes small answers in one piece. */
function replaceMarked(mark: string): (bytes: Uint8Array) => Uint8Array {
  const needle = `${MARK}: ${mark}`;
  return (bytes) => {
    const head = new TextDecoder("latin1").decode(bytes);
    const at = head.indexOf(needle);
    if (at < 0) return bytes;
    const coded = head.slice(at + needle.length, head.indexOf("\r\n", at));
    const lines = [decodeURIComponent(coded), `Date: ${new Date().toUTCString()}`].filter(Boolean);
    // Byte for byte what 2.2.4 sends: no length, and the connection stays open.
    return new TextEncoder().encode(["HTTP/1.1 0 ", ...lines, "\r\n"].join("\r\n"));
  };
}

function end(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Already closed.
  }
}
