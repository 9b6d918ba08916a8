/** `deno task demo`: its claims, and that it fits a terminal. */

import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { REPOSITORY } from "../../scripts/places.ts";
import { cacheEnvironment } from "../../scripts/program.ts";
import { sideBySide } from "../support/at_once.ts";

const COLUMNS = 80;

const test = sideBySide("task demo");

test("the script loses requests, the program none", async () => {
  const shown = await demo(["nacos"]);
  assertClaims(shown);
  assert.match(shown, /PUT enabled=false: HTTP 410/);
  assert.ok(!shown.includes("\x1b"), "colours outside a terminal");
});

test("with Eureka the same, in colours on a terminal", async () => {
  const shown = await demo(["eureka"], ["/usr/bin/script", "-qec"]);
  assertClaims(stripVTControlCharacters(shown));
  assert.match(shown, /PUT OUT_OF_SERVICE: HTTP 200/);
  assert.ok(shown.includes("\x1b[31m░"), "failed requests are red");
  assert.ok(shown.includes("\x1b[32m0 of "), "none that failed is green");
});

function assertClaims(shown: string): void {
  const sums = [...shown.matchAll(/(\d+) of (\d+) failed/g)]
    .map(([, failed, all]) => ({ failed: Number(failed), all: Number(all) }));
  assert.equal(sums.length, 2, shown);
  const [script, program] = sums;
  assert.ok(script && script.failed > 0 && script.failed < script.all, shown);
  assert.ok(program && program.failed === 0 && program.all > 100, shown);
  assert.match(shown, /out of service, proven: \d+ ms/);
  for (const line of shown.split(/\r?\n/)) assert.ok([...line].length <= COLUMNS, line);
}

async function demo(args: readonly string[], terminal?: readonly string[]): Promise<string> {
  const words = [Deno.execPath(), "run", "--allow-all", "scripts/demo.ts", ...args];
  const [program = "", ...rest] = terminal ? [...terminal, words.join(" "), "/dev/null"] : words;
  const passedOn = ["PATH", "HOOK_BUNDLE", "HOOK_BIN"].flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  const run = await new Deno.Command(program, {
    args: rest,
    cwd: REPOSITORY,
    // Without NO_COLOR, which CI sets.
    clearEnv: true,
    env: { ...cacheEnvironment(), ...Object.fromEntries(passedOn) },
    stdin: "null",
  }).output();
  const [stdout, stderr] = [run.stdout, run.stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert.equal(run.code, 0, `${stdout}\n${stderr}`);
  return stdout ?? "";
}
