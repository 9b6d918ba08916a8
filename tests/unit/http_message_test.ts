import assert from "node:assert/strict";
import { bodyOf, createReader, NoAnswer, readHead, requestBytes } from "../../src/http/message.ts";

/** Bytes that come in pieces of some length, each character one byte. */
function source(text: string, piece = 7) {
  let sent = 0;
  return {
    read(into: Uint8Array): Promise<number | null> {
      const count = Math.min(piece, into.length, text.length - sent);
      if (count === 0) return Promise.resolve(null);
      for (let i = 0; i < count; i++) into[i] = text.charCodeAt(sent++);
      return Promise.resolve(count);
    },
  };
}

async function read(text: string, { piece = 7, isHead = false } = {}) {
  const reader = createReader(source(text, piece));
  const head = await readHead(reader);
  const body = bodyOf(head, reader, isHead);
  const into = new Uint8Array(5);
  let all = "";
  for (let count = await body.read(into); count !== null; count = await body.read(into)) {
    all += new TextDecoder().decode(into.subarray(0, count));
  }
  return { status: head.status, keepsOpen: head.keepsOpen, isRead: body.isRead, body: all };
}

const answer = (...lines: string[]) => lines.join("\r\n");

Deno.test("readHead() and bodyOf() read an answer however its end is told, in pieces of any size", async () => {
  const answers: Record<string, string> = {
    "a length": answer("HTTP/1.1 200 OK", "Content-Length: 11", "", "hello world"),
    "chunks": answer(
      ...["HTTP/1.1 200", "transfer-encoding: Chunked", ""],
      ...["5;x=1", "hello", "6", " world", "0", "a-trailer: 1", "", ""],
    ),
    "the end of the connection": answer("HTTP/1.1 200 OK", "", "hello world"),
    "after interim answers": answer(
      ...["HTTP/1.1 100 Continue", "", "HTTP/1.1 103 Early Hints", "link: x", ""],
      ...["HTTP/1.1 200 OK", "content-length:11", "", "hello world"],
    ),
    "bare line feeds": "HTTP/1.1 200 OK\ncontent-length: 11\n\nhello world",
  };
  for (const [name, text] of Object.entries(answers)) {
    for (const piece of [1, 2, 7, 1000]) {
      const expected = { status: 200, keepsOpen: true, isRead: true, body: "hello world" };
      assert.deepEqual(await read(text, { piece }), expected, name);
    }
  }
});

Deno.test("bodyOf() reads no byte of the next answer", async () => {
  const first = answer("HTTP/1.1 200 OK", "content-length: 2", "", "ok");
  assert.equal((await read(first + "HTTP/1.1 500 no")).body, "ok");
  for (const status of [204, 304]) {
    const none = answer(`HTTP/1.1 ${status} x`, "content-length: 9", "", "not ours!");
    assert.deepEqual((await read(none)).body, "");
  }
  const head = answer("HTTP/1.1 200 OK", "content-length: 9", "", "");
  assert.deepEqual(await read(head, { isHead: true }), {
    status: 200,
    keepsOpen: true,
    isRead: true,
    body: "",
  });
});

Deno.test("readHead() tells which connections end with their answer", async () => {
  const http10 = answer("HTTP/1.0 200 OK", "content-length: 0", "", "");
  assert.equal((await read(http10)).keepsOpen, false);
  const close = answer("HTTP/1.1 200 OK", "Connection: Close", "content-length: 0", "", "");
  assert.equal((await read(close)).keepsOpen, false);
});

Deno.test("readHead() takes the status 0 of Nacos 2.2.4", async () => {
  assert.equal((await read(answer("HTTP/1.1 0", "content-length: 0", "", ""))).status, 0);
  assert.deepEqual(await read(answer("HTTP/1.1 0 ", "date: x", "", "")), {
    status: 0,
    keepsOpen: false,
    isRead: true,
    body: "",
  });
});

Deno.test("readHead() and bodyOf() refuse what is cut, broken or too long", async () => {
  const hostile: Record<string, [text: string, reason: RegExp]> = {
    "nothing": ["", /closed before an answer/],
    "HTTP/2": ["\0\0\x12\x04\0\0\0\0\0", /is no HTTP\/1\.1/],
    "another protocol": ["SSH-2.0-OpenSSH\r\n", /is no HTTP\/1\.1$/],
    "a cut status": ["HTTP/1.1 20", /cut in its head/],
    "a cut head": [answer("HTTP/1.1 200 OK", "content-len"), /cut in its head/],
    "a cut body": [answer("HTTP/1.1 200 OK", "content-length: 10", "", "hell"), /was cut/],
    "a cut chunk": [
      answer("HTTP/1.1 200 OK", "transfer-encoding: chunked", "", "5", "hel"),
      /was cut/,
    ],
    "no chunk": [answer("HTTP/1.1 200 OK", "transfer-encoding: chunked", "", "zz", ""), /broken/],
    "a long line": [`HTTP/1.1 200 ${"x".repeat(20_000)}`, /over 16 KiB/],
    "many lines": [`HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(201)}\r\n`, /over 200 lines/],
    "many heads before the answer": [
      `HTTP/1.1 100 Continue\r\n\r\n`.repeat(11) + answer("HTTP/1.1 200 OK", "", ""),
      /over 10 heads/,
    ],
    "half a byte": [answer("HTTP/1.1 200 OK", "content-length: 1.5", "", "{}"), /is no number/],
    "less than a byte": [answer("HTTP/1.1 200 OK", "content-length: -5", "", "{}"), /is no number/],
    "no end of bytes": [answer("HTTP/1.1 200 OK", "content-length: 1e400", "", "{}"), /no number/],
    "two lengths": [answer("HTTP/1.1 200 OK", "content-length: 2, 2", "", "{}"), /is no number/],
  };
  for (const [name, [text, reason]] of Object.entries(hostile)) {
    await assert.rejects(read(text, { piece: 1000 }), reason, name);
  }
  await assert.rejects(read(""), NoAnswer);
});

Deno.test("readHead() does not wait for the end of a line that is no HTTP", async () => {
  let reads = 0;
  const reader = createReader({
    read(into) {
      if (reads++ > 0) return new Promise(() => {});
      into.set([0, 0, 18, 4]);
      return Promise.resolve(4);
    },
  });
  await assert.rejects(readHead(reader), /is no HTTP\/1\.1/);
});

Deno.test("requestBytes() writes a request, and no header that would end its line", () => {
  const bytes = requestBytes("POST", "/a?b=c", { host: "h", x: "ü" }, "s=世");
  const text = new TextDecoder("latin1").decode(bytes);
  assert.match(text, /^POST \/a\?b=c HTTP\/1\.1\r\nhost: h\r\nx: ü\r\n\r\ns=/);
  for (const value of ["a\r\nb: c", "a\nb", "世", "\0"]) {
    assert.throws(() => requestBytes("GET", "/", { a: value }, ""), /Cannot send the header a$/);
  }
});
