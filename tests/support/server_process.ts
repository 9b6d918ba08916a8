/** A server as a child process that ends with the test run, and what it printed. */

import { redact } from "./nacos_users.ts";

export interface ServerOptions {
  /** Begins the name of its temporary folder, which is its working directory: `eureka-`. */
  readonly prefix: string;
  readonly command: string;
  /** Its arguments; nothing secret, since anybody may list command lines. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What `tail` leaves out. */
  readonly secrets: readonly string[];
}

export interface ServerProcess {
  readonly pid: number;
  ended(): boolean;
  output(): Promise<string>;
  /** The end of that, without secrets. */
  tail(): Promise<string>;
  /** Sends a signal; a process that has ended already is left alone. */
  signal(signal: Deno.Signal): void;
  /** Ends it with SIGTERM, after 10 s with SIGKILL, and removes its folder; again: nothing. */
  stop(): Promise<void>;
}

const STOP_TIMEOUT_MS = 10_000;

/**
 * Starts a server. It must end itself when its stdin closes: no test run, however it dies, leaves
 * one behind.
 */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const home = await Deno.makeTempDir({ prefix: options.prefix });
  const child = new Deno.Command("sh", {
    // `exec` keeps the process id. A file, not a pipe: nobody has to read on for the server to run.
    args: ["-c", 'exec "$@" >output.log 2>&1', "sh", options.command, ...options.args],
    cwd: home,
    env: { ...options.env },
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();

  let ended = false;
  const end = child.status.then(() => void (ended = true));
  const signal = (name: Deno.Signal) => {
    if (!ended) child.kill(name);
  };
  let stopping: Promise<void> | undefined;
  return {
    pid: child.pid,
    ended: () => ended,
    output,
    tail,
    signal,
    stop: () => stopping ??= stop(),
  };

  async function output(): Promise<string> {
    try {
      return await Deno.readTextFile(`${home}/output.log`);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }
  }

  async function tail(): Promise<string> {
    const text = (await output()).trimEnd().split("\n").slice(-60).join("\n");
    return redact(text, options.secrets);
  }

  async function stop(): Promise<void> {
    signal("SIGTERM");
    signal("SIGCONT");
    const timer = setTimeout(() => signal("SIGKILL"), STOP_TIMEOUT_MS);
    await end;
    clearTimeout(timer);
    await child.stdin.close().catch(() => {});
    await Deno.remove(home, { recursive: true });
  }
}
