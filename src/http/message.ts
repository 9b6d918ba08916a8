/**
 * HTTP/1.1 as bytes (RFC 9112), as far as a client of registries needs it. `fetch` costs 13 ms of the
 * processor and 4 MiB before its first request (Deno 2.9.6), a fifth of what a whole hook takes; it
 * obeys proxies, unpacks what it has not asked for and shares dead connections.
 */

import { UnreachableError } from "../errors.ts";

/** Where bytes come from. */
export interface Source {
  /** Reads some bytes: how many came; null at the end. */
  read(into: Uint8Array): Promise<number | null>;
}

/** What stands before the body. */
export interface Head {
  /** Three digits, or 0. */
  readonly status: number;
  /** By name in small letters. */
  readonly headers: ReadonlyMap<string, string>;
  /** Whether another request may follow on the connection once the body is read. */
  readonly keepsOpen: boolean;
}

/** The connection has ended before a byte of the answer. */
export class NoAnswer extends Error {
  override name = "NoAnswer";
}

/** Of a head: bytes of a line, and lines. */
const MAX_LINE_BYTES = 16 * 1024;
/** Most heads fit in here. */
const FIRST_BYTES = 2 * 1024;
const MAX_LINES = 200;
/** So many heads of status 1xx may come; without an end they took 300 MiB in 8 s (Deno 2.9.6). */
const MAX_INTERIM = 10;

/** A reader of lines and bytes. */
interface Reader extends Source {
  /**
   * The next line without its end; undefined where the source ends before a first byte of it.
   *
   * @param prefix of the line; one that begins otherwise is returned before its end, since whoever
   * speaks another protocol may wait for us to go on
   */
  line(prefix?: string): Promise<string | undefined>;
}

/** Makes a reader. */
export function createReader(source: Source): Reader {
  let buffer = new Uint8Array(FIRST_BYTES);
  const decoder = new TextDecoder();
  let from = 0;
  let to = 0;
  const text = (length: number) =>
    decoder.decode(buffer.subarray(from, Math.min(from + length, to)));
  /** A line of so many bytes, and what stands behind it. */
  const take = (length: number, end = 0) => {
    const line = text(length);
    from += length + end;
    return line;
  };
  return {
    async line(prefix = "") {
      while (true) {
        const length = buffer.subarray(from, to).indexOf(0x0a);
        if (length >= 0) return take(length, 1).replace(/\r$/, "");
        if (!prefix.startsWith(text(prefix.length))) return take(to - from);
        if (to - from === MAX_LINE_BYTES) {
          throw new Error("a line of the answer's head is over 16 KiB");
        }
        const isFull = to - from === buffer.length;
        const next = isFull ? new Uint8Array(MAX_LINE_BYTES) : buffer;
        next.set(buffer.subarray(from, to));
        buffer = next;
        to -= from;
        from = 0;
        const count = await source.read(buffer.subarray(to));
        if (count === null) return to === 0 ? undefined : take(to);
        to += count;
      }
    },
    async read(into) {
      if (from === to) return await source.read(into);
      const count = Math.min(into.length, to - from);
      into.set(buffer.subarray(from, from + count));
      from += count;
      return count;
    },
  };
}

/**
 * A request as it is sent.
 *
 * @param target path and parameters
 * @throws {Error} a header that would end its line, or is no Latin-1
 */
export function requestBytes(
  method: string,
  target: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Uint8Array {
  const lines = Object.entries(headers).map(([name, value]) => {
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) throw new Error(`Cannot send the header ${name}`);
    return `${name}: ${value}\r\n`;
  });
  const head = `${method} ${target} HTTP/1.1\r\n${lines.join("")}\r\n`;
  const bytes = new TextEncoder().encode(body);
  // Latin-1: a byte a character.
  const all = new Uint8Array(head.length + bytes.length);
  for (let i = 0; i < head.length; i++) all[i] = head.charCodeAt(i);
  all.set(bytes, head.length);
  return all;
}

