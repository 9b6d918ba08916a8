/** A registration with all that its jobs need, and how their looks change its state. */

import type { Context } from "../context.ts";
import type { Rules } from "./next.ts";
import type { Registration, State } from "./state.ts";
import type { Job, Supervisor } from "./supervise.ts";
import { changeInWords, createVoice, type Line } from "./words.ts";

/** How registrations are held. */
export interface HoldOptions {
  readonly supervisor: Supervisor;
  /** Between two looks once all is as it should be, ms. */
  readonly watchMs: number;
  /** The moment by which the run may be over, whatever is under way then. @default {never} */
  readonly endsAt?: () => number;
  /** Asked right before each write: false once the other command has taken over. */
  readonly mayWrite: () => boolean;
  /** Whether nothing is written before the app has given a sign of life. @default {false} */
  readonly awaitLife?: boolean;
  /** Whether `online` also undoes what no `offline` has done. @default {false} */
  readonly force?: (registration: Registration) => boolean;
  /** From when on something like an absent one is looked for. @default {at once} */
  readonly nearMissesAt?: number;
}

/** What the jobs of one registration share. */
export interface Held {
  readonly registration: Registration;
  /** With the log that names the registry. */
  readonly context: Context;
  readonly options: HoldOptions;
  readonly say: (line: Line) => void;
  /** The jobs of further addresses, by address. */
  readonly followers: Map<string, Job>;
  /** The turns after which these have been told to look again. */
  followedTurns: number;
  hasAskedNear: boolean;
  /** How often the mark of `offline` was written anew. */
  marks: number;
  /** How long the last write took, or the last that failed; ms, 0 before. */
  wroteMs: number;
}

/** One that nothing was done for yet. */
export function heldOf(registration: Registration, context: Context, options: HoldOptions): Held {
  return {
    registration,
    context,
    options,
    say: createVoice(context.log),
    followers: new Map(),
    followedTurns: 0,
    hasAskedNear: false,
    marks: 0,
    wroteMs: 0,
  };
}

/** Replaces the state, and says what has changed; no more once the run is over and judged. */
export function update({ registration, context, say }: Held, after: State): void {
  if (context.signal.aborted) return;
  const before = registration.state;
  registration.state = after;
  const { startedAt, clock } = context;
  for (const line of changeInWords(before, registration, startedAt, clock.now())) say(line);
}

/** What the next step depends on. */
export function rulesOf({ registration, options }: Held): Rules {
  return {
    goal: registration.goal,
    listLagMs: registration.registry.listLagSeconds * 1000,
    awaitLife: options.awaitLife ?? false,
    force: options.force?.(registration) ?? false,
    mayWrite: options.mayWrite(),
  };
}
