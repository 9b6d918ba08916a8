/**
 * A proxy on bare TCP in front of one real server: it passes requests on, or lets a fault answer.
 */

// Deno's own connections say FIN before they are reset (2.9.6), so nobody would see a reset.
import { createServer, type Server, type Socket } from "node:net";

export interface ProxyRequest {
  /** `GET`. */
  readonly method: string;
  readonly path: string;
}

export interface Exchange {
  /** Sends this much of an answer. The connection is closed when the fault returns. */
  write(bytes: Uint8Array | string): Promise<void>;
  reset(): void;
  untilClosed(): Promise<void>;
  /** Asks the real server; gives its whole answer as bytes, the last one of its connection. */
  forward(): Promise<Uint8Array>;
  readonly signal: AbortSignal;
}

export interface Fault {
  /** Answers, or does not. */
  spoil(exchange: Exchange): Promise<void> | void;
}

interface ProxyOptions {
  /** The port of the real server on 127.0.0.1. */
  readonly target: number;
  /** The fault for a request; undefined passes it on. */
  readonly fault: (request: ProxyRequest) => Fault | undefined;
  readonly answered: (request: ProxyRequest, status: number, answer: string) => void;
}

interface FaultProxy extends AsyncDisposable {
  /** `127.0.0.1:port`. */
  readonly addr: string;
}

/**
 * Starts a proxy. Each request gets a connection of its own to the server, so that what is cut on
 * one side is not reused on the other.
 */
export async function startFaultProxy(options: ProxyOptions): Promise<FaultProxy> {
  const open = new Set<Socket>();
  const handled = new Set<Promise<void>>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    // Either side may go at any moment: that is what this is about.
    socket.on("error", () => {});
    const handling = handle(socket, options).catch(() => {}).finally(() => {
      socket.end();
      open.delete(socket);
      handled.delete(handling);
    });
    handled.add(handling);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port");
  return {
    addr: `127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of open) socket.destroy();
      await Promise.all(handled);
    },
  };
}

async function handle(socket: Socket, options: ProxyOptions): Promise<void> {
  const closed = new AbortController();
  socket.once("close", () => closed.abort());
  const { signal } = closed;
  const received = await readRequest(socket);
  // The program opens a connection to see whether anybody is there, and closes it again.
  if (received === undefined) return;
  const { request, bytes } = received;
  const forward = async () => {
    const answer = await ask(options.target, bytes);
    const text = new TextDecoder("latin1").decode(answer);
    options.answered(request, Number(/^HTTP\/1.1 (\d+)/.exec(text)?.[1] ?? 0), text);
    return answer;
  };
  const write = (more: Uint8Array | string) =>
    new Promise<void>((resolve, reject) => {
      if (signal.aborted) reject(new Error("The connection has ended"));
      signal.addEventListener("abort", reject, { once: true });
      socket.write(more, (error) => {
        signal.removeEventListener("abort", reject);
        if (error) reject(error);
        else resolve();
      });
    });
  const untilClosed = () =>
    new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  const fault = options.fault(request);
  if (fault === undefined) return await write(await forward());
  await fault.spoil({
    write,
    forward,
    untilClosed,
    signal,
    reset: () => void socket.resetAndDestroy(),
  });
}

/**
 * Reads a request.
 * @returns it, so changed that its answer is plain and the last one of its connection; undefined
 *   where the connection ends before
 */
function readRequest(
  socket: Socket,
): Promise<{ request: ProxyRequest; bytes: Uint8Array } | undefined> {
  return new Promise((resolve) => {
    // One character is one byte.
    let text = "";
    socket.once("close", () => resolve(undefined));
    socket.on("data", (data) => {
      text += data.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      const length = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? "0");
      if (end < 0 || text.length < end + 4 + length) return;
      const [line = "", ...headers] = text.slice(0, end).split("\r\n");
      const kept = headers.filter((header) => !/^(connection|accept-encoding):/i.test(header));
      const head = [line, ...kept, "Connection: close"].join("\r\n");
      const whole = `${head}\r\n\r\n${text.slice(end + 4)}`;
      const [method = "", path = ""] = line.split(" ");
      resolve({
        request: { method, path },
        bytes: Uint8Array.from(whole, (char) => char.charCodeAt(0)),
      });
    });
  });
}

/** Asks the server and reads to the end of the connection. */
async function ask(port: number, request: Uint8Array): Promise<Uint8Array> {
  using server = await Deno.connect({ hostname: "127.0.0.1", port });
  for (let rest = request; rest.length > 0;) rest = rest.subarray(await server.write(rest));
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const buffer = new Uint8Array(64 * 1024);
  for (let read = await server.read(buffer); read !== null; read = await server.read(buffer)) {
    chunks.push(buffer.slice(0, read));
  }
  return await new Blob(chunks).bytes();
}
