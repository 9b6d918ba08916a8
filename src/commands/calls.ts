/** The calls of a run of `offline`: to the app, and to whoever else is to know. */

import type { AppCall, CallReport } from "../app/call.ts";
import type { Journal } from "../lifecycle/journal.ts";
import { MIN_RUN_MS, type Plan } from "../lifecycle/plan.ts";
import type { RunRecord } from "../lifecycle/record.ts";
import type { Registration } from "../lifecycle/state.ts";
import type { Job } from "../lifecycle/supervise.ts";
import type { Fields } from "../log.ts";
import type { InstanceNames } from "../registry/registry.ts";
import type { Run } from "./run.ts";

/** The calls of a run, and which have failed. */
export interface Calls {
  /** Calls, where there is something to call. It takes until the deadline at most, or a second. */
  call(setting: string, call: AppCall | undefined): Promise<CallReport | undefined>;
  hangUp(): void;
  readonly failed: string[];
}

/** Prepares them; nothing is called yet. */
export function createCalls(run: Run, plan: Plan, registrations: readonly Registration[]): Calls {
  const { clock, log } = run;
  const end = new AbortController();
  const failed: string[] = [];
  return {
    failed,
    hangUp: () => end.abort(),
    async call(setting, call) {
      const left = Math.max(MIN_RUN_MS, plan.deadline - clock.now());
      const report = await call?.(namesOf(registrations), left, end.signal);
      if (report === undefined) return undefined;
      const message = `${setting}: ${report.reason}`;
      if (report.ok) log.info("called", message);
      else log.warn("call_failed", message);
      if (!report.ok) failed.push(message);
      return report;
    },
  };
}

/** How the app is told, once. */
export interface Telling {
  /** Due once it may be told. */
  readonly job: Job;
  /** Whether that is still to come. */
  isOpen: boolean;
  report: CallReport | undefined;
}

/**
 * Beside all else: whatever comes of it delays nothing, and is no failure. The end of the drain waits
 * for an answer; that of a run that `online` has undone does not.
 */
export function tellingOf(
  { appOffline }: Run,
  journal: Journal,
  calls: Calls,
  ended: RunRecord | undefined,
): Telling {
  const telling: Telling = {
    // The run before may have told it.
    isOpen: appOffline !== undefined && journal.appToldAt === 0 && ended === undefined,
    report: undefined,
    job: {
      dueAt: Infinity,
      async run() {
        telling.isOpen = false;
        if (journal.isUndone()) return;
        telling.report = await calls.call("APP_OFFLINE_URL", appOffline);
        if (!telling.report?.ok) return;
        journal.appToldAt = telling.report.calledAt;
        journal.note();
      },
    },
  };
  return telling;
}

/** Who the instance is; a registry that has it knows best. */
function namesOf(registrations: readonly Registration[]): InstanceNames {
  const [found = registrations[0]] = registrations.filter(({ state, isFurther }) =>
    state.label !== undefined && !isFurther
  );
  return found?.registry.names() ?? {};
}

/** A call as the end line shows it. */
export function callForMachines(report: CallReport | undefined, startedAt: number): Fields | null {
  if (report === undefined) return null;
  const { ok, reason, calledAt, tookMs } = report;
  return { ok, reason, calledMs: calledAt - startedAt, tookMs };
}
