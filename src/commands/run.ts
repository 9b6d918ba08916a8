/** What every command is given, and what it gives back. */

import type { AppCall } from "../app/call.ts";
import type { Context } from "../context.ts";
import type { OutcomeName } from "../errors.ts";
import type { TimeSettings } from "../lifecycle/plan.ts";
import type { Registration } from "../lifecycle/state.ts";
import { partsOf, type Verdict, withoutReplaced, worst } from "../lifecycle/verdict.ts";
import { leastOthers } from "../lifecycle/words.ts";
import type { RecordFile } from "../lifecycle/record_file.ts";
import type { Fields } from "../log.ts";
import type { Registry } from "../registry/registry.ts";
import type { Traffic, TrafficReport } from "../traffic/traffic.ts";

/** The settings that commands look at; always there, whatever else is missing or wrong. */
export interface RunSettings extends TimeSettings {
  /** How long `online` waits for the app to register. */
  readonly onlineTimeoutSeconds: number;
}

/** One run of a command. */
export interface Run extends Omit<Context, "signal"> {
  readonly settings: RunSettings;
  /** The registries the instance is in; empty where the settings do not allow asking any. */
  readonly registries: readonly Registry[];
  /** What the app says of registries that it does not register with, by their names. */
  readonly off?: ReadonlyMap<string, string>;
  /** Those of them in which it is not; undefined where that is not looked up. */
  readonly unregistered?: readonly string[];
  /** The requests that the app still gets, where it counts them. */
  readonly traffic?: Traffic | undefined;
  /** Where runs see each other; undefined where the instance is not known. */
  readonly recordFile: RecordFile | undefined;
  /** Tells the app that it goes out of service; undefined where the settings name no endpoint. */
  readonly appOffline?: AppCall | undefined;
  /** Tells whoever else is to know, after the drain; undefined likewise. */
  readonly afterDrain?: AppCall | undefined;
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
  /** Whether a report for people has said all of it. */
  readonly isReported?: boolean;
}

/**
 * The ending of a run over all registries.
 *
 * @param verdicts what became of each registration, in the same order
 */
export function endingOf(
  run: Run,
  registrations: readonly Registration[],
  verdicts: readonly Verdict[],
): Ending {
  const { problems, problemOutcome, startedAt } = run;
  const wrong = problems.map((reason): Verdict => ({ outcome: problemOutcome, reason }));
  const sinceStart = (moment?: number) => moment === undefined ? null : moment - startedAt;
  return {
    outcome: worst([...withoutReplaced(registrations, verdicts), ...wrong]),
    parts: [...problems, ...partsOf(registrations, verdicts)],
    fields: {
      registries: registrations.map(({ registry, state, isFurther }, i) => ({
        registry: registry.name,
        instance: state.label ?? registry.wanted,
        ...isFurther ? { further: true } : {},
        ...verdicts[i],
        // Who has answered last; nobody, where nothing is known about the instance.
        server: state.label ?? state.nearMisses ? registry.describe() : null,
        writtenMs: sinceStart(state.wroteAt),
        acceptedMs: sinceStart(state.acceptedAt),
        listMs: sinceStart(state.settledAt),
        others: state.views ? leastOthers(state.views) : null,
      })),
    },
  };
}

/**
 * A run for machines: when it was, how it ended, and what its command says besides.
 *
 * @param run as it began
 * @param ending as it ended, now
 */
export function summaryOf(run: Run, ending: Ending): Fields {
  const { outcome, fields } = ending;
  return {
    outcome,
    startedAt: isoTime(run.startedAt),
    endedAt: isoTime(run.clock.now()),
    problems: run.problems,
    ...fields,
  };
}

/** What is known about the requests; null where nothing says where they are counted. */
export function trafficForMachines(report: TrafficReport | null | undefined): Fields | null {
  if (!report) return null;
  const { lastRequestAt, runningSeconds = null } = report;
  return {
    ...report,
    lastRequestAt: lastRequestAt ? isoTime(lastRequestAt) : null,
    runningSeconds,
  };
}

/** A moment as people and machines read it. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
