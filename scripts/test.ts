/**
 * `deno task test`: the tests that need nothing but Deno, on the program as it is shipped. With files
 * or folders only those; further flags are those of `deno test`, and `--filter` finds single cases too.
 *
 * @module
 */

import process from "node:process";
import { SLOWDOWN } from "../tests/support/room.ts";
import { remove } from "./kit_place.ts";
import { DIST, REPOSITORY } from "./places.ts";
import { ship } from "./shipped.ts";

/** Those that take longest first: a processor can work on others meanwhile. */
const ALL = [
  "tests/process/eureka_contract_test.ts",
  "tests/process/nacos_contract_test.ts",
  "tests/process/settings_test.ts",
  "tests/process/record_trust_test.ts",
  "tests/process/eureka_faults_test.ts",
  "tests/process/resilience_test.ts",
  "tests/process/traffic_test.ts",
  "tests/process/nacos_contract_inside_test.ts",
  "tests/process/app_endpoints_test.ts",
  "tests/process/not_found_test.ts",
  "tests/process/login_test.ts",
  "tests/process/both_registries_test.ts",
  "tests/process/demo_test.ts",
  "tests/process",
  "tests/unit/embedded_nacos_test.ts",
  "tests/unit/embedded_eureka_test.ts",
  "tests/unit",
];

const files = Deno.args.filter((arg) => /^[^-].*(\.ts|\/)$/.test(arg) || isFolder(arg));
const flags = Deno.args.filter((arg) => !files.includes(arg));
const filtered = flags.some((flag) => flag === "--filter" || flag.startsWith("--filter="));
Deno.env.set(SLOWDOWN, Deno.env.get(SLOWDOWN) ?? String(measuredSlowdown()));
// Not in /tmp: some tests give the program another one.
const folder = `${DIST}/test-${Deno.pid}`;
const program = Deno.env.get("HOOK_BUNDLE") ?? await built();
const { code } = await new Deno.Command(Deno.execPath(), {
  // Types are checked by ok:static.
  args: ["test", "-A", "--no-check", "--parallel", ...flags, ...files.length > 0 ? files : ALL],
  cwd: REPOSITORY,
  env: {
    HOOK_BUNDLE: program,
    // They wait more than they work.
    DENO_JOBS: Deno.env.get("DENO_JOBS") ?? "8",
    ...filtered ? { EACH_CASE_ALONE: "1" } : {},
  },
}).spawn().status;
remove(folder);
Deno.exit(code);

function built(): Promise<string> {
  Deno.mkdirSync(folder);
  return ship(`${DIST}/service-offline.js`, folder);
}

/** How many times longer than alone a thread's work takes: what others leave of a processor. */
function measuredSlowdown(): number {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  while (performance.now() - startedAt < 300);
  const { user, system } = process.cpuUsage(before);
  return (performance.now() - startedAt) * 1_000 / (user + system);
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
