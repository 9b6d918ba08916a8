/** What one registry says, for people. */

import type { Line } from "./lines.ts";
import { differingRecords, STATES } from "./look.ts";
import type { RegistryReport } from "./report.ts";

/**
 * What it comes to, then the facts.
 *
 * @param facts about server and instance, as far as they are to be shown
 */
export function registryLines(report: RegistryReport, facts: readonly string[]): Line[] {
  const callers = report.callers.map(({ address, listed, others }) => {
    const rest = `${others} other instance${others === 1 ? "" : "s"}`;
    return `callers at ${address}: ${listed ? "this one" : "not this one"}, ${rest}`;
  });
  const further = report.further.map(({ instance, state }) =>
    `also: ${instance}: ${state === null ? "not seen any more" : STATES[state]}`
  );
  const left = report.leftAlone.map((label) => `left alone: ${label}`);
  const doubts = [...differingRecords(report), ...report.failures, ...report.nearMisses];
  const { outcome, state } = report;
  const isGood = outcome === "done" && (state === "inService" || null);
  return [
    [isGood, report.reason],
    ...[...facts, ...callers, ...further, ...left].map((line) => `  ${line}`),
    ...doubts.map((doubt): Line => [null, `  ${doubt}`]),
  ];
}

/** `weight: 1` and the like. */
export function factsOf(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).map(([key, value]) =>
    `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`
  );
}
