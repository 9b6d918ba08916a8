/** When a run of `offline` is over: a pure decision over the states of its registrations. */

import { drainEndsAt, ELSEWHERE_MS, MIN_RUN_MS, type Plan, PROOF_MS } from "./plan.ts";
import { isAskedEverywhere, isReplaced, type Registration } from "./state.ts";

/**
 * What ends a run: the time callers take, without a request by then that held it up; the silence
 * after requests that did; the deadline, too early for either or with a registry that has not
 * accepted; `online`.
 */
export type EndedBy = "floor" | "quiet" | "deadline" | "undone";

/** What a decision depends on besides the registrations. */
interface DrainState {
  readonly plan: Plan;
  /** As {@linkcode floorOf} gives it. */
  readonly floorAt: number;
  /** Whether `online` has taken the instance back. */
  readonly undone: boolean;
  /** What is known of the requests; undefined where nothing counts them. */
  readonly traffic: { readonly isQuiet: boolean; readonly isReadable: boolean } | undefined;
  /** Whether the end need not wait for a look for further registrations. */
  readonly isGathered: boolean;
  /** Whether requests have held the end up by the decision before. */
  readonly heldUp: boolean;
}

/** What was decided; moments in ms since the epoch. */
export interface DrainDecision {
  /** Undefined while the run goes on. */
  readonly endedBy: EndedBy | undefined;
  /** When to decide again, if nothing changes before. */
  readonly wakeAt: number;
  /** When the run ends in any case. */
  readonly hardEndAt: number;
  /** A registry has not accepted yet: only the deadline ends the run. */
  readonly isOpen: boolean;
  /** The floor is over, but not the requests, as far as is known. */
  readonly heldUp: boolean;
  /** Whether `floorAt` is more than a guess: the lists have followed, or are overdue. */
  readonly isFloorKnown: boolean;
}

/** How long to drain where not even the registry is known, ms: what callers of Nacos cache. */
const BLIND_DRAIN_MS = 40_000;

/**
 * Whether the run is over, else when to ask again.
 *
 * @param now ms since the epoch
 */
export function decide(
  state: DrainState,
  registrations: readonly Registration[],
  now: number,
): DrainDecision {
  const { plan, floorAt, traffic } = state;
  const hardEndAt = hardEndOf(plan, registrations);
  // A registry that has not accepted may do so any moment: an election takes 12 s on Nacos 2.5.1, a
  // login that queues behind those of a rollout half a minute.
  const isOpen = registrations.some((one) =>
    one.state.acceptedAt === undefined && !isReplaced(one, registrations) &&
    // Nothing comes of waiting for a further one that refuses; the verdict names it.
    !(one.isFurther && one.state.error?.outcome === "refused")
  );
  const isPast = !isOpen && now >= floorAt;
  const isQuiet = traffic?.isQuiet ?? true;
  // Somebody may have brought it back since the last look; one more has begun at the end.
  const isSeen = now >= floorAt + PROOF_MS ||
    registrations.every(({ state: { lookedAt = 0, error } }) => lookedAt >= floorAt || error);
  const endedBy = state.undone
    ? "undone"
    : isPast && isQuiet && isSeen && state.isGathered
    ? state.heldUp && traffic?.isReadable ? "quiet" : "floor"
    : now >= hardEndAt
    ? "deadline"
    : undefined;
  const nextAt = isOpen ? undefined : [floorAt, floorAt + PROOF_MS].find((at) => at > now);
  return {
    endedBy,
    wakeAt: Math.min(hardEndAt, nextAt ?? Infinity),
    hardEndAt,
    isOpen,
    heldUp: isPast && !isQuiet,
    isFloorKnown: registrations.every(({ state: { acceptedAt, settledAt }, registry }) =>
      acceptedAt !== undefined &&
      (settledAt !== undefined || plan.drainMs !== undefined ||
        now >= acceptedAt + registry.listLagSeconds * 1000)
    ),
  };
}

/**
 * When the time is over that callers take, of those registries that have accepted.
 *
 * @returns ms since the epoch; -Infinity where none has
 */
export function drainOf(plan: Plan, registrations: readonly Registration[]): number {
  if (registrations.length === 0) return plan.startedAt + (plan.drainMs ?? BLIND_DRAIN_MS);
  return Math.max(
    ...registrations.map(({ registry, state }) => drainEndsAt(plan, registry, state) ?? -Infinity),
  );
}

/** The end of that time, or when enough is known of the records, whichever is later. */
export function floorOf(drainsUntil: number, registrations: readonly Registration[]): number {
  return Math.max(
    drainsUntil,
    ...registrations.flatMap(({ state }) => {
      const { wroteAt, agreedAt = -Infinity, acceptedAt = -Infinity } = state;
      return [
        wroteAt === undefined ? agreedAt + PROOF_MS : -Infinity,
        isAskedEverywhere(state) ? -Infinity : acceptedAt + ELSEWHERE_MS,
      ];
    }),
  );
}

/** The moment by which a run may be over, whatever is under way then. */
export function earliestEndOf(plan: Plan, registrations: readonly Registration[]): number {
  const floorAt = floorOf(drainOf(plan, registrations), registrations);
  return Math.min(floorAt + PROOF_MS, hardEndOf(plan, registrations));
}

function hardEndOf(plan: Plan, registrations: readonly Registration[]): number {
  return Math.max(
    plan.deadline,
    plan.startedAt + MIN_RUN_MS,
    // No deadline cuts the first write short.
    ...registrations.map(({ state: { acceptedAt, writingSince } }) =>
      acceptedAt === undefined && writingSince !== undefined ? writingSince + MIN_RUN_MS : 0
    ),
  );
}
