/**
 * Parses the command line, wires everything up, and says how it ended.
 *
 * @module
 */

import arg from "arg";
import { createCalls } from "./app/calls.ts";
import type { Clock } from "./clock.ts";
import { effectiveSettings } from "./check/settings.ts";
import { check, type Said } from "./commands/check.ts";
import { offline } from "./commands/offline.ts";
import { type Folders, install } from "./commands/install.ts";
import { online } from "./commands/online.ts";
import { type Ending, type Run, summaryOf } from "./commands/run.ts";
import { fired, sidecar } from "./commands/sidecar.ts";
import { status } from "./commands/status.ts";
import { asServiceOfflineError, type OutcomeName, OUTCOMES, traceOf } from "./errors.ts";
import { type CommandName, COMMANDS, helpText, SWITCHES } from "./help.ts";
import { type Disk, recordFile } from "./lifecycle/record.ts";
import { lastLine } from "./lifecycle/verdict.ts";
import { createLog } from "./log.ts";
import { createRegistries, settingsInUse } from "./registry/registries.ts";
import { type AllValues, SETTINGS } from "./settings/all.ts";
import {
  flagOf,
  passwordInFlag,
  type Problem,
  type Reading,
  readSettings,
} from "./settings/read.ts";
import { renew } from "./settings/renew.ts";
import type { Setting } from "./settings/setting.ts";
import { createTraffic } from "./traffic/traffic.ts";
import { VERSION } from "./version.ts";

/** The process as the program sees it. */
export interface Process {
  /** Without the name of the program. */
  readonly args: readonly string[];
  /** An environment variable; throws where it is no text. */
  readonly env: (name: string) => string | undefined;
  /** The time. */
  readonly clock: Clock;
  /** The file system. */
  readonly disk: Disk;
  /** Prints what was asked for on stdout, however long its reader takes; never throws. */
  readonly print: (text: string) => void;
  /** Writes a line of the log to stdout, and waits for nobody; never throws. */
  readonly stdout: (text: string) => void;
  /** Writes a line to stderr in the same way. */
  readonly stderr: (text: string) => void;
  /** Folders and files, for `install`. */
  readonly folders: Folders;
  /** Whether a person is looking on: then mistakes in the call end the run at once. */
  readonly interactive: boolean;
  /** Lets TERM, and INT by hand, fire a signal instead of ending the process: for `sidecar`. */
  readonly catchTerm: () => AbortSignal;
  /** Hands over what was thrown and nobody has caught, which would end the process: a bug. */
  readonly onStray: (take: (thrown: unknown) => void) => void;
}

/** What the command line says. */
export interface CommandLine {
  /** What to do. */
  readonly command: CommandName;
  /** Values of settings, by flag with its dashes. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  /** The flags without a value that were given; with a mistake in it, all words. */
  readonly switches: ReadonlySet<string>;
  /** What is wrong with it. */
  readonly error: string | undefined;
}

/**
 * Runs the program.
 *
 * @param process the world around it
 * @returns the exit code
 */
