import { backoffMs } from "../backoff.ts";
import type { Connection } from "./connection.ts";
import { atMost, type Clock } from "../clock.ts";
import {
  asServiceOfflineError,
  type OutcomeName,
  type ServiceOfflineError,
  UnreachableError,
} from "../errors.ts";

/** One address. */
export type Node = Pick<Connection, "root" | "connect">;

/** What is asked of one address; `tries` counts how often it was, from 1. */
export type Question<N extends Node, Answer> = (
  node: N,
  signal: AbortSignal,
  tries: number,
) => Promise<Answer>;

/** How addresses are asked. */
export interface AskOptions {
  readonly clock: Clock;
  /** When this address has not answered by then, the next is asked beside it, milliseconds. */
  readonly patienceMs: number;
  /**
   * Whether "not found" at one address counts although another has failed otherwise.
   *
   * @default {false}
   */
  readonly absence?: boolean;
}

/** When this address has not even accepted a connection by then, the next is asked, milliseconds. */
const CONNECT_PATIENCE_MS = 200;

/** Of the errors of several addresses, these say most about what to do. */
const TELLING: readonly OutcomeName[] = ["internal", "settings", "refused"];

/**
 * Asks one address after another and takes the first answer.
 *
 * Slow is not dead: when a rollout stops hundreds of pods at once, logins queue on the server for
 * many seconds, and whoever gives up and asks again makes it worse for all. So an open request is
 * kept as long as the signal allows, and the next address is asked beside it. An address is never
 * asked twice at a time. One that failed is asked again, with growing pauses, as long as another is
 * still open.
 *
 * @throws {ServiceOfflineError} when every address has failed at least once
 */
export async function firstAnswer<N extends Node, Answer>(
  nodes: readonly N[],
  ask: Question<N, Answer>,
  signal: AbortSignal,
  { clock, patienceMs, absence = false }: AskOptions,
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
        outcome.resolve({ node, answer: await ask(node, end.signal, tries) });
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
    // The time is over, and no address will say anything newer.
    outcome.reject(mostTelling([...failures.values()], absence));
  };

  let isOver = false;
  const over = Promise.allSettled([outcome.promise]).then(() => isOver = true);
  try {
    for (const node of nodes) {
      if (isOver || end.signal.aborted) break;
      const connected = Promise.withResolvers<void>();
      const failed = Promise.withResolvers<void>();
      run(node, connected.resolve, failed.resolve);
      // There is nobody to move on to.
      if (node === nodes.at(-1)) break;
      let isConnected = false;
      connected.promise.then(() => isConnected = true);
      const moveOn = Promise.race([failed.promise, over]);
      await atMost(clock, CONNECT_PATIENCE_MS, Promise.race([connected.promise, moveOn]));
      if (isConnected) await atMost(clock, patienceMs, moveOn);
    }
    return await outcome.promise;
  } finally {
    signal.removeEventListener("abort", stop);
    // Of one address nothing is open any more.
    if (nodes.length > 1) stop();
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
