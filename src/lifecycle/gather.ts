/**
 * Finds what else the pod has registered, once the named registration is on its way: the first second
 * is that one's.
 */

import { timeout } from "../clock.ts";
import type { Context } from "../context.ts";
import { asServiceOfflineError, traceOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Others } from "../registry/registry.ts";
import {
  answered,
  dueAt,
  isDone,
  lastOf,
  LOOK_MS,
  looking,
  NOT_BEGUN,
  type Search,
  unanswered,
} from "./search.ts";
import { type Registration, registrationOf, type State } from "./state.ts";
import type { Job } from "./supervise.ts";

/** The search for what belongs to one named registration. */
export type Gathering = NonNullable<ReturnType<typeof gather>>;

/** How far one could look for what else the pod has registered in one registry. */
export interface Reached extends Pick<Others, "reach" | "leftAlone"> {
  readonly registry: string;
  readonly why: string | null;
}

/** More is no pod. */
const MAX_FURTHER = 500;
const MAX_NAMES = 10;

const SLOW = "it took over 5 s, so the next try is in a minute, or at the end";

/**
 * Makes the job. A registry that cannot tell has nothing to gather.
 *
 * @param context with the log that names the registry
 * @param begin takes each registration that is found
 */
export function gather(
  named: Registration,
  { clock, log, signal }: Context,
  begin: (further: Registration) => void,
) {
  const { registry: { others, scope }, goal } = named;
  if (others === undefined) return undefined;
  const say = createVoice(log, scope?.why);
  let search = NOT_BEGUN;
  let count = 0;

  async function look(find: NonNullable<typeof others>): Promise<void> {
    using limit = timeout(clock, LOOK_MS, signal);
    const { found, ...about } = await find(limit.signal);
    // Nothing is begun any more.
    if (signal.aborted) return;
    search = answered(search, about, clock.now());
    say({ found, ...about });
    for (const one of found.slice(0, MAX_FURTHER - count)) {
      count++;
      begin(registrationOf(one.registry, goal, one.label));
    }
  }

  const job: Job = {
    dueAt: Infinity,
    async run() {
      if (signal.aborted) return;
      search = looking(search, clock.now());
      try {
        await look(others);
      } catch (thrown) {
        if (signal.aborted) return;
        const error = asServiceOfflineError(thrown);
        if (error.outcome === "internal") log.warn("internal", traceOf(error));
        search = unanswered(search, error, clock.now());
        if (search.failures > 1) return;
        const why = search.isSlow ? `${error.message}; ${SLOW}` : error.message;
        log.warn("not_all_known", `cannot look for what else the pod has registered: ${why}`);
      }
    },
  };
  return {
    job,
    /** How far the last look could see; undefined where nobody has looked. */
    reached: (): Reached | undefined => reachedOf(search, named.registry.name),
    /**
     * Sets when the next look is due.
     *
     * @param floorAt the end of the drain, which the last look waits for, ms since the epoch
     */
    plan(floorAt: number): void {
      const isOpen = search.isOpen || isUnderWay(named.state, scope?.isProven ?? false);
      search = { ...search, isOpen };
      job.dueAt = dueAt(search, floorAt);
    },
    /** Whether the end need not wait for a look. */
    isDone: (now: number, floorAt: number): boolean => isDone(search, now, floorAt),
  };
}

function reachedOf(search: Search, registry: string): Reached | undefined {
  const last = lastOf(search);
  if (last === undefined) return undefined;
  const { reach, why = null, leftAlone } = last;
  return { registry, reach, why, leftAlone };
}

/**
 * Whether the named one needs no time any more. One that is not there confirms no address: then
 * nothing is looked for, unless the address is seen to be the pod's own.
 */
function isUnderWay(state: State, isProven: boolean): boolean {
  const { wroteAt, agreedAt, acceptedAt, phase, error } = state;
  if (phase === "shared") return false;
  if ((wroteAt ?? agreedAt ?? acceptedAt) !== undefined) return true;
  // Further ones may bear a mark where the named one does not.
  if (phase === "kept") return true;
  return isProven && (phase === "absent" || phase === "held" || error?.outcome === "refused");
}

/** Says what is new. */
function createVoice(log: Log, why: string | undefined): (seen: Others) => void {
  const said = new Set<string>();
  return ({ found, leftAlone, reach, why: closed }) => {
    if (found.length > 0) {
      log.info("further", `also registered: ${someOf(found.map(({ label }) => label))}`);
    }
    const left = leftAlone.filter((label) => !said.has(label));
    for (const label of left) said.add(label);
    if (left.length > 0) log.warn("left_alone", `left alone: ${someOf(left)}: ${why}`);
    if (reach === "all" || closed === undefined || said.has(closed)) return;
    said.add(closed);
    log.warn("not_all_known", `${reachInWords(reach)}: ${closed}`);
  };
}

/** What the last line says of registries where one could not look far enough. */
export function unknownInWords(reached: readonly Reached[]): string[] {
  return reached.flatMap(({ registry, reach, why }) =>
    reach === "all" || why === null ? [] : `${registry}: ${reachInWords(reach)}`
  );
}

/** How far one could look, where that is not far enough. */
export function reachInWords(reach: "partly" | "named"): string {
  return reach === "named"
    ? "only the named registration is known"
    : "not all registrations of the pod are known";
}

function someOf(labels: readonly string[]): string {
  const more = labels.length - MAX_NAMES;
  return labels.slice(0, MAX_NAMES).join("; ") + (more > 0 ? `; and ${more} more` : "");
}

/** The log of a further registration: what goes well is summed up in the end. */
export function logOfFurther(log: Log, label: string): Log {
  return {
    ...log,
    info: () => {},
    warn: (event, message, fields) => log.warn(event, `${label}: ${message}`, fields),
  };
}
