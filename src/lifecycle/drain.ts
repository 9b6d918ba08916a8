/** Decides about a run of `offline`, and says what it decides. */

import type { Context } from "../context.ts";
import type { Log } from "../log.ts";
import type { Traffic, TrafficReport } from "../traffic/traffic.ts";
import { trafficInWords } from "../traffic/traffic.ts";
import { budgetOf } from "./budget.ts";
import { decide, type DrainDecision, drainOf, type EndedBy, floorOf } from "./decide.ts";
import type { Holding } from "./hold_all.ts";
import { graceAdvice, type Plan, type TimeSettings } from "./plan.ts";
import type { Decision, Job } from "./supervise.ts";
import { stateInWords } from "./verdict.ts";

/** What a drain depends on. */
export interface DrainOptions {
  readonly plan: Plan;
  readonly holding: Omit<Holding, "reached">;
  /** For the advice on what to set. */
  readonly settings: TimeSettings;
  /** The requests that the app still gets, where it counts them. */
  readonly traffic: Traffic | undefined;
  /** Whether `online` has taken the instance back. */
  readonly isUndone: () => boolean;
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
  context: Context,
  options: DrainOptions,
): (now: number) => Decision<DrainResult> {
  const { log } = context;
  const { plan, traffic, holding } = options;
  const { registrations } = holding;
  const counting = countingOf(context, options);
  let isCounting = false;
  let heldUp = false;
  let cutSaid: number | undefined;
  let saidAt = context.clock.now();

  return (now) => {
    const drainsUntil = drainOf(plan, registrations);
    const floorAt = floorOf(drainsUntil, registrations);
    holding.plan(floorAt, now);
    const decision = decide(
      {
        plan,
        floorAt,
        undone: options.isUndone(),
        traffic: traffic && { isQuiet: traffic.isQuiet(), isReadable: traffic.report.readable },
        isGathered: holding.isDone(now, floorAt),
        heldUp,
      },
      registrations,
      now,
    );
    const { endedBy, hardEndAt } = decision;
    // What else the end waits for is no part of the drain.
    const missingMs = Math.max(0, drainsUntil - hardEndAt);
    if (endedBy !== undefined) {
      if (endedBy === "deadline") sayTrafficCut(log, options, now);
      return { end: resultOf(options, endedBy, missingMs, now) };
    }
    heldUp = decision.heldUp;
    // Nothing optional stands before the first write.
    isCounting ||= now >= context.startedAt + TRAFFIC_AFTER_MS;
    if (counting && !isCounting && !decision.isOpen) {
      isCounting = true;
      counting.dueAt = now;
    }
    if (decision.isFloorKnown && missingMs > 0 && cutSaid !== drainsUntil) {
      cutSaid = drainsUntil;
      log.warn("drain_cut", cutInWords(options, drainsUntil, missingMs), { missingMs });
    }
    if (now - saidAt >= PROGRESS_MS) {
      saidAt = now;
      sayProgress(log, options, decision, floorAt, now);
    }
    return { wakeAt: Math.min(decision.wakeAt, saidAt + PROGRESS_MS) };
  };
}

/** Adds the job that reads the app's counter. */
function countingOf(
  { startedAt, signal }: Context,
  { traffic, holding }: DrainOptions,
): Job | undefined {
  if (traffic === undefined) return undefined;
  const job: Job = {
    dueAt: startedAt + TRAFFIC_AFTER_MS,
    async run() {
      if (signal.aborted) return;
      const dueAt = await traffic.read(signal);
      if (!signal.aborted) job.dueAt = dueAt;
    },
  };
  holding.supervisor.add(job);
  return job;
}

function resultOf(
  { plan, holding, traffic }: DrainOptions,
  endedBy: EndedBy,
  missingMs: number,
  now: number,
): DrainResult {
  const since = Math.min(...holding.registrations.map(({ state }) => state.acceptedAt ?? Infinity));
  return {
    endedBy,
    drainedMs: now - (isFinite(since) ? since : plan.startedAt),
    missingMs: endedBy === "deadline" ? missingMs : 0,
    traffic: traffic?.report,
  };
}

function sayProgress(
  log: Log,
  { holding, traffic }: DrainOptions,
  { isOpen, heldUp, hardEndAt }: DrainDecision,
  floorAt: number,
  now: number,
): void {
  const atMost = isOpen || heldUp;
  const endsAt = atMost ? hardEndAt : Math.min(floorAt, hardEndAt);
  const leftSeconds = Math.max(0, Math.ceil((endsAt - now) / 1000));
  const report = traffic?.report.readable ? traffic.report : undefined;
  const words = [
    `${atMost ? "at most " : ""}${leftSeconds} s left`,
    ...report ? [trafficInWords(report)] : [],
    stateInWords(holding.registrations),
  ];
  const { requestsPerSecond } = report ?? {};
  log.info("draining", words.join("; "), { leftSeconds, requestsPerSecond });
}

function sayTrafficCut(log: Log, options: DrainOptions, now: number): void {
  const { holding: { registrations }, traffic } = options;
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

function cutInWords(options: DrainOptions, endsAt: number, missingMs: number): string {
  const what = `the drain is cut by ${(missingMs / 1000).toFixed(1)} s, callers may call later`;
  if (options.settings.gracePeriodSeconds === undefined) return what;
  return `${what}: ${adviceFor(options, endsAt)}`;
}

/** At least the worst case, as the run's first lines say it: the next list may follow later. */
function adviceFor(options: DrainOptions, endsAt: number): string {
  const { plan, holding, settings, traffic } = options;
  const registries = holding.registrations.map(({ registry }) => registry);
  const { grace } = budgetOf(settings, registries, traffic?.quietSeconds);
  const seconds = (endsAt - plan.startedAt) / 1000 + settings.stopReserveSeconds;
  return graceAdvice(Math.max(grace, seconds));
}
