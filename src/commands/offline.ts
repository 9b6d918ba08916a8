/**
 * `offline`: takes the instance out, confirms it, waits until callers are gone.
 *
 * @module
 */

import { type Ending, endingOf, isoTime, type Run, trafficForMachines } from "./run.ts";
import type { AppCall, CallReport } from "../app/call.ts";
import { isTimeToTell } from "../app/moment.ts";
import { backoffMs } from "../backoff.ts";
import { timeout } from "../clock.ts";
import { asServiceOfflineError, type ServiceOfflineError, traceOf } from "../errors.ts";
import { budgetOf } from "../lifecycle/budget.ts";
import { drain, floorOf } from "../lifecycle/drain.ts";
import { hold, OUT, type Progress } from "../lifecycle/hold.ts";
import {
  graceAdvice,
  LEAST_MS,
  makePlan,
  type Moments,
  type Plan,
  SCRIPT_SLEEP_SECONDS,
} from "../lifecycle/plan.ts";
import { asWrittenAt, isOpen, isUnderWay, type RunRecord } from "../lifecycle/record.ts";
import { type Verdict, verdictOf, worst } from "../lifecycle/verdict.ts";
import type { InstanceNames } from "../registry/registry.ts";

/** How long to drain where not even the registry is known: what callers of Nacos cache. */
const BLIND_DRAIN_SECONDS = 40;
/** Between two looks at what is out of service already. */
const WATCH_MS = 5_000;
/** What the requests are ahead of the log and the record, milliseconds. */
const HEAD_START_MS = 20;
/** Between two looks at whether the app may be told. */
const TELL_MS = 250;
/** Between two notes: `online --background` takes an `offline` that writes none for killed. */
export const NOTE_MS = 1_000;
/** How long the removal at the end is tried, milliseconds; one takes some 10 on Eureka 2.0.5. */
const REMOVE_MS = 10_000;

/**
 * Runs `offline`. Whatever goes wrong it drains first: a hook that ends early takes away the only
 * protection that is left.
 *
 * @param run settings, registries, clock and log
 * @param ended the record of a run in this container that has come to its end: where the instance is
 * still out of service, nothing is left to do
 */
