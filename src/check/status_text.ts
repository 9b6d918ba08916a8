/** What `status` prints for people. */

import { type Line, textOf } from "./lines.ts";
import { factsOf, registryLines } from "./registry_lines.ts";
import type { StatusReport } from "./report.ts";
import { isUnderWay, type RunRecord } from "../lifecycle/record.ts";

/**
 * The report of `status`.
 *
 * @param now tells a run that goes on from one that was cut off, ms since the epoch
 */
export function statusText(report: StatusReport, now: number, colour: boolean): string {
  const { problems, registries, record } = report;
  return textOf([
    ...problems.map((problem): Line => [false, problem]),
    ...registries.flatMap((one) => registryLines(one, factsOf({ ...one.server, ...one.details }))),
    recordInWords(record, now),
  ], colour);
}

function recordInWords(record: RunRecord | null, now: number): string {
  if (record === null) return "record: none";
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
