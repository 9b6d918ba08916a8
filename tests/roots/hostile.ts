/** What an app's container may have in its environment, and the program must not mind. */

import { KIT_BASE } from "./kit_disk.ts";
import type { RootName } from "./root.ts";

/** Everywhere. */
export const HOSTILE: Readonly<Record<string, string>> = {
  NODE_EXTRA_CA_CERTS: "/x",
  NODE_V8_COVERAGE: "/x",
  DENO_DIR: "/nonexistent",
  // A file that cannot be read, and a store that does not exist.
  DENO_CERT: "/x",
  DENO_TLS_CA_STORE: "nonsense",
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

/** Only where a shell cleans the environment: Deno 2.9.6 itself obeys or reports these. */
export const HOSTILE_TO_DENO: Readonly<Record<string, string>> = {
  NODE_OPTIONS: "--require /x --inspect=127.0.0.1:9229",
  // There is an .npmrc in it that Deno cannot make sense of.
  HOME: "/hostile",
  DENO_V8_FLAGS: "--no-such-flag",
  DENO_AUTH_TOKENS: "no token",
  DENO_LOG: "debug",
  RUST_LOG: "debug",
  // Ends the compiled executable at once.
  TMPDIR: "relative",
  OTEL_DENO: "true",
  OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9",
  // Any shell can load it; the kit's own libraries would be mixed with the image's.
  LD_PRELOAD: "libc.so.6",
};

/**
 * The worst that a command may find in a root. Without a wrapper a shell cleans the environment only
 * where the program is a script: on `deno`, in an image with a shell.
 */
export function hostileIn(root: RootName): Readonly<Record<string, string>> {
  return root === "empty" || KIT_BASE === "compiled" ? HOSTILE : { ...HOSTILE, ...HOSTILE_TO_DENO };
}
