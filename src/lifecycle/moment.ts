/**
 * When the app is told that it goes out of service.
 *
 * @module
 */

import type { Registration, State } from "./state.ts";

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
