/** Settings that are read a second time in the life of a process. */

import type { Reading } from "./read.ts";
import type { SettingsTable } from "./setting.ts";

/**
 * A newer reading. What is wrong in it and was good before keeps its earlier value: a file that is
 * being replaced just now is no reason not to take the instance out.
 *
 * @param earlier what was read at the start
 * @param newer what was read now
 * @returns the settings to work with, and what is to be said of those that were kept
 */
export function renew<Table extends SettingsTable>(
  earlier: Reading<Table>,
  newer: Reading<Table>,
): Reading<Table> & { readonly kept: readonly string[] } {
  const wasGood = (key: string) => key in earlier.origins;
  const back = newer.problems.filter(({ key }) => wasGood(key));
  const from = (all: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(back.map(({ key }) => [key, all[key]]));
  return {
    values: { ...newer.values, ...from({ ...earlier.values }) },
    origins: { ...newer.origins, ...from(earlier.origins) },
    problems: newer.problems.filter(({ key }) => !wasGood(key)),
    notes: newer.notes,
    kept: back.map(({ message }) => `${message}; what was read at the start is used`),
  } as ReturnType<typeof renew<Table>>;
}
