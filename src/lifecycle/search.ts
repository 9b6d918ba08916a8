/** How far the search for what else the pod has registered has come: plain data and pure steps. */

import { backoffMs } from "../backoff.ts";
import type { ServiceOfflineError } from "../errors.ts";
import type { Others } from "../registry/registry.ts";
import { PROOF_MS, SHORTLY_MS } from "./plan.ts";

/** What a look has said, without what it has found. */
type About = Omit<Others, "found">;

/** Moments are ms since the epoch. */
export interface Search {
  /** Whether the named registration needs no time any more. */
  readonly isOpen: boolean;
  /** When the last look began; and that which has ended last. */
  readonly lookedAt: number;
  readonly endedAt: number | undefined;
  readonly nextAt: number;
  readonly looks: number;
  /** Since the last answer. */
  readonly failures: number;
  /** Whether one took all its time, and none was quick since: that at the end then begins earlier. */
  readonly isSlow: boolean;
  readonly about: About | undefined;
  /** Why the last look has no answer; undefined before the first, and after one that has. */
  readonly unseen: string | undefined;
}

/** Before the first look. */
export const NOT_BEGUN: Search = {
  isOpen: false,
  lookedAt: -Infinity,
  endedAt: undefined,
  nextAt: -Infinity,
  looks: 0,
  failures: 0,
  isSlow: false,
  about: undefined,
  unseen: undefined,
};

/** How long one look may take, ms. */
export const LOOK_MS = 5_000;
/** After one that took longer: each costs the server as much again. */
const SLOW_PAUSE_MS = 60_000;
/** Between two looks: what an app exports late, Dubbo for example, comes by then. */
const PAUSES_MS = [10_000, 20_000, 30_000];

/** A look begins. */
export function looking(search: Search, now: number): Search {
  return {
    ...search,
    lookedAt: now,
    nextAt: Infinity,
    unseen: search.unseen ?? (search.about ? undefined : "no answer in time"),
  };
}

/** A look was answered. */
export function answered(search: Search, about: About, now: number): Search {
  const { lookedAt, looks } = search;
  const nextAt = about.isLarge ? Infinity : lookedAt + (PAUSES_MS[looks] ?? Infinity);
  // The end waits for one that is as quick.
  const isSlow = search.isSlow && now - lookedAt >= PROOF_MS;
  const seen = { endedAt: lookedAt, nextAt, looks: looks + 1, failures: 0, unseen: undefined };
  return { ...search, ...seen, about, isSlow };
}

/** A look has failed. */
export function unanswered(search: Search, error: ServiceOfflineError, now: number): Search {
  const { lookedAt: endedAt } = search;
  const failures = search.failures + 1;
  const isSlow = now - endedAt >= LOOK_MS;
  const nextAt = now + (isSlow ? SLOW_PAUSE_MS : backoffMs(failures, error));
  return { ...search, endedAt, failures, isSlow, nextAt, unseen: error.message };
}

/** What is known of the registrations; undefined where nobody has looked. */
export function lastOf({ about, unseen }: Search): About | undefined {
  if (unseen === undefined) return about;
  // What has been registered since the look that was answered is not known.
  if (about !== undefined) {
    return about.reach === "all" ? { ...about, reach: "partly", why: unseen } : about;
  }
  return { isLarge: false, reach: "named", why: unseen, leftAlone: [] };
}

/**
 * When the next look is due.
 *
 * @param floorAt the end of the drain, which the last look waits for
 */
export function dueAt(search: Search, floorAt: number): number {
  if (!search.isOpen) return Infinity;
  const at = lastAt(search, floorAt);
  if (!isFinite(at) || search.lookedAt >= at) return search.nextAt;
  // The last look does for one that is due shortly before it.
  return search.nextAt < at - SHORTLY_MS ? search.nextAt : at;
}

/** Whether the end need not wait for a look. */
export function isDone(search: Search, now: number, floorAt: number): boolean {
  const { isOpen, endedAt } = search;
  if (!isOpen) return true;
  if (endedAt === undefined) return false;
  return endedAt >= lastAt(search, floorAt) || now >= floorAt + PROOF_MS;
}

/** When the last look is to begin: in time for its answer. */
function lastAt({ isSlow }: Search, floorAt: number): number {
  return isSlow ? floorAt - LOOK_MS : floorAt;
}
