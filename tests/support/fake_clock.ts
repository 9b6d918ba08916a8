/** A clock for tests of what waits. */

import { setImmediate } from "node:timers";
import type { Clock } from "../../src/clock.ts";

/** A clock whose time moves only when told; nothing ever really sleeps. */
export interface FakeClock extends Clock {
  /** How many sleeps have not ended. */
  readonly sleeping: number;
  /** Lets everything go on that does not wait for the time. */
  settle(): Promise<void>;
  /**
   * Moves the time on. Sleeps end in the order they are due, each at its own moment, and what
   * follows from one has settled before the next ends.
   */
  advance(ms: number): Promise<void>;
  /**
   * Moves the time on until a promise is settled, and not further.
   * @param mostMs how far the time may move
   */
  advanceUntil<T>(promise: Promise<T>, mostMs?: number): Promise<T>;
}

interface Sleeper {
  readonly at: number;
  readonly end: () => void;
}

/** More sleeps than this at one moment are a loop that does not wait. */
const MOST_AT_ONCE = 10_000;

/** Makes a clock that stands still. @param startsAt milliseconds since the epoch */
export function createFakeClock(startsAt: number = Date.UTC(2026, 0, 1)): FakeClock {
  let now = startsAt;
  let sleepers: Sleeper[] = [];
  let atOnce = 0;

  const settle = () => new Promise<void>((resolve) => void setImmediate(resolve));

  function earliest(): Sleeper | undefined {
    let first: Sleeper | undefined;
    for (const one of sleepers) if (first === undefined || one.at < first.at) first = one;
    return first;
  }

  /** Ends the earliest sleep that is due by a moment; false where there is none. */
  async function step(until: number): Promise<boolean> {
    await settle();
    const next = earliest();
    if (next === undefined || next.at > until) return false;
    atOnce = next.at > now ? 0 : atOnce + 1;
    if (atOnce > MOST_AT_ONCE) throw new Error(`${MOST_AT_ONCE} sleeps at one moment: a busy loop`);
    now = Math.max(now, next.at);
    next.end();
    await settle();
    return true;
  }

  function after(ms: number, call: () => void): () => void {
    const cancel = () => void (sleepers = sleepers.filter((one) => one !== sleeper));
    const end = () => {
      cancel();
      call();
    };
    // Whole milliseconds, as those of `Date.now()`.
    const sleeper: Sleeper = { at: now + Math.max(0, Math.ceil(ms)), end };
    sleepers.push(sleeper);
    return cancel;
  }

  async function advance(ms: number): Promise<void> {
    const until = now + ms;
    while (await step(until));
    now = until;
  }

  return {
    now: () => now,
    get sleeping() {
      return sleepers.length;
    },
    after,
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const end = () => {
          cancel();
          signal?.removeEventListener("abort", end);
          resolve();
        };
        const cancel = after(ms, end);
        signal?.addEventListener("abort", end);
      });
    },
    settle,
    advance,
    async advanceUntil(promise, mostMs = 600_000) {
      const until = now + mostMs;
      let pending = true;
      const settled = () => void (pending = false);
      promise.then(settled, settled);
      await settle();
      while (pending) {
        if (!await step(until)) throw new Error(`still pending after ${mostMs} ms`);
      }
      return await promise;
    },
  };
}