export async function run(process: Process): Promise<number> {
  const { clock, stdout } = process;
  const line = parseCommandLine(process.args);
  if (line.switches.has("--help")) return print(process, helpText());
  if (line.switches.has("--version")) return print(process, `service-offline ${VERSION}\n`);

  let reading: Reading<typeof SETTINGS> = { values: {}, problems: [], origins: {} };
  let startedAt = clock.now();
  const said: Said[] = [];
  /** A run without registries: with these problems there is nothing that can be asked. */
  const blind = (problemOutcome: OutcomeName, messages: readonly string[]): Run => {
    const { values } = reading;
    const log = createLog({
      clock,
      startedAt,
      format: values.logFormat ?? "text",
      // The report is all that stands on stdout.
      write: REPORTS.has(line.command)
        ? (_, event, message) => void said.push({ event, message })
        : (text) => stdout(text + "\n"),
    });
    return {
      clock,
      log,
      startedAt,
      settings: { stopReserveSeconds: 0, onlineTimeoutSeconds: 0, ...values },
      registries: [],
      recordFile: undefined,
      problems: messages,
      problemOutcome,
    };
  };
  const end = new AbortController();
  let current = blind("settings", []);
  process.onStray((thrown) => current.log.warn("internal", traceOf(thrown)));
  const read = () =>
    readSettings(SETTINGS, {
      flags: line.flags,
      env: process.env,
      readFile: (path) => process.disk.readTextFile(path),
    });
  /** A run that begins now. */
  const begin = (): Run => {
    startedAt = clock.now();
    current = line.error
      ? blind("usage", [line.error])
      : assemble(process, reading.values, reading.problems, blind, end.signal);
    return current;
  };
  /** The second run of a `sidecar`: what stands in files may have changed in the weeks between. */
  const beginAnew = (): Run => {
    const earlier = { reading, run: current };
    const renewed = renew(reading, read());
    reading = renewed;
    const run = begin();
    for (const message of renewed.kept) run.log.warn("kept", message);
    if (run.registries.length >= earlier.run.registries.length) return run;
    // A certificate that cannot be used shows only here.
    for (const problem of run.problems) run.log.warn("kept", `${problem}; the earlier one is used`);
    reading = earlier.reading;
    return begin();
  };
  const report = (ending: Ending) => finish(line, ending, current, process);

  let told: AbortSignal | undefined;
  try {
    if (line.command === "sidecar") told = process.catchTerm();
    reading = read();
    current = blind("settings", []);
    if (reading.values.disabled && DISABLED.has(line.command)) {
      const disabled = "SERVICE_OFFLINE_DISABLED is set: nothing is done";
      // A sidecar that ended would be started again and again.
      if (told) {
        current.log.info("disabled", disabled);
        await fired(told);
      }
      return report({ outcome: "done", parts: [disabled], fields: { disabled: true } });
    }
    // What is copied needs neither settings nor registries.
    if (line.command === "install" && !line.error) return report(install(process.folders));
    return report(await runCommand(line, { begin, beginAnew, told }, process, reading, said));
  } catch (thrown) {
    // A bug; whatever it is, a hook still keeps the container for as long as the script did.
    const { outcome, message } = asServiceOfflineError(thrown);
    const trace = traceOf(thrown);
    current.log.warn("internal", trace);
    if (told && !told.aborted) {
      await fired(told);
      startedAt = clock.now();
    }
    if (!told && line.command !== "offline") {
      // The log of a command that prints a report is not shown.
      return report({ outcome, parts: [REPORTS.has(line.command) ? trace : message] });
    }
    // It drains anew, in what is left of the time.
    const lostSeconds = (clock.now() - startedAt) / 1000;
    const { log } = current;
    startedAt = clock.now();
    const { settings, ...run } = blind(outcome, [message]);
    const { gracePeriodSeconds: grace } = settings;
    const left = grace === undefined ? {} : { gracePeriodSeconds: grace - lostSeconds };
    current = { ...run, log, settings: { ...settings, ...left } };
    return report(await offline(current));
  } finally {
    end.abort();
  }
}

/** The commands that the off switch is for: those that change a registry. */
const DISABLED: ReadonlySet<CommandName> = new Set(["offline", "online", "sidecar"]);

/** The commands that print a report. */
const REPORTS: ReadonlySet<CommandName> = new Set(["status", "check"]);

/** How a command begins, and what ends the one that stays. */
interface Beginnings {
  readonly begin: () => Run;
  readonly beginAnew: () => Run;
  /** Of `sidecar`. */
  readonly told: AbortSignal | undefined;
}

async function runCommand(
  line: CommandLine,
  { begin, beginAnew, told }: Beginnings,
  process: Process,
  { values, problems: all, origins }: Reading<typeof SETTINGS>,
  said: readonly Said[],
): Promise<Ending> {
  const { command, switches } = line;
  const report = (text: string) => process.print(text + "\n");
  const run = begin();
  const { problems, problemOutcome: outcome, log } = run;
  if (problems.length > 0 && command === "offline" && process.interactive) {
    // A person looking on can mend it at once; in a hook the drain comes first.
    return { outcome, parts: problems };
  }
  for (const problem of problems) log.warn("problem", problem);
  switch (command) {
    case "offline":
      return await offline(run);
    case "online":
      return await online(run, { background: switches.has("--background") });
    case "sidecar":
      return await sidecar(run, beginAnew, told ?? process.catchTerm());
    case "install":
      // Only a mistake in the command line comes here.
      return { outcome, parts: problems };
    case "status":
      return await status(run, switches.has("--json"), report);
    case "check":
      return await check(run, {
        settings: effectiveSettings(settingsInUse(values, all), origins),
        disabled: values.disabled ?? false,
        said,
        form: switches.has("--json") ? "json" : switches.has("--yaml") ? "yaml" : "text",
      }, report);
  }
}

