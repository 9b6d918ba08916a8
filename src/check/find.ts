/** Finds what `check` reports. */

import { checkOne } from "./check_one.ts";
import type { Hooks } from "./hooks.ts";
import { LOOK_MS } from "./look.ts";
import { manifest } from "./manifest.ts";
import type { CheckedRegistry, CheckReport, TimeReport } from "./report.ts";
import type { EffectiveSetting } from "./settings.ts";
import { warningsOf } from "./warnings.ts";
import { type Clock, timeout } from "../clock.ts";
import { type OutcomeName, OUTCOMES } from "../errors.ts";
import { budgetOf } from "../lifecycle/budget.ts";
import type { TimeSettings } from "../lifecycle/plan.ts";
import { worst } from "../lifecycle/verdict.ts";
import type { Registry } from "../registry/registry.ts";
import type { Traffic, TrafficReport } from "../traffic/traffic.ts";

/** What is checked: what `offline` would work with. */
export interface Subject {
  readonly clock: Clock;
  readonly settings: TimeSettings;
  readonly registries: readonly Registry[];
  readonly traffic?: Traffic | undefined;
  readonly appOffline?: unknown;
  readonly afterDrain?: unknown;
  readonly problems: readonly string[];
  /** How the problems alone would end `offline`. */
  readonly problemOutcome: OutcomeName;
}

/** What only the command line and the environment tell. */
export interface Told {
  /** The settings in effect. */
  readonly settings: readonly EffectiveSetting[];
  /** How this container calls the program, with the wrapper of a registry; undefined in a sidecar. */
  readonly hooks: (registry: string) => Hooks | undefined;
  /** Whether the off switch is set. */
  readonly disabled: boolean;
  /** What the log would have got so far; goes on growing. */
  readonly said: readonly Said[];
}

/** A line of the log. */
export interface Said {
  readonly event: string;
  readonly message: string;
}

/** The log's event of a file of settings that cannot be used: what counts in its place may be wrong. */
export const UNREAD = "file_unread";

/** Events of the log that the report has in another place. */
const REPORTED = ["problem", "login_refused", UNREAD];

/** Looks at everything, for at most 20 s. */
export async function find(subject: Subject, told: Told): Promise<CheckReport> {
  const { clock, problems, problemOutcome, appOffline, afterDrain } = subject;
  const { settings, disabled } = told;
  using limit = timeout(clock, LOOK_MS);
  const [traffic, registries] = await Promise.all([
    readTraffic(subject.traffic, clock, limit.signal),
    Promise.all(subject.registries.map((one) => checkOne(one, clock, limit.signal))),
  ]);
  const wrong = problems.map(() => ({ outcome: problemOutcome }));
  const outcome = disabled ? "done" : worst([...registries, ...wrong]);
  const notes = told.said.filter(({ event }) => !REPORTED.includes(event));
  const [first] = subject.registries;
  const time = first ? timeOf(subject) : null;
  return {
    outcome,
    exitCode: OUTCOMES[outcome].code,
    problems,
    notes: notes.map(({ message }) => message),
    warnings: [
      ...told.said.filter(({ event }) => event === UNREAD).map(({ message }) => message),
      ...warningsOf({ disabled, registries, traffic, time }),
    ],
    settings,
    registries,
    traffic,
    calls: Object.entries({ APP_OFFLINE_URL: appOffline, AFTER_DRAIN_URL: afterDrain })
      .flatMap(([name, call]) => call ? [name] : []),
    time,
    // Settings that no registry can be asked with are none to paste.
    yaml: first && time ? yamlOf(time, told.hooks(first.name), settings, registries) : null,
  };
}

function timeOf({ settings, registries, traffic }: Subject): TimeReport {
  // Not the whole of them: at run time all settings stand in there, the secret ones too.
  const { gracePeriodSeconds = null, stopReserveSeconds, drainSeconds = null } = settings;
  const budget = budgetOf(settings, registries, traffic?.quietSeconds);
  return { gracePeriodSeconds, stopReserveSeconds, drainSeconds, ...budget };
}

function yamlOf(
  time: TimeReport,
  hooks: Hooks | undefined,
  settings: readonly EffectiveSetting[],
  registries: readonly CheckedRegistry[],
): string {
  const isEnough = time.available !== null && time.missing === 0;
  if (!hooks && isEnough) return "# Nothing to patch: a sidecar stands by here.\n";
  const isFound = registries.some(({ state }) => state !== null);
  return manifest({ settings, grace: graceToPaste(time), hooks, isFound });
}

/** One that is longer than it has to be stays. */
function graceToPaste({ grace, missing, gracePeriodSeconds }: TimeReport): number {
  return missing > 0 ? grace : Math.max(grace, gracePeriodSeconds ?? 0);
}

async function readTraffic(
  traffic: Traffic | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<TrafficReport | null> {
  if (traffic === undefined) return null;
  // A counter that is not there at first may come with the second read.
  const dueAt = await traffic.read(signal);
  await clock.sleep(dueAt - clock.now(), signal);
  await traffic.read(signal);
  return traffic.report;
}
