/**
 * The further addresses of a registry. Most are nodes of one cluster and follow by themselves; what
 * does not (another registry, a node that stays stale) is written by itself.
 *
 * @module
 */

import { backoffMs } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import { asServiceOfflineError, NotFoundError, type OutcomeName } from "../errors.ts";
import type { Goal } from "./hold.ts";
import type { Registry, Sighting } from "../registry/registry.ts";

/** What the record of a further address said at the last look. */
export interface Elsewhere {
  /** Whether it has reached the goal; `none` where there is nothing to write. */
  readonly state: "agrees" | "differs" | "none" | "unknown";
  /** Why it differs or is not known, in words. */
  readonly why?: string;
  /** What the last write or look there failed with. */
  readonly failed?: OutcomeName;
}

/** What the loop of one address needs. */
export interface FollowOptions {
  /** The time. */
  readonly clock: Clock;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Whose address it is. */
  readonly registry: Registry;
  /** What the instance is to be there. */
  readonly goal: Goal;
  /** Whether anything was written for this address to follow. */
  readonly wrote: boolean;
  /** Between two looks while there is nothing to do, milliseconds. */
  readonly watchMs: number;
  /** Whether a write is allowed now; else why not. */
  readonly mayWrite: (sighting: Sighting) => true | string;
  /** Takes what a look has found. */
  readonly note: (found: Elsewhere) => void;
  /** Takes what was done. */
  readonly said: (what: string) => void;
}

/** The peers of a cluster follow after 0.5 to 0.7 s (Eureka 2.0.5, Nacos 2.2.4 and 3.1.0). */
const FOLLOW_MS = 1_000;
/** A write that the record does not show by then is sent again. */
const REWRITE_MS = 2_000;

/**
 * Looks at the record of one address until it agrees, and writes there where it does not follow. One
 * that has followed is of one cluster with the first, and not looked at again. Never throws.
 *
 * @param address one of the registry's
 * @param options clock, registry and what is told
 */
export async function follow(address: string, options: FollowOptions): Promise<void> {
  const { clock, signal, registry, goal, note } = options;
  let wroteAt: number | undefined;
  let failures = 0;
  let last: Elsewhere | undefined;

  /** One look and what follows from it; gives the pause until the next, if there is to be one. */
  async function look(): Promise<number | undefined> {
    const sighting = await registry.locateAt(address, signal);
    if (sighting === undefined || sighting.state === "notReady" && goal.inService) {
      note(last = { state: "none" });
      return options.watchMs;
    }
    if (!goal.mend.includes(sighting.state)) {
      note(last = { state: "agrees" });
      return options.wrote && wroteAt === undefined ? undefined : options.watchMs;
    }
    const may = options.mayWrite(sighting);
    note(last = { state: "differs", why: may === true ? `not ${goal.state} in its record` : may });
    if (may !== true) return options.watchMs;
    if (wroteAt === undefined || clock.now() - wroteAt >= REWRITE_MS) {
      await registry.set(sighting, goal.inService, signal);
      wroteAt = clock.now();
      options.said(`${address} has not followed: ${goal.writing} there too`);
      return 0;
    }
    return registry.confirmPauseMs(clock.now() - wroteAt);
  }

  if (options.wrote) await clock.sleep(FOLLOW_MS, signal);
  while (!signal.aborted) {
    let pause: number | undefined;
    try {
      pause = await look();
      failures = 0;
    } catch (thrown) {
      if (signal.aborted) return;
      const error = asServiceOfflineError(thrown);
      pause = backoffMs(++failures, error);
      // It has gone between look and write; the next look shows it.
      if (!(error instanceof NotFoundError)) {
        const state = last?.state === "differs" ? "differs" : "unknown";
        note(last = { state, why: error.message, failed: error.outcome });
      }
    }
    if (pause === undefined) return;
    await clock.sleep(pause * (0.9 + Math.random() / 5), signal);
  }
}
