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
import { failed, heardOf, listed, next, type Rules, unanswered, writing, wrote } from "./next.ts";
import type { Elsewhere, Registration, State } from "./state.ts";
import type { Job, Supervisor } from "./supervise.ts";
import { changeInWords, type Line } from "./words.ts";

/** How the job works. */
export interface HoldOptions {
  readonly supervisor: Supervisor;
  /** Between two looks once all is as it should be, ms. */
  readonly watchMs: number;
  /** When a look is wanted in any case, ms since the epoch: the end of the drain. */
  readonly lookAt?: () => number;
  /** Asked right before each write: false once the other command has taken over. */
  readonly mayWrite: () => boolean;
  /** Whether nothing is written before the app has given a sign of life. @default {false} */
  readonly awaitLife?: boolean;
  /** After each change of the state. */
  readonly onChange?: () => void;
}

/** Between two looks while there is nothing to write. */
const SEARCH_MS = 1_000;

/**
 * Adds the job that brings a registration to its goal and holds it there until the signal fires.
 * What goes wrong stands in the state.
 *
 * @param context with the log that names the registry
 */
export function hold(registration: Registration, context: Context, options: HoldOptions): void {
  const { clock, log, signal, startedAt } = context;
  const { registry, goal } = registration;
  const { supervisor, awaitLife = false } = options;
  const say = createVoice(log);
  const followers = new Map<string, Job>();

  const update = (after: State) => {
    const before = registration.state;
    registration.state = after;
    for (const line of changeInWords(before, registration, startedAt, clock.now())) say(line);
  };
  const rules = (): Rules => {
    const listLagMs = registry.listLagSeconds * 1000;
    return { goal, listLagMs, awaitLife, mayWrite: options.mayWrite() };
  };

  /** One look and what follows from it; gives the pause until the next, ms. */
  async function look(): Promise<number> {
    const sighting = await registry.locate(signal);
    const { nearMisses } = registration.state;
    update(next(registration.state, sighting, rules(), clock.now()));
    if (registration.state.phase === "absent" && nearMisses === undefined) findNearMisses();
    if (sighting === undefined || registration.state.phase === "held") return SEARCH_MS;
    if (goal.mend.includes(sighting.state)) {
      if (await write(sighting)) return 0;
    } else {
      followElsewhere(sighting.address);
      const { acceptedAt, settledAt } = registration.state;
      if (acceptedAt !== undefined && settledAt === undefined) {
        const views = await registry.callersViews(signal);
        // At the end an address that has not answered counts as one, and nothing is said any more.
        if (!signal.aborted) update(listed(registration.state, views, goal, clock.now()));
      }
      if (registration.state.settledAt !== undefined) return options.watchMs;
    }
    const { wroteAt, acceptedAt } = registration.state;
    return registry.confirmPauseMs(clock.now() - (wroteAt ?? acceptedAt ?? startedAt));
  }

  /** Whether a write was answered. */
  async function write(sighting: Sighting): Promise<boolean> {
    const { wroteAt = -Infinity } = registration.state;
    if (!options.mayWrite() || clock.now() - wroteAt < REWRITE_MS) return false;
    update(writing(registration.state, clock.now()));
    try {
      await registry.set(sighting, goal.inService, signal);
      update(wrote(registration.state, clock.now()));
      return true;
    } catch (thrown) {
      update(
        unanswered(registration.state, signal.aborted ? undefined : asServiceOfflineError(thrown)),
      );
      if (!(thrown instanceof NotFoundError)) throw thrown;
    }
    // The app may have deregistered itself in between. Only a second look is believed.
    if (await registry.locate(signal) === undefined) {
      update(next(registration.state, undefined, rules(), clock.now()));
      return false;
    }
    throw new UnreachableError(`${goal.writing}: the answer is that it is not there, but it is`);
  }

  /** Only a hint: where they cannot be had, the work goes on without. */
  function findNearMisses(): void {
    if (goal.inService) return;
    registry.nearMisses(signal).catch(() => []).then((nearMisses) => {
      update({ ...registration.state, nearMisses });
      options.onChange?.();
      supervisor.wake();
    });
  }

  /** The record of one address agrees; the others have to follow, or are written by themselves. */
  function followElsewhere(here: string): void {
    // One that answers in another's place later follows nobody: it was first itself.
    const hasWritten = registration.state.wroteAt !== undefined && followers.size === 0;
    for (const address of registry.addresses) {
      if (address === here || followers.has(address)) continue;
      const { elsewhere } = registration.state;
      if (!elsewhere.has(address)) {
        const unknown: Elsewhere = { state: "unknown" };
        update({ ...registration.state, elsewhere: new Map(elsewhere).set(address, unknown) });
      }
      const follower = follow(address, registration, context, {
        hasWritten,
        watchMs: Math.max(SEARCH_MS, options.watchMs),
        mayWrite: (sighting) =>
          awaitLife && !sighting.isAlive
            ? NO_SIGN_OF_LIFE
            : options.mayWrite() || "the other command has begun",
        note(found) {
          update(heardOf(registration.state, address, found, clock.now()));
          options.onChange?.();
        },
      });
      followers.set(address, follower);
      supervisor.add(follower);
    }
  }

  const job: Job = {
    dueAt: clock.now(),
    async run() {
      if (signal.aborted) return;
      const lookedAt = clock.now();
      const { turns } = registration.state;
      let pause: number;
      try {
        pause = await look();
        update({ ...registration.state, lookedAt, failures: 0 });
      } catch (thrown) {
        if (signal.aborted) return;
        const error = asServiceOfflineError(thrown);
        update(failed(registration.state, error));
        pause = backoffMs(registration.state.failures, error);
      }
      if (signal.aborted) return;
      // Who had followed may be back in service, too.
      if (registration.state.turns > turns) {
        for (const follower of followers.values()) {
          follower.dueAt = Math.min(follower.dueAt, clock.now() + SEARCH_MS);
        }
      }
      options.onChange?.();
      const last = options.lookAt?.() ?? Infinity;
      const dueAt = clock.now() + jittered(pause);
      job.dueAt = lookedAt < last ? Math.min(dueAt, last) : dueAt;
    },
  };
  supervisor.add(job);
  log.info("start", `looking for ${registry.wanted}`);
}

/** Says lines, and those that are to be said once only once. */
function createVoice(log: Context["log"]): (line: Line) => void {
  const said = new Set<string>();
  return ({ level, event, message, fields, once }) => {
    if (once && said.has(message)) return;
    if (once) said.add(message);
    log[level](event, message, fields);
  };
}
