/**
 * What an app's container may have in its environment, and the program must not mind.
 *
 * @module
 */

/** Everywhere. */
export const HOSTILE: Readonly<Record<string, string>> = {
  NODE_EXTRA_CA_CERTS: "/x",
  NODE_V8_COVERAGE: "/x",
  DENO_DIR: "/nonexistent",
  DENO_TLS_CA_STORE: "system",
  DENO_COVERAGE_DIR: "/x",
  DENO_JOBS: "many",
  LD_LIBRARY_PATH: "/hostile:/usr/lib:/lib",
  GLIBC_TUNABLES: "glibc.malloc.arena_max=0",
  MALLOC_ARENA_MAX: "1",
  HTTP_PROXY: "http://127.0.0.1:9",
  HTTPS_PROXY: "http://127.0.0.1:9",
  ALL_PROXY: "http://127.0.0.1:9",
  http_proxy: "http://127.0.0.1:9",
  https_proxy: "http://127.0.0.1:9",
  TMPDIR: "/nonexistent",
  LANG: "zh_CN.GBK",
  JAVA_TOOL_OPTIONS: "-javaagent:/x.jar",
  "foo.bar": "no name for a shell",
  LINES_IN_A_VALUE: "one\nexport PATH='/x'\ndeclare -x DENO_DIR=\"/x",
};

/** Only where a shell can clean the environment: Deno 2.9.6 itself obeys or reports these. */
export const HOSTILE_TO_DENO: Readonly<Record<string, string>> = {
  NODE_OPTIONS: "--require /x --inspect=127.0.0.1:9229",
  // There is an .npmrc in it that Deno cannot make sense of.
  HOME: "/hostile",
  DENO_V8_FLAGS: "--no-such-flag",
  // A file that cannot be read: no request can be made then.
  DENO_CERT: "/x",
  DENO_AUTH_TOKENS: "no token",
  DENO_LOG: "debug",
  RUST_LOG: "debug",
  OTEL_DENO: "true",
  OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
  // Any shell can load it; the kit's own libraries would be mixed with the image's.
  LD_PRELOAD: "libc.so.6",
};