export async function offline(run: Run, ended?: RunRecord): Promise<Ending> {
  const { clock, log, startedAt, settings, recordFile } = run;
  // Also after a kill: the second run of a hook has a whole grace period (kubelet 1.34.4).
  const plan = makePlan(startedAt, settings);
  const progress: Progress[] = run.registries.map((registry) => ({
    registry,
    goal: OUT,
  }));
  const failedCalls: string[] = [];
  /** In the record; there is none before the first note. */
  let id: string | undefined;
  const isUndone = (now: RunRecord | undefined) =>
    now !== undefined && now.run === id && now.undoneAt > 0;
  const undone = () => isUndone(recordFile?.read());

  const stop = new AbortController();
  const hangUp = new AbortController();
  const silence = new AbortController();
  let change = Promise.withResolvers<void>();
  const wake = () => {
    change.resolve();
    change = Promise.withResolvers();
  };
  const onChange = () => {
    wake();
    // An `online` that looks after the first write has to see who it was.
    if (id === undefined) note();
  };
  const loops = progress.map((one) =>
    hold(one, {
      clock,
      log: log.of(one.registry.name),
      startedAt,
      signal: stop.signal,
      watchMs: WATCH_MS,
      lookAt: () => floorOf(plan, progress),
      mayWrite: () => !undone(),
      onChange,
    })
  );
  // The first requests are on their way, and no answer can have come yet.
  const found = ended ?? recordFile?.read();
  const resumed = ended ?? (isUnderWay(found, startedAt) ? found : undefined);
  const before = resumed && asWrittenAt(resumed, startedAt);
  for (const one of progress) one.earlier = momentsOf(before, one.registry.name);
  let appToldAt = resumed?.appToldAt ?? 0;
  const telling = tellApp();
  // The first second counts: what follows takes some milliseconds.
  await clock.sleep(HEAD_START_MS);
  announce(run, plan, resumed);
  const diskProblem = note();
  const noting = goOnNoting();
  if (diskProblem) {
    log.info("no_record", `no record can be kept (${diskProblem}): a second run drains in full`);
  }

  const result = await drain({
    clock,
    log,
    startedAt,
    plan,
    progress,
    blindDrainMs: plan.drainMs ?? BLIND_DRAIN_SECONDS * 1000,
    settings,
    traffic: run.traffic,
    undone,
    changed: () => change.promise,
  });
  stop.abort();
  wake();
  // What the loops were waiting for is judged as it was when the time was over.
  const endedAt = clock.now();
  const verdicts = progress.map((one) => verdictOf(one, startedAt, endedAt));
  await Promise.all(loops);
  // What the app is still being told is no longer true.
  if (result.endedBy === "undone") hangUp.abort();
  const appOffline = await telling;
  /** What is said of every run, whatever became of it. */
  const fields = {
    resumed: resumed !== undefined,
    firstStartedAt: isoTime(resumed?.startedAt ?? startedAt),
    deadline: isoTime(plan.deadline),
    // Where it is null the callers' own caches decide.
    wantedDrainMs: plan.drainMs ?? null,
    ...result,
    traffic: trafficForMachines(result.traffic),
    appOffline: forMachines(appOffline),
    // A resumed run does not call again what the first one has.
    appToldAt: appToldAt ? isoTime(appToldAt) : null,
  };
  if (result.endedBy === "undone") {
    silence.abort();
    await noting;
    const { fields: about } = endingOf(run, progress, verdicts);
    const parts = ["`online` took the instance back"];
    return { outcome: "undone", parts, fields: { ...about, ...fields } };
  }
  const removed = await Promise.all(progress.map((one) => removalOf(run, plan, one, undone)));
  const afterDrain = ended || undone()
    ? undefined
    : await callOf("AFTER_DRAIN_URL", run.afterDrain);
  silence.abort();
  await noting;
  note(endedAt);
  recordFile?.tidy(clock.now());
  const judged = verdicts.map((verdict, i) => join(verdict, removed[i]));
  const ending = endingOf(run, progress, judged);
  const { drainedMs, missingMs } = result;
  const drained = `drained ${seconds(drainedMs)}` +
    (missingMs > 0 ? ` (${seconds(missingMs)} too short)` : "");
  const removals = removed.flatMap((one, i) =>
    one ? { registry: progress[i]?.registry.name, ...one } : []
  );
  return {
    ...ending,
    parts: [...ending.parts, drained, ...failedCalls],
    fields: { ...ending.fields, ...fields, removals, afterDrain: forMachines(afterDrain) },
  };

  /** Puts down how far it has come, unless `online` has undone it; the reason where it cannot. */
  function note(finishedAt = 0): string | undefined {
    const now = recordFile?.read();
    // Two that begin at once are one run: what ends one ends both.
    id ??= isOpen(now) ? now.run : crypto.randomUUID();
    if (isUndone(now)) return undefined;
    return recordFile?.write({
      run: id,
      instance: progress.map((one) => one.label ?? one.registry.wanted).join("; "),
      startedAt: before?.startedAt ?? startedAt,
      deadline: plan.deadline,
      writtenAt: clock.now(),
      registries: progress.map(({ registry, acceptedAt, leftAt, earlier }) => ({
        name: registry.name,
        acceptedAt: acceptedAt ?? earlier?.acceptedAt ?? 0,
        leftAt: leftAt ?? earlier?.leftAt ?? 0,
      })),
      appToldAt,
      finishedAt,
      undoneAt: 0,
    });
  }

  /** That it goes on writing shows that it lives. */
  async function goOnNoting(): Promise<void> {
    while (true) {
      await clock.sleep(NOTE_MS, silence.signal);
      if (silence.signal.aborted) return;
      note();
    }
  }

  /**
   * Runs beside the loops: whatever comes of it delays none of them, and is no failure. The end of
   * the drain waits for an answer, to the deadline at most (a second, where the call begins later);
   * that of a run that `online` has undone does not.
   */
  async function tellApp(): Promise<CallReport | undefined> {
    // The run before has told it.
    if (run.appOffline === undefined || appToldAt > 0 || ended) return undefined;
    while (!stop.signal.aborted && !isTimeToTell(progress, startedAt, clock.now())) {
      const over = new AbortController();
      await Promise.race([change.promise, clock.sleep(TELL_MS, over.signal)]);
      over.abort();
    }
    if (undone()) return undefined;
    const report = await callOf("APP_OFFLINE_URL", run.appOffline);
    if (report?.ok) {
      appToldAt = report.calledAt;
      note();
    }
    return report;
  }

  async function callOf(setting: string, call: AppCall | undefined) {
    const left = Math.max(LEAST_MS, plan.deadline - clock.now());
    const report = await call?.(namesOf(progress), left, hangUp.signal);
    if (report === undefined) return undefined;
    const message = `${setting}: ${report.reason}`;
    if (report.ok) log.info("called", message);
    else log.warn("call_failed", message);
    if (!report.ok) failedCalls.push(message);
    return report;
  }

  function forMachines(report: CallReport | undefined) {
    if (report === undefined) return null;
    const { ok, reason, calledAt, tookMs } = report;
    return { ok, reason, calledMs: calledAt - startedAt, tookMs };
  }
}

