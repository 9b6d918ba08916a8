/**
 * Decides about a run of `offline`, and says what it decides.
 *
 * @module
 */

import type { Context } from "../context.ts";
import type { Log } from "../log.ts";
import type { Traffic, TrafficReport } from "../traffic/traffic.ts";
import { trafficInWords } from "../traffic/traffic.ts";
import { budgetOf } from "./budget.ts";
import { decide, type DrainDecision, type DrainState, type EndedBy } from "./decide.ts";
import { graceAdvice, type Plan, type TimeSettings } from "./plan.ts";
import type { Registration } from "./state.ts";
import type { Decision, Job, Supervisor } from "./supervise.ts";
import { stateInWords } from "./verdict.ts";

/** What a drain depends on. */
export interface DrainOptions {
  /** The times of the run. */
  readonly plan: Plan;
  /** Of every registry; empty where the settings did not allow any. */
  readonly registrations: readonly Registration[];
  /** How long to drain where there is no registry, ms since the start. */
  readonly blindDrainMs: number;
  /** For the advice on what to set. */
  readonly settings: TimeSettings;
  /** The requests that the app still gets, where it counts them. */
  readonly traffic: Traffic | undefined;
  /** Whether `online` has taken the instance back, as far as is known. */
  readonly wasUndone: () => boolean;
  /** The same, looked up: asked before each end. */
  readonly isUndone: () => boolean;
  /** As {@linkcode DrainState} has it. */
  readonly isGathered?: DrainState["isGathered"];
  readonly supervisor: Supervisor;
}

/** How a drain ended. */
export interface DrainResult {
  readonly endedBy: EndedBy;
  /** How long it lasted since the first registry had accepted (else since the start), ms. */
  readonly drainedMs: number;
  /** How much of the time that callers take the deadline has cut off, ms. */
  readonly missingMs: number;
  /** What was seen of the requests; undefined where nothing says where they are counted. */
  readonly traffic: TrafficReport | undefined;
}

/** Between two lines that say how far it has come. */
const PROGRESS_MS = 5_000;
/** From then on the app's counter is read, whether or not a registry has accepted. */
const TRAFFIC_AFTER_MS = 5_000;

/** Makes the function that decides, each time something has changed or a moment has come. */
export function createDrain(
  { clock, log, startedAt, signal }: Context,
  options: DrainOptions,
): (now: number) => Decision<DrainResult> {
  const { plan, registrations, traffic, supervisor, blindDrainMs } = options;
  let heldUp = false;
  let cutSaid: number | undefined;
  let saidAt = clock.now();
  let isCounting = false;
  const counting: Job | undefined = traffic && {
    dueAt: startedAt + TRAFFIC_AFTER_MS,
    async run() {
      isCounting = true;
      if (signal.aborted) return;
      const dueAt = await traffic.read(signal);
      if (!signal.aborted) this.dueAt = dueAt;
    },
  };
  if (counting) supervisor.add(counting);

  return (now) => {
    const undone = options.wasUndone();
    const requests = traffic && {
      isQuiet: traffic.isQuiet(),
      isReadable: traffic.report.readable,
    };
    const { isGathered } = options;
    const state: DrainState = {
      plan,
      blindDrainMs,
      undone,
      traffic: requests,
      heldUp,
      ...isGathered ? { isGathered } : {},
    };
    const decision = decide(state, registrations, now);
    const { floorAt, hardEndAt, isOpen } = decision;
    const endedBy = decision.endedBy && options.isUndone() ? "undone" : decision.endedBy;
    if (endedBy !== undefined) {
      if (endedBy === "deadline") sayTrafficCut(log, options, now);
      return { end: resultOf(options, decision, endedBy, now) };
    }
    heldUp = decision.heldUp;
    // Nothing optional stands before the first write.
    if (counting && !isOpen && !isCounting) counting.dueAt = now;
    if (decision.isFloorKnown && floorAt > hardEndAt && cutSaid !== floorAt) {
      cutSaid = floorAt;
      const missingMs = floorAt - hardEndAt;
      log.warn("drain_cut", cutInWords(options, floorAt, missingMs), { missingMs });
    }
    if (now - saidAt >= PROGRESS_MS) {
      saidAt = now;
      sayProgress(log, options, decision, now);
    }
    return { wakeAt: Math.min(decision.wakeAt, saidAt + PROGRESS_MS) };
  };
}

function resultOf(
  { plan, registrations, traffic }: DrainOptions,
  { floorAt, hardEndAt }: DrainDecision,
  endedBy: EndedBy,
  now: number,
): DrainResult {
  const since = Math.min(...registrations.map(({ state }) => state.acceptedAt ?? Infinity));
  const missingMs = endedBy === "deadline" ? Math.max(0, floorAt - hardEndAt) : 0;
  const drainedMs = now - (isFinite(since) ? since : plan.startedAt);
  return { endedBy, drainedMs, missingMs, traffic: traffic?.report };
}

function sayProgress(
  log: Log,
  { registrations, traffic }: DrainOptions,
  { isOpen, heldUp, floorAt, hardEndAt }: DrainDecision,
  now: number,
): void {
  const atMost = isOpen || heldUp;
  const endsAt = atMost ? hardEndAt : Math.min(floorAt, hardEndAt);
  const leftSeconds = Math.max(0, Math.ceil((endsAt - now) / 1000));
  const report = traffic?.report.readable ? traffic.report : undefined;
  const words = [
    `${atMost ? "at most " : ""}${leftSeconds} s left`,
    ...report ? [trafficInWords(report)] : [],
    stateInWords(registrations),
  ];
  const { requestsPerSecond } = report ?? {};
  log.info("draining", words.join("; "), { leftSeconds, requestsPerSecond });
}

function sayTrafficCut(log: Log, options: DrainOptions, now: number): void {
  const { registrations, traffic } = options;
  const report = traffic?.report;
  if (report?.lastRequestAt === undefined || traffic?.isQuiet()) return;
  const { requestsPerSecond } = report;
  const agoSeconds = (now - report.lastRequestAt) / 1000;
  const what = `the drain is cut by the deadline while requests still arrive ` +
    `(${trafficInWords(report)}, the last one seen ${agoSeconds.toFixed(1)} s ago)`;
  // Where callers were not told, more time changes nothing.
  const isOut = registrations.length > 0 &&
    registrations.every(({ state }) => state.acceptedAt !== undefined);
  const quietMs = (traffic?.quietSeconds ?? 0) * 1000;
  const message = isOut ? `${what}: ${adviceFor(options, now + quietMs)}` : what;
  log.warn("traffic_cut", message, { requestsPerSecond });
}

function cutInWords(options: DrainOptions, floorAt: number, missingMs: number): string {
  const what = `the drain is cut by ${(missingMs / 1000).toFixed(1)} s, callers may call later`;
  if (options.settings.gracePeriodSeconds === undefined) return what;
  return `${what}: ${adviceFor(options, floorAt)}`;
}

/** At least the worst case, as the run's first lines say it: the next list may follow later. */
function adviceFor(options: DrainOptions, endsAt: number): string {
  const { plan, registrations, settings, traffic } = options;
  const registries = registrations.map(({ registry }) => registry);
  const { grace } = budgetOf(settings, registries, traffic?.quietSeconds);
  const seconds = (endsAt - plan.startedAt) / 1000 + settings.stopReserveSeconds;
  return graceAdvice(Math.max(grace, seconds));
}
