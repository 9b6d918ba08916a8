/**
 * Waits until callers are gone, or until the deadline.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Progress } from "./hold.ts";
import { drainEndsAt, graceAdvice, LEAST_MS, type Plan, type TimeSettings } from "./plan.ts";
import { stateInWords } from "./verdict.ts";

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
  /** Whether `online` has taken the instance back. */
  readonly undone: () => boolean;
  /** Resolves when something in the progress has changed since the last call. */
  readonly changed: () => Promise<void>;
}

/** How a drain ended. */
export interface DrainResult {
  /** Whether `online` ended it. */
  readonly undone: boolean;
  /** How long it lasted since the first registry had accepted (else since the start), ms. */
  readonly drainedMs: number;
  /** How much of it the deadline has cut off, ms. */
  readonly missingMs: number;
}

const PROGRESS_MS = 5_000;
const UNDONE_CHECK_MS = 1_000;
/** How long an unreachable registry is tried at least, where the deadline allows. */
const LEAST_TRYING_MS = 5_000;

/**
 * Waits.
 *
 * @param options the plan and the progress it depends on
 */
export async function drain(options: DrainOptions): Promise<DrainResult> {
  const { clock, log, plan, progress } = options;
  const endsAt = () =>
    progress.length === 0
      ? plan.startedAt + options.blindDrainMs
      : Math.max(...progress.map((one) => drainEndsAt(plan, one.registry, one)));
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
  const result = (undone: boolean, missingMs = 0): DrainResult => {
    const since = Math.min(...progress.map((one) => one.acceptedAt ?? Infinity));
    const drainedMs = clock.now() - (isFinite(since) ? since : plan.startedAt);
    return { undone, drainedMs, missingMs };
  };

  let cutSaid: number | undefined;
  let saidAt = clock.now();
  while (true) {
    const now = clock.now();
    if (options.undone()) return result(true);
    const wanted = endsAt();
    const hard = hardEnd();
    // An open request of a registry that has not accepted yet, or a write that its record does not
    // show yet, is worth all the time there is.
    // And nobody gives up after one refused connection, or leaves out where the instance stands
    // instead, however short the drain.
    const early = now < options.startedAt + LEAST_TRYING_MS;
    const open = progress.some((one) =>
      one.acceptedAt === undefined &&
      (one.waiting || one.wroteAt !== undefined ||
        early && (one.searching || one.error?.outcome === "unreachable"))
    );
    if (now >= hard) return result(false, Math.max(0, wanted - hard));
    if (now >= wanted && !open) return result(false);

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
      const left = Math.max(0, Math.min(wanted, hard) - now);
      log.info("draining", `${Math.ceil(left / 1000)} s left; ${stateInWords(progress)}`, {
        leftSeconds: Math.ceil(left / 1000),
      });
    }
    const next = Math.min(
      hard,
      now >= wanted ? hard : wanted,
      saidAt + PROGRESS_MS,
      now + UNDONE_CHECK_MS,
    );
    const over = new AbortController();
    await Promise.race([clock.sleep(next - now, over.signal), options.changed()]);
    over.abort();
  }
}

function cutInWords(options: DrainOptions, wanted: number, hard: number): string {
  const { plan, settings } = options;
  const missing = ((wanted - hard) / 1000).toFixed(1);
  const what = `the drain is cut by ${missing} s, callers may call later`;
  if (settings.gracePeriodSeconds === undefined) return what;
  const needed = (wanted - plan.startedAt) / 1000 + settings.stopReserveSeconds;
  return `${what}: ${graceAdvice(needed)}`;
}
