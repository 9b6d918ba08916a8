/**
 * Waits until callers are gone, or until the deadline: as long as their caches say, and from then
 * on while requests still arrive, where the app counts them.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { budgetOf } from "./budget.ts";
import type { Progress } from "./hold.ts";
import {
  drainEndsAt,
  ELSEWHERE_MS,
  graceAdvice,
  LEAST_MS,
  type Plan,
  PROOF_MS,
  type TimeSettings,
} from "./plan.ts";
import { stateInWords } from "./verdict.ts";
import { type Traffic, trafficInWords, type TrafficReport } from "../traffic/traffic.ts";

/** What the drain needs. */
export interface DrainOptions {
  /** The time. */
  readonly clock: Clock;
  /** Where it says what it does. */
  readonly log: Log;
  /** When this process began, milliseconds since the epoch. */
  readonly startedAt: number;
  /** The times of the run. */
  readonly plan: Plan;
  /** Of every registry; empty where the settings did not allow any. */
  readonly progress: readonly Progress[];
  /** How long to drain where there is no registry, milliseconds since the start. */
  readonly blindDrainMs: number;
  /** For the advice on what to set. */
  readonly settings: TimeSettings;
  /** The requests that the app still gets, where it counts them. */
  readonly traffic?: Traffic | undefined;
  /** Whether `online` has taken the instance back. */
  readonly undone: () => boolean;
  /** Resolves when something in the progress has changed since the last call. */
  readonly changed: () => Promise<void>;
}

/** How a drain ended. */
export interface DrainResult {
  /**
   * What ended it: the time callers take, without a request by then that held it up; the silence
   * after requests that did; the deadline, too early for either or with a registry that has not
   * accepted; `online`.
   */
  readonly endedBy: "floor" | "quiet" | "deadline" | "undone";
  /** How long it lasted since the first registry had accepted (else since the start), ms. */
  readonly drainedMs: number;
  /** How much of the time that callers take the deadline has cut off, ms. */
  readonly missingMs: number;
  /** What was seen of the requests; undefined where nothing says where they are counted. */
  readonly traffic: TrafficReport | undefined;
}

const PROGRESS_MS = 5_000;
const UNDONE_CHECK_MS = 1_000;
/** From then on the app's counter is read, whether or not a registry has accepted. */
const TRAFFIC_AFTER_MS = 5_000;

/**
 * When the time is over that callers take, of those registries that have accepted.
 *
 * @returns milliseconds since the epoch; -Infinity where none has
 */
export function floorOf(plan: Plan, progress: readonly Progress[]): number {
  return Math.max(...progress.flatMap((one) => {
    const end = drainEndsAt(plan, one.registry, one) ?? [];
    const isAsked = [...one.elsewhere?.values() ?? []].every(({ state, failed }) =>
      state !== "unknown" || failed !== undefined
    );
    return [
      end,
      one.foundAt === undefined ? [] : one.foundAt + PROOF_MS,
      isAsked || one.acceptedAt === undefined ? [] : one.acceptedAt + ELSEWHERE_MS,
    ].flat();
  }));
}

/**
 * Waits.
 *
 * @param options the plan and the progress it depends on
 */
