import assert from "node:assert/strict";
import {
  address,
  certificates,
  password,
  port,
  privateKey,
  seconds,
  text,
  yesOrNo,
} from "../../src/settings/kinds.ts";
import { check } from "../support/schema.ts";
import type * as z from "zod/mini";

/** The value, or undefined where the text is refused. */
function parse<Value>(schema: z.ZodMiniType<Value>, input: string): Value | undefined {
  return check(schema, input).value;
}

function message<Value>(schema: z.ZodMiniType<Value>, input: string): string | undefined {
  return check(schema, input).problem;
}

/** A self-signed one of openssl (P-256, 100 years), in the lines it writes. */
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBezCCASGgAwIBAgIUU6mQaDryRAOUDESKTuiuGUKncaMwCgYIKoZIzj0EAwIw
EjEQMA4GA1UEAwwHdGVzdCBjYTAgFw0yNjExMjExMjU2NTZaGA8yMTI2MTAyODEy
NTY1NlowEjEQMA4GA1UEAwwHdGVzdCBjYTBZMBMGByqGSM49AgEGCCqGSM49AwEH
A0IABBNvjbnbBH9j0z8AGx8FU+ON2r1uA0EK7IYsNsPzUe1ApnmDkxaly+WJ+HM4
XaMvnU8GfsmDJrEvJqXr82+GTCSjUzBRMB0GA1UdDgQWBBTyO+SObMCBWb+D3hkU
/n04sg0goDAfBgNVHSMEGDAWgBTyO+SObMCBWb+D3hkU/n04sg0goDAPBgNVHRMB
Af8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIQCXpL1KW9ptpT9mCEC7g0IGr0g9
NM557bwydv10sylYJwIgW43mAVHeh0nBpDT6FNgzAk4wRrRTcS+gaoiIfnuaCSE=
-----END CERTIFICATE-----
`;

Deno.test("text() says what was expected", () => {
  const color = text<string>("red or blue", (input) => /^(red|blue)$/.exec(input)?.[0]);
  assert.equal(parse(color, "red"), "red");
  assert.equal(message(color, "green"), "expected red or blue");
});

Deno.test("port accepts 1 to 65535 and nothing else", () => {
  assert.equal(parse(port, "1"), 1);
  assert.equal(parse(port, "65535"), 65535);
  for (const wrong of ["0", "65536", "-1", "80.5", "0x50", "8080/tcp", "", "1e3", "tcp://a:1"]) {
    assert.equal(parse(port, wrong), undefined, wrong);
  }
});

Deno.test("seconds accepts whole seconds up to a day, without a unit", () => {
  assert.equal(parse(seconds, "0"), 0);
  assert.equal(parse(seconds, "030"), 30);
  assert.equal(parse(seconds, "86400"), 86_400);
  for (const wrong of ["86401", "30s", "1.5", "-5", "1m", "", "∞"]) {
    assert.equal(parse(seconds, wrong), undefined, wrong);
  }
  assert.match(message(seconds, "30s") ?? "", /without a unit/);
});

Deno.test("yesOrNo accepts what people write", () => {
  for (const yes of ["true", "TRUE", "1", "yes", "y", "on"]) {
    assert.equal(parse(yesOrNo, yes), true);
  }
  for (const no of ["false", "False", "0", "no", "n", "off"]) {
    assert.equal(parse(yesOrNo, no), false);
  }
  for (const wrong of ["maybe", "truee", "2", ""]) assert.equal(parse(yesOrNo, wrong), undefined);
});

Deno.test("address accepts addresses and names, and refuses a reference nothing has filled in", () => {
  for (const good of ["10.0.0.7", "fe80::1%eth0", "orders-0.orders.prod.svc", "my_host"]) {
    assert.equal(parse(address, good), good);
  }
  // As `status.podIPs`, `hostname -i` and Spring Cloud Alibaba give them.
  assert.equal(parse(address, "10.0.0.7,2001:db8::7"), "10.0.0.7,2001:db8::7");
  assert.equal(parse(address, "10.0.0.7 fe80::1%eth0  10.0.0.7"), "10.0.0.7,fe80::1%eth0");
  assert.equal(parse(address, "[2001:db8:0:0:0:0:0:7]"), "2001:db8:0:0:0:0:0:7");
  for (
    const wrong of ["$(POD_IP)", "${POD_IP}", "http://10.0.0.7", "10.0.0.7 ", "a,b", "me@host"]
  ) {
    assert.equal(parse(address, wrong), undefined, wrong);
  }
});

Deno.test("password keeps everything but line breaks at the end and a byte order mark", () => {
  assert.equal(parse(password, " a b\t\n"), " a b\t");
  for (const end of ["\n\n", "\r", "\r\n", "\r\n\r\n"]) {
    assert.equal(parse(password, `a\nb${end}`), "a\nb");
  }
  assert.equal(parse(password, "\ufeffa\ufeff\r\n"), "a\ufeff");
  assert.equal(parse(password, "\r\n"), undefined);
});

Deno.test("certificates takes a text with a certificate in it as it is", () => {
  const bundle = `# the test CA\n${CERTIFICATE}\n# again\n${CERTIFICATE.trim()}`;
  for (const good of [CERTIFICATE, CERTIFICATE.replaceAll("\n", "\r\n"), bundle]) {
    assert.equal(parse(certificates, good), good);
  }
});

Deno.test("certificates refuses what `Deno.createHttpClient` would take in silence", () => {
  const key = CERTIFICATE.replaceAll("CERTIFICATE", "PRIVATE KEY");
  for (const wrong of ["garbage", key, CERTIFICATE.split("\n").slice(1).join("\n")]) {
    assert.equal(parse(certificates, wrong), undefined, wrong);
    assert.ok(Deno.createHttpClient({ caCerts: [wrong] }));
  }
});

Deno.test("certificates are found behind blanks and a byte order mark", () => {
  const indented = `\ufeff${CERTIFICATE.replaceAll(/^/gm, "    ")}`;
  assert.equal(parse(certificates, indented)?.trim(), CERTIFICATE.trim());
});

Deno.test("privateKey takes a key as it is, and none with a passphrase", () => {
  const key = (kind: string, more = "") =>
    `# mine\n-----BEGIN ${kind}PRIVATE KEY-----\n${more}AAAA\n-----END ${kind}PRIVATE KEY-----\n`;
  for (const good of [key(""), key("RSA "), key("EC "), CERTIFICATE + key("")]) {
    assert.equal(parse(privateKey, good), good);
  }
  const old = key("RSA ", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n");
  for (const wrong of [key("ENCRYPTED "), old, CERTIFICATE, "garbage"]) {
    assert.equal(parse(privateKey, wrong), undefined, wrong);
  }
});

Deno.test("Deno.createHttpClient refuses a broken certificate, so certificates need not", () => {
  const lines = CERTIFICATE.trim().split("\n");
  const cut = [...lines.slice(0, 4), ...lines.slice(-1)].join("\n");
  const other = `-----BEGIN CERTIFICATE-----\n${btoa("no certificate")}\n-----END CERTIFICATE-----`;
  const empty = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----";
  for (const broken of [cut, CERTIFICATE.replace("MIIB", "!!!!"), other, empty]) {
    assert.throws(() => Deno.createHttpClient({ caCerts: [broken] }), broken);
  }
});
