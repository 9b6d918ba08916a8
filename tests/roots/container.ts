/**
 * A container without a container runtime: namespaces for mounts and processes, a read-only root, a
 * user, a memory limit, and a process 1 that has memory of its own, as the app beside a hook has.
 */

import { fileURLToPath } from "node:url";
import { makeMemoryCgroup, type MemoryCgroup } from "./cgroup.ts";
import { kitUnderTest } from "./kit_disk.ts";
import { BUSYBOX, prepareRoot, type RootName } from "./root.ts";

/** The user of distroless' `nonroot`. */
const USER = 65532;

interface ContainerOptions {
  readonly root: RootName;
  /** Its /etc/hosts. @default {"127.0.0.1 localhost\n"} */
  readonly hosts?: string;
  /** Its /etc/resolv.conf: by default a server that does not exist. */
  readonly resolvConf?: string;
  /** Whether /tmp can be written. @default {false} */
  readonly tmp?: boolean;
  /** Whether process 1 writes its log to a pipe with a name that nobody reads. @default {false} */
  readonly unreadLog?: boolean;
  /** Whether the kubelet has made /dev/termination-log. @default {true} */
  readonly terminationLog?: boolean;
  /** The user of process 1; hooks are always run as {@linkcode USER}. @default {USER} */
  readonly appUser?: number;
}

interface ContainedProcess {
  readonly pid: number;
  readonly exe: string;
  readonly args: readonly string[];
  readonly environment: readonly string[];
}

export interface Container extends AsyncDisposable {
  /** For the harness: runs the program inside; in an empty root by the list of words. */
  readonly launcher: readonly string[];
  /** For the harness: runs this instead of the program, which is left out. */
  launcherOf(...words: readonly string[]): readonly string[];
  /** What came on the stdout of process 1. */
  readonly log: string;
  terminationMessage(): string;
  /** All processes but the first. */
  hooks(): ContainedProcess[];
  readonly memory: MemoryCgroup;
}

const MIB = 1024 * 1024;
const LIMIT_MIB = 64;
const APP_MIB = 20;

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export async function startContainer(options: ContainerOptions): Promise<Container> {
  const { tmp = false, unreadLog = false, terminationLog = true, appUser = USER } = options;
  const root = await prepareRoot(options.root);
  const kit = await kitUnderTest();
  const memory = makeMemoryCgroup(LIMIT_MIB * MIB);
  const work = Deno.makeTempDirSync({ prefix: "service-offline-root-" });
  Deno.chmodSync(work, 0o755);
  const at = `${work}/root`;
  Deno.mkdirSync(at);
  Deno.writeTextFileSync(`${work}/hosts`, options.hosts ?? "127.0.0.1 localhost\n");
  Deno.writeTextFileSync(`${work}/resolv.conf`, options.resolvConf ?? "nameserver 127.77.0.54\n");
  const yes = (value: boolean) => value ? "yes" : "no";

  // Opening the pipe waits for a reader, which then goes.
  const onPipe = [
    "-c",
    `mkfifo "$0" && { ( : <"$0" & ); exec unshare "$@" >"$0"; }`,
    `${work}/log`,
  ];
  const unshare = new Deno.Command(unreadLog ? "sh" : "unshare", {
    args: [
      ...unreadLog ? onPipe : [],
      ...["--mount", "--pid", "--fork", "--", "sh", file("pod.sh")],
      ...[
        root,
        kit.device,
        at,
        `${work}/hosts`,
        `${work}/resolv.conf`,
        yes(tmp),
        yes(terminationLog),
      ],
      ...["perl", file("inside.pl"), at, memory.procs, String(appUser), "app", String(APP_MIB)],
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let log = "";
  let errors = "";
  const ready = Promise.withResolvers<void>();
  const reading = Promise.all([
    read(unshare.stdout, (text) => log += text),
    read(unshare.stderr, (text) => {
      errors += text;
      if (errors.includes("ready\n")) ready.resolve();
    }).finally(() => ready.reject(new Error(`No container could be made: ${errors}`))),
  ]);
  await ready.promise;
  const first = Deno.readTextFileSync(`/proc/${unshare.pid}/task/${unshare.pid}/children`).trim();

  const launcherOf = (words: readonly string[]): readonly string[] => [
    ...[BUSYBOX, "sh", file("enter.sh"), first, file("inside.pl"), at],
    ...[memory.procs, String(USER), "exec", String(words.length), ...words],
  ];
  return {
    launcher: options.root === "empty" ? launcherOf(kit.execForm) : launcherOf([]),
    launcherOf: (...words) => launcherOf(words),
    get log() {
      return log;
    },
    terminationMessage: () => Deno.readTextFileSync(`/proc/${first}/root/dev/termination-log`),
    hooks: () => memory.pids().filter((pid) => String(pid) !== first).flatMap(processOf),
    memory,
    async [Symbol.asyncDispose]() {
      // Its end ends all others. `unshare --kill-child` does not: that is lost with the change of user.
      Deno.kill(Number(first), "SIGKILL");
      await unshare.status;
      await reading;
      await memory.remove();
      Deno.removeSync(work, { recursive: true });
    },
  };
}

/** A process, unless it has ended meanwhile. */
function processOf(pid: number): ContainedProcess[] {
  const list = (name: string) =>
    Deno.readTextFileSync(`/proc/${pid}/${name}`).split("\0").filter((text) => text !== "");
  try {
    return [{
      pid,
      exe: Deno.readLinkSync(`/proc/${pid}/exe`),
      args: list("cmdline"),
      environment: list("environ").map((text) => text.split("=")[0] ?? ""),
    }];
  } catch {
    return [];
  }
}

async function read(stream: ReadableStream<Uint8Array>, take: (text: string) => void) {
  const decoder = new TextDecoder();
  for await (const part of stream) take(decoder.decode(part, { stream: true }));
}