export async function drain(options: DrainOptions): Promise<DrainResult> {
  const { clock, log, plan, progress, traffic } = options;
  const endsAt = () =>
    progress.length === 0 ? plan.startedAt + options.blindDrainMs : floorOf(plan, progress);
  const hardEnd = () =>
    Math.max(
      plan.deadline,
      options.startedAt + LEAST_MS,
      // No deadline cuts the first write short.
      ...progress.map((one) =>
        one.acceptedAt === undefined && one.writingSince !== undefined
          ? one.writingSince + LEAST_MS
          : 0
      ),
    );
  const result = (endedBy: DrainResult["endedBy"], missingMs = 0): DrainResult => {
    const since = Math.min(...progress.map((one) => one.acceptedAt ?? Infinity));
    const drainedMs = clock.now() - (isFinite(since) ? since : plan.startedAt);
    return { endedBy, drainedMs, missingMs, traffic: traffic?.report };
  };

  const end = new AbortController();
  let read = Promise.withResolvers<void>();
  let watching: Promise<void> | undefined;
  const watch = () =>
    traffic?.watch(end.signal, () => {
      read.resolve();
      read = Promise.withResolvers();
    });
  /** The floor is over, but not the requests, as far as is known. */
  let heldUp = false;
  let cutSaid: number | undefined;
  let saidAt = clock.now();
  try {
    while (true) {
      const now = clock.now();
      if (options.undone()) return result("undone");
      const wanted = endsAt();
      const hard = hardEnd();
      // A registry that has not accepted may do so any moment: an election takes 12 s on Nacos
      // 2.5.1, a login that queues behind those of a rollout half a minute.
      const open = progress.some((one) => one.acceptedAt === undefined);
      // Nothing optional stands before the first write.
      if (!open || now >= options.startedAt + TRAFFIC_AFTER_MS) watching ??= watch();
      const quiet = traffic?.isQuiet() ?? true;
      const report = traffic?.report;
      // Somebody may have brought it back since the last look; one more has begun at the end.
      const isSeen = now >= wanted + PROOF_MS ||
        progress.every(({ lookedAt = 0, error }) => lookedAt >= wanted || error !== undefined);
      if (now >= wanted && !open && quiet && isSeen) {
        return result(heldUp && report?.readable ? "quiet" : "floor");
      }
      if (now >= hard) {
        if (report?.lastRequestAt !== undefined && !quiet) {
          log.warn("traffic_cut", trafficCutInWords(options, report), {
            requestsPerSecond: report.requestsPerSecond,
          });
        }
        return result("deadline", Math.max(0, wanted - hard));
      }
      heldUp = !open && now >= wanted && !quiet;

      // Before the list has followed, or is overdue, the end is only a guess.
      const decided = progress.every((one) =>
        one.acceptedAt !== undefined &&
        (one.leftAt !== undefined || plan.drainMs !== undefined ||
          now >= one.acceptedAt + one.registry.listLagSeconds * 1000)
      );
      if (decided && wanted > hard && cutSaid !== wanted) {
        cutSaid = wanted;
        log.warn("drain_cut", cutInWords(options, wanted, hard), { missingMs: wanted - hard });
      }
      if (now - saidAt >= PROGRESS_MS) {
        saidAt = now;
        const atMost = open || heldUp;
        const leftSeconds = Math.ceil(((atMost ? hard : Math.min(wanted, hard)) - now) / 1000);
        const words = [
          `${atMost ? "at most " : ""}${Math.max(0, leftSeconds)} s left`,
          ...report?.readable ? [trafficInWords(report)] : [],
          stateInWords(progress),
        ];
        log.info("draining", words.join("; "), {
          leftSeconds: Math.max(0, leftSeconds),
          requestsPerSecond: report?.readable ? report.requestsPerSecond : undefined,
        });
      }
      const next = Math.min(
        hard,
        open ? hard : now < wanted ? wanted : isSeen ? hard : wanted + PROOF_MS,
        saidAt + PROGRESS_MS,
        now + UNDONE_CHECK_MS,
      );
      const over = new AbortController();
      await Promise.race([clock.sleep(next - now, over.signal), options.changed(), read.promise]);
      over.abort();
    }
  } finally {
    end.abort();
    await watching;
  }
}

function trafficCutInWords(options: DrainOptions, report: TrafficReport): string {
  const { clock, progress } = options;
  const now = clock.now();
  const agoSeconds = (now - (report.lastRequestAt ?? now)) / 1000;
  const what = `the drain is cut by the deadline while requests still arrive ` +
    `(${trafficInWords(report)}, the last one seen ${agoSeconds.toFixed(1)} s ago)`;
  // Where callers were not told, more time changes nothing.
  const isOut = progress.length > 0 && progress.every((one) => one.acceptedAt !== undefined);
  if (!isOut) return what;
  return `${what}: ${adviceFor(options, now + (options.traffic?.quietSeconds ?? 0) * 1000)}`;
}

function cutInWords(options: DrainOptions, wanted: number, hard: number): string {
  const missing = ((wanted - hard) / 1000).toFixed(1);
  const what = `the drain is cut by ${missing} s, callers may call later`;
  if (options.settings.gracePeriodSeconds === undefined) return what;
  return `${what}: ${adviceFor(options, wanted)}`;
}

/** At least the worst case, as the run's first lines say it: the next list may follow later. */
function adviceFor({ plan, progress, settings, traffic }: DrainOptions, wanted: number): string {
  const registries = progress.map((one) => one.registry);
  const { grace } = budgetOf(settings, registries, traffic?.quietSeconds);
  const seconds = (wanted - plan.startedAt) / 1000 + settings.stopReserveSeconds;
  return graceAdvice(Math.max(grace, seconds));
}
