/** The way of a call: command line, settings, command, last line and exit code. */

import type { ReportForm } from "./check/report.ts";
import { hooksFor } from "./check/hooks.ts";
import { effectiveSettings } from "./check/settings.ts";
import { parseCommandLine } from "./command_line.ts";
import { check } from "./commands/check.ts";
import { install } from "./commands/install.ts";
import { offline } from "./commands/offline.ts";
import { online } from "./commands/online.ts";
import { type Ending, summaryOf } from "./commands/run.ts";
import { fired, sidecar } from "./commands/sidecar.ts";
import { status } from "./commands/status.ts";
import { asServiceOfflineError, OUTCOMES, traceOf } from "./errors.ts";
import { DISABLED, helpText, REPORTS } from "./help.ts";
import { lastLine, worst } from "./lifecycle/verdict.ts";
import type { Process } from "./process.ts";
import type { Kind } from "./registry/kind.ts";
import { KINDS } from "./registry/registries.ts";
import {
  begin,
  beginAfterBug,
  beginAnew,
  blindRun,
  createInvocation,
  type Invocation,
  read,
} from "./runs.ts";
import { settingsTable } from "./settings_table.ts";
import { withoutUnregistered } from "./commands/unregistered.ts";
import { VERSION } from "./version.ts";

/**
 * Runs the program.
 *
 * @param process the world around it
 * @param kinds the registries it knows
 * @returns the exit code
 */
export async function run(process: Process, kinds: readonly Kind[] = KINDS): Promise<number> {
  const line = parseCommandLine(process.args, settingsTable(kinds));
  // In a hook, a question among mistakes may be none: the value of a flag, for example.
  if (line.answer && (line.mistakes.length === 0 || process.interactive)) {
    process.print(line.answer === "help" ? helpText(kinds) : `service-offline ${VERSION}\n`);
    return 0;
  }
  const end = new AbortController();
  const { signal } = end;
  const told = line.command === "sidecar" ? process.catchTerm() : signal;
  const invocation = createInvocation({ process, line, kinds, signal, told });
  process.onStray((thrown) => invocation.run.log.warn("internal", traceOf(thrown)));
  try {
    const ending = await runInvocation(invocation)
      .catch((thrown) => endOfBug(invocation, thrown));
    return finish(invocation, ending);
  } finally {
    end.abort();
  }
}

/** Reads the settings and runs the command. */
async function runInvocation(invocation: Invocation): Promise<Ending> {
  const { process, line: { command, mistakes } } = invocation;
  invocation.reading = read(invocation);
  invocation.run = blindRun(invocation, "usage", mistakes);
  const { disabled } = invocation.reading.values;
  if (disabled && DISABLED.has(command)) return await endOfDisabled(invocation);
  // A person looking on can mend it at once; in a hook the work comes first.
  if (mistakes.length > 0 && process.interactive) return { outcome: "usage", parts: mistakes };
  sayMistakes(invocation);
  return await runCommand(invocation);
}

/** It does not drain: without the write, callers would be sent here to the end of the wait and fail then. */
async function endOfDisabled({ line, run, told }: Invocation): Promise<Ending> {
  const disabled = "SERVICE_OFFLINE_DISABLED is set: nothing is done";
  // A sidecar that ended would be started again and again.
  if (line.command === "sidecar") {
    run.log.info("disabled", disabled);
    await fired(told);
  }
  return { outcome: "done", parts: [disabled], fields: { disabled: true } };
}

function sayMistakes({ process, line, run: { log } }: Invocation): void {
  const { command, mistakes, notes } = line;
  if (mistakes.length > 0 && DISABLED.has(command)) {
    log.warn("usage", `\`${command}\` goes on with what could be read of the command line`);
  }
  for (const text of notes) {
    // Of `status` only the report stands on stdout.
    if (command === "status") process.stderr(text + "\n");
    else log.warn("no_meaning", text);
  }
}

