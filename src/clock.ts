/** Time as the program sees it, so that tests can stand in a clock of their own. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Waits.
   *
   * @param ms milliseconds; nothing or less returns in the next turn
   * @param signal ends the wait early; the promise then resolves, it never rejects
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The clock of the machine; a step of the wall clock shortens no drain. */
export const systemClock: Clock = {
  now: () => Math.round(performance.timeOrigin + performance.now()),
  sleep(ms, signal) {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, Math.max(0, ms));
      signal?.addEventListener("abort", end);
    });
  },
};

/** A moment a whole run has to end by, as something a request can be given. */
export interface Timeout extends Disposable {
  /** Fires when the time is over. */
  readonly signal: AbortSignal;
}

/**
 * An abort signal that fires after a time or with its parent, whichever is first.
 * `AbortSignal.timeout()` is not used: its timer cannot be cleared, and a late one was seen to end
 * a process that had already finished its work.
 *
 * @param clock the clock that measures
 * @param ms milliseconds until it fires
 * @param parent fires it too
 */
export function timeout(clock: Clock, ms: number, parent?: AbortSignal): Timeout {
  const own = new AbortController();
  const done = new AbortController();
  const follow = () => own.abort(parent?.reason);
  if (parent?.aborted) follow();
  else parent?.addEventListener("abort", follow);
  clock.sleep(ms, done.signal).then(() => {
    if (!done.signal.aborted) own.abort(new DOMException("no time is left", "TimeoutError"));
  });
  return {
    signal: own.signal,
    [Symbol.dispose]() {
      done.abort();
      parent?.removeEventListener("abort", follow);
    },
  };
}
