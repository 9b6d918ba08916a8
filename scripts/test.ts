/**
 * `deno task test`: the tests that need nothing but Deno, on the bundle. With files or folders only
 * those; further flags are those of `deno test`, and `--filter` finds single cases too.
 *
 * @module
 */

import { DIST, REPOSITORY } from "./places.ts";

/** Those that wait longest first: a processor can work on others meanwhile. */
const ALL = [
  "tests/process/not_found_test.ts",
  "tests/unit/embedded_nacos_test.ts",
  "tests/unit/embedded_eureka_test.ts",
  "tests/process/login_test.ts",
  "tests/process/eureka_faults_test.ts",
  "tests/process/check_agrees_test.ts",
  "tests/process/traffic_test.ts",
  "tests/process",
  "tests/unit",
];

const files = Deno.args.filter((arg) => /^[^-].*(\.ts|\/)$/.test(arg) || isFolder(arg));
const flags = Deno.args.filter((arg) => !files.includes(arg));
const filtered = flags.some((flag) => flag === "--filter" || flag.startsWith("--filter="));
const { code } = await new Deno.Command(Deno.execPath(), {
  // Types are checked by ok:static.
  args: ["test", "-A", "--no-check", "--parallel", ...flags, ...files.length > 0 ? files : ALL],
  cwd: REPOSITORY,
  env: {
    HOOK_BUNDLE: Deno.env.get("HOOK_BUNDLE") ?? `${DIST}/service-offline.js`,
    // They wait more than they work.
    DENO_JOBS: Deno.env.get("DENO_JOBS") ?? "6",
    ...filtered ? { EACH_CASE_ALONE: "1" } : {},
  },
}).spawn().status;
Deno.exit(code);

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
