/**
 * `online`: puts back what `offline` took out.
 *
 * @module
 */

import type { Context } from "../context.ts";
import { traceOf } from "../errors.ts";
import { IN } from "../lifecycle/goal.ts";
import { holdAll } from "../lifecycle/hold_all.ts";
import { left } from "../lifecycle/next.ts";
import { ELSEWHERE_MS } from "../lifecycle/plan.ts";
import { isOpen, isTakenOut, recordOf, type RunRecord } from "../lifecycle/record.ts";
import { isAskedEverywhere, type Registration, registrationOf } from "../lifecycle/state.ts";
import { createSupervisor } from "../lifecycle/supervise.ts";
import { stateInWords, verdictOf } from "../lifecycle/verdict.ts";
import { type Ending, endingOf, isoTime, type Run } from "./run.ts";
import { endOfUnregistered } from "./unregistered.ts";

/** How `online` was called. */
export interface OnlineOptions {
  /** Started by the postStart wrapper: gives way to an `offline` that is under way as well. */
  readonly background: boolean;
  /** Puts back also what no `offline` has taken out. @default {false} */
  readonly force?: boolean;
  /** Ends it before its time, when an `offline` in the same process is about to begin. */
  readonly stopped?: AbortSignal;
}

/** Between two looks at what is in service already. */
const WATCH_MS = 500;
/** Between two looks at the record; it is looked at right before each write as well. */
const RECORD_MS = 250;
/** Between two lines that say what it is waiting for. */
const PROGRESS_MS = 15_000;
/**
 * In a pod that is stopped right after its start, preStop's `offline` may begin before a process
 * that postStart has sent into the background. Or the record that is there is that of a container
 * before this one, where /tmp is a volume: one that is not written for so long, although a live
 * `offline` writes every two seconds.
 */
export const ALIVE_MS = 5_000;
/**
 * What an app registers late, Dubbo's interfaces for example, inherits the flag as the first did: Nacos
 * keeps it for 60 s after a deregistration, Eureka for an hour. So long after the last registration
 * that was put back one more look is taken.
 */
const LATE_MS = 30_000;
/** The last write of an `offline` that was told to stop may land this much later. */
const SETTLE_MS = 2_000;

/**
 * Runs `online`. The flag outlives the process in the registry: a container restarted in the same
 * pod registers and stays out of service until this has run. It tells an `offline` that is under way
 * to stop, and gives way to one that begins after it. What no `offline` has taken out it leaves alone.
 */
export async function online(run: Run, options: OnlineOptions): Promise<Ending> {
  const nothing = endOfUnregistered(run);
  if (nothing !== undefined) return nothing;
  const { clock, log, startedAt } = run;
  const { background, force = false, stopped } = options;
  const before = run.recordFile?.read();
  const rival = rivalOf(run, before, options);
  const supervisor = createSupervisor(clock, (thrown) => log.warn("internal", traceOf(thrown)));
  const stop = new AbortController();
  const context: Context = { clock, log, startedAt, signal: stop.signal };
  const registrations = run.registries.map((registry) => registrationOf(registry, IN));
  const endsAt = startedAt + run.settings.onlineTimeoutSeconds * 1000;
  const holding = holdAll(registrations, context, {
    supervisor,
    watchMs: WATCH_MS,
    mayWrite: () => !rival.hasPrecedence() && (!background || clock.now() >= rival.judgedAt),
    // At a start the registration may be that of the process before; by hand one knows better.
    awaitLife: background,
    force: (registration) => force || isTakenOut(before, registration, startedAt),
    // At a start it is as it should be that nothing is there yet.
    nearMissesAt: background ? (startedAt + endsAt) / 2 : startedAt,
  });
  let sayAt = startedAt + PROGRESS_MS;
  stopped?.addEventListener("abort", supervisor.wake);
  const gaveWay = await supervisor.until((now) => {
    if (rival.hasPrecedence()) return { end: true };
    const lateAt = background ? lateLookAt(registrations) : -Infinity;
    holding.plan(isFinite(lateAt) ? lateAt : Infinity, now);
    const isBack = now >= rival.judgedAt && holding.isDone(now, -Infinity) &&
      registrations.every((one) => one.state.isLeft || isDoneAt(one, now));
    // Whoever takes it out from now on, another container or an operator, wants it so.
    if (isBack) { for (const one of registrations) one.state = left(one.state); }
    if (isBack && holding.isDone(now, lateAt) || now >= endsAt) return { end: false };
    if (now >= sayAt) {
      sayAt = now + PROGRESS_MS;
      const leftSeconds = Math.ceil((endsAt - now) / 1000);
      log.info("waiting", `${leftSeconds} s left; ${stateInWords(registrations)}`);
    }
    return { wakeAt: Math.min(now + RECORD_MS, endsAt) };
  });

  const verdicts = registrations.map((one) => verdictOf(one, startedAt, clock.now()))
    // Whoever has called it by hand wants to know that the instance is not in service.
    .map((verdict, i) =>
      background || registrations[i]?.state.phase !== "kept"
        ? verdict
        : { ...verdict, outcome: "notConfirmed" as const }
    );
  stop.abort();
  await supervisor.idle();
  if (!gaveWay) forgetTakenOut(run, registrations);
  const ending = endingOf(run, registrations, verdicts);
  const endedOffline = rival.wasTold && rival.untold === undefined;
  const fields = { ...ending.fields, deadline: isoTime(endsAt), gaveWay, endedOffline };
  if (gaveWay) {
    // Whoever has called it by hand wants to know that the instance is not in service.
    const outcome = background ? "done" : "undone";
    return { outcome, parts: ["an `offline` has begun, nothing more is put back"], fields };
  }
  const warnings = rival.untold === undefined ? [] : [untoldInWords(rival.untold)];
  return { ...ending, parts: [...ending.parts, ...holding.unknown(), ...warnings], fields };
}

