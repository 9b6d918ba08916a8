import { backoffMs, jittered } from "../backoff.ts";
import type { Context } from "../context.ts";
import { asServiceOfflineError, type ServiceOfflineError } from "../errors.ts";
import type { Job } from "./supervise.ts";

/**
 * Makes a job of a look that is taken again and again until the signal fires, after an error later and
 * later.
 *
 * @param look gives the pause until the next, ms
 */
export function lookJob(
  { clock, signal }: Pick<Context, "clock" | "signal">,
  look: () => Promise<number>,
  onError: (error: ServiceOfflineError) => void,
): Job {
  let failures = 0;
  const job: Job = {
    dueAt: clock.now(),
    async run() {
      if (signal.aborted) return;
      let pause: number;
      try {
        pause = await look();
        failures = 0;
      } catch (thrown) {
        if (signal.aborted) return;
        const error = asServiceOfflineError(thrown);
        pause = backoffMs(++failures, error);
        onError(error);
      }
      // Somebody may have asked for an earlier look meanwhile.
      if (!signal.aborted) job.dueAt = Math.min(job.dueAt, clock.now() + jittered(pause));
    },
  };
  return job;
}
