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

/** How servers, gateways and debug pages spell what they were sent. */
const SPELLINGS: Record<string, (secret: string) => string> = {
  plain: (secret) => secret,
  "percent": encodeURIComponent,
  "percent, small letters": (secret) => encodeURIComponent(secret).toLowerCase(),
  "percent of every byte": (secret) => hex(secret, "%"),
  "percent, now small, now not": (secret) =>
    hex(secret, "%").replaceAll(/%../g, (one, i) => i % 2 ? one.toUpperCase() : one),
  form: (secret) => new URLSearchParams({ secret }).toString().slice("secret=".length),
  "percent twice": (secret) => encodeURIComponent(encodeURIComponent(secret)),
  JSON: (secret) => JSON.stringify(secret).slice(1, -1),
  "JSON with slashes escaped": (secret) =>
    JSON.stringify(secret).slice(1, -1).replaceAll("/", "\\/"),
  "JSON, all but letters and digits": (secret) => secret.replaceAll(/[^A-Za-z0-9]/g, unicode),
  "JSON, every letter": (secret) => secret.replaceAll(/[^]/g, unicode),
  "JSON in JSON": (secret) =>
    JSON.stringify(JSON.stringify(secret)).slice(3, -3).replaceAll("/", "\\/"),
  HTML: (secret) =>
    secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;"),
  "HTML in numbers": (secret) =>
    secret.replaceAll(/[^A-Za-z0-9]/gu, (char) => `&#${char.codePointAt(0)};`),
  "HTML in hex": (secret) =>
    secret.replaceAll(/[^A-Za-z0-9]/gu, (char) => `&#x${char.codePointAt(0)?.toString(16)};`),
  base64: (secret) => base64(secret),
  "base64 without padding": (secret) => base64(secret).replaceAll("=", ""),
  "base64 for URLs": (secret) => forUrls(base64(secret)),
  "base64 of user and password": (secret) => base64(`user:${secret}`),
  "base64 of another user": (secret) => forUrls(base64(`me2:${secret}`)),
  "base64 of a longer user, in a URL": (secret) => encodeURIComponent(base64(`admin:${secret}`)),
  "UTF-8 taken for Windows-1252": (s) => new TextDecoder("windows-1252").decode(bytesOf(s)),
  "UTF-8 taken for ISO-8859-1": (secret) =>
    Array.from(bytesOf(secret), (byte) => String.fromCharCode(byte)).join(""),
};

const bytesOf = (text: string) => new TextEncoder().encode(text);
const base64 = (text: string) => bytesOf(text).toBase64();
const forUrls = (text: string) => text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
const hex = (text: string, before: string) =>
  Array.from(bytesOf(text), (byte) => before + byte.toString(16).padStart(2, "0")).join("");
const unicode = (char: string) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;

Deno.test("mask() hides a secret with special characters, however and wherever it is spelled", () => {
  const values = [
    SECRET,
    "abc/def=+%20&",
    "pässwörd",
    "世界-secret👋",
    "a b+c d",
    '{"x":1}',
    "simple",
  ];
  const places: Record<string, (spelled: string) => string> = {
    alone: (spelled) => spelled,
    "in words": (spelled) => `User nacos with ${spelled} is unknown`,
    "in JSON": (spelled) => `{"timestamp":1,"path":"/login","body":"password=${spelled}","x":[]}`,
    "in a URL": (spelled) => `/login?username=nacos&password=${spelled}&next=%2Fhome`,
    "in a header": (spelled) => `Authorization: Basic ${spelled}`,
    "in a page": (spelled) => `<html><p>password=${spelled}</p></html>`,
  };
  for (const value of values) {
    for (const [spelling, spell] of Object.entries(SPELLINGS)) {
      for (const [place, put] of Object.entries(places)) {
        const secrets = createSecrets();
        secrets.add(value);
        const what = `${value}: ${spelling}, ${place}`;
        const shown = secrets.mask(put(spell(value)));
        assert.ok(!shown.includes(spell(value)), what);
        assert.match(shown, /\*\*\*|not shown/, what);
      }
    }
  }
});

