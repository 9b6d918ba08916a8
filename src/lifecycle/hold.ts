/**
 * The loop of one registry: look, act if the instance is not as it should be, wait a little, look
 * again. Retry, confirmation, late registration and "something brought it back" are all this, for
 * `offline` and `online` alike.
 *
 * @module
 */

import { type Elsewhere, follow } from "./elsewhere.ts";
import { backoffMs } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import {
  asServiceOfflineError,
  NotFoundError,
  type ServiceOfflineError,
  traceOf,
  UnreachableError,
} from "../errors.ts";
import type { Log } from "../log.ts";
import type { CallersViews, InstanceState, Registry, Sighting } from "../registry/registry.ts";
import type { Moments } from "./plan.ts";

/** What the instance should be, with the words for it. */
export interface Goal {
  /** Whether callers are to get it. */
  readonly inService: boolean;
  /** The states that call for a write; another that is not the goal's is waited for. */
  readonly mend: readonly InstanceState[];
  /** `it is …` */
  readonly state: string;
  /** What a write does. */
  readonly writing: string;
  /** When somebody else has undone it. */
  readonly turned: string;
  /** What callers get once their list agrees. */
  readonly callers: string;
  /** What is said before the addresses whose lists do not agree. */
  readonly lagging: string;
}

/** Out of service: `offline`. */
export const OUT: Goal = {
  inService: false,
  // What is not ready now may be in a moment.
  mend: ["inService", "partlyOut", "notReady"],
  state: "out of service",
  writing: "taking it out of service",
  turned: "it came back into service; taken out again, the drain starts anew",
  callers: "callers no longer get it",
  lagging: "still listed at",
};

/** In service: `online`. */
export const IN: Goal = {
  inService: true,
  // Whether it can serve is the app's own to say.
  mend: ["outOfService", "partlyOut"],
  state: "in service",
  writing: "putting it back into service",
  turned: "it went out of service again; putting it back",
  callers: "callers get it",
  lagging: "not listed yet at",
};

/** How far the loop of one registry has come; only the loop changes it. */
export interface Progress {
  /** The registry. */
  readonly registry: Registry;
  /** What the instance is to be there. */
  readonly goal: Goal;
  /** How the registry names the instance, once it was seen. */
  label?: string;
  /** When a write was sent, until it is answered, milliseconds since the epoch. */
  writingSince?: number | undefined;
  /** When the last write was answered. */
  wroteAt?: number | undefined;
  /** What went wrong with the last write, until one is answered. */
  writeError?: ServiceOfflineError | undefined;
  /** When the registry's own record agreed with the goal, at the last of its addresses. */
  acceptedAt?: number | undefined;
  /** When a look of this run has first found it agree without a write of its own. */
  foundAt?: number | undefined;
  /** When the last look that was answered began. */
  lookedAt?: number | undefined;
  /** What the records of further addresses said, by address; there once the first agreed. */
  elsewhere?: ReadonlyMap<string, Elsewhere>;
  /** When the list that callers fetch agreed: for `offline`, when the instance had left it. */
  leftAt?: number | undefined;
  /** The moments of a run before, until a look shows whether they still hold. */
  earlier?: Moments | undefined;
  /** The app has deregistered itself after it was seen. */
  gone?: boolean;
  /** Why nothing is written although the instance is not at its goal, in words. */
  held?: string | undefined;
  /** What the last look failed with; undefined after one that did not. */
  error?: ServiceOfflineError | undefined;
  /** What callers were given at the last look at their list. */
  views?: CallersViews | undefined;
  /** Where something like the instance stands; there as soon as a look has not found it. */
  nearMisses?: readonly string[] | undefined;
}

/** What the loop needs. */
export interface HoldOptions {
  /** The time. */
  readonly clock: Clock;
  /** Where it says what it does. */
  readonly log: Log;
  /** When this process began, milliseconds since the epoch; the log counts from there. */
  readonly startedAt: number;
  /** Ends the loop and whatever it is waiting for. */
  readonly signal: AbortSignal;
  /** Between two looks once all is as it should be, milliseconds. */
  readonly watchMs: number;
  /** When a look is wanted in any case, milliseconds since the epoch: the end of the drain. */
  readonly lookAt?: () => number;
  /** Asked right before each write: false once the other command has taken over. */
  readonly mayWrite: () => boolean;
  /**
   * Whether nothing is written before the app has given a sign of life since the first look.
   *
   * @default {false}
   */
  readonly awaitLife?: boolean;
  /** Called when something in the progress has changed. */
  readonly onChange: () => void;
}

