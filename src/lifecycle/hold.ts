/**
 * The job of one registration: look, act if it is not at its goal, look again. Retry, confirmation,
 * late registration and "something brought it back" are all this, for `offline` and `online` alike.
 *
 * @module
 */

import { backoffMs, jittered } from "../backoff.ts";
import type { Context } from "../context.ts";
import { asServiceOfflineError, NotFoundError, UnreachableError } from "../errors.ts";
import type { Sighting } from "../registry/registry.ts";
import { follow, REWRITE_MS } from "./follow.ts";
import { NO_SIGN_OF_LIFE } from "./goal.ts";
import {
  failed,
  following,
  foundNear,
  heardOf,
  isOthers,
  listed,
  looked,
  next,
  unanswered,
  writing,
  wrote,
} from "./next.ts";
import type { Registration, State } from "./state.ts";
import type { Job, Supervisor } from "./supervise.ts";
import { changeInWords, type Line } from "./words.ts";

/** How the job works. */
export interface HoldOptions {
  readonly supervisor: Supervisor;
  /** Between two looks once all is as it should be, ms. */
  readonly watchMs: number;
  /** Asked right before each write: false once the other command has taken over. */
  readonly mayWrite: () => boolean;
  /** Whether nothing is written before the app has given a sign of life. @default {false} */
  readonly awaitLife?: boolean;
  /** Whether `online` also undoes what no `offline` has done. @default {false} */
  readonly force?: (registration: Registration) => boolean;
  /** Whether one has come to its goal for good: it is neither looked at nor written any more. */
  readonly isLeft?: (registration: Registration) => boolean;
  /** From when on something like an absent one is looked for. @default {at once} */
  readonly nearMissesAt?: number;
  /** After each change of the state. */
  readonly onChange?: () => void;
}

/** Between two looks while there is nothing to write. */
const SEARCH_MS = 1_000;

/** So often a mark that was lost is written anew; a server of other make may keep none. */
const MAX_MARKS = 5;

/** A registration with all that its job needs. */
interface Hold {
  readonly registration: Registration;
  readonly context: Context;
  readonly options: HoldOptions;
  readonly say: (line: Line) => void;
  /** By address. */
  readonly followers: Map<string, Job>;
  hasAskedNear: boolean;
  /** How often the mark of `offline` was written anew. */
  marks: number;
  /** The turns after which the followers have been told to look again. */
  followedTurns: number;
}

/**
 * Adds the job that brings a registration to its goal and holds it there until the signal fires.
 * What goes wrong stands in the state.
 *
 * @param context with the log that names the registry
 */
export function hold(registration: Registration, context: Context, options: HoldOptions): Job {
  const { clock, log } = context;
  const say = createVoice(log);
  const held = {
    registration,
    context,
    options,
    say,
    followers: new Map(),
    hasAskedNear: false,
    followedTurns: 0,
    marks: 0,
  };
  const job: Job = {
    dueAt: clock.now(),
    async run() {
      const dueAt = await lookOnce(held);
      if (dueAt !== undefined) job.dueAt = dueAt;
    },
  };
  options.supervisor.add(job);
  log.info("start", `looking for ${registration.registry.wanted}`);
  return job;
}

/**
 * Asks for a look that begins at a moment or, where that has passed, now.
 *
 * @param at ms since the epoch
 */
export function askToLook(job: Job, { state }: Registration, at: number, now: number): void {
  const { lookedAt = 0, error } = state;
  const isUnderWay = job.dueAt === Infinity;
  if (isUnderWay || lookedAt >= at || (at <= now && error !== undefined)) return;
  job.dueAt = Math.min(job.dueAt, Math.max(at, now));
}

/** One look, whatever comes of it; gives when the next is due, ms since the epoch. */
async function lookOnce(held: Hold): Promise<number | undefined> {
  const { registration, context: { clock, signal }, options } = held;
  if (signal.aborted || options.isLeft?.(registration)) return undefined;
  const lookedAt = clock.now();
  let pause: number;
  try {
    pause = await look(held);
    update(held, looked(registration.state, lookedAt));
  } catch (thrown) {
    if (signal.aborted) return undefined;
    const error = asServiceOfflineError(thrown);
    update(held, failed(registration.state, error));
    pause = backoffMs(registration.state.failures, error);
  }
  if (signal.aborted) return undefined;
  options.onChange?.();
  return clock.now() + jittered(pause);
}

function update({ registration, context, say }: Hold, after: State): void {
  const before = registration.state;
  registration.state = after;
  const { startedAt, clock } = context;
  for (const line of changeInWords(before, registration, startedAt, clock.now())) say(line);
}

function step(held: Hold, sighting: Sighting | undefined): void {
  const { registration: { registry, goal, state }, context, options } = held;
  const rules = {
    goal,
    listLagMs: registry.listLagSeconds * 1000,
    awaitLife: options.awaitLife ?? false,
    force: options.force?.(held.registration) ?? false,
    mayWrite: options.mayWrite(),
  };
  update(held, next(state, sighting, rules, context.clock.now()));
}

