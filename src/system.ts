/**
 * The system as the program sees it: hands the process over to `run` and exits. Nothing else reads
 * arguments, environment or files, or ends the process.
 */

import { run } from "./cli.ts";
import { systemClock } from "./clock.ts";
import type { Folders } from "./commands/install.ts";
import { OUTCOMES, traceOf } from "./errors.ts";
import type { Disk } from "./lifecycle/record_file.ts";
import { createOutput } from "./output.ts";
import { tried } from "./tried.ts";

/**
 * What Deno itself reads of whom to trust, at the first connection; a wrong value fails every one
 * (Deno 2.9.6). They are dropped here as the wrappers drop them, so that `check` by hand and the hook
 * trust the same: the usual certificates and those of CA_FILE.
 */
export const CERTIFICATES_OF_DENO = ["DENO_CERT", "DENO_TLS_CA_STORE"];

const MOST_FILE_BYTES = 1024 * 1024;

/** Prints a report as fast as its reader takes it; one that has gone is no failure. */
function print(text: string): void {
  let bytes = new TextEncoder().encode(text);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
  } catch {
    // Nobody reads it.
  }
}

/** Reads a file of sensible size; a device or a pipe could go on for ever. */
function readTextFile(path: string): string {
  const { isFile, size } = Deno.statSync(path);
  if (!isFile) throw new Error("it is no regular file");
  if (size > MOST_FILE_BYTES) throw new Error("it has over 1 MiB");
  return Deno.readTextFileSync(path);
}

/**
 * Whether a volume is mounted at a folder. One on another disk has another device number, but one on
 * the disk of the root has not: containerd's native snapshotter keeps images beside the kubelet's
 * volumes. There the kernel tells: it never removes a folder with something in it, and says that one
 * where something is mounted is busy, or that the root is read-only, of which this folder then is no
 * part (Linux 6). To anybody who may not write the root it says only that.
 */
function isMount(path: string): boolean | undefined {
  if (Deno.statSync(path).dev !== Deno.statSync("/").dev) return true;
  // Of a link the link would be removed.
  if (Deno.lstatSync(path).isSymlink) return undefined;
  const inside = `${path}/.service-offline`;
  Deno.mkdirSync(inside, { recursive: true });
  try {
    Deno.removeSync(path);
    return undefined;
  } catch (error) {
    const { code = "" } = error as { readonly code?: string };
    return new Map([["EBUSY", true], ["EROFS", true], ["ENOTEMPTY", false]]).get(code);
  } finally {
    Deno.removeSync(inside);
  }
}

/** The disk of the machine. */
export const systemDisk: Disk = {
  readTextFile,
  createTextFile: (path, text) =>
    Deno.writeTextFileSync(path, text, { createNew: true, mode: 0o600 }),
  createFolder: (path) => Deno.mkdirSync(path, { mode: 0o700 }),
  about: Deno.lstatSync,
  names: (path) => [...Deno.readDirSync(path)].map(({ name }) => name),
  rename: Deno.renameSync,
  remove: (path) => Deno.removeSync(path),
};

/** What `install` does with folders. */
const folders: Folders = {
  list: (path) => [...Deno.readDirSync(path)],
  makeFolder: (path) => Deno.mkdirSync(path, { recursive: true }),
  copyFile: (from, to) => Deno.copyFileSync(from, to),
  rename: (from, to) => Deno.renameSync(from, to),
  remove: (path) => Deno.removeSync(path),
  isMount,
};

/** A second Ctrl-C that comes this soon is the first one, which `deno task` has passed on as well. */
const SAME_CTRL_C_MS = 500;

/**
 * From here on the process does not end when it is told to; the signal fires instead. Only a second
 * Ctrl-C ends it at once: that is a person, while a kubelet may well send TERM twice.
 */
function catchTerm(): AbortSignal {
  const told = new AbortController();
  let interruptedAt = Infinity;
  // A listener keeps no process alive that has nothing else to wait for (Deno 2.9.6): it ends with 0.
  setInterval(() => {}, 2 ** 30);
  Deno.addSignalListener("SIGTERM", () => told.abort());
  Deno.addSignalListener("SIGINT", () => {
    const now = performance.now();
    if (now - interruptedAt > SAME_CTRL_C_MS) Deno.exit(128 + 2);
    interruptedAt = Math.min(interruptedAt, now);
    told.abort();
  });
  return told.signal;
}

/**
 * Takes what was thrown and nobody has caught: a rejection, or an error in a listener. Either would
 * end the process, and the drain with it.
 */
export function onStray(take: (thrown: unknown) => void): void {
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    take(event.reason);
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    take(event.error);
  });
}

/** Long enough for the first requests to be on their way, milliseconds. */
const HEAD_START_MS = 50;

/**
 * Gives up for good what the rest of the run has no use for: the environment has been read, and only
 * `install` copies. Not at the start: the first of these calls takes 0.2 ms (Deno 2.9.6).
 */
export function giveUpPermissions(): void {
  Deno.permissions.revokeSync({ name: "env" });
  if (!Deno.args.includes("install")) {
    Deno.permissions.revokeSync({ name: "write", path: "/target" });
  }
}

/**
 * The environment. What was read once can be read again, also when the permission is gone; what was
 * not, because a flag went before it, then counts as not set.
 */
function createEnv() {
  const read = new Map<string, string | undefined>();
  let isOver = false;
  return {
    get(name: string): string | undefined {
      if (!read.has(name)) read.set(name, isOver ? undefined : Deno.env.get(name));
      return read.get(name);
    },
    giveUp() {
      isOver = true;
      giveUpPermissions();
    },
  };
}

/** Takes half a millisecond (Deno 2.9.6). In a build without the permission the rest works as well. */
function interfaces(): Deno.NetworkInterfaceInfo[] {
  return tried(() => Deno.networkInterfaces()) ?? [];
}

/** Runs the program, and ends the process with its exit code. */
export async function start(): Promise<never> {
  for (const name of CERTIFICATES_OF_DENO) Deno.env.delete(name);
  const stdout = createOutput(Deno.stdout, systemClock);
  const stderr = createOutput(Deno.stderr, systemClock);
  const env = createEnv();
  systemClock.sleep(HEAD_START_MS).then(env.giveUp);
  // In a turn of its own: for the first error that is thrown V8 parses every function on the stack
  // again, and with the module itself there that is the whole bundle (3 ms).
  const code = await Promise.resolve().then(() =>
    run({
      args: Deno.args,
      env: env.get,
      interfaces,
      clock: systemClock,
      disk: systemDisk,
      stdout: stdout.write,
      stderr: stderr.write,
      print,
      folders,
      catchTerm,
      onStray,
      // The stdout of a hook may be that of a container with a terminal; its stdin never is one.
      interactive: Deno.stdout.isTerminal() && Deno.stdin.isTerminal(),
      oneTerminal: Deno.stdout.isTerminal() && Deno.stderr.isTerminal(),
      // From NO_COLOR, which needs no permission so.
      colour: Deno.stdout.isTerminal() && !Deno.noColor,
    })
  ).catch((error) => {
    // Whatever is thrown is a bug; it must not look like a run that went well.
    stderr.write(`${traceOf(error)}\n`);
    return OUTCOMES.internal.code;
  });
  await Promise.all([stdout.flush(), stderr.flush()]);
  Deno.exit(code);
}