async function runCommand(invocation: Invocation): Promise<Ending> {
  const { process, line: { command, switches, mistakes }, told } = invocation;
  if (command === "install") {
    // What is copied needs neither settings nor registries.
    const ending = install(process.folders);
    const wrong = mistakes.map(() => ({ outcome: "usage" }) as const);
    return { outcome: worst([ending, ...wrong]), parts: [...mistakes, ...ending.parts] };
  }
  const begun = begin(invocation);
  // `status` shows what the registries say, whatever the app's own word is.
  const run = command === "status" ? begun : await withoutUnregistered(begun);
  invocation.run = run;
  const { problems, problemOutcome: outcome, log } = run;
  if (problems.length > 0 && command === "offline" && process.interactive) {
    return { outcome, parts: problems };
  }
  for (const problem of problems) log.warn("problem", problem);
  const report = (text: string) => process.print(text + "\n");
  switch (command) {
    case "offline":
      return await offline(run);
    case "online":
      return await online(run, {
        background: switches.has("--background"),
        force: switches.has("--force"),
      });
    case "sidecar": {
      const { mark } = invocation;
      mark.set();
      try {
        return await sidecar(run, () => withoutUnregistered(beginAnew(invocation)), told);
      } finally {
        mark.clear();
      }
    }
    case "status":
      return await status(run, reportForm(invocation), report);
    case "check":
      return await runCheck(invocation, report);
  }
}

async function runCheck(
  invocation: Invocation,
  report: (text: string) => void,
): Promise<Ending> {
  const { process, run, said, mark, reading: { origins, values: { disabled = false } } } =
    invocation;
  const table = settingsTable(invocation.used);
  const settings = effectiveSettings(table, origins);
  for (const [key, { env }] of Object.entries(table)) {
    const note = origins[key]?.note;
    if (note !== undefined) run.log.info("no_name", `${note}; set ${env} as well`);
  }
  const hooks = (registry: string) =>
    mark.isSet() ? undefined : hooksFor(process.disk, registry, settings);
  return await check(run, { settings, hooks, disabled, said }, reportForm(invocation), report);
}

/** How `status` and `check` print. */
function reportForm({ process: { colour }, line: { switches } }: Invocation): ReportForm {
  const form = switches.has("--json") ? "json" : switches.has("--yaml") ? "yaml" : "text";
  return { form, all: switches.has("--all"), colour };
}

/** After a bug, whatever it is, a hook still keeps the container for as long as the script did. */
async function endOfBug(invocation: Invocation, thrown: unknown): Promise<Ending> {
  const { line: { command }, run, told } = invocation;
  const { outcome, message } = asServiceOfflineError(thrown);
  const trace = traceOf(thrown);
  run.log.warn("internal", trace);
  if (command !== "offline" && command !== "sidecar") {
    // The log of a command that prints a report is not shown.
    return { outcome, parts: [REPORTS.has(command) ? trace : message] };
  }
  const isWaiting = command === "sidecar" && !told.aborted;
  if (isWaiting) await fired(told);
  const lostSeconds = isWaiting ? 0 : (run.clock.now() - run.startedAt) / 1000;
  return await offline(beginAfterBug(invocation, outcome, message, lostSeconds));
}

/** Says how it ended and turns that into the exit code. */
function finish({ process, line, run }: Invocation, ending: Ending): number {
  const { outcome, parts } = ending;
  const { command } = line;
  const forgiven = command === "online" && !line.switches.has("--strict");
  const code = forgiven ? 0 : OUTCOMES[outcome].code;
  const text = run.log.format(
    outcome === "done" ? "info" : code === 0 ? "warn" : "error",
    "end",
    lastLine(outcome, code, parts),
    { version: VERSION, command, exitCode: code, ...summaryOf(run, ending) },
  ) + "\n";
  const isReport = REPORTS.has(command);
  if (!isReport) process.stdout(text);
  const isSeen = process.oneTerminal && (!isReport || ending.isReported);
  if (outcome !== "done" && !isSeen) process.stderr(text);
  return code;
}
