/** Pods that only call others: `register-enabled=false` beside the hook that all pods share. */

import { timeout } from "../clock.ts";
import type { Ending, Run } from "./run.ts";

/** A dead server must not keep a pod that has nothing there, milliseconds. */
const LOOK_MS = 3_000;

/**
 * The run without the registries that the app does not register with, by its own word. One look
 * tells whether it has done so all the same, in its code.
 */
export async function withoutUnregistered(run: Run): Promise<Run> {
  const { clock, log, off = new Map<string, string>() } = run;
  if (off.size === 0) return run;
  const kept = await Promise.all(run.registries.map(async (registry) => {
    const why = off.get(registry.name);
    if (why === undefined) return registry;
    using limit = timeout(clock, LOOK_MS);
    const found = await registry.locate(limit.signal).catch(() => undefined);
    if (found === undefined) return [];
    log.of(registry.name).info("registered", `${why}, but ${found.label} is registered`);
    return registry;
  }));
  const registries = kept.flat();
  const isKept = (name: string) => registries.some((one) => one.name === name);
  const unregistered = [...off].flatMap(([name, why]) =>
    isKept(name) ? [] : [`${name}: the app does not register (${why}), nothing to do`]
  );
  for (const message of unregistered) log.info("unregistered", message);
  return { ...run, registries, unregistered };
}

/** The ending of a run with no registry left: no callers, so no drain. Undefined where there is one. */
export function endOfUnregistered(run: Run): Ending | undefined {
  const { registries, unregistered = [], problems, problemOutcome } = run;
  if (registries.length > 0 || unregistered.length === 0) return undefined;
  return {
    outcome: problems.length > 0 ? problemOutcome : "done",
    parts: [...problems, ...unregistered],
    fields: { unregistered },
  };
}
