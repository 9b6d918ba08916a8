import assert from "node:assert/strict";
import { oneLine, plainJson, shortened } from "../../src/plain.ts";

const UNRULY = {
  "an escape sequence": "\x1b[31m",
  "its one-byte form": "\x9b31m",
  "a new line": "\r\n",
  "a line separator": "\u2028",
  "a bell": "\x07",
  "a turned direction": "\u202e",
  "an isolated direction": "\u2066",
};

Deno.test("oneLine() leaves nothing that moves a cursor or turns the direction of reading", () => {
  for (const [name, text] of Object.entries(UNRULY)) {
    assert.equal(oneLine(`a${text}b`), `a ${text.replace(/^[^\w[]+/, "")}b`, name);
  }
  for (const text of ["", "Grüße 世界 👩‍💻", "שלום", "نام‌ها"]) assert.equal(oneLine(text), text);
});

Deno.test("oneLine() and plainJson() know each character of Unicode that is unruly", () => {
  for (let code = 0; code < 0x10_000; code++) {
    const char = String.fromCharCode(code);
    const isUnruly = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}]/u.test(char);
    assert.equal(oneLine(char), isUnruly ? " " : char, code.toString(16));
    assert.equal(
      plainJson(char).includes(char),
      !isUnruly && !/["\\\ud800-\udfff]/.test(char) || char === '"' || char === "\\",
      code.toString(16),
    );
  }
});

Deno.test("plainJson() is JSON of the same value, without what a terminal obeys", () => {
  for (const [name, text] of Object.entries(UNRULY)) {
    const json = plainJson({ text, list: [text] }, 2);
    assert.deepEqual(JSON.parse(json), { text, list: [text] }, name);
    assert.doesNotMatch(json.replaceAll("\n", ""), /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}]/u, name);
  }
});

Deno.test("shortened() keeps the beginning of what is long", () => {
  assert.equal(shortened("x".repeat(300)), "x".repeat(300));
  assert.equal(shortened("x".repeat(301)), `${"x".repeat(300)}…`);
  assert.equal(shortened("abc", 2), "ab…");
});
