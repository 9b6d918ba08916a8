/** `offline`: takes the instance out, confirms it, waits until callers are gone. */

import type { Context } from "../context.ts";
import { announce } from "../lifecycle/announce.ts";
import { earliestEndOf } from "../lifecycle/decide.ts";
import { createDrain, type DrainResult } from "../lifecycle/drain.ts";
import { OUT } from "../lifecycle/goal.ts";
import { unknownInWords } from "../lifecycle/gather.ts";
import { holdAll } from "../lifecycle/hold_all.ts";
import { type Journal, openJournal } from "../lifecycle/journal.ts";
import { makePlan, type Plan } from "../lifecycle/plan.ts";
import type { RunRecord } from "../lifecycle/record.ts";
import { removalOf } from "../lifecycle/removal.ts";
import type { Registration } from "../lifecycle/state.ts";
import type { Job } from "../lifecycle/supervise.ts";
import { type Verdict, verdictOf, worst } from "../lifecycle/verdict.ts";
import type { Fields } from "../log.ts";
import { callForMachines, createCalls } from "./calls.ts";
import { type Ending, endingOf, isoTime, type Run, trafficForMachines } from "./run.ts";
import { tellingOf } from "./tell_app.ts";
import { endOfUnregistered } from "./unregistered.ts";

/** Between two looks at what is out of service already. */
const WATCH_MS = 5_000;
/** What the requests are ahead of the log and the record, ms, unless they are answered before. */
const HEAD_START_MS = 20;

/**
 * Runs `offline`. Whatever goes wrong it drains first: a hook that ends early takes away the only
 * protection that is left.
 *
 * @param ended the record of a run in this container that has come to its end: where the instance is
 * still out of service, nothing is left to do
 */
export async function offline(run: Run, ended?: RunRecord): Promise<Ending> {
  const nothing = endOfUnregistered(run);
  if (nothing !== undefined) return nothing;
  const { clock, startedAt } = run;
  const stop = new AbortController();
  const work = begin(run, stop.signal, ended);
  const { holding, journal, calls, telling, beginning } = work;
  const { registrations, supervisor } = holding;
  const drain = createDrain(work.context, {
    ...work,
    settings: run.settings,
    traffic: run.traffic,
    isUndone: () => journal.isUndone(),
  });
  const result = await supervisor.until((now) => {
    // From the first answer on `online` has to see us.
    if (beginning.dueAt < Infinity && registrations.some(isAnswered)) beginning.dueAt = now;
    telling.plan();
    return drain(now);
  });
  const endedAt = clock.now();
  // What the jobs are waiting for is judged as it was when the time was over.
  const verdicts = registrations.map((one) => verdictOf(one, startedAt, endedAt));
  stop.abort();
  const isUndone = result.endedBy === "undone";
  // What the app is still being told is no longer true.
  if (isUndone) calls.hangUp();
  telling.end(isUndone, endedAt);
  if (beginning.dueAt < Infinity) beginning.dueAt = endedAt;
  supervisor.start();
  await supervisor.during(supervisor.idle());
  const fields = fieldsOf(run, work, result);
  if (isUndone) {
    const about = endingOf(run, registrations, verdicts).fields;
    const parts = ["`online` took the instance back"];
    return { outcome: "undone", parts, fields: { ...about, ...fields } };
  }
  const last = await supervisor.during(lastSteps(run, work));
  journal.note(endedAt);
  run.recordFile?.tidy(clock.now());
  const judged = verdicts.map((verdict, i) => join(verdict, last.removed[i]));
  const ending = endingOf(run, registrations, judged);
  return {
    ...ending,
    parts: [
      ...ending.parts,
      ...unknownInWords(holding.reached()),
      drainInWords(result),
      ...calls.failed,
    ],
    fields: { ...ending.fields, ...fields, ...last.fields },
  };
}

/** What works together in a run. */
type Work = ReturnType<typeof begin>;

