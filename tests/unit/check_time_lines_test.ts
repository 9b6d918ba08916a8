import assert from "node:assert/strict";
import { timeLines } from "../../src/check/time_lines.ts";
import type { TimeReport } from "../../src/check/report.ts";
import { ENOUGH_TIME } from "../support/reports.ts";

/** The second line: whether it is enough, and what the drain takes. */
function said(change: Partial<TimeReport>, isCounted = false): string {
  const [, line] = timeLines({ ...ENOUGH_TIME, ...change }, isCounted);
  return typeof line === "object" ? `${line[0]}:${line[1]}${line[2]}` : line ?? "";
}

Deno.test("timeLines() says what is left of the grace period for the run", () => {
  const [line] = timeLines(ENOUGH_TIME, false);
  assert.equal(
    line,
    "Time: grace period 65 s, of which 15 s are the app's own: 50 s are left for the run",
  );
});

Deno.test("timeLines() says whether that is enough, and what the drain waits for", () => {
  const caches = "the drain takes up to 50 s, until callers' caches have run out";
  assert.equal(said({}), `true:  enough: ${caches}`);
  assert.equal(said({}, true), `true:  enough: ${caches}, and while requests arrive`);
  assert.equal(said({ available: 47 }), `true:  enough but for 3 s at worst: ${caches}`);
  assert.equal(said({ available: 15, missing: 35 }), `null:  too short by 35 s: ${caches}`);
  assert.match(said({ drainSeconds: 20, needed: 22 }), /up to 22 s, for DRAIN_SECONDS and/);
});

Deno.test("timeLines() has the script's time where the grace period is not known", () => {
  const unknown = { gracePeriodSeconds: null, available: null };
  assert.equal(
    timeLines({ ...ENOUGH_TIME, ...unknown }, false)[0],
    "Time: the grace period is not known",
  );
  assert.match(said(unknown), /^ {2}the drain takes up to 30 s, as long as the script slept$/);
  assert.match(said({ ...unknown, drainSeconds: 20, needed: 22 }), /up to 22 s, for DRAIN_SECONDS/);
});