/**
 * Reads the head of an answer. Nacos 2.2.4 answers a wrong password with the status 0.
 *
 * @throws {NoAnswer} the connection has ended
 * @throws {Error} it is cut, too long or no HTTP
 */
export async function readHead(reader: Reader): Promise<Head> {
  for (let interim = 0; interim <= MAX_INTERIM; interim++) {
    const head = await nextHead(reader);
    // 100 Continue and 103 Early Hints come before the answer itself.
    if (head.status < 100 || head.status > 199) return head;
  }
  throw new Error(`over ${MAX_INTERIM} heads of status 1xx came before the answer`);
}

async function nextHead(reader: Reader): Promise<Head> {
  const first = await reader.line("HTTP/");
  if (first === undefined) throw new NoAnswer("the connection was closed before an answer");
  const [, minor, code] = /^HTTP\/1\.([01]) (\d{1,3})(?!\d)/.exec(first) ?? [];
  // Not quoted: it may repeat what was sent. The gRPC port of Nacos gets here.
  if (code === undefined) {
    throw new UnreachableError("the answer is no HTTP/1.1", { kind: "protocol" });
  }
  const headers = new Map<string, string>();
  for (let lines = 0;; lines++) {
    const line = await reader.line();
    if (line === undefined) throw new Error("the answer was cut in its head");
    if (line === "") break;
    if (lines === MAX_LINES) throw new Error(`the answer's head has over ${MAX_LINES} lines`);
    const colon = line.indexOf(":");
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const status = Number(code);
  const keepsOpen = minor === "1" && status > 0 &&
    !/\bclose\b/i.test(headers.get("connection") ?? "");
  return { status, headers, keepsOpen };
}

/** The body of an answer. */
export interface BodySource extends Source {
  /** Whether it was read to its own end, so that the connection is free. */
  readonly isRead: boolean;
}

/**
 * The body behind a head.
 *
 * @throws {Error} the length is no number; from `read`, where it is cut
 */
export function bodyOf({ status, headers }: Head, reader: Reader, isHead: boolean): BodySource {
  const told = headers.get("content-length");
  // Half a byte would be read without end.
  if (told !== undefined && !/^\d{1,15}$/.test(told)) {
    throw new Error("the answer's content-length is no number");
  }
  const length = Number(told ?? NaN);
  // Nacos 2.2.4 leaves the connection open behind its status 0, and tells no length.
  const isNone = isHead || status === 0 || status === 204 || status === 304;
  const isChunked = !isNone && /\bchunked\b/i.test(headers.get("transfer-encoding") ?? "");
  /** Bytes to the end of the body, or of the chunk; NaN: to the end of the connection. */
  let left = isNone || isChunked ? 0 : length;
  let isRead = !isChunked && left === 0;
  let isFirst = true;

  /** The next chunk's size; 0 for the last one, whose trailer is read too. */
  async function chunk(): Promise<number> {
    if (!isFirst) await reader.line();
    isFirst = false;
    const line = await reader.line() ?? "";
    if (!/^[\da-f]{1,8}\s*(;|$)/i.test(line)) throw new Error("the answer was cut or broken");
    const size = parseInt(line, 16);
    for (let lines = 0; size === 0 && await reader.line(); lines++) {
      if (lines === MAX_LINES) throw new Error("the answer's trailer is too long");
    }
    return size;
  }

  return {
    get isRead() {
      return isRead;
    },
    async read(into) {
      if (isRead) return null;
      if (isChunked && left === 0) {
        left = await chunk();
        isRead = left === 0;
        if (isRead) return null;
      }
      const count = await reader.read(isNaN(left) ? into : into.subarray(0, left));
      if (isNaN(left)) {
        if (count === null) isRead = true;
        return count;
      }
      if (count === null) throw new Error("the answer was cut");
      left -= count;
      if (!isChunked) isRead = left === 0;
      return count;
    },
  };
}