/** What leaves letters and digits as they are, or changes only their case. */
const FURTHER: Record<string, (secret: string) => string> = {
  "capitals": (secret) => secret.toUpperCase(),
  "small letters": (secret) => secret.toLowerCase(),
  "decomposed": (secret) => secret.normalize("NFD"),
  "without what is not ASCII": (secret) => secret.replaceAll(/[^\0-\x7f]/g, "?"),
  "JavaScript": (secret) => special(secret, (byte) => "\\x" + byte.toString(16).padStart(2, "0")),
  "octal": (secret) => special(secret, (byte) => "\\" + byte.toString(8).padStart(3, "0")),
  "code points": (secret) => special(secret, (byte) => `\\u{${byte.toString(16)}}`),
  "quoted printable": (secret) => special(secret, (byte) => "=" + byte.toString(16).toUpperCase()),
  "percents of ISO-8859-1": (secret) => escape(secret),
  "HTML by name": (secret) =>
    secret.replaceAll("=", "&equals;").replaceAll("/", "&sol;").replaceAll("ö", "&ouml;"),
  "HTML with zeros": (secret) =>
    secret.replaceAll(
      /[^]/gu,
      (char) => `&#x${char.codePointAt(0)?.toString(16).padStart(7, "0")};`,
    ),
  "in two lines": (secret) => secret.slice(0, 5) + "\n" + secret.slice(5),
  "in two parts of a page": (secret) => secret.slice(0, 5) + "<br/>" + secret.slice(5),
  "letter by letter": (secret) => [...secret].join(" "),
};
const special = (text: string, spell: (byte: number) => string) =>
  Array.from(
    bytesOf(text),
    (byte) => /\w/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : spell(byte),
  ).join("");

Deno.test("mask() hides a secret whose letters and digits are still there", () => {
  for (const value of ["hunter2/=wörd", "Xk9-Qw+7_Zz", 'a&b<c>d"e1f2g3']) {
    for (const [spelling, spell] of Object.entries(FURTHER)) {
      const secrets = createSecrets();
      secrets.add(value);
      const text = `<p>User nacos with ${spell(value)} is unknown</p>`;
      assert.match(secrets.mask(text), /not shown|\*\*\*/, `${value}: ${spelling}`);
    }
  }
  const secrets = createSecrets();
  for (const value of ["a-1!", "%%%%%%%%"]) secrets.add(value);
  assert.equal(secrets.mask("error A1 at /a/1"), "error A1 at /a/1");
});

Deno.test("mask() shows a text where a secret is only put together from neighbouring words", () => {
  const shown: readonly (readonly [string, string])[] = [
    ["nacos123", "caused: errCode: 500, nacos 1.2.3 failed"],
    ["123456", "no answer at 12:34:56"],
    ["eureka1.10", '{"status":404,"path":"/eureka/110"}'],
  ];
  for (const [value, text] of shown) {
    const secrets = createSecrets();
    secrets.add(value);
    assert.equal(secrets.mask(text), text);
    const repeated = `${value.slice(0, 4)}\n${value.slice(4).toUpperCase()}`;
    assert.match(secrets.mask(`${text} ${repeated}`), /not shown/);
  }
});

Deno.test("mask() shows the rest of a text that repeats a secret in a usual spelling", () => {
  const secrets = createSecrets();
  secrets.add("nacos");
  assert.equal(secrets.mask("GET /nacos/v1: user nacos"), "GET /***/v1: user ***");
  secrets.add("1");
  assert.equal(
    secrets.mask("error 2, path %20, MTIzNDU2Nzg5MDE="),
    "error 2, path %20, MTIzNDU2Nzg5MDE=",
  );
});

Deno.test("mask() takes a text of 64 KiB and a token of that size", () => {
  const secrets = createSecrets();
  secrets.add("t".repeat(64 * 1024));
  secrets.add("b-".repeat(32 * 1024));
  secrets.add("hunter2");
  assert.equal(secrets.mask("\\u0041%41".repeat(7_000)).length, 63_000);
  assert.equal(secrets.mask("x".repeat(64 * 1024)).length, 64 * 1024);
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
