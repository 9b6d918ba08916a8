/** The whole program in memory: `run` with a process that is none. */

import { run } from "../../src/cli.ts";
import type { Process } from "../../src/process.ts";
import type { Kind } from "../../src/registry/kind.ts";
import { KINDS } from "../../src/registry/registries.ts";
import { createFakeClock } from "./fake_clock.ts";
import { createMemoryDisk } from "./memory_disk.ts";

/** What may differ from a hook without settings. */
export interface Given {
  readonly env?: Record<string, string>;
  readonly interactive?: boolean;
  readonly oneTerminal?: boolean;
  readonly bug?: boolean;
  /** When `sidecar` is told to end, milliseconds. */
  readonly toldMs?: number;
  readonly kinds?: readonly Kind[];
  /** Empty files that are there. */
  readonly files?: readonly string[];
}

export async function runWith(args: readonly string[], given: Given = {}) {
  const {
    env = {},
    interactive = false,
    oneTerminal = false,
    bug = false,
    files = [],
    toldMs = 0,
    kinds = KINDS,
  } = given;
  const clock = createFakeClock();
  const start = clock.now();
  const told = new AbortController();
  const out = { stdout: "", stderr: "" };
  const disk = createMemoryDisk();
  for (const path of files) disk.files.set(path, "");
  const process: Process = {
    args,
    env: (name) => env[name],
    clock,
    disk: { ...disk, ...(bug ? { readTextFile: () => 7 as unknown as string } : {}) },
    stdout: (text) => void (out.stdout += text),
    print: (text) => void (out.stdout += text),
    stderr: (text) => void (out.stderr += text),
    folders: {
      list: () => [],
      makeFolder: () => {},
      copyFile: () => {},
      rename: () => {},
      remove: () => {},
      isMount: () => true,
    },
    interactive,
    oneTerminal,
    colour: false,
    catchTerm: () => {
      clock.sleep(toldMs).then(() => told.abort());
      return told.signal;
    },
    onStray: () => {},
  };
  const code = await clock.advanceUntil(run(process, kinds));
  return { code, ...out, seconds: (clock.now() - start) / 1000 };
}
