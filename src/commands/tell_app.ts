/** How and when the app is told that it goes out of service. */

import type { CallReport } from "../app/call.ts";
import type { Journal } from "../lifecycle/journal.ts";
import type { Registration, State } from "../lifecycle/state.ts";
import type { Job } from "../lifecycle/supervise.ts";
import type { Calls } from "./calls.ts";
import type { Run } from "./run.ts";

/**
 * How the app is told, once, beside all else: whatever comes of it delays nothing, and is no failure.
 * The end of the drain waits for an answer; that of a run that `online` has undone does not.
 */
export function tellingOf(
  { appOffline, startedAt }: Run,
  journal: Journal,
  calls: Calls,
  registrations: readonly Registration[],
) {
  // The run before may have told it.
  const wasTold = journal.appToldAt !== 0 || journal.resumed?.finishedAt;
  let isOpen = appOffline !== undefined && !wasTold;
  let report: CallReport | undefined;
  const job: Job = {
    dueAt: Infinity,
    async run() {
      isOpen = false;
      if (journal.isUndone()) return;
      report = await calls.call("APP_OFFLINE_URL", appOffline);
      if (!report?.ok) return;
      journal.appToldAt = report.calledAt;
      journal.note();
    },
  };
  return {
    job,
    /** Sets when the job is due, as far as that is known now. */
    plan(): void {
      if (isOpen) job.dueAt = tellAt(registrations, startedAt);
    },
    /** The run is over: what is still to be told is told now, unless it is no longer true. */
    end(isUndone: boolean, now: number): void {
      job.dueAt = isOpen && !isUndone ? now : Infinity;
    },
    get report(): CallReport | undefined {
      return report;
    },
  };
}

/** How long an unreachable registry is tried before the app is told all the same, ms. */
const MIN_TRYING_MS = 5_000;
/** A write without an answer for so long has long been sent, ms. */
const OPEN_WRITE_MS = 1_000;

/**
 * From when on the app may be told, as far as is known now: at each registry a write has been made,
 * or it is clear that none will be for now. An app that turns callers away before the registry does
 * loses their requests, so one that is only slow (logins queue for seconds in a rollout) is waited
 * for.
 *
 * @param startedAt when this process began, ms since the epoch
 * @returns ms since the epoch; Infinity where something has to change first
 */
export function tellAt(registrations: readonly Registration[], startedAt: number): number {
  return Math.max(startedAt, ...registrations.map(({ state }) => clearAt(state, startedAt)));
}

function clearAt(state: State, startedAt: number): number {
  const { wroteAt, acceptedAt, nearMisses, error, writingSince = Infinity } = state;
  const isClear = (wroteAt ?? acceptedAt ?? nearMisses) !== undefined ||
    error !== undefined && error.outcome !== "unreachable";
  if (isClear) return startedAt;
  const triedAt = error === undefined ? Infinity : startedAt + MIN_TRYING_MS;
  return Math.min(writingSince + OPEN_WRITE_MS, triedAt);
}
