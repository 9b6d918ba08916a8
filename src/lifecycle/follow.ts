/**
 * The further addresses of a registry. Most are nodes of one cluster and follow by themselves; what
 * does not (another registry, a node that stays stale) is written by itself.
 *
 * @module
 */

import { backoffMs, jittered } from "../backoff.ts";
import type { Context } from "../context.ts";
import { asServiceOfflineError, NotFoundError } from "../errors.ts";
import type { Sighting } from "../registry/registry.ts";
import type { Elsewhere, Registration } from "./state.ts";
import type { Job } from "./supervise.ts";

export interface FollowOptions {
  /** Whether anything was written for this address to follow. */
  readonly hasWritten: boolean;
  /** Between two looks while there is nothing to do, ms. */
  readonly watchMs: number;
  /** Whether it is somebody else's wish that it is out of service. */
  readonly isOthers: (sighting: Sighting) => boolean;
  /** Whether nothing is looked at any more. */
  readonly isLeft: () => boolean;
  /** Whether a write is allowed now; else why not. */
  readonly mayWrite: (sighting: Sighting) => true | string;
  /** Takes what a look has found. */
  readonly note: (found: Elsewhere) => void;
}

/** The peers of a cluster follow after 0.5 to 0.7 s (Eureka 2.0.5, Nacos 2.2.4 and 3.1.0). */
const FOLLOW_MS = 1_000;
/** A write that the record does not show by then is sent again. */
export const REWRITE_MS = 2_000;

/**
 * The job that looks at the record of one address until it agrees, and writes there where it does not
 * follow. One that has followed is of one cluster with the first, and not looked at again.
 */
export function follow(
  address: string,
  { registry, goal }: Pick<Registration, "registry" | "goal">,
  { clock, log, signal }: Pick<Context, "clock" | "log" | "signal">,
  { hasWritten, watchMs, isOthers, isLeft, mayWrite, note }: FollowOptions,
): Job {
  let wroteAt = -Infinity;
  let failures = 0;
  let last: Elsewhere["state"] = "unknown";
  const found = (state: Elsewhere["state"], more: Omit<Elsewhere, "state"> = {}) => {
    last = state;
    note({ state, ...more });
  };

  /** One look and what follows from it; gives the pause until the next, ms. */
  async function look(): Promise<number> {
    const sighting = await registry.locateAt(address, signal);
    if (sighting === undefined || sighting.state === "notReady" && goal.inService) {
      found("none");
      return watchMs;
    }
    if (!goal.mend.includes(sighting.state)) {
      found("agrees");
      return hasWritten && wroteAt === -Infinity ? Infinity : watchMs;
    }
    if (goal.inService && isOthers(sighting)) {
      found("none");
      return watchMs;
    }
    const may = mayWrite(sighting);
    found("differs", { why: may === true ? `not ${goal.state} in its record` : may });
    if (may !== true) return watchMs;
    const elapsedMs = clock.now() - wroteAt;
    if (elapsedMs < REWRITE_MS) return registry.confirmPauseMs(Math.max(1, elapsedMs));
    await registry.set(sighting, goal.inService, signal);
    wroteAt = clock.now();
    log.warn("written", `${address} has not followed: ${goal.writing} there too`);
    return 0;
  }

  const job: Job = {
    dueAt: clock.now() + (hasWritten ? FOLLOW_MS : 0),
    async run() {
      if (signal.aborted || isLeft()) return;
      let pause: number;
      try {
        pause = await look();
        failures = 0;
      } catch (thrown) {
        if (signal.aborted) return;
        const error = asServiceOfflineError(thrown);
        pause = backoffMs(++failures, error);
        // It has gone between look and write; the next look shows it.
        if (!(error instanceof NotFoundError)) {
          const why = { why: error.message, failed: error.outcome };
          found(last === "differs" ? "differs" : "unknown", why);
        }
      }
      // Somebody may have asked for an earlier look meanwhile.
      if (!signal.aborted) job.dueAt = Math.min(job.dueAt, clock.now() + jittered(pause));
    },
  };
  return job;
}
