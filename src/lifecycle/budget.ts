/** Whether the grace period is long enough, before it matters. */

import {
  type CallerTimes,
  graceFor,
  makePlan,
  PROOF_MS,
  SCRIPT_SLEEP_SECONDS,
  type TimeSettings,
} from "./plan.ts";

/** The time of a run and what its drain takes of it, in seconds. */
export interface Budget {
  /** What the run has; null where the grace period is not known. */
  readonly available: number | null;
  /** How long callers go on calling in the worst case, from the start. */
  readonly callers: number;
  /** What the drain takes in the worst case. */
  readonly needed: number;
  /**
   * How much too short it is for the time that callers take, or DRAIN_SECONDS; 0 also where that is
   * not known, or likely to be enough. The silence after the last request is not in it.
   */
  readonly missing: number;
  /** The grace period that is long enough. */
  readonly grace: number;
}

/** So much less than the worst case is enough in nearly all cases. */
const USUAL_SLACK_SECONDS = 5;

/**
 * Compares what there is with what it takes.
 *
 * @param quietSeconds how long the drain goes on after the last request, where these are counted
 */
export function budgetOf(
  settings: TimeSettings,
  registries: readonly CallerTimes[],
  quietSeconds?: number,
): Budget {
  const { drainSeconds, gracePeriodSeconds, stopReserveSeconds } = settings;
  const callers = Math.max(
    SCRIPT_SLEEP_SECONDS,
    ...registries.map((one) => one.listLagSeconds + one.callerCacheSeconds),
  );
  // It is counted from the accepted write; and even the shortest waits for the proof.
  const floor = drainSeconds === undefined ? callers : drainSeconds + PROOF_MS / 1000;
  const needed = quietSeconds === undefined ? floor : Math.max(floor, callers + quietSeconds);
  const available = gracePeriodSeconds === undefined ? null : makePlan(0, settings).deadline / 1000;
  const slack = drainSeconds === undefined ? USUAL_SLACK_SECONDS : 0;
  return {
    available,
    callers,
    needed,
    missing: available !== null && available < floor - slack ? floor - available : 0,
    grace: graceFor(needed + stopReserveSeconds),
  };
}
