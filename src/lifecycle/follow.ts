/**
 * The further addresses of a registry. Most are nodes of one cluster and follow by themselves; what
 * does not (another registry, a node that stays stale) is written by itself.
 */

import { NotFoundError } from "../errors.ts";
import { type Held, rulesOf, update } from "./held.ts";
import { lookJob } from "./look_job.ts";
import { elsewhereAfter, following, heardOf } from "./next.ts";
import { REWRITE_MS, SEARCH_MS } from "./plan.ts";
import type { Elsewhere } from "./state.ts";
import type { Job } from "./supervise.ts";

/** The peers of a cluster follow after 0.5 to 0.7 s (Eureka 2.0.5, Nacos 2.2.4 and 3.1.0). */
const FOLLOW_MS = 1_000;

/**
 * Begins to look at the other addresses, once the record of one agrees.
 *
 * @param here that address
 */
export function followElsewhere(held: Held, here: string): void {
  const { registration, context: { clock }, options: { supervisor }, followers } = held;
  const { wroteAt, turns } = registration.state;
  // One that answers in another's place later follows nobody: it was first itself.
  const hasWritten = wroteAt !== undefined && followers.size === 0;
  if (turns > held.followedTurns) {
    held.followedTurns = turns;
    // Who had followed may be back in service, too.
    const at = clock.now() + SEARCH_MS;
    for (const follower of followers.values()) follower.dueAt = Math.min(follower.dueAt, at);
  }
  for (const address of registration.registry.addresses) {
    if (address === here || followers.has(address)) continue;
    update(held, following(registration.state, address));
    const follower = follow(held, address, hasWritten);
    followers.set(address, follower);
    supervisor.add(follower);
  }
  supervisor.start();
}

/**
 * The job that looks at the record of one address until it agrees, and writes there where it does not
 * follow. One that has followed is of one cluster with the first, and not looked at again.
 *
 * @param hasWritten whether anything was written for this address to follow
 */
function follow(held: Held, address: string, hasWritten: boolean): Job {
  const { registration, context: { clock, log, signal }, options } = held;
  const { registry, goal } = registration;
  const watchMs = Math.max(SEARCH_MS, options.watchMs);
  let wroteAt = -Infinity;
  const note = (found: Elsewhere) =>
    update(held, heardOf(registration.state, address, found, clock.now()));

  async function look(): Promise<number> {
    if (registration.state.isLeft) return Infinity;
    const sighting = await registry.locateAt(address, signal);
    signal.throwIfAborted();
    const { mayWrite, ...found } = elsewhereAfter(registration.state, sighting, rulesOf(held));
    note(found);
    const hasFollowed = found.state === "agrees" && hasWritten && wroteAt === -Infinity;
    if (hasFollowed) return Infinity;
    if (sighting === undefined || !mayWrite) return watchMs;
    const elapsedMs = clock.now() - wroteAt;
    if (elapsedMs < REWRITE_MS) return registry.confirmPauseMs(Math.max(1, elapsedMs));
    await registry.set(sighting, goal.inService, signal);
    wroteAt = clock.now();
    log.warn("written", `${address} has not followed: ${goal.writing} there too`);
    return 0;
  }

  const job = lookJob(held.context, look, (error) => {
    // It has gone between look and write; the next look shows it.
    if (error instanceof NotFoundError) return;
    const isKnown = registration.state.elsewhere.get(address)?.state === "differs";
    note({ state: isKnown ? "differs" : "unknown", why: error.message, failed: error.outcome });
  });
  if (hasWritten) job.dueAt += FOLLOW_MS;
  return job;
}
