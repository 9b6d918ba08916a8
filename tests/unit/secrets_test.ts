import assert from "node:assert/strict";
import { createSecrets } from "../../src/secrets.ts";

const SECRET = 'p&ss w/"örd"+=%';

function masked(text: string): string {
  const secrets = createSecrets();
  secrets.add(SECRET);
  return secrets.mask(text);
}

Deno.test("mask() hides a secret in every usual spelling", () => {
  const base64 = new TextEncoder().encode(SECRET).toBase64();
  const spellings = {
    plain: SECRET,
    url: encodeURIComponent(SECRET),
    form: new URLSearchParams({ password: SECRET }).toString().slice("password=".length),
    json: JSON.stringify(SECRET).slice(1, -1),
    base64: base64.replace(/=+$/, ""),
  };
  for (const [name, spelling] of Object.entries(spellings)) {
    assert.equal(masked(`before ${spelling} after ${spelling}.`), "before *** after ***.", name);
  }
  assert.ok(!masked(base64).includes(base64.slice(0, 8)));
});

Deno.test("mask() hides the longer of two secrets that overlap", () => {
  const secrets = createSecrets();
  secrets.add("abc");
  secrets.add("abcdef");
  assert.equal(secrets.mask("abcdef abc"), "*** ***");
});

Deno.test("mask() hides what is added after it was used", () => {
  const secrets = createSecrets();
  secrets.add("abc");
  assert.equal(secrets.mask("abc d&f"), "*** d&f");
  secrets.add("d&f");
  assert.equal(secrets.mask("abc d%26f"), "*** ***");
});

Deno.test("mask() leaves alone what is no secret", () => {
  assert.equal(masked("nothing to hide"), "nothing to hide");
  assert.equal(createSecrets().mask("nothing known"), "nothing known");
});

Deno.test("add() ignores an empty secret", () => {
  const secrets = createSecrets();
  secrets.add("");
  assert.equal(secrets.mask("text"), "text");
});
