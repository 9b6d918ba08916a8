/**
 * A run of a command with everything in memory.
 *
 * @module
 */

import type { Run, RunSettings } from "../../src/commands/run.ts";
import { recordFile, type RunRecord } from "../../src/lifecycle/record.ts";
import type { Registry } from "../../src/registry/registry.ts";
import { createLogEvents, type LogEvents } from "./log_events.ts";
import type { FakeClock } from "./fake_clock.ts";
import { createMemoryDisk, type MemoryDisk } from "./memory_disk.ts";

/** A run, with what a test looks at. */
export interface FakeRun extends Run, Pick<LogEvents, "events" | "messages"> {
  /** Where the record stands. */
  readonly disk: MemoryDisk;
}

/** What may differ from a run with a grace period of 60 s and a reserve of 15 s. */
export interface FakeRunOptions extends Partial<Pick<Run, "problems" | "problemOutcome">> {
  /** The time settings. */
  readonly settings?: Partial<RunSettings>;
  /** That of another run, to share its record. */
  readonly disk?: MemoryDisk;
}

/**
 * Makes a run that begins now.
 *
 * @param clock moves it on
 * @param registries what the instance is in
 * @param options what differs
 */
export function createFakeRun(
  clock: FakeClock,
  registries: readonly Registry[],
  options: FakeRunOptions = {},
): FakeRun {
  const { disk = createMemoryDisk(), problems = [], problemOutcome = "settings" } = options;
  return {
    ...createLogEvents(clock),
    clock,
    startedAt: clock.now(),
    settings: {
      gracePeriodSeconds: 60,
      stopReserveSeconds: 15,
      onlineTimeoutSeconds: 180,
      ...options.settings,
    },
    registries,
    disk,
    recordFile: recordFile(disk, ["8080", "10.0.0.7", "orders"]),
    problems,
    problemOutcome,
  };
}

/**
 * A record of a run that was cut off now, 10 s after its start.
 *
 * @param now milliseconds since the epoch
 * @param change what differs
 */
export function recordOfRun(now: number, change: Partial<RunRecord> = {}): RunRecord {
  return {
    run: "a run before",
    instance: "10.0.0.7:8080 of orders",
    startedAt: now - 10_000,
    deadline: now + 35_000,
    writtenAt: now,
    registries: [],
    appToldAt: 0,
    finishedAt: 0,
    undoneAt: 0,
    ...change,
  };
}
