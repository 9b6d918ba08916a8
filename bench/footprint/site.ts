/**
 * What the bench has to know of a server.
 *
 * @module
 */

import type { Exchange } from "./tap.ts";

/** A server with one registered instance, which programs take out. */
export interface Site {
  /** Names it in the report. */
  readonly label: string;
  /** The service that the instance belongs to; a name that nobody else uses. */
  readonly service: string;
  /** `host:port`. */
  readonly addr: string;
  /** What has to be said of the figures measured on it. */
  readonly notes: readonly string[];
  /**
   * The environment that every program gets.
   *
   * @param addr where it is to go instead of the server
   */
  env(addr: string): Record<string, string>;
  /** Whether a request is the write that takes the instance out. */
  isWrite(exchange: Exchange): boolean;
  /** Whether the list that callers fetch offers the instance. */
  listed(): Promise<boolean>;
  /** Puts the instance back. */
  putBack(): Promise<void>;
  /** Ends the server. */
  shutdown(): Promise<void>;
}

const MOST_WAIT_MS = 30_000;
const POLL_MS = 5;

/**
 * Asks until the answer is the wanted one, every 5 ms.
 *
 * @returns when it was, `performance.now()`
 * @throws {Error} not within 30 s
 */
export async function until(
  ask: () => Promise<boolean>,
  wanted: boolean,
): Promise<number> {
  const end = performance.now() + MOST_WAIT_MS;
  while (performance.now() < end) {
    if (await ask() === wanted) return performance.now();
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`the list did not ${wanted ? "show" : "lose"} the instance in 30 s`);
}
