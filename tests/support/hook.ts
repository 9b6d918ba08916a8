/**
 * Starts the program as a child process, for every suite: from source with exactly its permissions,
 * the one file that `HOOK_BUNDLE` names as it is shipped, or the executable that `HOOK_BIN` names.
 *
 * Nothing here measures: on a busy machine a run takes many times longer than on a quiet one, before
 * its first line and between any two. What a case says about times it takes from the program's own
 * clock ({@linkcode HookRun.elapsedMs}, {@linkcode elapsedMsOf}); what it waits for is a line.
 */

import { resolve } from "node:path";
import { checkForSecrets } from "./secrets.ts";
import { createTurns } from "./turns.ts";
import { cacheEnvironment, fromSource } from "../../scripts/program.ts";
import { shippedAt } from "../../scripts/shipped.ts";

export { registerSecret, secret } from "./secrets.ts";

export interface HookOptions {
  /** After this it is killed and the test fails: it hangs, milliseconds. @default {300_000} */
  readonly timeoutMs?: number;
  /** Whether stdout is a terminal; stderr then goes there too. @default {false} */
  readonly terminal?: boolean;
  /** A program that starts it, given the whole command line as further arguments. */
  readonly launcher?: readonly string[];
  readonly onStarted?: () => void;
}

export interface HookRun {
  /** The exit code; 128 and the signal's number where a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The lines of stdout, without empty ones. */
  readonly lines: readonly string[];
  /** The last line of stdout, or an empty text. */
  readonly lastLine: string;
  /** From the start of the process to its end, milliseconds; an upper bound for it means nothing. */
  readonly ms: number;
  /** The time of the last line by the program's own clock, see {@linkcode elapsedMsOf}. */
  readonly elapsedMs: number;
}

export interface RunningHook extends AsyncDisposable {
  /** Its process id; with a launcher, that of the launcher. */
  readonly pid: number;
  readonly stdout: string;
  readonly stderr: string;
  /**
   * Waits for a line of stdout, for as long as the run goes on.
   * @returns the first line that matches, also one that came before the call
   */
  waitForLine(pattern: RegExp): Promise<string>;
  /** Sends a signal; a process that has ended already is left alone. */
  kill(signal: Deno.Signal): void;
  closeStdout(): void;
  /** The end. Rejects where the run took too long or has printed a secret. */
  readonly done: Promise<HookRun>;
}

/** What else can run the program than a process. It calls back once, as soon as something was said. */
type Runner = (
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  onStarted: () => void,
) => Promise<Pick<HookRun, "code" | "stdout" | "stderr">>;

let runner: Runner | undefined;

/** Sets what runs the program in place of processes; where `HOOK_BIN` names one, that is run. */
export function insteadOfProcesses(other: Runner): void {
  if (!Deno.env.get("HOOK_BIN")) runner = other;
}

export async function runHook(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  options: HookOptions = {},
): Promise<HookRun> {
  await starts.enter();
  // A launcher or a terminal needs a process.
  if (runner && Object.keys(options).length === 0) {
    const startedAt = performance.now();
    return toRun(await runner(args, env, starts.leave), startedAt);
  }
  await using hook = startHook(args, env, { ...options, onStarted: starts.leave });
  return await hook.done;
}

/** How many runs of a file start at a time: that takes a processor, while most of what follows is waiting. */
const starts = createTurns(1);