/** Nobody keeps the instance back, and callers do not get it all the same. */
export const NOT_READY = "registered, but its app does not report that it is ready";

/** Put back now, callers would get an address where nobody listens. */
const NO_SIGN_OF_LIFE =
  "out of service, and there was no heartbeat since: a process that was killed leaves that behind";

/** Between two looks while there is nothing to write. */
const SEARCH_MS = 1_000;
/** A write that the record does not show by then is sent again. */
const REWRITE_MS = 2_000;

/**
 * Brings the instance to its goal in one registry and holds it there until the signal fires. Never
 * throws: what went wrong stands in the progress.
 *
 * @param progress where it notes how far it has come
 * @param options clock, log and the ways to end
 */
export async function hold(progress: Progress, options: HoldOptions): Promise<void> {
  const { clock, log, startedAt, signal } = options;
  const { registry, goal } = progress;
  let failures = 0;
  const said = new Set<string>();
  /** When the records agreed, at the last of the addresses that do. */
  let agreedAt: number | undefined;
  const elsewhere = new Map<string, Elsewhere>();
  progress.elsewhere = elsewhere;
  const following: Promise<void>[] = [];
  /** Whose loops run, and whose have ended. */
  const followed = new Set<string>();
  const ended = new Set<string>();
  /** Since when an instance that was never accepted is no longer there. */
  let goneSince: number | undefined;
  let didDiffer = false;

  /** Says a thing once, not at every look. */
  const warnOnce = (event: string, message: string) => {
    if (!said.has(message)) log.warn(event, message);
    said.add(message);
  };
  const since = (moment: number) => `${clock.now() - moment} ms`;

  const isAlive = (sighting: Sighting) => !options.awaitLife || sighting.isAlive;

  /** Nothing can be done for now. */
  function wait(why: string): number {
    agreedAt =
      progress.acceptedAt =
      progress.leftAt =
      progress.earlier =
        undefined;
    progress.held = why;
    if (!said.has(why)) log.info("held", `it is ${why}; waiting`);
    said.add(why);
    return SEARCH_MS;
  }

  async function write(sighting: Sighting): Promise<void> {
    if (!options.mayWrite()) return;
    if ((agreedAt ?? progress.acceptedAt ?? progress.earlier?.acceptedAt) !== undefined) {
      log.warn("turned", goal.turned);
      agreedAt =
        progress.acceptedAt =
        progress.leftAt =
        progress.foundAt =
        progress.wroteAt =
        progress.earlier =
          undefined;
      // Who had followed may be back in service, too.
      for (const address of ended) followed.delete(address);
      ended.clear();
    }
    if (progress.wroteAt !== undefined && clock.now() - progress.wroteAt < REWRITE_MS) return;
    const sentAt = clock.now();
    progress.writingSince = sentAt;
    try {
      await registry.set(sighting, goal.inService, signal);
      progress.wroteAt = clock.now();
      progress.writeError = undefined;
      log.info("written", `${goal.writing}: answered in ${since(sentAt)}`);
    } catch (thrown) {
      if (!signal.aborted) progress.writeError = asServiceOfflineError(thrown);
      throw thrown;
    } finally {
      progress.writingSince = undefined;
    }
  }

  function absent(): number {
    const { earlier } = progress;
    const seen = progress.label ?? progress.acceptedAt ?? earlier?.acceptedAt;
    if (seen !== undefined && !goal.inService) {
      if (!progress.gone) {
        log.info("deregistered", "it has been deregistered, nothing is left to do");
      }
      progress.gone = true;
      goneSince ??= progress.acceptedAt ?? earlier?.acceptedAt ?? clock.now();
      // A registry that has started again is empty until its apps' next heartbeats.
      const isSettled = (progress.acceptedAt ?? earlier?.acceptedAt) !== undefined ||
        clock.now() >= goneSince + registry.listLagSeconds * 1000;
      if (isSettled) {
        progress.acceptedAt ??= goneSince;
        progress.leftAt ??= earlier?.leftAt ?? goneSince;
      }
      return SEARCH_MS;
    }
    agreedAt = progress.acceptedAt = progress.leftAt = undefined;
    if (progress.nearMisses === undefined) {
      const message = `${registry.wanted} is not registered; nothing is written, looking again`;
      // At a start that is as it should be: the app has not come so far yet.
      if (goal.inService) log.info("not_found", message);
      else log.warn("not_found", message);
      nameNearMisses();
    }
    return SEARCH_MS;
  }

  async function nameNearMisses(): Promise<void> {
    progress.nearMisses = [];
    if (goal.inService) return;
    // Only a hint: where it cannot be had, the loop goes on without.
    progress.nearMisses = await registry.nearMisses(signal).catch(() => []);
    options.onChange();
    for (const line of progress.nearMisses) log.warn("near_miss", line);
  }

  /** The record of one address agrees; the others have to follow, or are written by themselves. */
  function agreed({ address: here }: Sighting): void {
    agreedAt ??= progress.acceptedAt ?? clock.now();
    if (progress.wroteAt === undefined) progress.foundAt ??= clock.now();
    // One that answers in another's place later follows nobody: it was first itself.
    const wrote = progress.wroteAt !== undefined && followed.size === 0;
    for (const address of registry.addresses) {
      if (address === here || followed.has(address)) continue;
      followed.add(address);
      if (!elsewhere.has(address)) elsewhere.set(address, { state: "unknown" });
      const mayWrite = (sighting: Sighting) =>
        !isAlive(sighting) ? NO_SIGN_OF_LIFE : options.mayWrite() || "the other command has begun";
      following.push(
        follow(address, {
          ...options,
          registry,
          goal,
          wrote,
          watchMs: Math.max(SEARCH_MS, options.watchMs),
          mayWrite,
          note: (found) => note(address, found),
          said: (what) => log.warn("written", what),
        }).then(() => void ended.add(address)),
      );
    }
    settle();
  }

  /** What the record of a further address has said. */
  function note(address: string, found: Elsewhere): void {
    const { state, why, failed } = found;
    const before = elsewhere.get(address)?.state;
    elsewhere.set(address, found);
    if (why !== undefined && failed !== undefined) warnOnce("address_failed", why);
    if (state === "differs" && before !== "differs") {
      // Its callers have to be waited for as well, from when it agrees.
      progress.acceptedAt = progress.leftAt = progress.earlier = undefined;
      didDiffer = true;
    } else if (state !== "differs" && before === "differs" && agreedAt !== undefined) {
      agreedAt = clock.now();
    }
    settle();
    options.onChange();
  }

  /** Accepted is what every address has that can be brought to it. */
  function settle(): void {
    if (progress.acceptedAt !== undefined || agreedAt === undefined) return;
    // Nothing comes of waiting for one that refuses: the other callers are drained.
    const isOpen = ({ state, failed }: Elsewhere) => state === "differs" && failed !== "refused";
    if ([...elsewhere.values()].some(isOpen)) return;
    progress.acceptedAt = agreedAt;
    if ([...elsewhere.values()].some(({ failed }) => failed === "refused")) return;
    const acceptedMs = agreedAt - startedAt;
    const message = didDiffer
      ? `${goal.state} in the record of every address, ${acceptedMs} ms after the start`
      : progress.wroteAt === undefined
      ? `it is ${goal.state} already`
      : `${goal.state} in the registry's own record, ${acceptedMs} ms after the start`;
    if (!said.has(message)) log.info("accepted", message, { acceptedMs });
    said.add(message);
  }

  async function lookAtLists(): Promise<void> {
    const views = await registry.callersViews(signal);
    // At the end an address that has not answered counts as one, and nothing is said any more.
    if (signal.aborted || progress.acceptedAt === undefined) return;
    progress.views = views;
    for (const failure of views.failures) warnOnce("address_failed", failure);
    const behind = views.answers.filter((view) => view.listed !== goal.inService);
    if (behind.length === 0) {
      // Both have been seen again: the drain counts from where the run before had come to.
      progress.acceptedAt = progress.earlier?.acceptedAt ?? progress.acceptedAt;
      progress.leftAt = progress.earlier?.leftAt ?? clock.now();
      const others = leastOthers(views);
      log.info(
        "list_agrees",
        `${goal.callers}, ${since(startedAt)} after the start; ${othersInWords(others, goal)}`,
        { listMs: progress.leftAt - startedAt, others },
      );
      return;
    }
    // What was not on the lists is there again.
    if (progress.earlier?.leftAt !== undefined) progress.earlier = undefined;
    if (clock.now() >= (progress.acceptedAt ?? 0) + registry.listLagSeconds * 1000) {
      const where = behind.map((view) => view.address).join(", ");
      const lag = registry.listLagSeconds;
      warnOnce("list_lags", `${goal.lagging} ${where} ${lag} s after the record changed`);
    }
  }

  /** One look and what follows from it; gives the pause until the next. */
  async function look(): Promise<number> {
    const sighting = await registry.locate(signal);
    progress.error = undefined;
    if (sighting === undefined) return absent();
    if (progress.label === undefined && progress.nearMisses !== undefined) {
      log.info("found", `${sighting.label} is registered now`);
    }
    progress.label = sighting.label;
    progress.gone = false;
    goneSince = undefined;
    progress.held = undefined;
    if (goal.mend.includes(sighting.state)) {
      if (!isAlive(sighting)) return wait(NO_SIGN_OF_LIFE);
      const wroteAt = progress.wroteAt;
      try {
        await write(sighting);
      } catch (thrown) {
        if (!(thrown instanceof NotFoundError)) throw thrown;
        // The app may have deregistered itself in between. Only a second look is believed.
        if (await registry.locate(signal) === undefined) return absent();
        throw new UnreachableError(
          `${goal.writing}: the answer is that it is not there, but it is`,
        );
      }
      if (progress.wroteAt !== wroteAt) return 0;
    } else if (sighting.state === "notReady") {
      return wait(NOT_READY);
    } else {
      agreed(sighting);
      if (progress.acceptedAt !== undefined && progress.leftAt === undefined) await lookAtLists();
      if (progress.leftAt !== undefined) return options.watchMs;
    }
    return registry.confirmPauseMs(
      clock.now() - (progress.wroteAt ?? progress.acceptedAt ?? startedAt),
    );
  }

  log.info("start", `looking for ${registry.wanted}`);
  while (!signal.aborted) {
    const lookedAt = clock.now();
    let pause: number;
    try {
      pause = await look();
      progress.lookedAt = lookedAt;
      failures = 0;
    } catch (thrown) {
      if (signal.aborted) break;
      const error = asServiceOfflineError(thrown);
      progress.error = error;
      failures++;
      pause = backoffMs(failures, error);
      // The same bug may come by several ways, each with a stack of its own.
      const failed = `${error.message}; trying again`;
      if (error.outcome === "internal" && !said.has(failed)) log.warn("internal", traceOf(error));
      warnOnce("failed", failed);
    }
    options.onChange();
    const last = options.lookAt?.() ?? Infinity;
    const untilLast = lookedAt < last ? Math.max(0, last - clock.now()) : Infinity;
    // A little jitter, so that the hooks of a rollout do not look all at once.
    await clock.sleep(Math.min(pause * (0.9 + Math.random() / 5), untilLast), signal);
  }
  await Promise.all(following);
}

/**
 * How many other instances callers get, where addresses differ the smallest number.
 *
 * @param views what callers are given
 */
export function leastOthers(views: CallersViews): number {
  return Math.min(...views.answers.map((view) => view.others));
}

/** Who else serves, in words. */
function othersInWords(others: number, goal: Goal): string {
  if (others === 0 && !goal.inService) return "this was the last instance callers can see";
  return `${others} other instance${others === 1 ? "" : "s"} still listed`;
}
