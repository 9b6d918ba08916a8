/** The one place that waits. Whatever takes part in a run is a job that says when it is due next. */

import { atMost, type Clock } from "../clock.ts";

/** Something that is done again and again, or once an event makes it due. */
export interface Job {
  /** Ms since the epoch; Infinity while it waits for an event. */
  dueAt: number;
  /** Does it once and sets `dueAt` anew, which is Infinity by then. It should not throw. */
  run(): Promise<void> | void;
}

/** Whether the run is at its end, else when to look again at the latest, ms since the epoch. */
export type Decision<End> = { readonly end: End } | { readonly wakeAt: number };

/** Runs jobs side by side. */
export interface Supervisor {
  add(...jobs: Job[]): void;
  /** Starts what is due now. */
  start(): void;
  /** Something has changed that a decision depends on. */
  wake(): void;
  /** Goes on until the decision is an end. It is taken after every job and every wake. */
  until<End>(decide: (now: number) => Decision<End>): Promise<End>;
  /** Goes on until a promise is settled. */
  during<Value>(promise: Promise<Value>): Promise<Value>;
  /** Resolves when the jobs that run now have ended. */
  idle(): Promise<void>;
}

/**
 * Jobs are started by `start`, `until` and `during`, and by nothing else.
 *
 * @param onBug takes what a job has thrown; the other jobs go on
 */
export function createSupervisor(clock: Clock, onBug: (thrown: unknown) => void): Supervisor {
  const jobs: Job[] = [];
  const running = new Map<Job, Promise<void>>();
  let change = Promise.withResolvers<void>();
  const wake = () => change.resolve();

  function start(): void {
    for (const job of jobs) {
      if (running.has(job) || job.dueAt > clock.now()) continue;
      job.dueAt = Infinity;
      const begun = begin(job, onBug);
      // What has ended already needs no wake: a decision follows.
      if (begun === undefined) continue;
      const ended = begun.catch(onBug).finally(() => {
        running.delete(job);
        wake();
      });
      running.set(job, ended);
    }
  }

  async function until<End>(decide: (now: number) => Decision<End>): Promise<End> {
    while (true) {
      start();
      const decision = decide(clock.now());
      if ("end" in decision) return decision.end;
      const due = jobs.filter((job) => !running.has(job)).map(({ dueAt }) => dueAt);
      const ms = Math.min(decision.wakeAt, ...due) - clock.now();
      await atMost(clock, ms, change.promise);
      change = Promise.withResolvers();
    }
  }

  return {
    add: (...more) => void jobs.push(...more),
    start,
    wake,
    until,
    async during(promise) {
      let isSettled = false;
      const settle = () => {
        isSettled = true;
        wake();
      };
      promise.then(settle, settle);
      await until(() => isSettled ? { end: true } : { wakeAt: Infinity });
      return await promise;
    },
    async idle() {
      await Promise.all(running.values());
    },
  };
}

/** Runs a job; gives its end, or undefined where it has ended already. */
function begin(job: Job, onBug: (thrown: unknown) => void): Promise<void> | undefined {
  try {
    return job.run() ?? undefined;
  } catch (thrown) {
    onBug(thrown);
    return undefined;
  }
}
