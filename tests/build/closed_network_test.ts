/** Builds in a closed network: a mirror behind a private CA, which wants credentials. */

import assert from "node:assert/strict";
import { tlsFile } from "../support/tls.ts";
import { type Clone, makeClone } from "./clone.ts";
import { startMirror } from "./mirror.ts";

const TOKEN = "company-token";
const BASIC = btoa("dev:secret");

/** What this machine itself needs to reach its registry. */
function ownWay(): Record<string, string> {
  const names = ["NODE_EXTRA_CA_CERTS", "DENO_CERT", "DENO_TLS_CA_STORE", "NPM_CONFIG_REGISTRY"];
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}

/** The checksums of a kit, which name every file of it. */
async function kitOf(clone: Clone, env: Record<string, string>): Promise<string> {
  const { code, text } = await clone.task(["kit", "--base", "deno"], env);
  assert.equal(code, 0, text);
  return Deno.readTextFileSync(`${clone.project}/dist/opt/service-offline/SHA256SUMS`);
}

Deno.test("a kit built behind a private CA, with all that a closed network sets, is the kit built here", async () => {
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
  };
  const sums = await kitOf(there, closed);
  assert.ok(mirror.served.some((path) => path.includes("esbuild")), mirror.served.join(" "));
  assert.equal(mirror.refused(), 0);
  assert.equal(sums, await kitOf(here, ownWay()));
});

Deno.test("credentials of HOME's .npmrc and a registry of the environment do as well", async () => {
  await using mirror = await startMirror([`Basic ${BASIC}`]);
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

  const { code, text } = await clone.task(["bundle"], { ...env, BASIC });
  assert.equal(code, 0, text);
  assert.ok(Deno.statSync(`${clone.project}/dist/service-offline.js`).size > 100_000);
});
