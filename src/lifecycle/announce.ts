/** What `offline` says about its time before anything has come of it. */

import type { Log } from "../log.ts";
import type { CallerTimes, Plan, TimeSettings } from "./plan.ts";
import { budgetOf } from "./budget.ts";
import { graceAdvice, SCRIPT_SLEEP_SECONDS } from "./plan.ts";
import type { RunRecord } from "./record.ts";

/** Why a run has nothing left to do but to look. */
export const ENDED = "an `offline` of this container has ended already";

/**
 * Says how long the run has, and whether that is enough.
 *
 * @param quietSeconds how long no request may have come, where these are counted
 */
export function announce(
  log: Log,
  plan: Plan,
  settings: TimeSettings,
  registries: readonly CallerTimes[],
  quietSeconds: number | undefined,
  resumed: RunRecord | undefined,
): void {
  const left = `${((plan.deadline - plan.startedAt) / 1000).toFixed(1)} s`;
  if (resumed) {
    const what = resumed.finishedAt ? ENDED : "resuming an interrupted run";
    const rule = "its drain counts if the instance is still out of service";
    log.info("resumed", `${what}, ${left} left; ${rule}, else the drain starts anew`);
    return;
  }
  const { drainSeconds, gracePeriodSeconds, stopReserveSeconds } = settings;
  const { callers, missing, grace } = budgetOf(settings, registries, quietSeconds);
  if (gracePeriodSeconds !== undefined) {
    const why = stopReserveSeconds >= gracePeriodSeconds
      ? `STOP_RESERVE_SECONDS=${stopReserveSeconds} takes all of the grace period`
      : "the grace period less STOP_RESERVE_SECONDS";
    log.info("deadline", `this run has ${left}, ${why}`);
  }
  // Of a registry that is not known it is not known how long callers call.
  if (registries.length === 0) return;
  if (gracePeriodSeconds === undefined) {
    const unknown = "TERMINATION_GRACE_PERIOD_SECONDS is not known";
    if (drainSeconds === undefined) {
      log.warn(
        "grace_unknown",
        `${unknown}: draining only ${SCRIPT_SLEEP_SECONDS} s after the registry accepts, as the ` +
          `scripts did, but callers go on calling for up to ${callers} s: ${graceAdvice(grace)}`,
      );
    } else if (quietSeconds !== undefined) {
      // Whoever sets the drain knows how long it is to be, but not how long requests hold it up.
      log.warn(
        "grace_unknown",
        `${unknown}: this run ends after ${left}, also while requests arrive: ${
          graceAdvice(grace)
        }`,
      );
    }
  } else if (drainSeconds === undefined && missing > 0) {
    // Whether it is cut shows only once the list has followed, and then it may be too late to say.
    log.warn(
      "grace_short",
      `that is too short for the drain: callers go on calling for up to ${callers} s: ` +
        graceAdvice(grace),
    );
  }
}
