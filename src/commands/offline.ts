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
import { drain } from "../lifecycle/drain.ts";
import { hold, OUT, type Progress } from "../lifecycle/hold.ts";
import {
  graceAdvice,
  LEAST_MS,
  makePlan,
  type Moments,
  type Plan,
  SCRIPT_SLEEP_SECONDS,
} from "../lifecycle/plan.ts";
import { isUnderWay, type RunRecord } from "../lifecycle/record.ts";
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
/** How long the removal at the end is tried, milliseconds; one takes some 10 on Eureka 2.0.5. */
const REMOVE_MS = 10_000;

/**
 * Runs `offline`. Whatever goes wrong it drains first: a hook that ends early takes away the only
 * protection that is left.
 *
 * @param run settings, registries, clock and log
 */
export async function offline(run: Run): Promise<Ending> {
  const { clock, log, startedAt, settings } = run;
  const fresh = makePlan(startedAt, settings);
  const earlier = run.recordFile?.read();
  const resumed = isUnderWay(earlier, startedAt) ? earlier : undefined;
  const plan: Plan = resumed
    ? {
      ...fresh,
      startedAt: resumed.startedAt,
      deadline: Math.min(resumed.deadline, fresh.deadline),
    }
    : fresh;
  const progress: Progress[] = run.registries.map((registry) => ({
    registry,
    goal: OUT,
    ...momentsOf(resumed, registry.name),
  }));
  const record = (finishedAt = 0): RunRecord => ({
    instance: progress.map((one) => one.label ?? one.registry.wanted).join("; "),
    startedAt: plan.startedAt,
    deadline: plan.deadline,
    registries: progress.map(({ registry, acceptedAt = 0, leftAt = 0 }) => ({
      name: registry.name,
      acceptedAt,
      leftAt,
    })),
    appToldAt,
    finishedAt,
    undoneAt: 0,
  });
  let appToldAt = resumed?.appToldAt ?? 0;
  const failedCalls: string[] = [];
  // Only an end that `online` has put there after this run began counts.
  const undone = () => {
    const undoneAt = run.recordFile?.read()?.undoneAt;
    return undoneAt !== undefined && undoneAt >= startedAt;
  };

  const stop = new AbortController();
  const hangUp = new AbortController();
  let change = Promise.withResolvers<void>();
  let written = "";
  const wake = () => {
    change.resolve();
    change = Promise.withResolvers();
  };
  const onChange = () => {
    wake();
    const now = record();
    const text = JSON.stringify(now);
    if (text !== written && !undone()) run.recordFile?.write(now);
    written = text;
  };
  const loops = progress.map((one) =>
    hold(one, {
      clock,
      log: log.of(one.registry.name),
      startedAt,
      signal: stop.signal,
      watchMs: WATCH_MS,
      mayWrite: () => !undone(),
      onChange,
    })
  );
  const telling = tellApp();
  // The first second counts: what follows takes some milliseconds, and by then the first requests
  // are on their way.
  await clock.sleep(HEAD_START_MS);
  announce(run, plan, resumed);
  const diskProblem = undone() ? undefined : run.recordFile?.write(record());
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
    firstStartedAt: isoTime(plan.startedAt),
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
    const { fields: about } = endingOf(run, progress, verdicts);
    const parts = ["`online` took the instance back"];
    return { outcome: "undone", parts, fields: { ...about, ...fields } };
  }
  const removed = await Promise.all(progress.map((one) => removalOf(run, plan, one, undone)));
  const afterDrain = undone() ? undefined : await callOf("AFTER_DRAIN_URL", run.afterDrain);
  if (!undone()) run.recordFile?.write(record(endedAt));
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

  /**
   * Runs beside the loops: whatever comes of it delays none of them, and is no failure. The end of
   * the drain waits for an answer, to the deadline at most (a second, where the call begins later);
   * that of a run that `online` has undone does not.
   */
  async function tellApp(): Promise<CallReport | undefined> {
    // The run that was cut off has told it.
    if (run.appOffline === undefined || appToldAt > 0) return undefined;
    while (!stop.signal.aborted && !isTimeToTell(progress, startedAt, clock.now())) {
      const over = new AbortController();
      await Promise.race([change.promise, clock.sleep(TELL_MS, over.signal)]);
      over.abort();
    }
    if (undone()) return undefined;
    const report = await callOf("APP_OFFLINE_URL", run.appOffline);
    if (report?.ok) {
      appToldAt = report.calledAt;
      onChange();
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
    log.info("resumed", `goes on with a run that was cut off; ${left} of its time are left`);
    return;
  }
  const quietSeconds = run.traffic?.quietSeconds;
  const { callers, missing, grace } = budgetOf(settings, registries, quietSeconds);
  if (settings.gracePeriodSeconds !== undefined) {
    log.info("deadline", `this run has ${left}, the grace period less STOP_RESERVE_SECONDS`);
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
