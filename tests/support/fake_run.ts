/** A run of a command with everything in memory. */

import type { Run, RunSettings } from "../../src/commands/run.ts";
import type { RunRecord } from "../../src/lifecycle/record.ts";
import { recordFile } from "../../src/lifecycle/record_file.ts";
import type { Registry } from "../../src/registry/registry.ts";
import { createLogEvents, type LogEvents } from "./log_events.ts";
import type { FakeClock } from "./fake_clock.ts";
import { createMemoryDisk, type MemoryDisk } from "./memory_disk.ts";

export interface FakeRun extends Run, Pick<LogEvents, "events" | "messages"> {
  readonly disk: MemoryDisk;
}

/** What may differ from a run with a grace period of 60 s and a reserve of 15 s. */
export interface FakeRunOptions extends Partial<Pick<Run, "problems" | "problemOutcome">> {
  readonly settings?: Partial<RunSettings>;
  readonly disk?: MemoryDisk;
}

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

/** A record of a run that was cut off now, 10 s after its start. */
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
