/** What the end of a run must look like, whatever it did. */

import assert from "node:assert/strict";
import { type OutcomeName, OUTCOMES } from "../../src/errors.ts";
import type { HookRun } from "./hook.ts";

/** A line of the text log without time and level. */
export function messageOf(line: string): string {
  return line.replace(/^\S+Z service-offline \+\d+\.\d{3}s /, "").replace(/^(WARNING|ERROR): /, "");
}

/** A busy machine adds seconds to each wait, and takes none away; what is wrong is off by more. */
const MOST_LATE_SECONDS = 60;

export function drained(seconds: number): RegExp {
  const fit = Array.from({ length: MOST_LATE_SECONDS }, (_, more) => seconds + more);
  return new RegExp(`drained (?:${fit.join("|")})\\.\\d s`);
}

/**
 * The run ended so: the exit code, a last line that says the same in words, and on stderr that one
 * line, or nothing after a success.
 */
export function assertEnd(run: HookRun, outcome: OutcomeName, ...reason: readonly RegExp[]): void {
  const output = outputOf(run);
  assertLine(run, outcome, run.lastLine, reason);
  if (outcome === "done") assert.equal(run.stderr, "", output);
  else assert.equal(run.stderr, `${run.lastLine}\n`, output);
}

/**
 * A `status` ended so: as above, but its report is all that stands on stdout, so the line is on
 * stderr only.
 */
export function assertStatusEnd(
  run: HookRun,
  outcome: OutcomeName,
  ...reason: readonly RegExp[]
): void {
  if (outcome !== "done") return assertLine(run, outcome, run.stderr.trimEnd(), reason);
  assert.equal(run.code, 0, outputOf(run));
  assert.equal(run.stderr, "", outputOf(run));
  for (const pattern of reason) assert.match(run.stdout, pattern);
}

function outputOf(run: HookRun): string {
  return `stdout:\n${run.stdout}\nstderr:\n${run.stderr}`;
}

function assertLine(
  run: HookRun,
  outcome: OutcomeName,
  line: string,
  reason: readonly RegExp[],
): void {
  const { code, meaning } = OUTCOMES[outcome];
  const output = outputOf(run);
  assert.equal(run.code, code, output);
  const last = messageOf(line);
  const name = meaning.split(/[:,]/)[0] ?? "";
  assert.ok(last.startsWith(`${name}: `), `The line does not begin with "${name}: ".\n${output}`);
  assert.match(last, new RegExp(`exit code ${code}$`), output);
  for (const pattern of reason) assert.match(last, pattern, output);
}
