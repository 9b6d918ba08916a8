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
  kill(): Promise<void>;
}

const STOP_TIMEOUT_MS = 10_000;
const TRIES = 3;

export interface RealServer {
  readonly real: true;
  /** How long the launch took until it could be used; 0 for one we did not launch. */
  readonly startMs: number;
  /** Stops the process without ending it: connections are accepted, nothing is answered. */
  pause(): void;
  resume(): void;
}

/** A server that a suite runs on, before it is started. */
export interface RealServerSpec<Server> {
  readonly label: string;
  /** Whether `start` launches it, so that it may be paused, filled and ended at will. */
  readonly launched: boolean;
  start(): Promise<Server>;
}

/**
 * Tries a launch up to three times: between our look at a port and the server's own bind somebody
 * else may take it.
 */
export async function retry<T>(start: () => Promise<T>): Promise<T> {
  for (let tried = 1;; tried++) {
    try {
      return await start();
    } catch (error) {
      if (tried === TRIES) throw error;
    }
  }
}

/** Starts a server and waits for it; a failure carries the end of the server's output. */
export async function launch<T>(
  what: string,
  options: ServerOptions,
  ready: (server: ServerProcess) => Promise<T>,
): Promise<{ readonly process: ServerProcess; readonly startMs: number; readonly value: T }> {
  const began = performance.now();
  const process = await startServer(options);
  try {
    const value = await ready(process);
    return { process, value, startMs: Math.round(performance.now() - began) };
  } catch (error) {
    const output = await process.tail();
    await process.kill();
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Cannot start ${what}: ${why}\nThe end of its output:\n${output}`, {
      cause: error,
    });
  }
}

/** Asks until the answer is undefined; another one says what is still missing. */
export async function untilReady(
  server: ServerProcess,
  timeoutMs: number,
  missing: () => Promise<string | undefined>,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let last = "";
  while (performance.now() < deadline) {
    if (server.ended()) throw new Error("it ended");
    const seen = await missing();
    if (seen === undefined) return;
    last = seen;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`it was not ready after ${timeoutMs / 1000} s; last: ${last}`);
}

/** An answer for {@linkcode untilReady}: undefined where it is 200. */
export async function unlessOk(
  answer: Promise<{ readonly status: number; readonly body: string }>,
): Promise<string | undefined> {
  const { status, body } = await answer.catch((error) => ({ status: 0, body: String(error) }));
  return status === 200 ? undefined : `${status} ${body.slice(0, 200)}`;
}

/** One entry of a variable that names servers; what is wrong is told without its secrets. */
export interface Entry {
  readonly fields: Readonly<Record<string, unknown>>;
  text(name: string): string;
  flag(name: string, otherwise: boolean): boolean;
  refuse(why: string): never;
  /** A user, where one is named. */
  user(): { readonly username: string; readonly password: string } | undefined;
}

/** Somebody's own servers: a variable with a JSON list; undefined where it is not set. */
export function namedBy<T>(variable: string, read: (entry: Entry) => T): T[] | undefined {
  const json = Deno.env.get(variable);
  if (!json) return undefined;
  let list: unknown;
  try {
    list = JSON.parse(json);
  } catch {
    // Not with the parser's message: it quotes the text, and that has passwords.
    throw new TypeError(`Cannot read ${variable}: it is not JSON`);
  }
  if (!Array.isArray(list) || list.length === 0) {
    throw new TypeError(`Cannot read ${variable}: it must be a list of servers`);
  }
  return list.map((item: unknown, index) => {
    const fields = (item ?? {}) as Record<string, unknown>;
    const refuse = (why: string): never => {
      throw new TypeError(`Cannot read ${variable}[${index}]: ${why}`);
    };
    const text = (name: string) => {
      const value = fields[name];
      if (typeof value === "string" && value !== "") return value;
      return refuse(`${name} must be a text that is not empty`);
    };
    const flag = (name: string, otherwise: boolean) => {
      const value = fields[name] ?? otherwise;
      return typeof value === "boolean" ? value : refuse(`${name} must be true or false`);
    };
    const user = () =>
      fields.username === undefined
        ? undefined
        : { username: text("username"), password: text("password") };
    return read({ fields, text, flag, refuse, user });
  });
}

/** What a server that was not launched by this run cannot do. */
export function notLaunched(label: string): RealServer & { shutdown(): Promise<void> } {
  const notOurs = () => {
    throw new Error(`${label} was not launched by this run, so it is not paused`);
  };
  const shutdown = () => Promise.resolve();
  return { real: true, startMs: 0, pause: notOurs, resume: notOurs, shutdown };
}

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
    kill() {
      signal("SIGKILL");
      return stopping ??= stop();
    },
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
