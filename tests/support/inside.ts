/**
 * Runs the program in the process of the test: the sources, with this machine's clock, disk and
 * network. For files whose cases vary what a registry answers or what is set, and not what only a
 * process has: permissions, signals, pipes, a terminal. A run takes a tenth of the processor's time.
 */

import { run } from "../../src/cli.ts";
import { systemClock } from "../../src/clock.ts";
import type { Process } from "../../src/process.ts";
import { systemDisk } from "../../src/system.ts";
import { insteadOfProcesses } from "./hook.ts";

/** What a run has of this machine. */
const MACHINE: Pick<Process, "clock" | "disk" | "interfaces" | "onStray"> = {
  clock: systemClock,
  interfaces: Deno.networkInterfaces,
  disk: systemDisk,
  // What nobody catches fails the test.
  onStray: () => {},
};

function unheardOf(): never {
  throw new Error("This needs a process: see tests/support/inside.ts");
}

async function runHere(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  onStarted: () => void,
) {
  const out = { stdout: "", stderr: "" };
  let isStarted = false;
  const started = () => {
    if (!isStarted) onStarted();
    isStarted = true;
  };
  const print = (text: string) => {
    out.stdout += text;
    started();
  };
  const code = await run({
    ...MACHINE,
    args,
    env: (name) => env[name],
    stdout: print,
    print,
    stderr: (text) => void (out.stderr += text),
    folders: {
      list: unheardOf,
      makeFolder: unheardOf,
      copyFile: unheardOf,
      rename: unheardOf,
      remove: unheardOf,
      isMount: unheardOf,
    },
    interactive: false,
    oneTerminal: false,
    colour: false,
    catchTerm: unheardOf,
  }).finally(started);
  return { code, ...out };
}

/**
 * From here on `runHook`, and what is made of it, runs the program inside; `startHook` starts a
 * process as ever. Each test file is a worker of its own, so this holds for one file.
 */
export function runInside(): void {
  insteadOfProcesses(runHere);
}
