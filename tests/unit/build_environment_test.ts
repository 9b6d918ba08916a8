import assert from "node:assert/strict";
import { compileEnvironment, networkEnvironment } from "../../scripts/reproducible.ts";

/** Everything that a closed network has said, and what would change the executable. */
const ENV = {
  PATH: "/usr/bin:tools",
  HOME: "/home/dev",
  DENO_DIR: "cache",
  DENO_CERT: "company/ca.pem",
  NODE_EXTRA_CA_CERTS: "./ca.pem",
  DENO_TLS_CA_STORE: "mozilla,system",
  SSL_CERT_FILE: "/etc/company.pem",
  SSL_CERT_DIR: "certs:/etc/ssl/certs",
  https_proxy: "http://proxy:3128",
  ALL_PROXY: "http://proxy:3128",
  NO_PROXY: "10.0.0.0/8",
  NPM_CONFIG_REGISTRY: "https://npm.company/",
  OTEL_DENO: "true",
  DENO_COMPAT: "1",
  DENO_UNSTABLE_BARE_NODE_BUILTINS: "1",
  DENO_CONDITIONS: "development",
  NODE_OPTIONS: "--inspect",
  COMPANY_TOKEN: "secret of the project",
  HOME_TOKEN: "secret of the user",
  OTHER_TOKEN: "nobody asks for it",
};

const NPMRCS: Record<string, string> = {
  "/home/dev/.npmrc": "//npm.company/:_auth=${HOME_TOKEN}\n",
  "/src/project/.npmrc": "//npm.company/:_authToken=${COMPANY_TOKEN}\n; ${UNSET} ${PATH}\n",
};

const from = { env: ENV, cwd: "/src/project", read: (path: string) => NPMRCS[path] };

Deno.test("networkEnvironment() has the whole way to a company's mirror, and nothing else", () => {
  assert.deepEqual(networkEnvironment(from, "/src/project"), {
    PATH: "/usr/bin:/src/project/tools",
    HOME: "/home/dev",
    DENO_DIR: "/src/project/cache",
    DENO_CERT: "/src/project/company/ca.pem",
    NODE_EXTRA_CA_CERTS: "/src/project/ca.pem",
    DENO_TLS_CA_STORE: "mozilla,system",
    SSL_CERT_FILE: "/etc/company.pem",
    SSL_CERT_DIR: "/src/project/certs:/etc/ssl/certs",
    https_proxy: "http://proxy:3128",
    ALL_PROXY: "http://proxy:3128",
    NO_PROXY: "10.0.0.0/8",
    NPM_CONFIG_REGISTRY: "https://npm.company/",
    COMPANY_TOKEN: "secret of the project",
    HOME_TOKEN: "secret of the user",
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
  });
});

Deno.test("networkEnvironment() does without HOME and without an .npmrc", () => {
  const env = { PATH: "/bin", HTTPS_PROXY: "", DENO_CERT: "" };
  assert.deepEqual(networkEnvironment({ env, cwd: "/", read: () => undefined }, "/src"), {
    PATH: "/bin",
    // As it is: an empty one switches a proxy off; an empty path would be the folder itself.
    HTTPS_PROXY: "",
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
  });
});

Deno.test("compileEnvironment() knows no network, no user and nothing that goes into the executable", () => {
  assert.deepEqual(compileEnvironment(from, "/tmp/cache", "/tmp/denort"), {
    PATH: ENV.PATH,
    DENO_DIR: "/tmp/cache",
    DENORT_BIN: "/tmp/denort",
    DENO_NO_UPDATE_CHECK: "1",
    NO_COLOR: "1",
  });
});
