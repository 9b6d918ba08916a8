/** Runs that are killed in the drain, and what a second run makes of their record. */

import assert from "node:assert/strict";
import type { RunRecord } from "../../src/lifecycle/record.ts";
import { recordPath, type RunningHook } from "./hook.ts";

/** How far a run had come, ms since its start; moments of two runs can be compared so. */
interface CutOff {
  readonly ranMs: number;
  /** At each registry: since when it was accepted, and off the list. */
  readonly registries: readonly [name: string, acceptedMs: number, leftMs: number][];
}

/** Kills a run once its record shows a drain of so long at every registry. */
export async function killInDrain(
  run: RunningHook,
  marker: string,
  drainedMs: number,
): Promise<CutOff> {
  await run.waitForLine(/callers no longer get it/);
  let ended = false;
  run.done.finally(() => ended = true);
  const isThere = ({ writtenAt, registries }: RunRecord) =>
    registries.every(({ settledAt }) => settledAt > 0 && writtenAt - settledAt >= drainedMs);
  while (!isThere(recordAbout(marker))) {
    if (ended) throw new Error(`The run ended before it could be killed:\n${run.stdout}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  run.kill("SIGKILL");
  await run.done;
  return cutOffOf(recordAbout(marker));
}

/** Checks that a run counted the drain of the one before as its own, and drained what was left. */
export function assertWentOn(marker: string, cutOff: CutOff, drainMs: number): void {
  const record = recordAbout(marker);
  const { ranMs, registries } = cutOffOf(record);
  assert.deepEqual(registries, cutOff.registries);
  assert.ok(record.finishedAt > 0);
  for (const [name, acceptedMs] of registries) {
    assert.ok(ranMs - acceptedMs >= drainMs, `${name}: drained ${ranMs - acceptedMs} ms in all`);
  }
}

function recordAbout(marker: string): RunRecord {
  return JSON.parse(Deno.readTextFileSync(recordPath(marker)));
}

function cutOffOf({ startedAt, writtenAt, registries }: RunRecord): CutOff {
  const since = (moment: number) => moment === 0 ? NaN : moment - startedAt;
  return {
    ranMs: writtenAt - startedAt,
    registries: registries.map((
      { name, acceptedAt, settledAt },
    ) => [name, since(acceptedAt), since(settledAt)]),
  };
}