/**
 * Whether callers get it, and each address has been looked at, as far as that is waited for; or
 * whether it is somebody else's wish that they do not.
 */
function isDoneAt({ state, isFurther }: Registration, now: number): boolean {
  const { acceptedAt = now, settledAt, phase } = state;
  // What has gone since it was found is not waited for.
  if (phase === "kept" || isFurther && phase === "absent") return true;
  return settledAt !== undefined &&
    (isAskedEverywhere(state) || now >= acceptedAt + ELSEWHERE_MS);
}

/** When one more look is due for what the app registers late, ms since the epoch. */
function lateLookAt(registrations: readonly Registration[]): number {
  const moments = registrations.map(({ state: { wroteAt = -Infinity } }) => wroteAt + LATE_MS);
  return Math.max(-Infinity, ...moments);
}

/** What is in service has been put back: who takes it out from now on is not that `offline`. */
function forgetTakenOut({ recordFile }: Run, registrations: readonly Registration[]): void {
  const record = recordFile?.read();
  if (!record?.finishedAt) return;
  const back = registrations.filter(({ state }) => state.settledAt !== undefined)
    .map((one) => recordOf(record, one));
  if (!back.some((one) => one?.takenOut)) return;
  const registries = record.registries.map((one) =>
    back.includes(one) ? { ...one, takenOut: false } : one
  );
  recordFile?.write({ ...record, registries });
}

/** The `offline` that may run in the same container. */
interface Rival {
  /** Whether it has precedence; one that has not is told to stop. */
  hasPrecedence(): boolean;
  /** From when on it is known whether the one that was met at the start lives, ms since the epoch. */
  readonly judgedAt: number;
  /** Whether one was told to stop. */
  readonly wasTold: boolean;
  /** Why it could not be told. */
  readonly untold: string | undefined;
}

function rivalOf(
  { clock, log, startedAt, recordFile }: Run,
  before: RunRecord | undefined,
  options: OnlineOptions,
): Rival {
  const { background, stopped } = options;
  const waitMs = !isOpen(before) ? 0 : background ? ALIVE_MS : SETTLE_MS;
  const rival = {
    judgedAt: startedAt + waitMs,
    wasTold: false,
    untold: undefined as string | undefined,
    hasPrecedence() {
      if (stopped?.aborted) return true;
      const now = recordFile?.read();
      // What is still written lives, or has just come to its end.
      if (background && now && !now.undoneAt && now.writtenAt !== before?.writtenAt) return true;
      if (!isOpen(now)) return false;
      // It began after this run, whatever their clocks say.
      if (!isOpen(before) || now.run !== before.run) return true;
      if (!background || clock.now() >= rival.judgedAt) tell(now);
      return false;
    },
  };

  /** Again where it was lost: the last note of the `offline` may cross it. */
  function tell(record: RunRecord): void {
    rival.untold = recordFile?.write({ ...record, undoneAt: clock.now() });
    if (rival.wasTold) return;
    rival.wasTold = true;
    const which = background
      ? "an `offline` before this start was killed"
      : "an `offline` has not ended here";
    if (rival.untold === undefined) log.info("undo", `${which}; it is told to stop`);
    else log.warn("undo_failed", `${which}; ${untoldInWords(rival.untold)}`);
  }
  return rival;
}

function untoldInWords(reason: string): string {
  return `the \`offline\` could not be told to stop (${reason}): where it still runs it takes the ` +
    "instance out again";
}
