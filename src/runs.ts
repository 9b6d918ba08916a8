/** From the settings to a run: what every command is given. */

import { createAppCalls } from "./app/calls.ts";
import { type Said, UNREAD } from "./check/find.ts";
import type { CommandLine } from "./command_line.ts";
import type { Run } from "./commands/run.ts";
import type { OutcomeName } from "./errors.ts";
import { REPORTS } from "./help.ts";
import { recordFile } from "./lifecycle/record_file.ts";
import { type SidecarMark, sidecarMark } from "./lifecycle/sidecar_mark.ts";
import { createLog, type Log } from "./log.ts";
import type { Process } from "./process.ts";
import { switchedOff } from "./registry/choice.ts";
import type { Kind } from "./registry/kind.ts";
import { createRegistries } from "./registry/registries.ts";
import { placeInWords } from "./settings/places.ts";
import { type Reading, readSettings } from "./settings/read.ts";
import { renew } from "./settings/renew.ts";
import { createSpring, type Spring } from "./settings/spring.ts";
import { type OwnSettings, settingsTable } from "./settings_table.ts";
import { surroundingsOf } from "./surroundings.ts";
import { createTraffic } from "./traffic/traffic.ts";

/** One call of the program: what came in, and how far it is. */
export interface Invocation {
  readonly process: Process;
  readonly line: CommandLine;
  /** Every kind of registry there is. */
  readonly kinds: readonly Kind[];
  /** Fires when it ends. */
  readonly signal: AbortSignal;
  /** Fires when the process is told to end; `sidecar` waits for that. */
  readonly told: AbortSignal;
  /** The log of a command that prints a report; goes on growing. */
  readonly said: Said[];
  /** Its files are read once: what the app has read at its start is what it has registered. */
  readonly spring: Spring;
  reading: Reading<OwnSettings>;
  /** The kinds that the settings name. */
  used: readonly Kind[];
  /** The latest. */
  run: Run;
  /** Of the instance that the settings name. */
  mark: SidecarMark;
}

/** An invocation of which only the command line is known. */
export function createInvocation(
  given: Pick<Invocation, "process" | "line" | "kinds" | "signal" | "told">,
): Invocation {
  const { env, disk } = given.process;
  const spring = createSpring(env, { readFile: disk.readTextFile, list: disk.names });
  const reading = { values: {}, problems: [], origins: {}, notes: [] };
  const invocation = { ...given, said: [], spring, reading, used: [] };
  const run = blindRun(invocation, "usage", given.line.mistakes);
  return { ...invocation, run, mark: sidecarMark(given.process.disk, []) };
}

/** A run without registries: with these problems there is nothing that can be asked. */
export function blindRun(
  { process, line, said, reading }: Omit<Invocation, "run" | "mark">,
  problemOutcome: OutcomeName,
  problems: readonly string[],
): Run {
  const { clock, stdout } = process;
  const startedAt = clock.now();
  const log = createLog({
    clock,
    startedAt,
    format: reading.values.logFormat ?? "text",
    // The report is all that stands on stdout.
    write: REPORTS.has(line.command)
      ? (_, event, message) => void said.push({ event, message })
      : (text) => stdout(text + "\n"),
  });
  const settings = { stopReserveSeconds: 0, onlineTimeoutSeconds: 0, ...reading.values };
  const nothing = { registries: [], recordFile: undefined };
  return { clock, log, startedAt, settings, problems, problemOutcome, ...nothing };
}

/** Reads the settings. */
export function read({ process, line, kinds, spring }: Invocation): Reading<OwnSettings> {
  const { env, disk } = process;
  const sources = { flags: line.flags, env, readFile: disk.readTextFile, list: disk.names };
  return readSettings(settingsTable(kinds), sources, spring);
}

/** A run that begins now, with the settings as they were read. */
export function begin(invocation: Invocation): Run {
  const { process, line, kinds, reading, signal } = invocation;
  const { values, origins } = reading;
  // An address that was refused names its registry all the same; that it was is said already.
  const refused = line.refused.filter((key) => !(key in values))
    .map((key) => ({ key, message: "", lenient: false }));
  const problems = [...reading.problems, ...refused];
  const blind = blindRun(invocation, line.mistakes.length > 0 ? "usage" : "settings", []);
  const { clock, log } = blind;
  const variable = (key: string) => origins[key] && placeInWords(origins[key]);
  const deps = { clock, log, signal, variable, surroundings: surroundingsOf(process) };
  const off = switchedOff(kinds, invocation.spring);
  const assembly = createRegistries(kinds, { values, problems, origins, off }, deps);
  const unused = kinds.filter((kind) => !assembly.used.includes(kind));
  sayNotes(log, reading.notes.filter(({ key }) => !unused.some((kind) => key in kind.settings)));
  const { registries } = assembly;
  const identity = [values.podip ?? "", ...registries.map((one) => one.identity)];
  invocation.used = assembly.used;
  invocation.mark = sidecarMark(process.disk, identity);
  invocation.run = {
    ...blind,
    ...createAppCalls(values, problems, clock),
    traffic: createTraffic(values, { clock, log }),
    problems: [...line.mistakes, ...assembly.problems.flatMap(({ message }) => message || [])],
    registries,
    off,
    recordFile: registries.length > 0 ? recordFile(process.disk, identity) : undefined,
  };
  return invocation.run;
}

/** Says each once: several settings may come from one file. */
function sayNotes(log: Log, notes: Reading<OwnSettings>["notes"]): void {
  for (const { key, message, isWarning } of new Map(notes.map((n) => [n.message, n])).values()) {
    if (isWarning) log.warn(UNREAD, `${message}; what other files say counts`);
    else log.info(key === "" ? "files" : "not_set", message);
  }
}

/** The second run of a `sidecar`: what stands in files may have changed in the weeks between. */
export function beginAnew(invocation: Invocation): Run {
  const { reading, run, line } = invocation;
  const renewed = renew(reading, read(invocation));
  invocation.reading = renewed;
  const next = begin(invocation);
  for (const message of renewed.kept) next.log.warn("kept", message);
  if (next.registries.length >= run.registries.length) return next;
  // A certificate that cannot be used shows only here.
  for (const problem of next.problems.slice(line.mistakes.length)) {
    next.log.warn("kept", `${problem}; the earlier one is used`);
  }
  invocation.reading = reading;
  return begin(invocation);
}

/**
 * A run after a bug, without registries, in what is left of the time.
 *
 * @param lostSeconds of the grace period
 */
export function beginAfterBug(
  invocation: Invocation,
  problemOutcome: OutcomeName,
  message: string,
  lostSeconds: number,
): Run {
  const { log } = invocation.run;
  const { settings, ...blind } = blindRun(invocation, problemOutcome, [message]);
  const { gracePeriodSeconds: grace } = settings;
  const left = grace === undefined ? {} : { gracePeriodSeconds: grace - lostSeconds };
  invocation.run = { ...blind, log, settings: { ...settings, ...left } };
  return invocation.run;
}
