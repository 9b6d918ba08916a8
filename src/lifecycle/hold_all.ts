/** Holds what the settings name, and what else the pod has registered. */

import type { Context } from "../context.ts";
import { traceOf } from "../errors.ts";
import type { Registry } from "../registry/registry.ts";
import { gather, type Gathering, logOfFurther, type Reached } from "./gather.ts";
import type { Goal } from "./goal.ts";
import type { HoldOptions } from "./held.ts";
import { askToLook, hold } from "./hold.ts";
import { type Registration, registrationOf } from "./state.ts";
import { createSupervisor, type Job, type Supervisor } from "./supervise.ts";

/** All registrations of a run, and the search for further ones. */
export interface Holding extends Pick<Gathering, "isDone"> {
  /** Those that the settings name, and each that is found beside them. */
  readonly registrations: readonly Registration[];
  readonly supervisor: Supervisor;
  /**
   * Somebody may have brought one back since its last look, or the pod has registered more: one more
   * look begins at the end.
   *
   * @param floorAt the end of the drain, ms since the epoch
   */
  plan(floorAt: number, now: number): void;
  /** How far one could look for further ones, by registry. */
  reached(): readonly Reached[];
}

/** So many looks a second at all further registrations together, once they are as they should be. */
const MAX_WATCHED = 5;

/**
 * Makes the jobs that hold each of them, and what is found beside them.
 *
 * @param onFurther takes each one that is found, before its first look
 */
export function holdAll(
  registries: readonly Registry[],
  goal: Goal,
  context: Context,
  options: Omit<HoldOptions, "supervisor">,
  onFurther: (further: Registration) => void = () => {},
): Holding {
  const { clock, log } = context;
  const supervisor = createSupervisor(clock, (thrown) => log.warn("internal", traceOf(thrown)));
  const registrations: Registration[] = [];
  const jobs = new Map<Registration, Job>();
  const gatherings: Gathering[] = [];
  const begin = (registration: Registration, own: Context, watchMs: number) => {
    registrations.push(registration);
    jobs.set(registration, hold(registration, own, { ...options, supervisor, watchMs }));
  };
  for (const registry of registries) {
    const log = context.log.of(registry.name);
    const own = { ...context, log };
    const named = registrationOf(registry, goal);
    begin(named, own, options.watchMs);
    const gathering = gather(named, own, (further) => {
      onFurther(further);
      const pause = Math.max(options.watchMs, (registrations.length + 1) * 1000 / MAX_WATCHED);
      const quiet = logOfFurther(log, further.state.label ?? "");
      begin(further, { ...context, log: quiet }, pause);
    });
    if (gathering === undefined) continue;
    gatherings.push(gathering);
    supervisor.add(gathering.job);
  }
  return {
    registrations,
    supervisor,
    plan(floorAt, now) {
      for (const [registration, job] of jobs) askToLook(job, registration, floorAt, now);
      for (const gathering of gatherings) gathering.plan(floorAt);
    },
    isDone: (now, floorAt) => gatherings.every((gathering) => gathering.isDone(now, floorAt)),
    reached: () => gatherings.flatMap((gathering) => gathering.reached() ?? []),
  };
}
