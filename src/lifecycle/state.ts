/** How far a run has come with one registration: plain data. What follows from an answer is in next.ts. */

import type { OutcomeName, ServiceOfflineError } from "../errors.ts";
import type { CallersViews, Registry } from "../registry/registry.ts";
import type { Goal } from "./goal.ts";
import type { Moments } from "./plan.ts";

/**
 * Where a registration stands.
 *
 * - `asking`: no look has been answered yet;
 * - `absent`: it is not registered;
 * - `held`: it is not at its goal, and nothing may be written yet;
 * - `kept`: somebody else wants it out of service, and `online` leaves it so;
 * - `shared`: it stands for other pods too, so it stays as it is;
 * - `differs`: it is not at its goal, and a write is due;
 * - `written`: a write was answered, the record does not show it yet;
 * - `agreed`: the record of one address is at the goal, that of another is not;
 * - `accepted`: every record is, as far as it can be brought to it;
 * - `settled`: the lists that callers fetch are, too;
 * - `gone`: the app has deregistered itself after it was seen.
 */
type Phase =
  | "asking"
  | "absent"
  | "held"
  | "kept"
  | "shared"
  | "differs"
  | "written"
  | "agreed"
  | "accepted"
  | "settled"
  | "gone";

/** What the record of a further address said at the last look. */
export interface Elsewhere {
  /** Whether it has reached the goal; `none` where there is nothing to write. */
  readonly state: "agrees" | "differs" | "none" | "unknown";
  /** Why it differs or is not known, in words. */
  readonly why?: string;
  /** What the last write or look there failed with. */
  readonly failed?: OutcomeName;
}

/** How far it has come; moments in ms since the epoch, undefined where it has not come to that. */
export interface State extends Moments {
  readonly phase: Phase;
  /** How the registry names the instance, once it was seen. */
  readonly label?: string | undefined;
  /** When a write was sent that is not answered yet. */
  readonly writingSince?: number | undefined;
  /** When the last write was answered. */
  readonly wroteAt?: number | undefined;
  /** Whether it was an `offline` that has taken it out, this one or that before an `online`. */
  readonly isOurs?: boolean | undefined;
  /** What went wrong with the last write, until one is answered. */
  readonly writeError?: ServiceOfflineError | undefined;
  /** When the records agreed, at the last of the addresses that do. */
  readonly agreedAt?: number | undefined;
  /** Since when an instance that was seen is no longer there. */
  readonly goneSince?: number | undefined;
  /** When the last look that was answered began. */
  readonly lookedAt?: number | undefined;
  /** By address, without the one that has answered first. */
  readonly elsewhere: ReadonlyMap<string, Elsewhere>;
  /** Whether one of them had to be waited for. */
  readonly didDiffer?: boolean;
  /** How often somebody else has undone it. */
  readonly turns: number;
  /** The moments of a run before, until a look shows whether they still hold. */
  readonly earlier?: Moments | undefined;
  /** Why nothing is written, in words: where it is held, kept or shared. */
  readonly why?: string | undefined;
  /** What the last look failed with; undefined after one that did not. */
  readonly error?: ServiceOfflineError | undefined;
  /** What callers were given at the last look at their lists. */
  readonly views?: CallersViews | undefined;
  /** Where something like the instance stands; there as soon as a look has not found it. */
  readonly nearMisses?: readonly string[] | undefined;
  /** Whether it has come to its goal for good: it is neither looked at nor written any more. */
  readonly isLeft?: boolean;
}

/** One registration with its state, which `hold` replaces as it learns. */
export interface Registration {
  readonly registry: Registry;
  readonly goal: Goal;
  /** Whether it was found beside the one that the settings name. */
  readonly isFurther: boolean;
  state: State;
}

/**
 * A registration of which nothing is known yet, or only that it was seen.
 *
 * @param label of a further one
 */
export function registrationOf(registry: Registry, goal: Goal, label?: string): Registration {
  return {
    registry,
    goal,
    isFurther: label !== undefined,
    state: { phase: "asking", label, elsewhere: new Map(), turns: 0 },
  };
}

/** Whether each further address has been looked at, or could not be. */
export function isAskedEverywhere({ elsewhere }: State): boolean {
  return [...elsewhere.values()].every(({ state, failed }) =>
    state !== "unknown" || failed !== undefined
  );
}

/** The one that is named is not there, but others of the pod are: then its name is only wrong. */
export function isReplaced(
  { registry, state, isFurther }: Registration,
  registrations: readonly Registration[],
): boolean {
  return !isFurther && state.phase === "absent" &&
    registrations.some((one) => one.isFurther && one.registry.name === registry.name);
}

/** The further addresses in one state. */
export function addressesThat(
  { elsewhere }: State,
  wanted: Elsewhere["state"],
): readonly (readonly [string, Elsewhere])[] {
  return [...elsewhere].filter(([, { state }]) => state === wanted);
}
