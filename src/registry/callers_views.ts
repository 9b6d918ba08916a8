import { atMost, type Clock } from "../clock.ts";
import { asServiceOfflineError } from "../errors.ts";
import { settled } from "./settled.ts";

/** What the addresses of a registry say. */
export interface Views<View> {
  /** At least one. */
  readonly answers: readonly View[];
  /** Why the others gave no answer, one line each. */
  readonly failures: readonly string[];
}

/** Once one address has answered, the others get so long, milliseconds. */
const OTHER_LISTS_MS = 2_000;

/**
 * Asks all addresses at the same time; a slow or dead one is no reason to wait without end.
 *
 * @param questions one for each address
 * @throws {ServiceOfflineError} where none has answered: the error of the first
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
  const { values: answers, errors: thrown } = await settled(views);
  const errors = thrown.map(asServiceOfflineError);
  if (answers.length === 0) {
    // That there is no such thing counts only where all say so.
    throw errors.find((error) => error.outcome !== "notFound") ?? errors[0];
  }
  return { answers, failures: errors.map((error) => error.message) };
}
