/**
 * One look at a registry, as `status` and `check` report it.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { asServiceOfflineError, type OutcomeName } from "../errors.ts";
import { NOT_READY } from "../lifecycle/hold.ts";
import { collectViews } from "../registry/callers_views.ts";
import type { CallersView, CallersViews, InstanceState, Registry } from "../registry/registry.ts";

/** How long a look at all of them may take, milliseconds. */
export const LOOK_MS = 20_000;

const STATES: Readonly<Record<InstanceState, string>> = {
  inService: "in service",
  outOfService: "out of service",
  partlyOut: "partly out of service",
  notReady: NOT_READY,
};

/** The record of one address. */
export interface AddressRecord {
  /** The address. */
  readonly address: string;
  /** How the instance stands there; null where it is not known. */
  readonly state: InstanceState | null;
}

/** What one registry says; with `--json` it is printed as it stands. */
export interface Report {
  /** Which registry. */
  readonly registry: string;
  /** What was found, or looked for. */
  readonly instance: string;
  /** How it stands; null where there was no answer, or no such instance is known. */
  readonly state: InstanceState | null;
  /** Whether callers get it; null where there was no answer, or no such instance is known. */
  readonly inService: boolean | null;
  /** The address that answered, the server's version. */
  readonly server: Readonly<Record<string, unknown>>;
  /** Weight, metadata, health. */
  readonly details: Readonly<Record<string, unknown>>;
  /** What the record of each address says, where there are several: null for nothing. */
  readonly records: readonly AddressRecord[];
  /** What callers are given. */
  readonly callers: readonly CallersView[];
  /** What addresses said that gave no answer. */
  readonly failures: readonly string[];
  /** Where something like it stands instead. */
  readonly nearMisses: readonly string[];
  /** What it comes to. */
  readonly outcome: OutcomeName;
  /** The same in words. */
  readonly reason: string;
}

/**
 * Looks.
 *
 * @param registry the registry; changes nothing there
 * @param clock measures how long slower addresses get
 * @param signal ends the look
 * @param callersViews asks what callers are given
 */
export async function lookAt(
  registry: Registry,
  clock: Clock,
  signal: AbortSignal,
  callersViews: (signal: AbortSignal) => Promise<CallersViews> = registry.callersViews,
): Promise<Report> {
  const report = {
    registry: registry.name,
    instance: registry.wanted,
    state: null as InstanceState | null,
    inService: null as boolean | null,
    server: {},
    details: {},
    records: [] as readonly AddressRecord[],
    callers: [] as readonly CallersView[],
    failures: [] as readonly string[],
    nearMisses: [] as readonly string[],
    outcome: "done" as OutcomeName,
    reason: "",
  };
  try {
    const sighting = await registry.locate(signal);
    // What the record has said is known, whatever becomes of the lists.
    const [{ answers, failures }, records] = await Promise.all([
      callersViews(signal).catch(noList),
      recordsOf(registry, clock, signal),
    ]);
    report.records = records;
    report.server = registry.describe();
    report.callers = answers;
    report.failures = failures;
    if (sighting === undefined) {
      report.outcome = "notFound";
      // Our own address is known by now, where it was not set.
      report.instance = registry.wanted;
      report.reason = "not registered";
      report.nearMisses = await registry.nearMisses(signal).catch(() => []);
    } else {
      report.instance = sighting.label;
      report.state = sighting.state;
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

/** Which address fails, and with what, is said with the lists. */
async function recordsOf(
  registry: Registry,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly AddressRecord[]> {
  if (registry.addresses.length < 2) return [];
  const questions = registry.addresses.map((address) => async (s: AbortSignal) => {
    return { address, state: (await registry.locateAt(address, s))?.state ?? null };
  });
  return await collectViews(questions, clock, signal).then(({ answers }) => answers, () => []);
}

/**
 * Which address has what, where they differ: they do not know of each other, or one lags.
 *
 * @param report what was seen
 * @returns empty where all have the same
 */
export function differingRecords({ records }: Pick<Report, "records">): string[] {
  if (new Set(records.map(({ state }) => state)).size < 2) return [];
  return records.map(({ address, state }) =>
    `the record of ${address}: ${state === null ? "not registered" : STATES[state]}`
  );
}

function noList(thrown: unknown): CallersViews {
  const { outcome, message } = asServiceOfflineError(thrown);
  if (outcome === "internal") throw thrown;
  return { answers: [], failures: [`the callers' list was not seen: ${message}`] };
}

/**
 * A look for people: what it comes to, then the facts.
 *
 * @param report what was seen
 */
export function inWords(report: Report): string[] {
  const facts = Object.entries({ ...report.server, ...report.details }).map(([key, value]) =>
    `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`
  );
  const callers = report.callers.map(({ address, listed, others }) => {
    const rest = `${others} other instance${others === 1 ? "" : "s"}`;
    return `callers at ${address}: ${listed ? "this one" : "not this one"}, ${rest}`;
  });
  const lines = [
    ...facts,
    ...differingRecords(report),
    ...callers,
    ...report.failures,
    ...report.nearMisses,
  ];
  return [report.reason, ...lines.map((line) => `  ${line}`)];
}
