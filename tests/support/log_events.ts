/** A log whose events tests can read. */

import type { Clock } from "../../src/clock.ts";
import { createLog, type Log } from "../../src/log.ts";

interface LogEvent {
  readonly level: "info" | "warn";
  readonly event: string;
  readonly elapsedMs: number;
  readonly registry?: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface LogEvents {
  readonly log: Log;
  events(name?: string): LogEvent[];
  messages(name: string): string[];
}

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
