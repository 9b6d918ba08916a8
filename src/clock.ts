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
  /**
   * Calls something after a time.
   *
   * @returns takes it back
   */
  after(ms: number, call: () => void): () => void;
}

/** The longest time a timer takes, milliseconds: 24 days. */
const MAX_MS = 2 ** 31 - 1;

/** What is to be called, and when: ms of `performance.now()`. */
interface Alarm {
  readonly at: number;
  readonly call: () => void;
}

/** What waits; most of it is taken back: of a hook's 50 alarms 20 are rung. */
const alarms = new Set<Alarm>();
/** The timer that runs. */
let timer: { readonly at: number; readonly signal: AbortSignal } | undefined;

/**
 * Makes sure that a timer ends in time for the next alarm. It is that of `AbortSignal.timeout()`: the
 * first `setTimeout()` of a process loads Node's timers, which costs 4 to 5 ms and 4 MiB (Deno 2.9.6).
 * One that nobody listens to any more keeps no process alive, and its end is silent.
 */
function arm(at: number): void {
  if (timer !== undefined && timer.at <= at) return;
  disarm();
  const ms = Math.ceil(Math.max(0, at - performance.now()));
  const signal = AbortSignal.timeout(Math.min(ms, MAX_MS));
  signal.addEventListener("abort", ring);
  timer = { at, signal };
}

function disarm(): void {
  timer?.signal.removeEventListener("abort", ring);
  timer = undefined;
}

function ring(): void {
  disarm();
  const now = performance.now();
  const due = [...alarms].filter(({ at }) => at <= now).sort((one, other) => one.at - other.at);
  for (const alarm of due) {
    // One before it may have taken it back.
    if (!alarms.delete(alarm)) continue;
    try {
      alarm.call();
    } catch (error) {
      reportError(error);
    }
  }
  if (alarms.size > 0) arm(Math.min(...[...alarms].map(({ at }) => at)));
}

/** The clock of the machine; a step of the wall clock shortens no drain. */
export const systemClock: Clock = {
  now: () => Math.round(performance.timeOrigin + performance.now()),
  after(ms, call) {
    // Of what is no number all others would wait for ever.
    const alarm = { at: performance.now() + (ms > 0 ? ms : 0), call };
    alarms.add(alarm);
    arm(alarm.at);
    return () => {
      alarms.delete(alarm);
      if (alarms.size === 0) disarm();
    };
  },
  async sleep(ms, signal) {
    const over = Promise.withResolvers<void>();
    const cancel = systemClock.after(ms, over.resolve);
    using _ = onAbort(signal, over.resolve);
    await over.promise;
    cancel();
  },
};

/** Calls when a signal fires, at once where it has; no longer once that is disposed of. */
export function onAbort(signal: AbortSignal | undefined, call: () => void): Disposable {
  if (signal?.aborted) call();
  else signal?.addEventListener("abort", call);
  return { [Symbol.dispose]: () => signal?.removeEventListener("abort", call) };
}

/** Waits until a promise is settled, but no longer than so many milliseconds. Never rejects. */
export async function atMost(clock: Clock, ms: number, promise: Promise<unknown>): Promise<void> {
  const over = Promise.withResolvers<void>();
  const cancel = clock.after(ms, over.resolve);
  await Promise.race([over.promise, promise]).catch(() => {});
  cancel();
}

/**
 * An abort signal that fires after a time or with its parent, whichever is first. A bare
 * `AbortSignal.timeout()` does not do where it is handed on: it cannot be cleared, and a late one
 * was seen to end a process that had already finished its work.
 */
export function timeout(
  clock: Clock,
  ms: number,
  parent?: AbortSignal,
): Disposable & { readonly signal: AbortSignal } {
  const own = new AbortController();
  const follows = onAbort(parent, () => own.abort(parent?.reason));
  const cancel = clock.after(ms, () => {
    own.abort(new DOMException("no time is left", "TimeoutError"));
  });
  return {
    signal: own.signal,
    [Symbol.dispose]() {
      cancel();
      follows[Symbol.dispose]();
    },
  };
}
