/**
 * A client program as a child process that is spoken to in JSON lines: `{id, op, ...}` on stdin,
 * `{id, ...}` or `{id, error}` for an answer and `{event, ...}` for all else on stdout.
 */

import { redact } from "./nacos_users.ts";

export interface CallerProcessOptions {
  /** Names it in messages: `Spring consumer at real Eureka open`. */
  readonly label: string;
  readonly command: string;
  /** Its arguments; nothing secret, since anybody may list command lines. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  /** Given each event but `ready`, before those who wait look again. */
  readonly onEvent?: (event: CallerEvent) => void;
}

/** A line that the program printed of its own accord. */
interface CallerEvent {
  /** What it is about; `ready` is the first. */
  readonly event: string;
  readonly [field: string]: unknown;
}

export interface CallerProcess extends AsyncDisposable {
  readonly label: string;
  readonly pid: number;
  ask(op: string, fields?: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>>;
  /**
   * Waits until something is true.
   * @param predicate asked now and after each event
   * @returns how long it took, milliseconds
   */
  waitFor(predicate: () => boolean, timeoutMs: number, seen: () => string): Promise<number>;
  /** An error with the end of what the program wrote to stderr, without secrets. */
  failure(why: string): Error;
  /** Lets it end by itself (`exit`); again, or after another end: nothing. */
  close(): Promise<void>;
  /** Ends it with a signal, and returns when it has ended; if it has already: nothing. */
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

const READY_TIMEOUT_MS = 120_000;
const ANSWER_TIMEOUT_MS = 30_000;

/**
 * Starts a program in a temporary folder of its own and returns when it says that it is ready. It
 * must end itself when its stdin closes, so that no dead test run leaves one behind.
 */
export async function startCallerProcess(options: CallerProcessOptions): Promise<CallerProcess> {
  const { label } = options;
  const home = await Deno.makeTempDir({ prefix: "caller-" });
  const child = new Deno.Command(options.command, {
    args: [...options.args],
    cwd: home,
    env: { ...options.env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();

  const pending = new Map<number, PromiseWithResolvers<Record<string, unknown>>>();
  const watchers = new Set<() => void>();
  let complaints = "";
  let ended = false;
  let lastId = 0;
  const ready = Promise.withResolvers<void>();
  // A failed start is reported by whoever waits; nobody does after that.
  ready.promise.catch(() => {});

  const failure = (why: string) =>
    new Error(redact(`${label}: ${why}${complaints && `\n${complaints}`}`, options.secrets));

  const reading = (async () => {
    for await (const line of linesOf(child.stdout)) {
      const message = JSON.parse(line) as Record<string, unknown>;
      if (message.event === "ready") ready.resolve();
      else if (typeof message.event === "string") {
        options.onEvent?.(message as CallerEvent);
        for (const wake of [...watchers]) wake();
      } else {
        const waiting = pending.get(Number(message.id));
        pending.delete(Number(message.id));
        if (message.error === undefined) waiting?.resolve(message);
        else waiting?.reject(failure(String(message.error)));
      }
    }
  })();
  const complaining = (async () => {
    for await (const line of linesOf(child.stderr)) {
      complaints = `${complaints}${line}\n`.slice(-4000);
    }
  })();
  const writer = child.stdin.getWriter();
  const gone = Promise.all([child.status, reading, complaining]).then(async ([status]) => {
    ended = true;
    const error = failure(`it has ended (${status.signal ?? status.code})`);
    ready.reject(error);
    for (const { reject } of pending.values()) reject(error);
    for (const wake of [...watchers]) wake();
    await writer.close().catch(() => {});
    await Deno.remove(home, { recursive: true });
  });

  async function ask(
    op: string,
    fields: Readonly<Record<string, unknown>> = {},
  ): Promise<Record<string, unknown>> {
    if (ended) throw failure("it has ended");
    const id = ++lastId;
    const answer = Promise.withResolvers<Record<string, unknown>>();
    pending.set(id, answer);
    await writer.write(new TextEncoder().encode(JSON.stringify({ id, op, ...fields }) + "\n"));
    return await within(ANSWER_TIMEOUT_MS, answer.promise, () => {
      pending.delete(id);
      return failure(`no answer to ${op}`);
    });
  }

  async function end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    if (ended) return;
    child.kill(signal);
    try {
      await within(ANSWER_TIMEOUT_MS, gone, () => failure(`it did not end on ${signal}`));
    } catch (error) {
      child.kill("SIGKILL");
      await gone;
      throw error;
    }
  }

  async function close(): Promise<void> {
    if (ended) return;
    try {
      await ask("exit");
      await within(ANSWER_TIMEOUT_MS, gone, () => failure("it did not end"));
    } finally {
      await end("SIGKILL");
    }
  }

  async function waitFor(
    predicate: () => boolean,
    timeoutMs: number,
    seen: () => string,
  ): Promise<number> {
    const began = performance.now();
    if (!predicate()) {
      const done = Promise.withResolvers<void>();
      const look = () => {
        if (ended) done.reject(failure("it has ended"));
        else if (predicate()) done.resolve();
      };
      watchers.add(look);
      try {
        const late = () => failure(`not seen within ${timeoutMs} ms; last: ${seen()}`);
        await within(timeoutMs, done.promise, late);
      } finally {
        watchers.delete(look);
      }
    }
    return Math.round(performance.now() - began);
  }

  try {
    await within(READY_TIMEOUT_MS, ready.promise, () => failure("it did not start"));
  } catch (error) {
    await end("SIGKILL");
    throw error;
  }
  return {
    label,
    pid: child.pid,
    ask,
    waitFor,
    failure,
    close,
    end,
    [Symbol.asyncDispose]: close,
  };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = parts.pop() ?? "";
    yield* parts;
  }
  if (rest) yield rest;
}

async function within<T>(ms: number, promise: Promise<T>, late: () => Error): Promise<T> {
  const limit = Promise.withResolvers<never>();
  const timer = setTimeout(() => limit.reject(late()), ms);
  try {
    return await Promise.race([promise, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}
