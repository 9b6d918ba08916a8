/**
 * `status`: what each registry says about this instance now.
 *
 * @module
 */

import type { Ending, Run } from "./run.ts";
import { timeout } from "../clock.ts";
import { asServiceOfflineError, type OutcomeName } from "../errors.ts";
import { NOT_READY } from "../lifecycle/hold.ts";
import { isUnderWay, type RunRecord } from "../lifecycle/record.ts";
import { worst } from "../lifecycle/verdict.ts";
import type { CallersView, InstanceState, Registry } from "../registry/registry.ts";

/** How long all of it may take, milliseconds. */
const LIMIT_MS = 20_000;

const STATES: Readonly<Record<InstanceState, string>> = {
  inService: "in service",
  outOfService: "out of service",
  partlyOut: "partly out of service",
  notReady: NOT_READY,
};

/** What one registry says; with `--json` it is printed as it stands. */
interface Report {
  readonly registry: string;
  instance: string;
  /** Whether callers get it; null where there was no answer, or no such instance is known. */
  inService: boolean | null;
  /** The address that answered, the server's version. */
  server: Readonly<Record<string, unknown>>;
  /** Weight, metadata, health. */
  details: Readonly<Record<string, unknown>>;
  callers: readonly CallersView[];
  /** What addresses said that gave no answer. */
  failures: readonly string[];
  nearMisses: readonly string[];
  outcome: OutcomeName;
  reason: string;
}

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
  using limit = timeout(run.clock, LIMIT_MS);
  const registries = await Promise.all(run.registries.map((one) => ask(one, limit.signal)));
  const record = run.recordFile?.read();
  print(
    json
      ? JSON.stringify({ problems, registries, record: record ?? null }, null, 2)
      : [...problems, ...registries.flatMap(inWords), recordInWords(record, run.clock.now())].join(
        "\n",
      ),
  );
  return {
    outcome: worst([...registries, ...problems.map(() => ({ outcome: problemOutcome }))]),
    parts: [
      ...problems,
      ...registries.map((one) => [one.reason, ...one.nearMisses].join("; ")),
    ],
  };
}

async function ask(registry: Registry, signal: AbortSignal): Promise<Report> {
  const report: Report = {
    registry: registry.name,
    instance: registry.wanted,
    inService: null,
    server: {},
    details: {},
    callers: [],
    failures: [],
    nearMisses: [],
    outcome: "done",
    reason: "",
  };
  try {
    const sighting = await registry.locate(signal);
    const views = await registry.callersViews(signal);
    report.server = registry.describe();
    report.callers = views.answers;
    report.failures = views.failures;
    if (sighting === undefined) {
      report.outcome = "notFound";
      // Our own address is known by now, where it was not set.
      report.instance = registry.wanted;
      report.reason = "not registered";
      report.nearMisses = await registry.nearMisses(signal).catch(() => []);
    } else {
      report.instance = sighting.label;
      report.inService = sighting.state === "inService" || sighting.state === "partlyOut";
      report.details = sighting.details;
      report.reason = STATES[sighting.state];
    }
  } catch (thrown) {
    const error = asServiceOfflineError(thrown);
    report.outcome = error.outcome;
    report.reason = error.message;
  }
  report.reason = `${registry.name}: ${report.instance}: ${report.reason}`;
  return report;
}

function inWords(report: Report): string[] {
  const facts = Object.entries({ ...report.server, ...report.details }).map(([key, value]) =>
    `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`
  );
  const callers = report.callers.map(({ address, listed, others }) => {
    const rest = `${others} other instance${others === 1 ? "" : "s"}`;
    return `callers at ${address}: ${listed ? "this one" : "not this one"}, ${rest}`;
  });
  const lines = [...facts, ...callers, ...report.failures, ...report.nearMisses];
  return [report.reason, ...lines.map((line) => `  ${line}`)];
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
