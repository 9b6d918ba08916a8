/**
 * Whose wish it is that an instance is out of service. `offline` leaves a mark in the request that
 * takes it out: `PUT …/status` takes a `lastDirtyTimestamp`, which nobody but the server reads, and a
 * later one is kept (2.0.5). So it is moved up by at most a second, to a multiple of 1,024 ms and some.
 * One in a thousand has that by chance. docs/online.md says why here and not in the metadata.
 */

import { type EurekaInstance, isKeptBack, UNKNOWN } from "./instance.ts";

const EVERY_MS = 1024;
const MARK_MS = 367;

function isMarked(dirtyAt: number): boolean {
  return dirtyAt % EVERY_MS === MARK_MS;
}

/** Whether a mark has its place on it, and is not there. */
export function isUnmarked({ dirtyAt }: Pick<EurekaInstance, "dirtyAt">): boolean {
  return dirtyAt !== 0 && !isMarked(dirtyAt);
}

/** The time with the mark; undefined where the server does not say any. */
export function marked({ dirtyAt }: Pick<EurekaInstance, "dirtyAt">): number | undefined {
  if (dirtyAt === 0 || isMarked(dirtyAt)) return dirtyAt || undefined;
  return Math.ceil((dirtyAt - MARK_MS) / EVERY_MS) * EVERY_MS + MARK_MS;
}

/**
 * How long to wait before a mark is written, ms: it must not lie in the future, since what the app
 * changes before that moment would count for nothing (2.0.5). Mostly 0: only where the app has
 * changed something within the last second.
 */
export function markPauseMs(instance: Pick<EurekaInstance, "dirtyAt">, now: number): number {
  const pause = (marked(instance) ?? now) - now;
  // Where it is longer the two clocks differ.
  return pause > 0 && pause <= EVERY_MS ? pause : 0;
}

/** The time without the mark; undefined where it has none. */
export function unmarked({ dirtyAt }: Pick<EurekaInstance, "dirtyAt">): number | undefined {
  return isMarked(dirtyAt) ? dirtyAt + 1 : undefined;
}

/** Whether an `offline` has taken it out, as far as the mark tells. */
export function isTakenOut(instance: EurekaInstance): boolean {
  return isKeptBack(instance) && isMarked(instance.dirtyAt);
}

/** Who keeps the registrations of an instance back, where no `offline` has a part in it. */
export function othersWishOf(instances: readonly EurekaInstance[]): string | undefined {
  const wishes = instances.filter(isKeptBack).map(wishOf);
  return wishes.includes(undefined) ? undefined : wishes[0];
}

function wishOf({ status, override, dirtyAt, renewedAt }: EurekaInstance): string | undefined {
  // A server without times shows no override either (Polaris): nothing can be told there.
  if (isMarked(dirtyAt) || renewedAt === undefined) return undefined;
  if (override === UNKNOWN) return `its app has registered itself as ${status}`;
  return `somebody else has written ${override} over the status of its app (an override)`;
}
