/** One look at a registry, as `status` and `check` report it. */

import type { RegistryReport, StatusReport } from "./report.ts";
import { type Clock, timeout } from "../clock.ts";
import { asServiceOfflineError } from "../errors.ts";
import { NOT_READY } from "../lifecycle/goal.ts";
import { collectViews } from "../registry/callers_views.ts";
import type { CallersViews, InstanceState, Registry } from "../registry/registry.ts";

/** How long a look at all registries may take, milliseconds. */
export const LOOK_MS = 20_000;

/** States in words. */
export const STATES: Readonly<Record<InstanceState, string>> = {
  inService: "in service",
  outOfService: "out of service",
  partlyOut: "partly out of service",
  notReady: NOT_READY,
};

const NOTHING = {
  state: null,
  inService: null,
  server: {},
  details: {},
  records: [],
  callers: [],
  failures: [],
  nearMisses: [],
  further: [],
  reach: null,
  why: null,
  leftAlone: [],
};

/** What a look adds to {@linkcode NOTHING}. */
type Seen = Pick<RegistryReport, "outcome" | "reason"> & Partial<RegistryReport>;

/**
 * Looks, and changes nothing.
 *
 * @param listsMs how long what callers are given is waited for
 */
export async function lookAt(
  registry: Registry,
  clock: Clock,
  signal: AbortSignal,
  listsMs: number = LOOK_MS,
): Promise<RegistryReport> {
  const seen = await see(registry, clock, signal, listsMs).catch((thrown): Seen => {
    const { outcome, message } = asServiceOfflineError(thrown);
    return { outcome, reason: message };
  });
  // `wanted` only now: where our own address is not set, the connection tells it.
  const report = { registry: registry.name, instance: registry.wanted, ...NOTHING, ...seen };
  return { ...report, reason: `${registry.name}: ${report.instance}: ${seen.reason}` };
}

async function see(
  registry: Registry,
  clock: Clock,
  signal: AbortSignal,
  listsMs: number,
): Promise<Seen> {
  const sighting = await registry.locate(signal);
  using lists = timeout(clock, listsMs, signal);
  // What the record has said is known, whatever becomes of the lists.
  const [{ answers: callers, failures }, records] = await Promise.all([
    registry.callersViews(lists.signal).catch(noList),
    recordsOf(registry, clock, signal),
  ]);
  const isConfirmed = sighting !== undefined || registry.scope?.isProven === true;
  const others = isConfirmed ? await othersOf(registry, signal) : {};
  const seen = { records, server: registry.describe(), callers, failures, ...others };
  if (sighting === undefined) {
    const nearMisses = await registry.nearMisses(signal).catch(() => []);
    return { ...seen, nearMisses, outcome: "notFound", reason: "not registered" };
  }
  const { label: instance, state, details, shared } = sighting;
  const reason = STATES[state] + (shared === undefined ? "" : `; it is left alone: ${shared}`);
  const inService = state === "inService" || state === "partlyOut";
  return { ...seen, instance, state, inService, details, outcome: "done", reason };
}

/** What the pod has registered besides, each with its state. */
async function othersOf(registry: Registry, signal: AbortSignal): Promise<Partial<RegistryReport>> {
  const { others, scope } = registry;
  if (others === undefined) return { why: scope?.why ?? null };
  try {
    const { found, reach, why, leftAlone } = await others(signal);
    const further = await Promise.all(found.map(async ({ registry: one, label: instance }) => {
      const sighting = await one.locate(signal).catch(() => undefined);
      return { instance, state: sighting?.state ?? null };
    }));
    const reason = why ?? (leftAlone.length > 0 ? scope?.why : undefined) ?? null;
    return { further, reach, why: reason, leftAlone };
  } catch (thrown) {
    return { reach: "named", why: asServiceOfflineError(thrown).message };
  }
}

/** The record of each address. Which one fails, and why, is said with the lists. */
async function recordsOf(registry: Registry, clock: Clock, signal: AbortSignal) {
  if (registry.addresses.length < 2) return [];
  const questions = registry.addresses.map((address) => async (s: AbortSignal) => {
    return { address, state: (await registry.locateAt(address, s))?.state ?? null };
  });
  return await collectViews(questions, clock, signal).then(({ answers }) => answers, () => []);
}

function noList(thrown: unknown): CallersViews {
  const { outcome, message } = asServiceOfflineError(thrown);
  if (outcome === "internal") throw thrown;
  return { answers: [], failures: [`the callers' list was not seen: ${message}`] };
}

/**
 * Which address has what, where they differ: they do not know of each other, or one lags.
 *
 * @returns empty where all have the same
 */
export function differingRecords({ records }: Pick<RegistryReport, "records">): string[] {
  if (new Set(records.map(({ state }) => state)).size < 2) return [];
  return records.map(({ address, state }) =>
    `the record of ${address}: ${state === null ? "not registered" : STATES[state]}`
  );
}

/** What the last line of the log says of a report. */
export function partsOf(
  { problems, registries }: Pick<StatusReport, "problems" | "registries">,
): string[] {
  return [...problems, ...registries.map((one) => [one.reason, ...one.nearMisses].join("; "))];
}
