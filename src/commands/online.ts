/** `online`: puts back what `offline` took out. */

import type { Context } from "../context.ts";
import { IN } from "../lifecycle/goal.ts";
import { unknownInWords } from "../lifecycle/gather.ts";
import { holdAll, type Holding } from "../lifecycle/hold_all.ts";
import { ELSEWHERE_MS } from "../lifecycle/plan.ts";
import { isTakenOut, recordOf } from "../lifecycle/record.ts";
import { isAskedEverywhere, type Registration } from "../lifecycle/state.ts";
import type { Decision } from "../lifecycle/supervise.ts";
import { stateInWords, type Verdict, verdictOf } from "../lifecycle/verdict.ts";
import { type Ending, endingOf, isoTime, type Run } from "./run.ts";
import { type Rival, rivalOf, untoldInWords } from "./rival.ts";
import { endOfUnregistered } from "./unregistered.ts";

/** How `online` was called. */
interface OnlineOptions {
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
 * What an app registers late, Dubbo's interfaces for example, inherits the flag as the first did: Nacos
 * keeps it for 60 s after a deregistration, Eureka for an hour. So long after the last registration
 * that was put back one more look is taken.
 */
const LATE_MS = 30_000;

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
  const endsAt = startedAt + run.settings.onlineTimeoutSeconds * 1000;
  const before = run.recordFile?.read();
  const rival = rivalOf(run, before, options);
  const stop = new AbortController();
  const context: Context = { clock, log, startedAt, signal: stop.signal };
  const holding = holdAll(run.registries, IN, context, {
    watchMs: WATCH_MS,
    mayWrite: () => !rival.hasPrecedence() && (!background || clock.now() >= rival.judgedAt),
    // At a start the registration may be that of the process before; by hand one knows better.
    awaitLife: background,
    force: (registration) => force || isTakenOut(before, registration, startedAt),
    // At a start it is as it should be that nothing is there yet.
    nearMissesAt: background ? (startedAt + endsAt) / 2 : startedAt,
  });
  const { registrations, supervisor } = holding;
  stopped?.addEventListener("abort", supervisor.wake);
  const decide = createDecision(run, background, rival, holding, endsAt);
  const gaveWay = await supervisor.until(decide);
  const verdicts = verdictsOf(registrations, background, startedAt, clock.now());
  stop.abort();
  await supervisor.idle();
  const { fields: about, outcome, parts } = endingOf(run, registrations, verdicts);
  const endedOffline = rival.wasTold && rival.untold === undefined;
  const fields = { ...about, deadline: isoTime(endsAt), gaveWay, endedOffline };
  if (gaveWay) {
    // Whoever has called it by hand wants to know that the instance is not in service.
    const parts = ["an `offline` has begun, nothing more is put back"];
    return { outcome: background ? "done" : "undone", parts, fields };
  }
  forgetTakenOut(run, registrations);
  const warnings = rival.untold === undefined ? [] : [untoldInWords(rival.untold)];
  return { outcome, parts: [...parts, ...unknownInWords(holding.reached()), ...warnings], fields };
}

/** Makes the function that decides whether the run is over: whether it then gives way. */
function createDecision(
  { startedAt, log }: Run,
  background: boolean,
  rival: Rival,
  holding: Holding,
  endsAt: number,
): (now: number) => Decision<boolean> {
  const { registrations } = holding;
  let sayAt = startedAt + PROGRESS_MS;
  return (now) => {
    if (rival.hasPrecedence()) return { end: true };
    const lateAt = background ? lateLookAt(registrations) : -Infinity;
    holding.plan(isFinite(lateAt) ? lateAt : Infinity, now);
    const isBack = now >= rival.judgedAt && holding.isDone(now, -Infinity) &&
      registrations.every((one) => one.state.isLeft || isDoneAt(one, now));
    if (isBack) leave(registrations);
    if (isBack && holding.isDone(now, lateAt) || now >= endsAt) return { end: false };
    if (now >= sayAt) {
      sayAt = now + PROGRESS_MS;
      const leftSeconds = Math.ceil((endsAt - now) / 1000);
      log.info("waiting", `${leftSeconds} s left; ${stateInWords(registrations)}`);
    }
    return { wakeAt: Math.min(now + RECORD_MS, endsAt) };
  };
}

/**
 * Whoever takes out from now on what is back, another container or an operator, wants it so. What has
 * gone since it was found is still looked at: it was that of the process before, and the app makes it
 * anew some seconds after the named one (Spring Cloud Alibaba with gRPC, Nacos 2.2.4 and 3.1.0).
 */
function leave(registrations: readonly Registration[]): void {
  for (const one of registrations) {
    const { phase, isLeft } = one.state;
    if (phase !== "absent" && !isLeft) one.state = { ...one.state, isLeft: true };
  }
}

/** Whoever has called it by hand wants to know that the instance is not in service. */
function verdictsOf(
  registrations: readonly Registration[],
  background: boolean,
  startedAt: number,
  endedAt: number,
): Verdict[] {
  return registrations.map((one) => {
    const verdict = verdictOf(one, startedAt, endedAt);
    const isGood = background || one.state.phase !== "kept";
    return isGood ? verdict : { ...verdict, outcome: "notConfirmed" };
  });
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
