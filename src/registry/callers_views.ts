/**
 * Asks every address of a registry, for what it gives to callers or for its record.
 *
 * @module
 */

import { atMost, type Clock } from "../clock.ts";
import { asServiceOfflineError } from "../errors.ts";

/** What the addresses say. */
export interface Views<View> {
  /** Of those that answered, at least one. */
  readonly answers: readonly View[];
  /** What the others said, one line each. */
  readonly failures: readonly string[];
}

/** How long the other addresses get to show their lists once one has answered, milliseconds. */
const OTHER_LISTS_MS = 2_000;

/**
 * Asks all of them at the same time; a slow or dead one is no reason to wait without end.
 *
 * @param questions one for each address
 * @param clock measures how long the slower ones get
 * @param signal ends all of it
 * @throws {ServiceOfflineError} when none has answered, the first one's
 */
export async function collectViews<View>(
  questions: readonly ((signal: AbortSignal) => Promise<View>)[],
  clock: Clock,
  signal: AbortSignal,
): Promise<Views<View>> {
  const asked = new AbortController();
  const ended = AbortSignal.any([signal, asked.signal]);
  const views = questions.map((question) => question(ended));
  try {
    await Promise.any(views);
    await atMost(clock, OTHER_LISTS_MS, Promise.allSettled(views));
  } catch {
    // None has answered; what they said is read below.
  }
  asked.abort();
  const results = await Promise.allSettled(views);
  const answers = results.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
  const errors = results.flatMap((one) =>
    one.status === "rejected" ? [asServiceOfflineError(one.reason)] : []
  );
  if (answers.length === 0) {
    // That there is no such thing counts only where all say so.
    throw errors.find((error) => error.outcome !== "notFound") ?? errors[0];
  }
  return { answers, failures: errors.map((error) => error.message) };
}
