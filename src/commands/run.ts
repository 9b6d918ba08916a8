/**
 * What every command is given, and what it gives back.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { OutcomeName } from "../errors.ts";
import type { Progress } from "../lifecycle/hold.ts";
import type { TimeSettings } from "../lifecycle/plan.ts";
import { type Verdict, worst } from "../lifecycle/verdict.ts";
import type { RecordFile } from "../lifecycle/record.ts";
import type { Fields, Log } from "../log.ts";
import type { Registry } from "../registry/registry.ts";

/** The settings that commands look at; always there, whatever else is missing or wrong. */
export interface RunSettings extends TimeSettings {
  /** How long `online` waits for the app to register. */
  readonly onlineTimeoutSeconds: number;
}

/** One run of the program. */
export interface Run {
  /** The time. */
  readonly clock: Clock;
  /** Where it says what it does. */
  readonly log: Log;
  /** When the process began, milliseconds since the epoch. */
  readonly startedAt: number;
  /** How long to wait. */
  readonly settings: RunSettings;
  /** The registries the instance is in; empty where the settings do not allow asking any. */
  readonly registries: readonly Registry[];
  /** Where runs see each other; undefined where the instance is not known. */
  readonly recordFile: RecordFile | undefined;
  /** What is wrong with flags or settings, one line each. */
  readonly problems: readonly string[];
  /** What that makes of the run: `usage` or `settings`. */
  readonly problemOutcome: OutcomeName;
}

/** How a command ended. */
export interface Ending {
  /** Decides the exit code. */
  readonly outcome: OutcomeName;
  /** What the last line says, in this order. */
  readonly parts: readonly string[];
  /** The same for machines. */
  readonly fields?: Fields;
}

/**
 * The ending of a run over all registries.
 *
 * @param run with what was wrong from the start
 * @param progress how far each registry came
 * @param verdicts what that comes to, in the same order
 */
export function endingOf(
  run: Run,
  progress: readonly Progress[],
  verdicts: readonly Verdict[],
): Ending {
  const { problems, problemOutcome, startedAt } = run;
  const wrong = problems.map((reason): Verdict => ({ outcome: problemOutcome, reason }));
  const sinceStart = (moment?: number) => moment === undefined ? null : moment - startedAt;
  return {
    outcome: worst([...verdicts, ...wrong]),
    parts: [
      ...problems,
      ...verdicts.map((one, i) => `${progress[i]?.registry.name}: ${one.reason}`),
    ],
    fields: {
      registries: progress.map((one, i) => ({
        registry: one.registry.name,
        instance: one.label ?? one.registry.wanted,
        ...verdicts[i],
        acceptedMs: sinceStart(one.acceptedAt),
        listMs: sinceStart(one.leftAt),
      })),
    },
  };
}
