/** The last request of a run, where the settings ask for it. */

import { backoffMs } from "../backoff.ts";
import { timeout } from "../clock.ts";
import type { Context } from "../context.ts";
import { asServiceOfflineError, type ServiceOfflineError, traceOf } from "../errors.ts";
import { MIN_RUN_MS, type Plan } from "./plan.ts";
import type { Registration } from "./state.ts";
import type { Verdict } from "./verdict.ts";

/** How long it is tried, ms; one takes some 10 on Eureka 2.0.5. */
const REMOVE_MS = 10_000;

/**
 * Removes the instance where it is out of service.
 *
 * @returns undefined where nothing was tried
 */
export async function removalOf(
  { clock, log }: Pick<Context, "clock" | "log">,
  plan: Plan,
  { registry, state }: Registration,
  undone: () => boolean,
): Promise<Verdict | undefined> {
  const { remove, name } = registry;
  const isOut = state.phase === "accepted" || state.phase === "settled";
  if (remove === undefined || !isOut) return undefined;
  const left = Math.max(MIN_RUN_MS, Math.min(REMOVE_MS, plan.deadline - clock.now()));
  using limit = timeout(clock, left);
  let error: ServiceOfflineError | undefined;
  for (let tries = 1;; tries++) {
    if (undone()) return undefined;
    try {
      const reason = await remove(limit.signal);
      if (reason === undefined) return undefined;
      log.of(name).info("removed", reason);
      return { outcome: "done", reason };
    } catch (thrown) {
      // A try that the end has cut off says less than the one before.
      if (error === undefined || !limit.signal.aborted) error = asServiceOfflineError(thrown);
      if (error.outcome === "internal") log.of(name).warn("internal", traceOf(error));
      const isPassing = error.outcome === "unreachable";
      if (isPassing) await clock.sleep(backoffMs(tries, error), limit.signal);
      if (!isPassing || limit.signal.aborted) {
        return { outcome: error.outcome, reason: `not removed: ${error.message}` };
      }
    }
  }
}
