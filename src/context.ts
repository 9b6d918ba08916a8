import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";

/** What everything that takes part in a run is given. */
export interface Context {
  readonly clock: Clock;
  readonly log: Log;
  /** When this process began, ms since the epoch; the log counts from there. */
  readonly startedAt: number;
  /** Ends whatever is still open. */
  readonly signal: AbortSignal;
}
