import assert from "node:assert/strict";
import { createEndpoints } from "../../src/http/endpoint.ts";
import type { ClientCertificate } from "../../src/http/tls.ts";
import { createSecrets } from "../../src/secrets.ts";
import { systemClock } from "../../src/clock.ts";
import type { UnreachableError } from "../../src/errors.ts";

const { signal } = new AbortController();
const file = (name: string) =>
  Deno.readTextFileSync(new URL(`../support/tls/${name}`, import.meta.url));

/** What a request to a port says, and of which kind its failure is. */
async function says(
  address: string,
  caFile?: string,
  client?: ClientCertificate,
): Promise<string> {
  const [endpoint] = createEndpoints([address], {
    clock: systemClock,
    secrets: createSecrets(),
    caCerts: caFile && file(caFile),
    client,
  });
  assert.ok(endpoint);
  return await endpoint.request({ method: "GET", path: "/x" }, signal).then(
    ({ status }) => `answered ${status}`,
    ({ message, kind }: UnreachableError) => kind ? `${message} (${kind})` : message,
  );
}

const serve = (cert: string) =>
  Deno.serve({
    hostname: "0.0.0.0",
    port: 0,
    cert: file(cert),
    key: file("server.key"),
    onListen: () => {},
  }, () => new Response("{}"));

/** A server that answers any beginning of TLS with these bytes. */
function sends(bytes: readonly number[]) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(4096));
      await connection.write(new Uint8Array(bytes));
      connection.close();
    }
  })().catch(() => {});
  return {
    address: `https://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

Deno.test("an endpoint takes a certificate that CA_FILE has signed, under its name", async () => {
  await using server = serve("server.pem");
  const { port } = server.addr as Deno.NetAddr;
  assert.equal(await says(`https://127.0.0.1:${port}`, "ca.pem"), "answered 200");
});

