import assert from "node:assert/strict";
import { addPossibleSecret, addUrlSecrets, createSecrets } from "../../src/secrets.ts";

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

Deno.test("addPossibleSecret() leaves out what stands in other words too", () => {
  const secrets = createSecrets();
  for (const value of ["", "1", "abc", "abcd"]) addPossibleSecret(secrets, value);
  assert.equal(secrets.mask("1 abc abcd"), "1 abc ***");
});

Deno.test("addUrlSecrets() hides the parameters, however the URL is repeated", () => {
  for (const token of ["s3cret-token", "s3cret%2ftoken", "s3cret%2Ftoken", "s3cret+token"]) {
    for (const search of [`?a=1&token=${token}`, `?${token}`]) {
      const secrets = createSecrets();
      addUrlSecrets(secrets, new URL(`http://h/metrics${search}`));
      const echoes = [search, encodeURIComponent(search), decodeURIComponent(search)];
      for (const echo of echoes) assert.doesNotMatch(secrets.mask(`/login?from=${echo}`), /s3cret/);
      assert.equal(secrets.mask("GET http://h/metrics a=1"), "GET http://h/metrics a=1");
    }
  }
});
