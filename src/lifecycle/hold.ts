/**
 * The job of one registration: look, act if it is not at its goal, look again. Retry, confirmation,
 * late registration and "something brought it back" are all this, for `offline` and `online` alike.
 */

import type { Context } from "../context.ts";
import { asServiceOfflineError, NotFoundError, UnreachableError } from "../errors.ts";
import { ifAnswered } from "../registry/if_allowed.ts";
import type { Sighting } from "../registry/registry.ts";
import { followElsewhere } from "./follow.ts";
import { type Held, heldOf, type HoldOptions, rulesOf, update } from "./held.ts";
import { lookJob } from "./look_job.ts";
import { listed, next, unanswered, writing, wrote } from "./next.ts";
import { REWRITE_MS, SEARCH_MS, SHORTLY_MS } from "./plan.ts";
import type { Registration } from "./state.ts";
import type { Job } from "./supervise.ts";

/** So often a mark that was lost is written anew; a server of other make may keep none. */
const MAX_MARKS = 5;
/** How long Eureka's next mark may be to wait for, before the two writes that set it. */
const MARK_PAUSE_MS = 1_100;

/**
 * Adds the job that brings a registration to its goal and holds it there until the signal fires.
 * What goes wrong stands in the state.
 *
 * @param context with the log that names the registry
 */
export function hold(registration: Registration, context: Context, options: HoldOptions): Job {
  const held = heldOf(registration, context, options);
  const job = lookJob(
    context,
    async () => {
      if (registration.state.isLeft) return Infinity;
      const lookedAt = context.clock.now();
      const pause = await look(held);
      update(held, { ...registration.state, lookedAt });
      return pause;
    },
    (error) => update(held, { ...registration.state, error }),
  );
  options.supervisor.add(job);
  context.log.info("start", `looking for ${registration.registry.wanted}`);
  return job;
}

/**
 * Asks for a look that begins at a moment or, where that has passed, now.
 *
 * @param at ms since the epoch
 */
export function askToLook(job: Job, { state }: Registration, at: number, now: number): void {
  const { lookedAt = 0, settledAt, error } = state;
  const isUnderWay = job.dueAt === Infinity;
  if (isUnderWay || lookedAt >= at || (at <= now && error !== undefined)) return;
  // Of what is only watched, the look that was asked for does for one that is due shortly before.
  const isSoon = settledAt !== undefined && job.dueAt >= at - SHORTLY_MS;
  job.dueAt = isSoon ? Math.max(at, now) : Math.min(job.dueAt, Math.max(at, now));
}

/** Takes the step that follows from a look. */
function step(held: Held, sighting: Sighting | undefined): void {
  const { registration, context: { clock } } = held;
  update(held, next(registration.state, sighting, rulesOf(held), clock.now()));
}

/** One look and what follows from it; gives the pause until the next, ms. */
async function look(held: Held): Promise<number> {
  const { registration, context: { clock, signal, startedAt }, options } = held;
  const { registry, goal } = registration;
  const sighting = await registry.locate(signal);
  // An answer that comes with the end is none any more.
  signal.throwIfAborted();
  step(held, sighting);
  const { phase } = registration.state;
  if (phase === "absent") findNearMisses(held);
  if (sighting === undefined || phase === "held" || phase === "kept") return SEARCH_MS;
  if (phase === "shared") return options.watchMs;
  if (goal.mend.includes(sighting.state)) {
    if (await write(held, sighting)) return registry.confirmPauseMs(0);
    if (registration.state.phase === "gone") return SEARCH_MS;
  } else {
    followElsewhere(held, sighting.address);
    await renewMark(held, sighting);
    const { acceptedAt, settledAt } = registration.state;
    if (acceptedAt !== undefined && settledAt === undefined) {
      const views = await registry.callersViews(signal);
      update(held, listed(registration.state, views, goal, clock.now()));
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
async function renewMark(held: Held, sighting: Sighting): Promise<void> {
  const { registration: { goal, state }, context: { clock }, options } = held;
  const isLost = !goal.inService && state.isOurs && sighting.othersWish !== undefined;
  if (!isLost || held.marks >= MAX_MARKS || !options.mayWrite()) return;
  // A run that ended between the two writes would leave another status there.
  const endsAt = options.endsAt?.() ?? Infinity;
  if (clock.now() + MARK_PAUSE_MS + 2 * held.wroteMs > endsAt) return;
  held.marks++;
  // Whatever comes of it, it is out of service.
  await ifAnswered(set(held, sighting));
}

/** Writes, and notes how long that took, whatever came of it. */
async function set(held: Held, sighting: Sighting): Promise<void> {
  const { registration: { registry, goal }, context: { clock, signal } } = held;
  const began = clock.now();
  try {
    await registry.set(sighting, goal.inService, signal);
  } finally {
    held.wroteMs = clock.now() - began;
  }
}

/** Whether a write was answered. */
async function write(held: Held, sighting: Sighting): Promise<boolean> {
  const { registration, context: { clock, signal }, options } = held;
  const { registry, goal } = registration;
  const { wroteAt = -Infinity } = registration.state;
  if (!options.mayWrite() || clock.now() - wroteAt < REWRITE_MS) return false;
  update(held, writing(registration.state, clock.now()));
  options.supervisor.wake();
  try {
    await set(held, sighting);
    update(held, wrote(registration.state, clock.now()));
    return true;
  } catch (thrown) {
    update(held, unanswered(registration.state, asServiceOfflineError(thrown)));
    if (!(thrown instanceof NotFoundError)) throw thrown;
  }
  // The app may have deregistered itself in between. Only a second look is believed.
  if (await registry.locate(signal) !== undefined) {
    throw new UnreachableError(`${goal.writing}: the answer is that it is not there, but it is`);
  }
  step(held, undefined);
  return false;
}

/** Once, and only a hint: where they cannot be had, the work goes on without. */
function findNearMisses(held: Held): void {
  const { registration: { registry, isFurther }, context: { clock, signal }, options } = held;
  const { supervisor, nearMissesAt = -Infinity } = options;
  // A further one was seen, so its name is right.
  if (isFurther || held.hasAskedNear || clock.now() < nearMissesAt) return;
  held.hasAskedNear = true;
  registry.nearMisses(signal).catch(() => []).then((nearMisses) => {
    update(held, { ...held.registration.state, nearMisses });
    supervisor.wake();
  });
}
