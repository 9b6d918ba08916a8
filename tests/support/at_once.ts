/** Runs the cases of a test side by side: a run of the program mostly waits. */

import { createTurns } from "./turns.ts";

export type Steps = Readonly<Record<string, (t: Deno.TestContext) => Promise<void>>>;

/** How many cases run at a time. A run that waits costs memory only; for its start see `hook.ts`. */
const { enter, leave } = createTurns(10);

/** The steps that count as running; one that waits for steps of its own does not. */
const counted = new Set<Deno.TestContext>();

/** Runs all steps, a few at a time, and ends when each has ended. */
export async function atOnce(t: Deno.TestContext, steps: Steps): Promise<void> {
  const all = Object.entries(steps);
  if (all.length === 0) throw new Error(`The test "${t.name}" has no steps`);
  const nested = counted.delete(t);
  if (nested) leave();
  await Promise.all(all.map(async ([name, fn]) => {
    await enter();
    // The sanitizers look at the whole process and cannot tell the steps apart.
    const alone = { sanitizeOps: false, sanitizeResources: false, sanitizeExit: false };
    let step: Deno.TestContext | undefined;
    await t.step({
      ...alone,
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

/** One test for a whole file whose cases run side by side. */
export function sideBySide(
  title: string,
): (name: string, fn: (t: Deno.TestContext) => Promise<void>) => void {
  const steps: Record<string, (t: Deno.TestContext) => Promise<void>> = {};
  Deno.test(title, (t) => atOnce(t, steps));
  return (name, fn) => {
    if (Object.hasOwn(steps, name)) throw new Error(`There are two cases named "${name}"`);
    steps[name] = fn;
  };
}
