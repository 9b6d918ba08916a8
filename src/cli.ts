/**
 * Wires everything up, and says how it ended.
 *
 * @module
 */

import { createCalls } from "./app/calls.ts";
import type { Clock } from "./clock.ts";
import { type CommandLine, parseCommandLine } from "./command_line.ts";
import { effectiveSettings } from "./check/settings.ts";
import { check, type Said } from "./commands/check.ts";
import { offline } from "./commands/offline.ts";
import { type Folders, install } from "./commands/install.ts";
import { online } from "./commands/online.ts";
import { type Ending, type Run, summaryOf } from "./commands/run.ts";
import { fired, sidecar } from "./commands/sidecar.ts";
import { status } from "./commands/status.ts";
import { asServiceOfflineError, type OutcomeName, OUTCOMES, traceOf } from "./errors.ts";
import { type CommandName, helpText } from "./help.ts";
import { type Disk, recordFile } from "./lifecycle/record.ts";
import { lastLine, worst } from "./lifecycle/verdict.ts";
import { createLog } from "./log.ts";
import { createRegistries, settingsInUse } from "./registry/registries.ts";
import { SETTINGS } from "./settings/all.ts";
import { type Reading, readSettings } from "./settings/read.ts";
import { renew } from "./settings/renew.ts";
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
  /** Whether stdout and stderr are terminals, one and the same as a rule. */
  readonly oneTerminal: boolean;
  /** Lets TERM, and INT by hand, fire a signal instead of ending the process: for `sidecar`. */
  readonly catchTerm: () => AbortSignal;
  /** Hands over what was thrown and nobody has caught, which would end the process: a bug. */
  readonly onStray: (take: (thrown: unknown) => void) => void;
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
  // In a hook, a question among mistakes may be none: the value of a flag, for example.
  if (line.answer && (line.mistakes.length === 0 || process.interactive)) {
    process.print(line.answer === "help" ? helpText() : `service-offline ${VERSION}\n`);
    return 0;
  }

  const { mistakes } = line;
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
  let current = blind("usage", mistakes);
  process.onStray((thrown) => current.log.warn("internal", traceOf(thrown)));
  const read = () =>
    readSettings(SETTINGS, {
      flags: line.flags,
      env: process.env,
      readFile: (path) => process.disk.readTextFile(path),
      isFolder(path) {
        try {
          process.folders.list(path);
          return true;
        } catch {
          return false;
        }
      },
    });
  /** A run that begins now. */
  const begin = (): Run => {
    startedAt = clock.now();
    current = assemble(process, line, reading, blind, end.signal);
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
    for (const problem of run.problems.slice(mistakes.length)) {
      run.log.warn("kept", `${problem}; the earlier one is used`);
    }
    reading = earlier.reading;
    return begin();
  };
  const report = (ending: Ending) => finish(line, ending, current, process);

  let told: AbortSignal | undefined;
  try {
    if (line.command === "sidecar") told = process.catchTerm();
    reading = read();
    current = blind("usage", mistakes);
    if (reading.values.disabled && DISABLED.has(line.command)) {
      const disabled = "SERVICE_OFFLINE_DISABLED is set: nothing is done";
      // A sidecar that ended would be started again and again.
      if (told) {
        current.log.info("disabled", disabled);
        await fired(told);
      }
      return report({ outcome: "done", parts: [disabled], fields: { disabled: true } });
    }
    // A person looking on can mend it at once; in a hook the work comes first.
    if (process.interactive && mistakes.length > 0) {
      return report({ outcome: "usage", parts: mistakes });
    }
    if (mistakes.length > 0 && DISABLED.has(line.command)) {
      const done = `\`${line.command}\` is done with what could be read of the command line`;
      current.log.warn("usage", done);
    }
    for (const text of line.notes) {
      // Of `status` only the report stands on stdout.
      if (line.command === "status") process.stderr(text + "\n");
      else current.log.warn("no_meaning", text);
    }
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
  const { command, switches, mistakes } = line;
  const report = (text: string) => process.print(text + "\n");
  if (command === "install") {
    // What is copied needs neither settings nor registries.
    const ending = install(process.folders);
    const wrong = mistakes.map(() => ({ outcome: "usage" }) as const);
    return { outcome: worst([ending, ...wrong]), parts: [...mistakes, ...ending.parts] };
  }
  const run = begin();
  const { problems, problemOutcome: outcome, log } = run;
  if (problems.length > 0 && command === "offline" && process.interactive) {
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

/** Puts a run together; where nothing can be asked, one without registries. */
function assemble(
  process: Process,
  line: CommandLine,
  reading: Reading<typeof SETTINGS>,
  blind: (outcome: OutcomeName, messages: readonly string[]) => Run,
  signal: AbortSignal,
): Run {
  const { values } = reading;
  const { mistakes } = line;
  // An address that was refused names its registry all the same; that it was is said already.
  const refused = line.refused.filter((key) => !(key in values))
    .map((key) => ({ key, message: "", lenient: false }));
  const problems = [...reading.problems, ...refused];
  const run = blind(mistakes.length > 0 ? "usage" : "settings", []);
  const { clock, log } = run;
  const assembly = createRegistries(values, problems, {
    clock,
    log,
    signal,
    variable: (key) => reading.origins[key]?.env,
  });
  const { registries } = assembly;
  const whole: Run = {
    ...run,
    ...createCalls(values, problems, clock),
    traffic: createTraffic(values, { clock, log }),
    problems: [...mistakes, ...assembly.problems.flatMap(({ message }) => message || [])],
    registries,
  };
  if (registries.length === 0) return whole;
  const identity = [values.podip ?? "", ...registries.map((one) => one.identity)];
  return { ...whole, recordFile: recordFile(process.disk, identity) };
}

/** Says how it ended and turns that into the exit code. */
function finish(line: CommandLine, ending: Ending, run: Run, process: Process): number {
  const { outcome, parts } = ending;
  const forgiven = line.command === "online" && !line.switches.has("--strict");
  const code = forgiven ? 0 : OUTCOMES[outcome].code;
  const text = run.log.format(
    outcome === "done" ? "info" : code === 0 ? "warn" : "error",
    "end",
    lastLine(outcome, code, parts),
    { version: VERSION, command: line.command, exitCode: code, ...summaryOf(run, ending) },
  ) + "\n";
  if (!REPORTS.has(line.command)) process.stdout(text);
  const isSaid = process.oneTerminal && !REPORTS.has(line.command);
  if (outcome !== "done" && !isSaid) process.stderr(text);
  return code;
}