/** Who the instance is; a registry that has it knows best. */
function namesOf(progress: readonly Progress[]): InstanceNames {
  const [found = progress[0]] = progress.filter((one) => one.label !== undefined);
  return found?.registry.names() ?? {};
}

/** The last request of a run, where the settings ask for it and the instance is out of service. */
async function removalOf(
  run: Run,
  plan: Plan,
  progress: Progress,
  undone: () => boolean,
): Promise<Verdict | undefined> {
  const { remove, name } = progress.registry;
  if (remove === undefined || progress.gone || progress.acceptedAt === undefined) return undefined;
  const left = Math.max(LEAST_MS, Math.min(REMOVE_MS, plan.deadline - run.clock.now()));
  using limit = timeout(run.clock, left);
  let error: ServiceOfflineError | undefined;
  for (let tries = 1;; tries++) {
    if (undone()) return undefined;
    try {
      const reason = await remove(limit.signal);
      run.log.of(name).info("removed", reason);
      return { outcome: "done", reason };
    } catch (thrown) {
      // A try that the end has cut off says less than the one before.
      if (error === undefined || !limit.signal.aborted) error = asServiceOfflineError(thrown);
      if (error.outcome === "internal") run.log.of(name).warn("internal", traceOf(error));
      const isPassing = error.outcome === "unreachable";
      if (isPassing) await run.clock.sleep(backoffMs(tries, error), limit.signal);
      if (!isPassing || limit.signal.aborted) {
        return { outcome: error.outcome, reason: `not removed: ${error.message}` };
      }
    }
  }
}

/** Two verdicts about one registry as one. */
function join(verdict: Verdict, later: Verdict | undefined): Verdict {
  if (later === undefined) return verdict;
  return { outcome: worst([verdict, later]), reason: `${verdict.reason}; ${later.reason}` };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** How far an earlier run had come at one registry. */
function momentsOf(record: RunRecord | undefined, name: string): Moments {
  const found = record?.registries.find((one) => one.name === name);
  return { acceptedAt: found?.acceptedAt || undefined, leftAt: found?.leftAt || undefined };
}

function announce(run: Run, plan: Plan, resumed: RunRecord | undefined): void {
  const { log, settings, registries } = run;
  const left = seconds(plan.deadline - run.startedAt);
  if (resumed) {
    const which = resumed.finishedAt
      ? "an `offline` of this container has ended already"
      : "goes on with a run that was cut off";
    const still = "if the instance is still out of service; else the drain starts anew";
    log.info("resumed", `${which}: what it has drained counts ${still}; this run has ${left}`);
    return;
  }
  const quietSeconds = run.traffic?.quietSeconds;
  const { callers, missing, grace } = budgetOf(settings, registries, quietSeconds);
  if (settings.gracePeriodSeconds !== undefined) {
    const isAll = settings.stopReserveSeconds >= settings.gracePeriodSeconds;
    const why = isAll
      ? `STOP_RESERVE_SECONDS=${settings.stopReserveSeconds} takes all of the grace period`
      : "the grace period less STOP_RESERVE_SECONDS";
    log.info("deadline", `this run has ${left}, ${why}`);
  }
  // Of a registry that is not known it is not known how long callers call.
  if (registries.length === 0) return;
  // Whoever sets the drain knows how long it is to be, but not how long requests may hold it up.
  if (settings.drainSeconds !== undefined) {
    if (quietSeconds === undefined || settings.gracePeriodSeconds !== undefined) return;
    log.warn(
      "grace_unknown",
      `TERMINATION_GRACE_PERIOD_SECONDS is not set: this run ends after ${left}, also while ` +
        `requests arrive: ${graceAdvice(grace)}`,
    );
    return;
  }
  if (settings.gracePeriodSeconds !== undefined) {
    // Whether it is cut shows only once the list has followed, and then it may be too late to say.
    if (missing > 0) {
      log.warn(
        "grace_short",
        `that is too short for the drain: callers go on calling for up to ${callers} s: ` +
          graceAdvice(grace),
      );
    }
    return;
  }
  log.warn(
    "grace_unknown",
    `TERMINATION_GRACE_PERIOD_SECONDS is not set: draining only ${SCRIPT_SLEEP_SECONDS} s after the ` +
      `registry accepts, as the scripts did, but callers go on calling for up to ${callers} s: ` +
      graceAdvice(grace),
  );
}
