/** The kinds of broken answers. */

import type { Exchange, Fault } from "./proxy.ts";
import { httpAnswer } from "../support/faulty.ts";

export interface FaultKind extends Fault {
  readonly name: string;
}

const SLOW_MS = 8_000;
const TRICKLE_MS = 100;
/** What is sent at most where the program should have hung up long before, bytes. */
const MOST_SENT = 200 * 1024 * 1024;
const BOMB_BYTES = 256 * 1024 * 1024;

const HTML = { "content-type": "text/html; charset=utf-8" };
const JSON_TYPE = { "content-type": "application/json" };
const LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>" +
  '<form method="post" action="/login"><input name="username"><input name="password">' +
  "</form></body></html>";
/** As Spring Cloud Gateway answers where it has no route. */
const GATEWAY_404 = JSON.stringify({
  timestamp: "2026-01-01T00:00:00.000+00:00",
  path: "/",
  status: 404,
  error: "Not Found",
  requestId: "5d1f0c2a-17",
});

export const KINDS: readonly FaultKind[] = [
  answers("404 of an ingress, HTML", "404 Not Found", "default backend - 404", HTML),
  answers("404 without a body", "404 Not Found", ""),
  answers("404 of a gateway, JSON", "404 Not Found", GATEWAY_404, JSON_TYPE),
  answers("403 of a gateway", "403 Forbidden", "RBAC: access denied", {
    "content-type": "text/plain",
  }),
  answers("login page, 200", "200 OK", LOGIN_PAGE, HTML),
  answers("redirect to a login page", "302 Found", "", { location: "http://127.0.0.1:9/login" }),
  answers("502", "502 Bad Gateway", "<html><h1>502 Bad Gateway</h1></html>", HTML),
  answers("JSON of another kind", "200 OK", '{"errcode":0,"errmsg":"ok","result":[]}', JSON_TYPE),
  { name: "connection reset", spoil: ({ reset }) => reset() },
  {
    name: "answer lost",
    spoil: async ({ forward }) => void await forward(),
  },
  {
    name: "cut in mid-body",
    spoil: async ({ write, forward }) => {
      const answer = await forward();
      const body = bodyOf(answer);
      const cut = answer.length - Math.max(1, Math.ceil((answer.length - body) / 2));
      await write(answer.subarray(0, cut));
    },
  },
  {
    name: "truncated JSON",
    spoil: async ({ write, forward }) => {
      const text = new TextDecoder("latin1").decode(await forward());
      const json = /[\[{].*[\]}]/s.exec(text)?.[0] ?? '{"half":';
      await write(httpAnswer("200 OK", json.slice(0, json.length / 2), JSON_TYPE));
    },
  },
  {
    name: "slow, 8 s",
    spoil: async ({ write, forward, signal }) => {
      const [answer] = await Promise.all([forward(), sleep(SLOW_MS, signal)]);
      await write(answer);
    },
  },
  { name: "no answer ever", spoil: ({ untilClosed }) => untilClosed() },
  {
    name: "endless, a byte at a time",
    spoil: async ({ write, signal }) => {
      await write(chunkedHead("application/json") + chunk("{"));
      while (!signal.aborted) {
        await write(chunk(" "));
        await sleep(TRICKLE_MS, signal);
      }
    },
  },
  {
    name: "gzip bomb",
    spoil: async ({ write }) => {
      const bytes = await bomb();
      const head = {
        ...JSON_TYPE,
        "content-encoding": "gzip",
        "content-length": String(bytes.length),
        connection: "close",
      };
      await write(headOf("200 OK", head));
      await write(bytes);
    },
  },
  {
    name: "200 MB stream",
    spoil: async (exchange) => {
      await exchange.write(chunkedHead("application/json"));
      await flood(exchange, chunk(" ".repeat(64 * 1024)));
    },
  },
  {
    name: "Content-Length of 10 GB",
    spoil: async (exchange) => {
      const length = String(10 * 1024 ** 3);
      await exchange.write(headOf("200 OK", { ...JSON_TYPE, "content-length": length }));
      await flood(exchange, " ".repeat(64 * 1024));
    },
  },
];

/** The same whole answer for every request, from somebody who is no registry. */
function answers(
  name: string,
  status: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): FaultKind {
  const bytes = httpAnswer(status, body, headers);
  return { name, spoil: ({ write }) => write(bytes) };
}

function headOf(status: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join("")}\r\n`;
}

function chunkedHead(type: string): string {
  return headOf("200 OK", { "content-type": type, "transfer-encoding": "chunked" });
}

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

async function flood({ write, untilClosed, signal }: Exchange, piece: string): Promise<void> {
  const bytes = new TextEncoder().encode(piece);
  for (let sent = 0; sent < MOST_SENT && !signal.aborted; sent += bytes.length) {
    await write(bytes);
  }
  await untilClosed();
}

function bodyOf(answer: Uint8Array): number {
  return new TextDecoder("latin1").decode(answer).indexOf("\r\n\r\n") + 4;
}

let made: Promise<Uint8Array> | undefined;

/** Spaces, which JSON allows without end. */
function bomb(): Promise<Uint8Array> {
  return made ??= (async () => {
    const piece = new Uint8Array(1024 * 1024).fill(0x20);
    const pieces = ReadableStream.from((function* () {
      for (let size = 0; size < BOMB_BYTES; size += piece.length) yield piece;
    })());
    const packed = pieces.pipeThrough(new CompressionStream("gzip"));
    return new Uint8Array(await new Response(packed).arrayBuffer());
  })();
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
