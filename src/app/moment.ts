/**
 * When the app is told that it goes out of service.
 *
 * @module
 */

import type { Progress } from "../lifecycle/hold.ts";

/** How long an unreachable registry is tried before the app is told all the same, milliseconds. */
const LEAST_TRYING_MS = 5_000;
/** A write without an answer for so long has long been sent, milliseconds. */
const OPEN_WRITE_MS = 1_000;

/**
 * Whether the app may be told: at each registry a write has been made, or it is clear that none will
 * be for now. An app that turns callers away before the registry does loses their requests, so one
 * that is only slow (logins queue for seconds in a rollout) is waited for.
 *
 * @param progress of every registry
 * @param startedAt when this process began, milliseconds since the epoch
 * @param now the moment in question
 */
export function isTimeToTell(
  progress: readonly Progress[],
  startedAt: number,
  now: number,
): boolean {
  const isWritten = ({ wroteAt, writingSince = Infinity }: Progress) =>
    wroteAt !== undefined || now >= writingSince + OPEN_WRITE_MS;
  const isClear = ({ acceptedAt, nearMisses, error }: Progress) =>
    acceptedAt !== undefined || nearMisses !== undefined ||
    error !== undefined &&
      (error.outcome !== "unreachable" || now >= startedAt + LEAST_TRYING_MS);
  return progress.every((one) => isWritten(one) || isClear(one));
}
