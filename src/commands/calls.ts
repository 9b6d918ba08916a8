/** The calls of a run of `offline`: to the app, and to whoever else is to know. */

import type { AppCall, CallReport } from "../app/call.ts";
import { MIN_RUN_MS, type Plan } from "../lifecycle/plan.ts";
import type { Registration } from "../lifecycle/state.ts";
import type { Fields } from "../log.ts";
import type { InstanceNames } from "../registry/registry.ts";
import type { Run } from "./run.ts";

/** The calls of a run, and which have failed. */
export type Calls = ReturnType<typeof createCalls>;

/** Prepares them; nothing is called yet. */
export function createCalls(run: Run, plan: Plan, registrations: readonly Registration[]) {
  const { clock, log } = run;
  const end = new AbortController();
  const failed: string[] = [];
  return {
    failed,
    hangUp: () => end.abort(),
    /** Calls, where there is something to call. It takes until the deadline at most, or a second. */
    async call(setting: string, call: AppCall | undefined): Promise<CallReport | undefined> {
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