/** One look and what follows from it; gives the pause until the next, ms. */
async function look(held: Hold): Promise<number> {
  const { registration, context: { clock, signal, startedAt }, options } = held;
  const { registry, goal } = registration;
  const sighting = await registry.locate(signal);
  step(held, sighting);
  const { phase } = registration.state;
  if (phase === "absent") findNearMisses(held);
  if (sighting === undefined || phase === "held" || phase === "kept") return SEARCH_MS;
  if (sighting.shared !== undefined) return options.watchMs;
  if (goal.mend.includes(sighting.state)) {
    if (await write(held, sighting)) return registry.confirmPauseMs(0);
    if (registration.state.phase === "gone") return SEARCH_MS;
  } else {
    followElsewhere(held, sighting.address);
    await renewMark(held, sighting);
    const { acceptedAt, settledAt } = registration.state;
    if (acceptedAt !== undefined && settledAt === undefined) {
      const views = await registry.callersViews(signal);
      // At the end an address that has not answered counts as one, and nothing is said any more.
      if (!signal.aborted) update(held, listed(registration.state, views, goal, clock.now()));
    }
    if (registration.state.settledAt !== undefined) return options.watchMs;
  }
  const { wroteAt, acceptedAt } = registration.state;
  const elapsedMs = clock.now() - (wroteAt ?? acceptedAt ?? startedAt);
  // That one look at once has been.
  return registry.confirmPauseMs(Math.max(1, elapsedMs));
}

/**
 * What `offline` has taken out bears its mark. At Eureka the app takes that away when it changes
 * something itself: its health, or its status where it is told by APP_OFFLINE_URL.
 */
async function renewMark(held: Hold, sighting: Sighting): Promise<void> {
  const { registration: { registry, goal, state }, context: { signal }, options } = held;
  const isLost = !goal.inService && state.isOurs && sighting.othersWish !== undefined;
  if (!isLost || held.marks >= MAX_MARKS || !options.mayWrite()) return;
  held.marks++;
  try {
    await registry.set(sighting, false, signal);
  } catch (thrown) {
    // It is out of service all the same.
    if (asServiceOfflineError(thrown).outcome === "internal") throw thrown;
  }
}

/** Whether a write was answered. */
async function write(held: Hold, sighting: Sighting): Promise<boolean> {
  const { registration, context: { clock, signal }, options } = held;
  const { registry, goal } = registration;
  const { wroteAt = -Infinity } = registration.state;
  if (!options.mayWrite() || clock.now() - wroteAt < REWRITE_MS) return false;
  update(held, writing(registration.state, clock.now()));
  options.supervisor.wake();
  try {
    await registry.set(sighting, goal.inService, signal);
    update(held, wrote(registration.state, clock.now()));
    return true;
  } catch (thrown) {
    const error = signal.aborted ? undefined : asServiceOfflineError(thrown);
    update(held, unanswered(registration.state, error));
    if (!(thrown instanceof NotFoundError)) throw thrown;
  }
  // The app may have deregistered itself in between. Only a second look is believed.
  if (await registry.locate(signal) !== undefined) {
    throw new UnreachableError(`${goal.writing}: the answer is that it is not there, but it is`);
  }
  step(held, undefined);
  return false;
}

/** Only a hint: where they cannot be had, the work goes on without. */
function findNearMisses(held: Hold): void {
  const { registration, context: { signal }, options } = held;
  const { nearMissesAt = -Infinity } = options;
  if (held.hasAskedNear || held.context.clock.now() < nearMissesAt) return;
  held.hasAskedNear = true;
  registration.registry.nearMisses(signal).catch(() => []).then((nearMisses) => {
    update(held, foundNear(registration.state, nearMisses));
    options.onChange?.();
    options.supervisor.wake();
  });
}

/** The record of one address agrees; the others have to follow, or are written by themselves. */
function followElsewhere(held: Hold, here: string): void {
  const { registration, context, options, followers } = held;
  const { awaitLife = false, watchMs } = options;
  const force = options.force?.(registration) ?? false;
  // One that answers in another's place later follows nobody: it was first itself.
  const hasWritten = registration.state.wroteAt !== undefined && followers.size === 0;
  if (registration.state.turns > held.followedTurns) {
    held.followedTurns = registration.state.turns;
    // Who had followed may be back in service, too.
    const at = context.clock.now() + SEARCH_MS;
    for (const follower of followers.values()) follower.dueAt = Math.min(follower.dueAt, at);
  }
  for (const address of registration.registry.addresses) {
    if (address === here || followers.has(address)) continue;
    update(held, following(registration.state, address));
    const follower = follow(address, registration, context, {
      hasWritten,
      watchMs: Math.max(SEARCH_MS, watchMs),
      isLeft: () => options.isLeft?.(registration) ?? false,
      isOthers: (sighting) => isOthers(registration.state, sighting, force),
      mayWrite: (sighting) =>
        awaitLife && !sighting.isAlive
          ? NO_SIGN_OF_LIFE
          : options.mayWrite() || "the other command has begun",
      note(found) {
        update(held, heardOf(registration.state, address, found, context.clock.now()));
        options.onChange?.();
      },
    });
    followers.set(address, follower);
    options.supervisor.add(follower);
  }
  options.supervisor.start();
}

/** Says lines, and those that are to be said once only once. */
function createVoice(log: Context["log"]): (line: Line) => void {
  const said = new Set<string>();
  return ({ level, event, message, fields, once }) => {
    if (once !== undefined && said.has(once)) return;
    if (once !== undefined) said.add(once);
    log[level](event, message, fields);
  };
}
