/**
 * Asks the configured addresses of a registry until one gives an answer.
 *
 * @module
 */

import { backoffMs } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import {
  asServiceOfflineError,
  type OutcomeName,
  type ServiceOfflineError,
  UnreachableError,
} from "../errors.ts";

/** Something that can be asked. */
export interface Node {
  /** Makes sure that somebody is there; quick when that is known already. */
  connect(signal: AbortSignal): Promise<void>;
}

/** The addresses of one registry. */
export interface Pool<N extends Node> {
  /** All of them; whoever has answered last stands first. */
  readonly order: readonly N[];
  /**
   * Asks as {@linkcode firstAnswer} does, whoever has answered last first.
   *
   * @param absence whether "not found" at one address counts although another has failed otherwise
   */
  ask<Answer>(
    question: (node: N, signal: AbortSignal) => Promise<Answer>,
    signal: AbortSignal,
    absence: boolean,
  ): Promise<Answer>;
}

/** The next address is tried when this one has not even accepted a connection, milliseconds. */
const CONNECT_PATIENCE_MS = 200;

/** The next address is asked beside this one when it has not answered, milliseconds. */
const ANSWER_PATIENCE_MS = 2_000;

/** Of the errors of several addresses, the one that says most about what to do. */
const TELLING: readonly OutcomeName[] = ["internal", "settings", "refused"];

/**
 * Makes a pool.
 *
 * @param nodes the addresses, the preferred one first
 * @param clock measures the patience
 */
export function createPool<N extends Node>(nodes: readonly N[], clock: Clock): Pool<N> {
  let order = nodes;
  return {
    get order() {
      return order;
    },
    async ask(question, signal, absence) {
      const { node, answer } = await firstAnswer(order, question, clock, signal, absence);
      order = [node, ...nodes.filter((other) => other !== node)];
      return answer;
    },
  };
}

/**
 * Asks one address after another and takes the first answer.
 *
 * Slow is not dead: when a rollout stops hundreds of pods at once, logins queue on the server for
 * many seconds, and whoever gives up and asks again makes it worse for all. So an open request is
 * kept as long as the signal allows, the next address is asked beside it, and an address is never
 * asked again while it may still answer. One that failed is asked again, with growing pauses, for
 * as long as another is still open.
 *
 * @param nodes the addresses, the preferred one first
 * @param ask puts the question to one of them
 * @param clock measures the patience
 * @param signal ends all of it
 * @param absence whether "not found" at one address counts although another has failed otherwise
 * @returns the answer and who gave it
 * @throws {ServiceOfflineError} when every address has failed at least once
 */
export async function firstAnswer<N extends Node, Answer>(
  nodes: readonly N[],
  ask: (node: N, signal: AbortSignal) => Promise<Answer>,
  clock: Clock,
  signal: AbortSignal,
  absence: boolean,
): Promise<{ node: N; answer: Answer }> {
  if (signal.aborted) throw mostTelling([], absence);
  const end = new AbortController();
  const stop = () => end.abort();
  signal.addEventListener("abort", stop);
  const failures = new Map<N, ServiceOfflineError>();
  const outcome = Promise.withResolvers<{ node: N; answer: Answer }>();

  const run = async (node: N, connected: () => void, failed: () => void) => {
    for (let tries = 1; !end.signal.aborted; tries++) {
      try {
        await node.connect(end.signal);
        connected();
        outcome.resolve({ node, answer: await ask(node, end.signal) });
        return;
      } catch (thrown) {
        const error = asServiceOfflineError(thrown);
        failures.set(node, error);
        failed();
        if (failures.size === nodes.length) {
          outcome.reject(mostTelling([...failures.values()], absence));
          return;
        }
        await clock.sleep(backoffMs(tries, error), end.signal);
      }
    }
    // The time is over; an address that was being retried has nothing newer to say.
    outcome.reject(mostTelling([...failures.values()], absence));
  };

  outcome.promise.then(stop, stop);
  try {
    for (const node of nodes) {
      if (end.signal.aborted) break;
      const connected = new AbortController();
      const failed = new AbortController();
      run(node, () => connected.abort(), () => failed.abort());
      const moveOn = AbortSignal.any([failed.signal, end.signal]);
      await clock.sleep(CONNECT_PATIENCE_MS, AbortSignal.any([connected.signal, moveOn]));
      if (connected.signal.aborted) await clock.sleep(ANSWER_PATIENCE_MS, moveOn);
    }
    return await outcome.promise;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function mostTelling(
  errors: readonly ServiceOfflineError[],
  absence: boolean,
): ServiceOfflineError {
  for (const name of absence ? ["notFound", ...TELLING] : TELLING) {
    const found = errors.find((error) => error.outcome === name);
    if (found) return found;
  }
  const failed = errors.filter((error) => error.outcome !== "notFound");
  const [only] = failed.length > 0 ? failed : errors;
  if (only && failed.length < 2) return only;
  const all = failed.map((error) => error.message).join("; ");
  return new UnreachableError(all || "no address answered in time");
}
