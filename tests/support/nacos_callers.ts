/**
 * Real clients of Nacos, each in a process of its own: they register and see what callers see.
 *
 * @module
 */

import { buildJava } from "./java_lab.ts";
import type { Credentials, NacosUnderTest } from "./nacos_under_test.ts";
import { redact } from "./nacos_users.ts";

/** An instance as a service registers it. */
export interface CallerInstance {
  /** Without its group. */
  readonly service: string;
  /**
   * Its group.
   *
   * @default {"DEFAULT_GROUP"}
   */
  readonly group?: string;
  /** Its address. */
  readonly ip: string;
  /** Its port. */
  readonly port: number;
  /**
   * Its weight.
   *
   * @default {1}
   */
  readonly weight?: number;
  /** Its metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * Its cluster.
   *
   * @default {"DEFAULT"}
   */
  readonly cluster?: string;
  /**
   * Whether it lives only as long as its process.
   *
   * @default {true}
   */
  readonly ephemeral?: boolean;
}

/** An instance as a caller is given it. */
export interface CallerHost {
  /** Its address. */
  readonly ip: string;
  /** Its port. */
  readonly port: number;
  /** Its weight. */
  readonly weight: number;
  /** Whether the server thinks that it lives. */
  readonly healthy: boolean;
  /** Whether it is in service; callers are given only those that are. */
  readonly enabled: boolean;
  /** Its metadata. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** A running client. */
export interface Caller extends AsyncDisposable {
  /** Names it in messages: `nacos-client 2.5.1`. */
  readonly label: string;
  /** Registers an instance of its own. */
  register(instance: CallerInstance): Promise<void>;
  /** Takes an instance of its own away. */
  deregister(instance: CallerInstance): Promise<void>;
  /** Begins to watch a service. */
  subscribe(service: string, group?: string): Promise<void>;
  /** The list of a watched service that it was given last, as `ip:port`, sorted. */
  instances(service: string, group?: string): readonly string[];
  /** The same with all that it was told about each; undefined before the first list. */
  hosts(service: string, group?: string): readonly CallerHost[] | undefined;
  /** Asks the server now: all instances, or the healthy ones that are in service. */
  select(
    service: string,
    options?: { readonly group?: string; readonly healthyOnly?: boolean },
  ): Promise<readonly CallerHost[]>;
  /**
   * Waits until something is true of the watched lists.
   *
   * @param predicate asked now and after each new list
   * @param timeoutMs the longest wait
   * @returns how long it took, milliseconds
   * @throws {Error} too long, with the lists seen last; or the client has ended
   */
  waitFor(predicate: () => boolean, timeoutMs: number): Promise<number>;
  /** Waits until a watched service has, or no longer has, an instance (`ip:port`). */
  waitForInstance(
    service: string,
    address: string,
    listed: boolean,
    timeoutMs: number,
  ): Promise<number>;
  /** Ends it as its own shutdown does; again, or after `kill`: nothing. */
  close(): Promise<void>;
  /** Ends it with SIGKILL. */
  kill(): Promise<void>;
}

/** Whom a client belongs to. */
export interface CallerOptions {
  /** The server that it speaks to. */
  readonly server: NacosUnderTest;
  /** Whom it logs in as; by default the server's administrator, where auth is on. */
  readonly credentials?: Credentials;
  /**
   * Its namespace.
   *
   * @default {"public"}
   */
  readonly namespaceId?: string;
}

/** The lines of the Java client that are in use, each in its newest version. */
export type JavaLine = "2.x" | "3.x";

/** The newest on Maven Central that are not dated snapshots (November 2026). */
const JAVA_VERSIONS = { "2.x": "2.5.1", "3.x": "3.1.1" } as const;
const NPM_VERSION = "2.6.3";
const CALLERS = new URL("../registries/callers/", import.meta.url);
/** The first start may fetch the package. */
const READY_TIMEOUT_MS = 120_000;
/** nacos-client's shutdown was seen to take some seconds. */
const ANSWER_TIMEOUT_MS = 30_000;

/**
 * Starts a Java service with nacos-client (gRPC).
 *
 * @param options the line of the client and whom it belongs to
 * @throws {Error} it did not start
 */
export async function startJavaCaller(
  options: CallerOptions & { readonly line: JavaLine },
): Promise<Caller> {
  const version = JAVA_VERSIONS[options.line];
  const built = await buildJava({
    name: `nacos-caller-${version}`,
    pom: new URL("pom.xml", CALLERS),
    source: new URL("NacosCaller.java", CALLERS),
    properties: { "nacos.client.version": version },
  });
  return await start(`nacos-client ${version}`, options, (home) => ({
    command: "java",
    args: [
      "-Xmx96m",
      "-XX:+UseSerialGC",
      "-XX:TieredStopAtLevel=1",
      // Its caches and logs.
      `-Duser.home=${home}`,
      `-DJM.LOG.PATH=${home}`,
      `-Djava.io.tmpdir=${home}`,
      "-cp",
      `${built.classes}:${built.lib}/*`,
      "NacosCaller",
    ],
    env: {},
  }));
}

/**
 * Starts a service with the npm package `nacos` (HTTP v1), run by Deno. It ignores empty lists, so
 * it never loses the last instance of a service; and it sees what is not pushed by UDP only when it
 * asks again, after 10 s.
 *
 * @param options whom it belongs to
 * @throws {Error} it did not start
 */
export async function startNpmCaller(options: CallerOptions): Promise<Caller> {
  return await start(`npm nacos ${NPM_VERSION}`, options, () => ({
    command: Deno.execPath(),
    args: [
      "run",
      "--quiet",
      "--no-config",
      "--no-lock",
      "--allow-all",
      new URL("nacos_caller.ts", CALLERS).pathname,
    ],
    env: { CALLER_NPM_PACKAGE: `npm:nacos@${NPM_VERSION}` },
  }));
}

interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface Message {
  readonly event?: "ready" | "instances";
  readonly id?: number;
  readonly error?: string;
  readonly service?: string;
  readonly group?: string;
  readonly hosts?: readonly CallerHost[];
}

interface Pending {
  readonly resolve: (message: Message) => void;
  readonly reject: (error: Error) => void;
}

async function start(
  label: string,
  options: CallerOptions,
  program: (home: string) => Program,
): Promise<Caller> {
  const { server, namespaceId } = options;
  const credentials = options.credentials ?? (server.auth ? server.admin : undefined);
  const home = await Deno.makeTempDir({ prefix: "nacos-caller-" });
  const { command, args, env } = program(home);
  const child = new Deno.Command(command, {
    args: [...args],
    env: {
      ...env,
      CALLER_SERVER_ADDR: server.addr,
      // Both clients mean the default namespace when none is named.
      ...(namespaceId && namespaceId !== "public" ? { CALLER_NAMESPACE: namespaceId } : {}),
      ...(credentials
        ? { CALLER_USERNAME: credentials.username, CALLER_PASSWORD: credentials.password }
        : {}),
    },
    // It ends itself when this pipe closes, so no dead test run leaves one behind.
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();

  const lists = new Map<string, readonly CallerHost[]>();
  const pending = new Map<number, Pending>();
  const watchers = new Set<() => void>();
  let complaints = "";
  let ended = false;
  let lastId = 0;
  const ready = Promise.withResolvers<void>();
  // A failed start is reported by whoever waits; nobody does after that.
  ready.promise.catch(() => {});

  const secrets = credentials ? [credentials.password] : [];
  const failure = (why: string) =>
    new Error(
      redact(`${label} at ${server.label}: ${why}${complaints && `\n${complaints}`}`, secrets),
    );
  const key = (service: string, group = "DEFAULT_GROUP") => `${group}@@${service}`;
  const addresses = (hosts: readonly CallerHost[] = []) =>
    hosts.map(({ ip, port }) => `${ip}:${port}`).sort();

  const reading = (async () => {
    for await (const line of linesOf(child.stdout)) {
      const message = JSON.parse(line) as Message;
      if (message.event === "ready") ready.resolve();
      else if (message.event === "instances") {
        lists.set(key(message.service ?? "", message.group), message.hosts ?? []);
        for (const wake of [...watchers]) wake();
      } else if (message.id !== undefined) {
        const waiting = pending.get(message.id);
        pending.delete(message.id);
        if (message.error === undefined) waiting?.resolve(message);
        else waiting?.reject(failure(message.error));
      }
    }
  })();
  const complaining = (async () => {
    for await (const line of linesOf(child.stderr)) {
      complaints = `${complaints}${line}\n`.slice(-4000);
    }
  })();
  const end = Promise.all([child.status, reading, complaining]).then(async ([status]) => {
    ended = true;
    const error = failure(`it has ended (${status.signal ?? status.code})`);
    ready.reject(error);
    for (const { reject } of pending.values()) reject(error);
    for (const wake of [...watchers]) wake();
    await writer.close().catch(() => {});
    await Deno.remove(home, { recursive: true });
  });
  const writer = child.stdin.getWriter();

  async function ask(request: Record<string, unknown>): Promise<Message> {
    if (ended) throw failure("it has ended");
    const id = ++lastId;
    const answer = Promise.withResolvers<Message>();
    pending.set(id, answer);
    await writer.write(new TextEncoder().encode(JSON.stringify({ id, ...request }) + "\n"));
    return await within(ANSWER_TIMEOUT_MS, answer.promise, () => {
      pending.delete(id);
      return failure(`no answer to ${request.op}`);
    });
  }

  async function kill(): Promise<void> {
    if (!ended) child.kill("SIGKILL");
    await end;
  }

  async function close(): Promise<void> {
    if (ended) return;
    try {
      await ask({ op: "exit" });
      await within(ANSWER_TIMEOUT_MS, end, () => failure("it did not end"));
    } finally {
      await kill();
    }
  }

  async function waitFor(predicate: () => boolean, timeoutMs: number): Promise<number> {
    const began = performance.now();
    if (!predicate()) {
      const done = Promise.withResolvers<void>();
      const look = () => {
        if (ended) done.reject(failure("it has ended"));
        else if (predicate()) done.resolve();
      };
      watchers.add(look);
      try {
        await within(timeoutMs, done.promise, () => {
          const seen = [...lists].map(([name, hosts]) => `${name} [${addresses(hosts)}]`);
          return failure(
            `not seen within ${timeoutMs} ms; last: ${seen.join(", ") || "no list at all"}`,
          );
        });
      } finally {
        watchers.delete(look);
      }
    }
    return Math.round(performance.now() - began);
  }

  const instances = (service: string, group?: string) => addresses(lists.get(key(service, group)));
  try {
    await within(READY_TIMEOUT_MS, ready.promise, () => failure("it did not start"));
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    label,
    instances,
    waitFor,
    close,
    kill,
    hosts: (service, group) => lists.get(key(service, group)),
    register: async (instance) => void await ask({ op: "register", ...instance }),
    deregister: async (instance) => void await ask({ op: "deregister", ...instance }),
    subscribe: async (service, group) => void await ask({ op: "subscribe", service, group }),
    select: async (service, how) => (await ask({ op: "select", service, ...how })).hosts ?? [],
    waitForInstance: (service, address, listed, timeoutMs) =>
      waitFor(() => instances(service).includes(address) === listed, timeoutMs),
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
