/**
 * Servers that misbehave as HTTP server libraries never would: on bare TCP, by themselves or in
 * front of a server that does what it should.
 */

import { freePort } from "./free_port.ts";

export interface FaultyServer extends AsyncDisposable {
  /** On 127.0.0.1. */
  readonly port: number;
  /** `127.0.0.1:port`. */
  readonly addr: string;
  /** The request lines that came in, oldest first: `GET /nacos/v1/ns/instance/list?… HTTP/1.1`. */
  readonly requests: string[];
}

export type Fault =
  | { readonly kind: "silence" }
  /** The connection is closed without an answer. */
  | { readonly kind: "hang up" }
  /** The connection is reset (TCP RST) without an answer. */
  | { readonly kind: "reset" }
  | { readonly kind: "answer"; readonly bytes: string }
  | { readonly kind: "slow"; readonly msPerByte: number }
  /** The answer of the server behind with its full Content-Length, but only half of its body. */
  | { readonly kind: "cut short" }
  | { readonly kind: "pass" };

interface FaultyOptions {
  /** The port on 127.0.0.1 of the server behind; without one, only the faults that do not need its answer. */
  readonly target?: number;
  readonly fault: (requestLine: string, n: number) => Fault;
}

/** Starts a server that treats each request as it is told to. */
export function startFaulty(options: FaultyOptions): FaultyServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const requests: string[] = [];
  const open = new Set<Deno.Conn>();
  const handled = new Set<Promise<void>>();
  const accept = async () => {
    for await (const connection of listener) {
      const handling = handle(connection, options, requests, open).catch(() => {
        // Either side has gone, or the test is over.
      });
      handled.add(handling);
      handling.finally(() => handled.delete(handling));
    }
  };
  const accepting = accept().catch(() => {});
  const port = (listener.addr as Deno.NetAddr).port;
  return {
    port,
    addr: `127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      close(listener);
      for (const connection of open) close(connection);
      await accepting;
      await Promise.all(handled);
    },
  };
}

/** Accepts connections and never answers. */
export function neverAnswers(): FaultyServer {
  return startFaulty({ fault: () => ({ kind: "silence" }) });
}

/**
 * A port where connecting hangs: nobody accepts and the backlog is full, so Linux drops every
 * further SYN, as a firewall or a dead node does.
 */
export async function startBlackHole(): Promise<FaultyServer> {
  const hostname = "127.0.0.1";
  const listener = Deno.listen({ hostname, port: 0, tcpBacklog: 1 });
  const port = (listener.addr as Deno.NetAddr).port;
  const held: Deno.Conn[] = [];
  // Linux takes one more than the backlog; how many is its business, so they are counted by trying.
  for (let hangs = false; !hangs && held.length < 10;) {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), 300);
    try {
      held.push(await Deno.connect({ hostname, port, signal: patience.signal }));
    } catch {
      hangs = true;
    } finally {
      clearTimeout(timer);
    }
  }
  if (held.length === 10) throw new Error("Cannot make a black hole: every connection is taken");
  return {
    port,
    addr: `${hostname}:${port}`,
    requests: [],
    [Symbol.asyncDispose]() {
      for (const connection of held) close(connection);
      close(listener);
      return Promise.resolve();
    },
  };
}

/**
 * A port of 127.0.0.1 where nobody listens, nor will: one that was only just given back may be given
 * to the next stand-in that starts.
 */
export function refusedPort(): number {
  return freePort();
}

/** A whole HTTP answer as bytes. @param headers besides Content-Length and Connection */
export function httpAnswer(
  status: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  const length = new TextEncoder().encode(body).length;
  const all = { ...headers, "content-length": String(length), connection: "close" };
  const head = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `HTTP/1.1 ${status}\r\n${head}\r\n${body}`;
}

async function handle(
  client: Deno.Conn,
  options: FaultyOptions,
  requests: string[],
  open: Set<Deno.Conn>,
): Promise<void> {
  open.add(client);
  try {
    const requestLine = await readLine(client);
    // The program opens a connection to see whether anybody is there, and closes it again.
    if (requestLine === undefined) return;
    const fault = options.fault(requestLine, requests.push(requestLine));
    // Closed with something unread in its buffer, Linux sends an RST.
    if (fault.kind === "reset") return;
    const request = await readMessage(client, `${requestLine}\r\n`);
    if (request === undefined) return;
    switch (fault.kind) {
      case "silence":
        // Ends when the client gives up or the server is disposed of.
        await client.read(new Uint8Array(1));
        return;
      case "hang up":
        return;
      case "answer":
        return await writeAll(client, new TextEncoder().encode(fault.bytes));
    }
    const answer = await forward(request, options.target, open);
    switch (fault.kind) {
      case "pass":
        return await writeAll(client, join(answer));
      case "cut short":
        return await writeAll(client, join({ ...answer, body: half(answer.body) }));
      case "slow":
        for (let rest = join(answer); rest.length > 0; rest = rest.subarray(PIECE)) {
          await writeAll(client, rest.subarray(0, PIECE));
          await new Promise((resolve) => setTimeout(resolve, PIECE * fault.msPerByte));
        }
    }
  } finally {
    open.delete(client);
    close(client);
  }
}

interface Message {
  readonly head: string;
  readonly body: Uint8Array;
}

/** How much a slow answer sends at a time: one byte each would keep the processor busy. */
const PIECE = 16;

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

/** Reads one message with a Content-Length; undefined where the connection ends before it. */
async function readMessage(connection: Deno.Conn, begun = ""): Promise<Message | undefined> {
  let bytes = new TextEncoder().encode(begun);
  const buffer = new Uint8Array(64 * 1024);
  while (true) {
    const text = new TextDecoder("latin1").decode(bytes);
    const end = text.indexOf("\r\n\r\n");
    const length = Number(/^content-length: *(\d+)/im.exec(text)?.[1] ?? "0");
    if (end >= 0 && bytes.length >= end + 4 + length) {
      return { head: text.slice(0, end), body: bytes.slice(end + 4) };
    }
    const read = await connection.read(buffer);
    if (read === null) return undefined;
    bytes = concat(bytes, buffer.subarray(0, read));
  }
}

/** Asks the server behind, with a connection of its own. */
async function forward(
  request: Message,
  target: number | undefined,
  open: Set<Deno.Conn>,
): Promise<Message> {
  if (target === undefined) throw new Error("Cannot pass a request on: there is no target");
  const server = await Deno.connect({ hostname: "127.0.0.1", port: target });
  open.add(server);
  try {
    await writeAll(server, join(alone(request)));
    const answer = await readMessage(server);
    if (answer === undefined) throw new Error("The server behind has not answered");
    return alone(answer);
  } finally {
    open.delete(server);
    close(server);
  }
}

/** A message that is the last one of its connection. */
function alone({ head, body }: Message): Message {
  const kept = head.split("\r\n").filter((line) => !/^connection:/i.test(line));
  return { head: [...kept, "Connection: close"].join("\r\n"), body };
}

function join({ head, body }: Message): Uint8Array {
  return concat(new TextEncoder().encode(`${head}\r\n\r\n`), body);
}

function half(body: Uint8Array): Uint8Array {
  return body.slice(0, Math.floor(body.length / 2));
}

function concat(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(await connection.write(rest));
}

function close(resource: { close(): void }): void {
  try {
    resource.close();
  } catch {
    // Already closed.
  }
}