/** Sends the first requests, and makes all else. */
function begin(run: Run, signal: AbortSignal, ended: RunRecord | undefined) {
  const { clock, log, startedAt, settings } = run;
  // Also after a kill: the second run of a hook has a whole grace period (kubelet 1.34.4).
  const plan = makePlan(startedAt, settings);
  const context: Context = { clock, log, startedAt, signal };
  const how = {
    watchMs: WATCH_MS,
    endsAt: () => earliestEndOf(plan, registrations),
    mayWrite: () => !journal.isUndone(),
  };
  const holding = holdAll(run.registries, OUT, context, how, (one) => journal.resume(one));
  const { registrations, supervisor } = holding;
  supervisor.start();
  // The first requests are on their way, and no answer can have come yet.
  const journal = openJournal(run.recordFile, ended, { clock, plan, registrations });
  const calls = createCalls(run, plan, registrations);
  const telling = tellingOf(run, journal, calls, registrations);
  const beginning = beginningOf(run, plan, journal);
  supervisor.add(telling.job, journal.job, beginning);
  return { context, plan, holding, journal, calls, telling, beginning };
}

/** Whether a first look, with the write that followed from it, has come to an end. */
function isAnswered({ state: { lookedAt, error } }: Registration): boolean {
  return (lookedAt ?? error) !== undefined;
}

/** What is done once the drain is over: removals, and the call to whoever else is to know. */
async function lastSteps(
  run: Run,
  { plan, holding: { registrations }, journal, calls }: Work,
): Promise<{ readonly removed: readonly (Verdict | undefined)[]; readonly fields: Fields }> {
  const undone = () => journal.isUndone();
  const removed = await Promise.all(
    registrations.map((one) => removalOf(run, plan, one, undone)),
  );
  // A run before that has come to its end has called already.
  const afterDrain = journal.resumed?.finishedAt || undone()
    ? undefined
    : await calls.call("AFTER_DRAIN_URL", run.afterDrain);
  const removals = removed.flatMap((one, i) =>
    one ? { registry: registrations[i]?.registry.name, ...one } : []
  );
  return {
    removed,
    fields: { removals, afterDrain: callForMachines(afterDrain, run.startedAt) },
  };
}

function drainInWords({ drainedMs, missingMs }: DrainResult): string {
  const missing = missingMs > 0 ? ` (${seconds(missingMs)} too short)` : "";
  return `drained ${seconds(drainedMs)}${missing}`;
}

/** The first second counts: what follows takes some milliseconds. */
function beginningOf(run: Run, plan: Plan, journal: Journal): Job {
  const { clock, log, settings, registries, traffic } = run;
  return {
    dueAt: clock.now() + HEAD_START_MS,
    run() {
      announce(log, plan, settings, registries, traffic?.quietSeconds, journal.resumed);
      const problem = journal.note();
      if (problem === undefined) return;
      log.info("no_record", `no record can be kept (${problem}): a second run drains in full`);
    },
  };
}

/** What is said of every run for machines, whatever became of it. */
function fieldsOf(
  run: Run,
  { plan, journal: { resumed, appToldAt }, telling, holding }: Work,
  result: DrainResult,
): Fields {
  return {
    resumed: resumed !== undefined,
    firstStartedAt: isoTime(resumed?.startedAt ?? run.startedAt),
    deadline: isoTime(plan.deadline),
    // Where it is null the callers' own caches decide.
    wantedDrainMs: plan.drainMs ?? null,
    ...result,
    traffic: trafficForMachines(result.traffic),
    appOffline: callForMachines(telling.report, run.startedAt),
    // A resumed run does not call again what the first one has.
    appToldAt: appToldAt ? isoTime(appToldAt) : null,
    further: holding.reached(),
  };
}

/** Two verdicts about one registry as one. */
function join(verdict: Verdict, later: Verdict | undefined): Verdict {
  if (later === undefined) return verdict;
  return { outcome: worst([verdict, later]), reason: `${verdict.reason}; ${later.reason}` };
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
