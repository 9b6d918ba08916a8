/** How long a run may take, and when the drain is over. */

/** The three settings that say how long. */
export interface TimeSettings {
  /** DRAIN_SECONDS. */
  readonly drainSeconds?: number | undefined;
  /** TERMINATION_GRACE_PERIOD_SECONDS. */
  readonly gracePeriodSeconds?: number | undefined;
  /** STOP_RESERVE_SECONDS. */
  readonly stopReserveSeconds: number;
}

/** The times of one run, fixed at its start; moments in ms since the epoch. */
export interface Plan {
  readonly startedAt: number;
  /** When it has to end by. */
  readonly deadline: number;
  /** How long to drain since the registry accepted; undefined: until the callers' caches ran out. */
  readonly drainMs: number | undefined;
}

/** What a registry says about its callers, in seconds; see `Registry`. */
export interface CallerTimes {
  /** How long callers go on after the instance has left the list. */
  readonly callerCacheSeconds: number;
  /** How long after the write the list may go on showing it. */
  readonly listLagSeconds: number;
}

/** What has happened at a registry so far, ms since the epoch. */
export interface Moments {
  /** When the registry's own record said that the instance is out of service. */
  readonly acceptedAt?: number | undefined;
  /** When it had left the list that callers fetch. */
  readonly settledAt?: number | undefined;
}

/** What the scripts slept, and what is slept where nothing says how long the pod has. */
export const SCRIPT_SLEEP_SECONDS = 30;

/**
 * Even the shortest drain waits this long for the proof that callers no longer get it. What was found
 * out of service already is believed only after so long, too: the record is 0.6 s behind what somebody
 * else writes at the same time (Nacos 2.2.4, 3.1.0).
 */
export const PROOF_MS = 2_000;

/** Between two looks while there is nothing to write. */
export const SEARCH_MS = 1_000;
/** What is due so soon before the look at the end waits for that one. */
export const SHORTLY_MS = 2_000;
/** A write that the record does not show by then is sent again. */
export const REWRITE_MS = 2_000;

/**
 * How long after the write a drain that is over waits for the first look at a further address. That is
 * three requests, and a slow server needs some seconds for each. One that nobody can connect to has
 * failed before.
 */
export const ELSEWHERE_MS = 20_000;

/** Longer than the drain by this where the grace period is not known: time for slow registries. */
const UNKNOWN_GRACE_MARGIN_SECONDS = 30;

/** Even an evicted pod's hook has this long (kubelet 1.34.4), so no deadline is earlier. */
export const MIN_RUN_MS = 1_000;

/**
 * Fixes the times of a run.
 *
 * @param startedAt ms since the epoch
 */
export function makePlan(startedAt: number, settings: TimeSettings): Plan {
  const { drainSeconds, gracePeriodSeconds, stopReserveSeconds } = settings;
  if (gracePeriodSeconds === undefined) {
    const drain = drainSeconds ?? SCRIPT_SLEEP_SECONDS;
    const deadline = startedAt + (drain + UNKNOWN_GRACE_MARGIN_SECONDS) * 1000;
    return { startedAt, deadline, drainMs: drain * 1000 };
  }
  const available = Math.max(MIN_RUN_MS, (gracePeriodSeconds - stopReserveSeconds) * 1000);
  return {
    startedAt,
    deadline: startedAt + available,
    drainMs: drainSeconds === undefined ? undefined : drainSeconds * 1000,
  };
}

/**
 * When the drain for one registry is over, were there no deadline.
 *
 * @returns ms since the epoch; undefined before the registry has accepted: then the
 * deadline alone ends the run, however short DRAIN_SECONDS is
 */
export function drainEndsAt(plan: Plan, times: CallerTimes, moments: Moments): number | undefined {
  const { acceptedAt, settledAt } = moments;
  if (acceptedAt === undefined) return undefined;
  if (plan.drainMs !== undefined) {
    return Math.max(acceptedAt + plan.drainMs, settledAt ?? acceptedAt + PROOF_MS);
  }
  // A list that does not follow is no reason to wait without end.
  return (settledAt ?? acceptedAt + times.listLagSeconds * 1000) + times.callerCacheSeconds * 1000;
}

/** A grace period as one writes it: rounded up to five seconds. */
export function graceFor(seconds: number): number {
  return Math.ceil(seconds / 5) * 5;
}

/** What to set so that a drain is not cut. */
export function graceAdvice(seconds: number): string {
  const grace = graceFor(seconds);
  return `set terminationGracePeriodSeconds: ${grace} and TERMINATION_GRACE_PERIOD_SECONDS=${grace}`;
}
