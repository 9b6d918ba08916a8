/** Holds what the settings name, and what else the pod has registered. */

import type { Context } from "../context.ts";
import type { Fields } from "../log.ts";
import { gather, type Gathering, logOfFurther, reachInWords } from "./gather.ts";
import type { HoldOptions } from "./held.ts";
import { askToLook, hold } from "./hold.ts";
import type { Registration } from "./state.ts";
import type { Job } from "./supervise.ts";

/** All registrations of a run, and the search for further ones. */
export interface Holding extends Pick<Gathering, "isDone"> {
  /**
   * Somebody may have brought one back since its last look, or the pod has registered more: one more
   * look begins at the end.
   *
   * @param floorAt the end of the drain, ms since the epoch
   */
  plan(floorAt: number, now: number): void;
  /** How far one could look, by registry, for machines. */
  fields(): readonly Fields[];
  /** What the last line says of registries where that was not far enough. */
  unknown(): readonly string[];
}

/** So many looks a second at all further registrations together, once they are as they should be. */
const MAX_WATCHED = 5;

/**
 * Holds each of them, and adds to the list what is found beside them.
 *
 * @param registrations those that the settings name; grows
 * @param onFurther takes each one that is found, before its first look
 */
export function holdAll(
  registrations: Registration[],
  context: Context,
  options: HoldOptions,
  onFurther: (further: Registration) => void = () => {},
): Holding {
  const { supervisor, watchMs } = options;
  const jobs = new Map<Registration, Job>();
  const gatherings: { readonly registry: string; readonly gathering: Gathering }[] = [];
  for (const registration of [...registrations]) {
    const { name } = registration.registry;
    const log = context.log.of(name);
    jobs.set(registration, hold(registration, { ...context, log }, options));
    const gathering = gather(registration, { ...context, log }, (further) => {
      registrations.push(further);
      onFurther(further);
      const pause = Math.max(watchMs, registrations.length * 1000 / MAX_WATCHED);
      const own = { ...context, log: logOfFurther(log, further.state.label ?? "") };
      jobs.set(further, hold(further, own, { ...options, watchMs: pause }));
    });
    if (gathering === undefined) continue;
    gatherings.push({ registry: name, gathering });
    supervisor.add(gathering.job);
  }
  return {
    plan(floorAt, now) {
      for (const [registration, job] of jobs) askToLook(job, registration, floorAt, now);
      for (const { gathering } of gatherings) gathering.plan(floorAt);
    },
    isDone: (now, floorAt) => gatherings.every(({ gathering }) => gathering.isDone(now, floorAt)),
    fields: () =>
      gatherings.flatMap(({ registry, gathering: { last } }) => {
        if (last === undefined) return [];
        const { reach, why = null, leftAlone } = last;
        return [{ registry, reach, why, leftAlone }];
      }),
    unknown: () =>
      gatherings.flatMap(({ registry, gathering: { last } }) =>
        last === undefined || last.reach === "all" || last.why === undefined
          ? []
          : `${registry}: ${reachInWords(last.reach)}`
      ),
  };
}
