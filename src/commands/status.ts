/**
 * `status`: what each registry says about this instance now.
 *
 * @module
 */

import { inWords, LOOK_MS, lookAt } from "./look.ts";
import type { Ending, Run } from "./run.ts";
import { timeout } from "../clock.ts";
import { isUnderWay, type RunRecord } from "../lifecycle/record.ts";
import { worst } from "../lifecycle/verdict.ts";
import { linesInWords, plainJson } from "../plain.ts";

/**
 * Runs `status`.
 *
 * @param run settings, registries, clock and log
 * @param json whether the report is one JSON object
 * @param print takes the report, on stdout
 */
export async function status(
  run: Run,
  json: boolean,
  print: (text: string) => void,
): Promise<Ending> {
  const { problems, problemOutcome } = run;
  using limit = timeout(run.clock, LOOK_MS);
  const registries = await Promise.all(
    run.registries.map((one) => lookAt(one, run.clock, limit.signal)),
  );
  const record = run.recordFile?.read();
  print(
    json ? plainJson({ problems, registries, record: record ?? null }, 2) : linesInWords([
      ...problems,
      ...registries.flatMap(inWords),
      recordInWords(record, run.clock.now()),
    ]),
  );
  return {
    outcome: worst([...registries, ...problems.map(() => ({ outcome: problemOutcome }))]),
    parts: [
      ...problems,
      ...registries.map((one) => [one.reason, ...one.nearMisses].join("; ")),
    ],
  };
}

function recordInWords(record: RunRecord | undefined, now: number): string {
  if (record === undefined) return "record: none";
  const { startedAt, deadline, finishedAt, undoneAt } = record;
  const time = (ms: number) => new Date(ms).toISOString();
  const end = undoneAt
    ? `undone ${time(undoneAt)}`
    : finishedAt
    ? `ended ${time(finishedAt)}`
    : isUnderWay(record, now)
    ? `has until ${time(deadline)}`
    : "was cut off";
  return `record: \`offline\` began ${time(startedAt)}, ${end}`;
}
