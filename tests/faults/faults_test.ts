/**
 * Every kind of broken answer at every moment of a run, and kills at random moments, on real
 * registries. `--write` writes docs/faults.md; `--site`, `--kind`, `--moment` and `--span` (parts of
 * the names; `--span kills` for the kills alone) choose some, `--seed` repeats the kills' moments.
 */

import assert from "node:assert/strict";
import { type KillResult, runKill, seeded } from "./kills.ts";
import { KINDS } from "./kinds.ts";
import { MOMENTS } from "./moments.ts";
import { prepareProgram } from "./program.ts";
import { type Site, SITES, type SiteSpec } from "./sites.ts";
import { writeTable } from "./table.ts";
import { runTrial, type Span, type Trial, type TrialResult } from "./trial.ts";

/** Runs mostly wait: so many at a time keep two cores half busy. */
const AT_A_TIME = Number(Deno.env.get("FAULTS_AT_A_TIME") ?? 20);

const SPANS: readonly Span[] = ["passing", "lasting"];

/** How often a run is killed at each registry: 51 times in all. */
const KILLS = 17;

const results: TrialResult[] = [];
const kills: KillResult[] = [];
const [seed = Date.now() % 1_000_000] = valuesOf("seed").map(Number);
const random = seeded(seed);
const begin = performance.now();
let remove = () => Promise.resolve();
// The servers and the bundle outlive each case.
const outliving = { sanitizeOps: false, sanitizeResources: false };

Deno.test({
  name: "the bundle is built",
  ...outliving,
  fn: async () => {
    remove = await prepareProgram();
  },
});
for (const spec of SITES.filter((one) => isChosen("site", one.label))) {
  Deno.test({ name: `faults at ${spec.label}`, ...outliving, fn: () => tryAll(spec) });
}
Deno.test({
  name: "all is tried",
  ...outliving,
  fn: async () => {
    await remove();
    const seconds = Math.round((performance.now() - begin) / 1000);
    const largest = results.toSorted((a, b) => b.kib - a.kib).slice(0, 5);
    console.log(`${kills.length} kills, seed ${seed}`);
    console.log(`${results.length} runs in ${seconds} s; the largest:`);
    for (const { kib, kind, moment, span, site } of largest) {
      const mib = (kib / 1024).toFixed(1);
      console.log(`  ${mib} MiB: ${kind.name} / ${MOMENTS[moment]} / ${span} / ${site}`);
    }
    if (Deno.args.includes("--write")) await writeTable({ results, kills, seed, seconds });
  },
});

/** What the command line says after each `--option`. */
function valuesOf(option: string): string[] {
  return Deno.args.flatMap((word, i) => word === `--${option}` ? Deno.args[i + 1] ?? [] : []);
}

/** Whether a name is among those that the command line asks for. */
function isChosen(option: string, name: string): boolean {
  const wanted = valuesOf(option);
  return wanted.length === 0 || wanted.some((part) => name.includes(part));
}

async function tryAll(spec: SiteSpec): Promise<void> {
  const trials: Trial[] = SPANS.filter((one) => isChosen("span", one)).flatMap((span) =>
    spec.moments.filter((one) => isChosen("moment", one)).flatMap((moment) =>
      KINDS.filter((one) => isChosen("kind", one.name)).map((kind) => ({ kind, moment, span }))
    )
  );
  const killCount = isChosen("span", "kills") ? KILLS : 0;
  await using site = await spec.start();
  const failed = await aFewAtATime([
    ...trials.map((trial) => () => tryOne(site, trial)),
    ...Array.from({ length: killCount }, () => () => killOne(site)),
  ]);
  const tried = trials.length + killCount;
  assert.deepEqual(failed, [], `${failed.length} of ${tried} runs at ${spec.label}`);
}

/** Gives the name of a run that has not kept all; undefined where it has. */
async function tryOne(site: Site, trial: Trial): Promise<string | undefined> {
  let result = await runTrial(site, trial);
  // On a busy machine a run may be over before it has come so far.
  for (let tries = 1; result.hits === 0 && tries < 3; tries++) result = await runTrial(site, trial);
  results.push(result);
  const { kind, moment, span, code, reason, problems, output } = result;
  if (problems.length === 0) return undefined;
  const name = `${kind.name} / ${MOMENTS[moment]} / ${span} / ${site.label}`;
  console.log(`WRONG ${name}: ${problems.join("; ")}\n  ${code} ${reason}`);
  if (Deno.args.includes("--verbose")) console.log(output);
  return name;
}

/** As `tryOne`. */
async function killOne(site: Site): Promise<string | undefined> {
  const result = await runKill(site, random);
  kills.push(result);
  if (result.problems.length === 0) return undefined;
  const name = `killed after ${result.killedMs} ms / ${site.label}`;
  console.log(`WRONG ${name}: ${result.problems.join("; ")}`);
  return name;
}

/** Does all of it, also where some of it throws; gives what the tasks have given. */
async function aFewAtATime(tasks: (() => Promise<string | undefined>)[]): Promise<string[]> {
  const given: string[] = [];
  const work = async () => {
    for (let task = tasks.shift(); task; task = tasks.shift()) {
      const one = await task().catch((error: unknown) => {
        console.log(error);
        return `could not be tried: ${error}`;
      });
      if (one !== undefined) given.push(one);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return given;
}
