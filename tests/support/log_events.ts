/**
 * A log whose events tests can read.
 *
 * @module
 */

import type { Clock } from "../../src/clock.ts";
import { createLog, type Log } from "../../src/log.ts";

/** One event as the JSON form of the log has it. */
export interface LogEvent {
  /** Whether all is as it should be. */
  readonly level: "info" | "warn";
  /** The name of the event. */
  readonly event: string;
  /** Since the log began. */
  readonly elapsedMs: number;
  /** The registry it is about. */
  readonly registry?: string;
  /** What was said. */
  readonly message: string;
  /** The event's own fields. */
  readonly [field: string]: unknown;
}

/** A log and what was said in it. */
export interface LogEvents {
  /** Takes the events. */
  readonly log: Log;
  /** All events, or those of one name. */
  events(name?: string): LogEvent[];
  /** The messages of the events of one name. */
  messages(name: string): string[];
}

/**
 * Makes a log that keeps its events.
 *
 * @param clock gives the times; the log begins now
 */
export function createLogEvents(clock: Clock): LogEvents {
  const all: LogEvent[] = [];
  const log = createLog({
    clock,
    startedAt: clock.now(),
    format: "json",
    write: (line) => void all.push(JSON.parse(line)),
  });
  const events = (name?: string) => all.filter((one) => name === undefined || one.event === name);
  return { log, events, messages: (name) => events(name).map((one) => one.message) };
}