/** Starts the program. Disposing of it kills what is still running. */
export function startHook(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  options: HookOptions = {},
): RunningHook {
  const timeoutMs = options.timeoutMs ?? 300_000;
  const plain = commandLine(args, env);
  const launched = [...options.launcher ?? [], ...plain.words];
  const [program = "", ...rest] = options.terminal ? onTerminal(launched) : launched;
  const startedAt = performance.now();
  const child = new Deno.Command(program, {
    args: rest,
    env: plain.env,
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();

  const readers = { stdout: child.stdout.getReader(), stderr: child.stderr.getReader() };
  let stdout = "";
  let stderr = "";
  let ended = false;
  const wakers = new Set<() => void>();
  const wake = () => {
    for (const waker of wakers) waker();
  };
  const kill = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch {
      // It has ended already.
    }
  };
  const soFar = () => `service-offline ${args.join(" ")}\nstdout:\n${stdout}\nstderr:\n${stderr}`;

  let onStarted = options.onStarted;
  const started = () => {
    onStarted?.();
    onStarted = undefined;
  };
  let late = false;
  const bound = setTimeout(() => {
    late = true;
    kill("SIGKILL");
  }, timeoutMs);

  const finish = async (): Promise<HookRun> => {
    const [status] = await Promise.all([
      child.status,
      read(readers.stdout, (text) => {
        stdout += text;
        started();
        wake();
      }),
      read(readers.stderr, (text) => stderr += text),
    ]).finally(() => {
      clearTimeout(bound);
      started();
    });
    ended = true;
    wake();
    const run = toRun({ code: status.code, stdout, stderr }, startedAt);
    if (late) {
      throw new Error(`The run was killed: it had not ended after ${timeoutMs} ms.\n${soFar()}`);
    }
    return run;
  };
  const done = finish();
  // Whoever asks for the end sees its error; who does not sees it when the run is disposed of.
  done.catch(() => {});
  let asked = false;

  return {
    pid: child.pid,
    get stdout() {
      return stdout;
    },
    get stderr() {
      return stderr;
    },
    get done() {
      asked = true;
      return done;
    },
    kill,
    closeStdout: () => void readers.stdout.cancel(),
    async waitForLine(pattern) {
      while (true) {
        const found = linesOf(stdout).find((line) => pattern.test(line));
        if (found !== undefined) return found;
        if (ended) throw new Error(`The run ended without a line like ${pattern}.\n${soFar()}`);
        const woken = Promise.withResolvers<void>();
        wakers.add(woken.resolve);
        await woken.promise;
        wakers.delete(woken.resolve);
      }
    },
    async [Symbol.asyncDispose]() {
      if (!ended) kill("SIGKILL");
      await (asked ? done.catch(() => {}) : done);
    },
  };
}

/** @throws {Error} it has printed a secret */
function toRun(
  { code, stdout, stderr }: Pick<HookRun, "code" | "stdout" | "stderr">,
  startedAt: number,
): HookRun {
  const ms = performance.now() - startedAt;
  checkForSecrets({ stdout, stderr });
  const lines = linesOf(stdout);
  const lastLine = lines.at(-1) ?? "";
  return { code, stdout, stderr, lines, lastLine, ms, elapsedMs: elapsedMsOf(lastLine) };
}

/**
 * The time of a line by the program's own clock, milliseconds.
 * @param line of either form of the log; of what is none the time is NaN, which fits no bound
 */
export function elapsedMsOf(line: string): number {
  const text = / \+(\d+\.\d{3})s /.exec(line)?.[1];
  const json = /"elapsedMs":(\d+)/.exec(line)?.[1];
  return text === undefined ? Number(json) : Math.round(Number(text) * 1000);
}

/** The time of a line by the machine's clock, milliseconds since the epoch. */
export function timeOf(line: string): number {
  return Date.parse(line.split(" ")[0] ?? "");
}

function commandLine(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): { words: string[]; env: Record<string, string> } {
  const executable = Deno.env.get("HOOK_BIN");
  if (executable) return { words: [executable, ...args], env: { ...env } };
  const bundle = Deno.env.get("HOOK_BUNDLE");
  if (bundle) {
    // A launcher may change the folder.
    const shipped = shippedAt(resolve(bundle));
    const words = [Deno.execPath(), ...shipped.args, ...args];
    return { words, env: { ...shipped.env, ...env } };
  }
  return {
    words: [...fromSource("--cached-only"), ...args],
    env: { DENO_NO_UPDATE_CHECK: "1", ...cacheEnvironment(), ...env },
  };
}

/** The same command behind a terminal, by `script` of util-linux, which passes the exit code on. */
function onTerminal(words: readonly string[]): string[] {
  const quoted = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  return ["/usr/bin/script", "-qec", `exec ${quoted}`, "/dev/null"];
}

async function read(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  take: (text: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    take(decoder.decode(part.value, { stream: true }));
  }
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line !== "");
}

/**
 * The record that the runs about an instance have left in this user's folder under /tmp.
 * @param marker a text that only the name of this record holds: a service name
 */
export function recordPath(marker: string): string {
  const found = records().find((path) => path.endsWith(".json") && path.includes(marker));
  if (found === undefined) throw new Error(`No record about ${marker} was left`);
  return found;
}

/**
 * Removes the records that runs about an instance have left under /tmp.
 * @param markers texts that only the records of one test hold: a service name, an `ip:port`
 */
export function removeRecords(...markers: readonly string[]): void {
  for (const path of records()) {
    try {
      if (!Deno.lstatSync(path).isFile) continue;
      const text = path + Deno.readTextFileSync(path);
      const mine = (marker: string) => text.includes(JSON.stringify(marker).slice(1, -1));
      if (markers.some(mine)) Deno.removeSync(path);
    } catch (error) {
      // Another test has removed its own.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

function records(): string[] {
  const folder = `/tmp/service-offline-${Deno.uid()}`;
  const list = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => `${path}/${name}`);
  try {
    // A sidecar that was killed leaves its mark.
    return [
      ...list("/tmp").filter((path) => path.startsWith("/tmp/service-offline-sidecar-")),
      ...list(folder),
    ];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