function print(process: Process, text: string): number {
  process.print(text);
  return 0;
}

/** Puts a run together; with mistakes that leave nothing to ask, a blind one. */
function assemble(
  process: Process,
  values: Partial<AllValues>,
  problems: readonly Problem[],
  blind: (outcome: OutcomeName, messages: readonly string[]) => Run,
  signal: AbortSignal,
): Run {
  const run = blind("settings", []);
  const { clock, log } = run;
  const assembly = createRegistries(values, problems, { clock, log, signal });
  const messages = assembly.problems.map((problem) => problem.message);
  const { registries } = assembly;
  const calls = createCalls(values, problems, clock);
  const traffic = createTraffic(values, { clock, log });
  if (registries.length === 0) return { ...run, ...calls, traffic, problems: messages };
  const identity = [values.podip ?? "", ...registries.map((one) => one.identity)];
  return {
    ...run,
    ...calls,
    traffic,
    problems: messages,
    registries,
    recordFile: recordFile(process.disk, identity),
  };
}

/** Says how it ended and turns that into the exit code. */
function finish(line: CommandLine, ending: Ending, run: Run, process: Process): number {
  const { outcome, parts } = ending;
  const forgiven = line.command === "online" && !line.switches.has("--strict");
  const code = forgiven ? 0 : OUTCOMES[outcome].code;
  const text = run.log.format(
    outcome === "done" ? "info" : "warn",
    "end",
    lastLine(outcome, code, parts),
    { version: VERSION, command: line.command, exitCode: code, ...summaryOf(run, ending) },
  ) + "\n";
  if (!REPORTS.has(line.command)) process.stdout(text);
  if (outcome !== "done") process.stderr(text);
  return code;
}

/** The flags of the settings and the switches, as `arg` wants them. */
function flagSpec(): arg.Spec {
  const spec: arg.Spec = { "-h": "--help" };
  for (const name of Object.keys(SWITCHES)) spec[name] = Boolean;
  for (const setting of Object.values(SETTINGS)) spec[flagOf(setting)] = String;
  return spec;
}

function isCommand(word: string | undefined): word is CommandName {
  return word !== undefined && Object.hasOwn(COMMANDS, word);
}

/**
 * Parses the command line. A mistake in it is no reason to stop here: which command was meant
 * decides what a mistake leads to.
 *
 * @param args without the name of the program
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const wrong = (message: string): CommandLine => ({
    command: args.find(isCommand) ?? "offline",
    flags: {},
    switches: new Set(args),
    error: `${message}; see --help`,
  });
  let parsed: arg.Result<arg.Spec>;
  try {
    parsed = arg(flagSpec(), { argv: [...args] });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return wrong(`Cannot read the command line: ${message}`);
  }
  const [command = "offline", extra] = parsed._;
  const known = Object.keys(COMMANDS).join(", ");
  if (!isCommand(command)) return wrong(`Unknown command "${command}": expected ${known}`);
  if (extra !== undefined) {
    return wrong(`Cannot use "${extra}" after ${command}: settings are given as --name value`);
  }
  for (const setting of Object.values<Setting>(SETTINGS)) {
    if (setting.secret && flagOf(setting) in parsed) {
      return wrong(
        `${flagOf(setting)} is not taken from the command line, which every process can read: ` +
          `use the environment variable ${setting.env} or ${setting.env}_FILE`,
      );
    }
    const isAddress = setting.addresses && !setting.lenient;
    if (isAddress && String(parsed[flagOf(setting)]).includes("@")) {
      return wrong(passwordInFlag(setting));
    }
  }
  const { _, ...flags } = parsed;
  return {
    command,
    flags: flags as CommandLine["flags"],
    switches: new Set(Object.keys(parsed)),
    error: undefined,
  };
}
