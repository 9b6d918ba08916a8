/** Runs the cases of a test side by side: a run of the program mostly waits. */

import { createTurns } from "./turns.ts";

type Steps = Readonly<Record<string, (t: Deno.TestContext) => Promise<void>>>;

/** How many cases run at a time. A run that waits costs memory only; for its start see `hook.ts`. */
const { enter, leave } = createTurns(10);

/** The steps that count as running; one that waits for steps of its own does not. */
const counted = new Set<Deno.TestContext>();

/** The sanitizers look at the whole process and cannot tell the steps apart. */
const UNCHECKED = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };

/** Runs all steps, a few at a time, and ends when each has ended. */
export async function atOnce(t: Deno.TestContext, steps: Steps): Promise<void> {
  const all = Object.entries(steps);
  if (all.length === 0) throw new Error(`The test "${t.name}" has no steps`);
  const nested = counted.delete(t);
  if (nested) leave();
  await Promise.all(all.map(async ([name, fn]) => {
    await enter();
    let step: Deno.TestContext | undefined;
    await t.step({
      ...UNCHECKED,
      name,
      fn: async (context) => {
        counted.add(step = context);
        await fn(context);
      },
    });
    if (step && counted.delete(step)) leave();
  }));
  if (!nested) return;
  await enter();
  counted.add(t);
}

/** Some of the steps by their names, or all. @throws {Error} there is none of that name */
export function chosen(steps: Steps, names: readonly string[] = Object.keys(steps)): Steps {
  return Object.fromEntries(names.map((name) => {
    const fn = steps[name];
    if (!fn) throw new Error(`There is no case "${name}"`);
    return [name, fn];
  }));
}

/** A step for each case, a few at a time; cases in a list are their own names. */
export function each<T extends string>(
  t: Deno.TestContext,
  cases: readonly T[],
  fn: (one: T) => Promise<void>,
): Promise<void>;
export function each<T>(
  t: Deno.TestContext,
  cases: Readonly<Record<string, T>>,
  fn: (one: T, name: string) => Promise<void>,
): Promise<void>;
export function each(
  t: Deno.TestContext,
  cases: Readonly<Record<string, unknown>> | readonly string[],
  // deno-lint-ignore no-explicit-any
  fn: (one: any, name: string) => Promise<void>,
): Promise<void> {
  const named = Array.isArray(cases) ? cases.map((one) => [one, one]) : Object.entries(cases);
  return atOnce(t, Object.fromEntries(named.map(([name, one]) => [name, () => fn(one, name)])));
}

/** Registers a test. */
export type Register = (name: string, fn: (t: Deno.TestContext) => Promise<void>) => void;

/** As a test of its own; what its cases open may outlive them. */
export const registerAlone: Register = (name, fn) => Deno.test({ ...UNCHECKED, name, fn });

interface SideBySide extends Register {
  each<T extends string>(name: string, cases: readonly T[], fn: (one: T) => Promise<void>): void;
  each<T>(
    name: string,
    cases: Readonly<Record<string, T>>,
    fn: (one: T, name: string) => Promise<void>,
  ): void;
}

/**
 * One test for a whole file whose cases run side by side. With `--filter`, which knows no steps,
 * each is a test of its own: scripts/test.ts sets the variable.
 */
export function sideBySide(title: string): SideBySide {
  const steps: Record<string, (t: Deno.TestContext) => Promise<void>> = {};
  const alone = Deno.env.has("EACH_CASE_ALONE");
  if (!alone) Deno.test(title, (t) => atOnce(t, steps));
  const add: Omit<SideBySide, "each"> & SideBySide = Object.assign(
    (name: string, fn: (t: Deno.TestContext) => Promise<void>) => {
      if (Object.hasOwn(steps, name)) throw new Error(`There are two cases named "${name}"`);
      steps[name] = fn;
      if (alone) Deno.test({ ...UNCHECKED, name: `${title}: ${name}`, fn });
    },
    {
      // deno-lint-ignore no-explicit-any
      each: (name: string, cases: any, fn: any) => add(name, (t) => each(t, cases, fn)),
    },
  );
  return add;
}
