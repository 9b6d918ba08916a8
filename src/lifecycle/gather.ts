/**
 * Finds what else the pod has registered, once the named registration is on its way: the first second
 * is that one's.
 */

import { backoffMs } from "../backoff.ts";
import { timeout } from "../clock.ts";
import type { Context } from "../context.ts";
import { asServiceOfflineError, traceOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Others } from "../registry/registry.ts";
import { PROOF_MS } from "./plan.ts";
import { type Registration, registrationOf, type State } from "./state.ts";
import type { Job } from "./supervise.ts";

/** The search for what belongs to one named registration. */
export interface Gathering {
  readonly job: Job;
  /** What the last look has said; without what it has found. */
  readonly last: Omit<Others, "found"> | undefined;
  /**
   * Sets when the next look is due.
   *
   * @param floorAt the end of the drain, which the last look waits for, ms since the epoch
   */
  plan(floorAt: number): void;
  /** Whether the end need not wait for a look. */
  isDone(now: number, floorAt: number): boolean;
}

/** How long one look may take, ms. */
const LOOK_MS = 5_000;
/** After one that took longer: each costs the server as much again. */
const SLOW_PAUSE_MS = 60_000;
/** Between two looks: what an app exports late, Dubbo for example, comes by then. */
const PAUSES_MS = [10_000, 20_000, 30_000];
/** More is no pod. */
const MAX_FURTHER = 500;
const MAX_NAMES = 10;

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
): Gathering | undefined {
  const { registry, goal } = named;
  const { others, scope } = registry;
  if (others === undefined) return undefined;
  let hasBegun = false;
  /** When the last look began; and of those that have ended the last one. */
  let lookedAt = -Infinity;
  let endedAt: number | undefined;
  let nextAt = -Infinity;
  let looks = 0;
  let failures = 0;
  let isSlow = false;
  let hasSeen = false;
  let count = 0;
  /** When the last look is to begin: in time for its answer. */
  const lastAt = (floorAt: number) => isSlow ? floorAt - LOOK_MS : floorAt;
  const say = createVoice(log, scope?.why);

  async function look(): Promise<void> {
    using limit = timeout(clock, LOOK_MS, signal);
    const seen = await others?.(limit.signal);
    // Nothing is begun any more.
    if (seen === undefined || signal.aborted) return;
    failures = 0;
    hasSeen = true;
    const { found, ...about } = seen;
    gathering.last = about;
    say(seen);
    for (const one of found.slice(0, MAX_FURTHER - count)) {
      count++;
      begin(registrationOf(one.registry, goal, one.label));
    }
    nextAt = about.isLarge ? Infinity : lookedAt + (PAUSES_MS[looks++] ?? Infinity);
  }

  const gathering = {
    last: undefined as Omit<Others, "found"> | undefined,
    job: {
      dueAt: Infinity,
      async run() {
        if (signal.aborted) return;
        lookedAt = clock.now();
        nextAt = Infinity;
        if (!hasSeen) gathering.last = unseen("no answer in time");
        try {
          await look();
        } catch (thrown) {
          if (signal.aborted) return;
          const error = asServiceOfflineError(thrown);
          if (error.outcome === "internal") log.warn("internal", traceOf(error));
          const why = error.message;
          if (!hasSeen) gathering.last = unseen(why);
          isSlow = clock.now() - lookedAt >= LOOK_MS;
          const again = isSlow ? "; tried once more at the end, it took over 5 s" : "";
          if (failures === 0) {
            log.warn("not_all_known", `cannot look for further ones: ${why}${again}`);
          }
          failures++;
          nextAt = clock.now() + (isSlow ? SLOW_PAUSE_MS : backoffMs(failures, error));
        } finally {
          endedAt = lookedAt;
        }
      },
    },
    plan(floorAt: number) {
      hasBegun ||= isUnderWay(named.state, scope?.isProven ?? false);
      if (!hasBegun) return;
      const at = lastAt(floorAt);
      const isLastDue = isFinite(at) && lookedAt < at;
      gathering.job.dueAt = Math.min(nextAt, isLastDue ? at : Infinity);
    },
    isDone: (now: number, floorAt: number) =>
      !hasBegun ||
      endedAt !== undefined &&
        (endedAt >= lastAt(floorAt) || failures > 0 || now >= floorAt + PROOF_MS),
  };
  return gathering;
}

/**
 * Whether the named one needs no time any more. One that is not there confirms no address: then
 * nothing is looked for, unless the address is seen to be the pod's own.
 */
function isUnderWay(state: State, isProven: boolean): boolean {
  const { wroteAt, agreedAt, acceptedAt, phase, error, shared } = state;
  if (shared !== undefined) return false;
  if ((wroteAt ?? agreedAt ?? acceptedAt) !== undefined) return true;
  // Further ones may bear a mark where the named one does not.
  if (phase === "kept") return true;
  return isProven && (phase === "absent" || phase === "held" || error?.outcome === "refused");
}

function unseen(why: string): Omit<Others, "found"> {
  return { isLarge: false, reach: "named", why, leftAlone: [] };
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
