/** Builds in a closed network: a mirror behind a private CA, which wants credentials. */

import assert from "node:assert/strict";
import { tlsFile } from "../support/tls.ts";
import { type Clone, type Env, makeClone, ownWay } from "./clone.ts";
import { startConnectProxy } from "./connect_proxy.ts";
import { makeDenort } from "./denort.ts";
import { startMirror } from "./mirror.ts";

const TOKEN = "company-token";
const BASIC = btoa("dev:secret");

/** The checksums of both kits, which name every file of them. */
async function kitsOf(clone: Clone, env: Env): Promise<readonly string[]> {
  const sums: string[] = [];
  for (const words of [["kit", "--base", "deno"], ["compile"], ["kit"]]) {
    const { code, text } = await clone.task(words, env);
    assert.equal(code, 0, text);
    if (words[0] === "kit") {
      sums.push(Deno.readTextFileSync(`${clone.project}/dist/opt/service-offline/SHA256SUMS`));
    }
  }
  return sums;
}

Deno.test("kits built behind a private CA, with all that a closed network sets, are those built here", async () => {
  await using mirror = await startMirror([`Bearer ${TOKEN}`]);
  using here = await makeClone();
  using there = await makeClone();
  const dead = "http://127.0.0.1:9";
  Deno.copyFileSync(tlsFile("ca.pem"), `${there.project}/ca.pem`);
  Deno.mkdirSync(`${there.project}/certs`);
  Deno.writeTextFileSync(
    `${there.project}/.npmrc`,
    `registry=\${COMPANY_MIRROR}\n${mirror.key}:_authToken=\${COMPANY_TOKEN}\n`,
  );
  const closed = {
    DENO_DIR: "cache",
    DENO_CERT: "ca.pem",
    NODE_EXTRA_CA_CERTS: "./ca.pem",
    DENO_TLS_CA_STORE: "mozilla",
    SSL_CERT_FILE: "ca.pem",
    SSL_CERT_DIR: "certs",
    ...{ HTTP_PROXY: dead, HTTPS_PROXY: dead, ALL_PROXY: dead, NO_PROXY: "127.0.0.1" },
    COMPANY_MIRROR: mirror.url,
    COMPANY_TOKEN: TOKEN,
    // What must not get in.
    ...{ OTEL_DENO: "true", DENO_COMPAT: "1", DENO_CONDITIONS: "development" },
    DENO_UNSTABLE_BARE_NODE_BUILTINS: "1",
    DENORT_BIN: "../denort",
  };
  for (const { folder } of [here, there]) await makeDenort(`${folder}/denort`);
  const sums = await kitsOf(there, closed);
  assert.ok(mirror.served.some((path) => path.includes("esbuild")), mirror.served.join(" "));
  assert.equal(mirror.refused(), 0);
  const DENORT_BIN = `${here.folder}/denort`;
  assert.deepEqual(sums, await kitsOf(here, { ...await ownWay(), DENORT_BIN }));
});

Deno.test("credentials of HOME's .npmrc, a registry of the environment and a proxy do as well", async () => {
  await using mirror = await startMirror([`Basic ${BASIC}`]);
  await using proxy = startConnectProxy();
  using clone = await makeClone();
  Deno.writeTextFileSync(`${clone.folder}/home/.npmrc`, `${mirror.key}:_auth=\${BASIC}\n`);
  const env = { NPM_CONFIG_REGISTRY: mirror.url, NODE_EXTRA_CA_CERTS: tlsFile("ca.pem") };
  // Without what it needs: the mirror is one that can refuse.
  const withoutCa = await clone.task(["bundle"], { NPM_CONFIG_REGISTRY: mirror.url, BASIC });
  assert.notEqual(withoutCa.code, 0);
  assert.match(withoutCa.text, /UnknownIssuer/);
  const withoutToken = await clone.task(["bundle"], { ...env, BASIC: "wrong" });
  assert.notEqual(withoutToken.code, 0);
  assert.match(withoutToken.text, /401/);
  assert.ok(mirror.refused() > 0);

  assert.equal(proxy.ports.size, 0);
  const before = new Set(mirror.ports);
  const { code, text } = await clone.task(["bundle"], { ...env, BASIC, ALL_PROXY: proxy.url });
  assert.equal(code, 0, text);
  const direct = [...mirror.ports].filter((port) => !before.has(port) && !proxy.ports.has(port));
  assert.ok(proxy.ports.size > 0 && direct.length === 0, `past the proxy: ${direct.length}`);
  assert.ok(Deno.statSync(`${clone.project}/dist/service-offline.js`).size > 100_000);
});