Deno.test("an endpoint says in words of its own what is wrong with a certificate", async () => {
  const cases: [cert: string, host: string, caFile: string | undefined, said: RegExp][] = [
    [
      "server.pem",
      "127.0.0.1",
      undefined,
      /UnknownIssuer; set CA_FILE to the certificate of the authority/,
    ],
    ["server.pem", "127.0.0.1", "authority.pem", /UnknownIssuer; no certificate in CA_FILE has/],
    ["server.pem", "127.0.0.2", "ca.pem", /not valid for name "127\.0\.0\.2".*; write the address/],
    ["expired.pem", "127.0.0.1", "ca.pem", /Expired; the server's certificate has expired, or/],
    // OpenSSL's own kind of self-signed certificate: curl and Java take it, as its own CA_FILE.
    ["authority.pem", "127.0.0.1", "authority.pem", /CaUsedAsEndEntity.*; .*CA:TRUE.*CA:FALSE/],
  ];
  for (const [cert, host, caFile, said] of cases) {
    await using server = serve(cert);
    const { port } = server.addr as Deno.NetAddr;
    const message = await says(`https://${host}:${port}`, caFile);
    assert.match(message, said);
    assert.match(message, /^GET https:\/\/127\S+\/x: invalid peer cert.* \(certificate\)$/);
  }
});

Deno.test("an endpoint says what a server wants that ends the handshake", async () => {
  const alert = (code: number) => [0x15, 3, 3, 0, 2, 2, code];
  const cases: [bytes: readonly number[], said: RegExp][] = [
    // `openssl s_server -Verify 1` of OpenSSL 3 sends the first with TLS 1.3 and the last with 1.2.
    [
      alert(116),
      /CertificateRequired; the server wants a client certificate: set CLIENT.*\(certificate\)$/,
    ],
    [
      alert(42),
      /BadCertificate; the server wants a client certificate: set CLIENT.*\(certificate\)$/,
    ],
    [
      alert(40),
      /HandshakeFailure; the server wants a client certificate \(set CLIENT.*\(certificate\)$/,
    ],
    [alert(70), /ProtocolVersion; the server has neither TLS 1\.2 nor 1\.3$/],
    [
      [...new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n")],
      /; the server does not speak https/,
    ],
  ];
  for (const [bytes, said] of cases) {
    await using server = sends(bytes);
    assert.match(await says(server.address), said);
  }
});

Deno.test("an endpoint says why a server refuses the certificate that it shows", async () => {
  const alert = (code: number) => [0x15, 3, 3, 0, 2, 2, code];
  const client = { cert: file("client.pem"), key: file("client.key") };
  const cases: [code: number, said: RegExp][] = [
    // OpenSSL 3 of a self-signed one, of one that has expired, of one of a server; then Java 17.
    [
      48,
      /UnknownCA; the server refuses the certificate of CLIENT_CERT_FILE: does it.*\(certificate\)$/,
    ],
    [45, /CertificateExpired; the certificate of CLIENT_CERT_FILE has expired \(certificate\)$/],
    [43, /UnsupportedCertificate; .*not meant for a client \(extendedKeyUsage\) \(certificate\)$/],
    [
      46,
      /CertificateUnknown; the server refuses the certificate of CLIENT_CERT_FILE.*\(certificate\)$/,
    ],
    [
      42,
      /BadCertificate; the server refuses the certificate of CLIENT_CERT_FILE.*\(certificate\)$/,
    ],
    [70, /ProtocolVersion; the server has neither TLS 1\.2 nor 1\.3$/],
  ];
  for (const [code, said] of cases) {
    await using server = sends(alert(code));
    assert.match(await says(server.address, undefined, client), said);
  }
});

Deno.test("an endpoint with a client certificate says so of a pair that is none", () => {
  const prepare = (cert: string, key: string) =>
    createEndpoints(["https://127.0.0.1"], {
      clock: systemClock,
      secrets: createSecrets(),
      caCerts: undefined,
      client: { cert, key },
    });
  const [cert, key] = [file("client.pem"), file("client.key")];
  const says = (why: RegExp) => ({ outcome: "settings", message: why });
  assert.throws(
    () => prepare(cert, file("server.key")),
    says(/^Cannot use CLIENT_CERT_FILE with CLIENT_KEY_FILE: the key is not that of the cert/),
  );
  assert.throws(() => prepare(cert, key.replace("M", "!")), says(/: the key cannot be read$/));
  assert.throws(() => prepare(cert.replace("MII", "MIX"), key), says(/BadEncoding/));
  assert.equal(prepare(cert, key).length, 1);
});

Deno.test("an endpoint asks for no packed answer, and takes none", async () => {
  const packed = new Response("x".repeat(1e6)).body?.pipeThrough(new CompressionStream("gzip"));
  const bytes = await new Response(packed).bytes();
  let accepted: string | null = "";
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ headers }) => {
      accepted = headers.get("accept-encoding");
      return new Response(bytes, { headers: { "content-encoding": "gzip" } });
    },
  );
  const [endpoint] = createEndpoints([`http://127.0.0.1:${server.addr.port}`], {
    clock: systemClock,
    secrets: createSecrets(),
    caCerts: undefined,
  });
  const answer = await endpoint?.request({ method: "GET", path: "/" }, signal);
  assert.equal(accepted, "identity");
  assert.equal(answer?.status, 200);
  assert.match(answer?.excerpt ?? "", /^the answer is packed as gzip, although/);
});

Deno.test("an excerpt is masked where its JSON is decoded, before it is cut, and one plain line", async () => {
  const secret = 'pä/ss="w%rd';
  const secrets = createSecrets();
  secrets.add(secret);
  let body = "";
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(body, { status: 500 }),
  );
  const [endpoint] = createEndpoints([`http://127.0.0.1:${server.addr.port}`], {
    clock: systemClock,
    secrets,
    caCerts: undefined,
  });
  const excerptOf = async (text: string) => {
    body = text;
    return (await endpoint?.request({ method: "GET", path: "/" }, signal))?.excerpt ?? "";
  };
  const escaped = (text: string) =>
    text.replaceAll(/[^A-Za-z0-9]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  for (const field of ["message", "error"]) {
    assert.equal(await excerptOf(`{"${field}":"no ${escaped(secret)} here"}`), "no *** here");
  }
  for (const before of [190, 195, 199]) {
    const shown = await excerptOf("x".repeat(before) + secret);
    assert.match(shown, /^x{190,199}\**…?$/, shown);
  }
  assert.equal(await excerptOf(" ".repeat(3_999) + secret), "***");
  assert.equal(await excerptOf('{"message":"a\\r\\n\\u001b[2Jb\\u202e"}'), "a [2Jb");
});
