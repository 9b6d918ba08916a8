/**
 * A proxy on bare TCP in front of one real server: it passes requests on, or lets a fault answer.
 *
 * @module
 */

/** One request as the proxy sees it. */
export interface ProxyRequest {
  /** `GET`. */
  readonly method: string;
  /** With the query. */
  readonly path: string;
}

/** What a fault needs to answer one request. */
export interface Exchange {
  /** The connection of the program; closed when the fault returns. */
  readonly client: Deno.Conn;
  /** Asks the real server; gives its whole answer as bytes, the last one of its connection. */
  forward(): Promise<Uint8Array>;
  /** Fires when the proxy ends. */
  readonly signal: AbortSignal;
}

/** One way to spoil an answer. */
export type Spoil = (exchange: Exchange) => Promise<void>;

/** How the proxy decides. */
export interface ProxyOptions {
  /** The port of the real server on 127.0.0.1. */
  readonly target: number;
  /** The fault for a request; undefined passes it on. */
  readonly fault: (request: ProxyRequest) => Fault | undefined;
  /** Called when the real server has answered a request. */
  readonly answered: (request: ProxyRequest, status: number, answer: string) => void;
}

/** A fault that is due. */
export interface Fault {
  /** Whether the connection is reset before the request was read. */
  readonly resets?: true;
  /** What is answered. */
  readonly spoil: Spoil;
}

/** A proxy that runs. */
export interface FaultProxy extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly addr: string;
}

/**
 * Starts a proxy. Each request gets a connection of its own to the server, so that what is cut on
 * one side is not reused on the other.
 *
 * @param options the server and the faults
 */
export function startFaultProxy(options: ProxyOptions): FaultProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const end = new AbortController();
  const open = new Set<Deno.Conn>();
  const handled = new Set<Promise<void>>();
  const accept = async () => {
    for await (const client of listener) {
      // Either side may go at any moment: that is what this is about.
      const handling = handle(client, options, open, end.signal).catch(() => {});
      handled.add(handling);
      handling.finally(() => handled.delete(handling));
    }
  };
  const accepting = accept().catch(() => {});
  return {
    addr: `127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    async [Symbol.asyncDispose]() {
      end.abort();
      close(listener);
      for (const connection of open) close(connection);
      await accepting;
      await Promise.all(handled);
    },
  };
}

/**
 * Writes all of it.
 *
 * @param connection where to
 * @param bytes text is taken as UTF-8
 */
export async function writeAll(connection: Deno.Conn, bytes: Uint8Array | string): Promise<void> {
  let rest = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  while (rest.length > 0) rest = rest.subarray(await connection.write(rest));
}

/** Waits until the other side has closed the connection, or the proxy ends. */
export async function untilClosed(connection: Deno.Conn): Promise<void> {
  while (await connection.read(new Uint8Array(1024)) !== null);
}

async function handle(
  client: Deno.Conn,
  options: ProxyOptions,
  open: Set<Deno.Conn>,
  signal: AbortSignal,
): Promise<void> {
  open.add(client);
  try {
    const line = await readLine(client);
    // The program opens a connection to see whether anybody is there, and closes it again.
    if (line === undefined) return;
    const [method = "", path = ""] = line.split(" ");
    const request = { method, path };
    const fault = options.fault(request);
    // Closed with something unread in its buffer, Linux sends an RST.
    if (fault?.resets) return;
    const bytes = await readRequest(client, line);
    if (bytes === undefined) return;
    const forward = async () => {
      const answer = await ask(options.target, bytes, open);
      const text = new TextDecoder("latin1").decode(answer);
      options.answered(request, Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1] ?? 0), text);
      return answer;
    };
    if (fault) await fault.spoil({ client, forward, signal });
    else await writeAll(client, await forward());
  } finally {
    open.delete(client);
    close(client);
  }
}

/** Reads one line and nothing behind it; undefined where the connection ends before. */
async function readLine(connection: Deno.Conn): Promise<string | undefined> {
  const byte = new Uint8Array(1);
  let line = "";
  while (!line.endsWith("\r\n")) {
    if (await connection.read(byte) === null) return undefined;
    line += String.fromCharCode(byte[0] ?? 0);
  }
  return line.slice(0, -2);
}

/**
 * Reads the rest of a request.
 *
 * @returns all of it, so changed that its answer is plain and the last one of its connection
 */
async function readRequest(client: Deno.Conn, line: string): Promise<Uint8Array | undefined> {
  const buffer = new Uint8Array(64 * 1024);
  // One character is one byte.
  let text = "";
  while (true) {
    const end = text.indexOf("\r\n\r\n");
    const length = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? "0");
    if (end >= 0 && text.length >= end + 4 + length) {
      const kept = text.slice(0, end).split("\r\n")
        .filter((header) => !/^(connection|accept-encoding):/i.test(header));
      const head = [line, ...kept, "Connection: close"].join("\r\n");
      return Uint8Array.from(`${head}\r\n\r\n${text.slice(end + 4)}`, (c) => c.charCodeAt(0));
    }
    const read = await client.read(buffer);
    if (read === null) return undefined;
    text += String.fromCharCode(...buffer.subarray(0, read));
  }
}

/** Asks the server and reads to the end of the connection. */
async function ask(port: number, request: Uint8Array, open: Set<Deno.Conn>): Promise<Uint8Array> {
  const server = await Deno.connect({ hostname: "127.0.0.1", port });
  open.add(server);
  try {
    await writeAll(server, request);
    const chunks: Uint8Array[] = [];
    const buffer = new Uint8Array(64 * 1024);
    for (let read = await server.read(buffer); read !== null; read = await server.read(buffer)) {
      chunks.push(buffer.slice(0, read));
    }
    return new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
  } finally {
    open.delete(server);
    close(server);
  }
}

function close(resource: { close(): void }): void {
  try {
    resource.close();
  } catch {
    // Already closed.
  }
}
