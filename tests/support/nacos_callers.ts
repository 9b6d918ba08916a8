/** Real clients of Nacos, each in a process of its own: they register and see what callers see. */

import { type CallerProcessOptions, startCallerProcess } from "./caller_process.ts";
import { buildJava, callerArgs } from "./java_lab.ts";
import type { Credentials, NacosUnderTest } from "./nacos_under_test.ts";

interface CallerInstance {
  readonly service: string;
  /** Its group. @default {"DEFAULT_GROUP"} */
  readonly group?: string;
  readonly ip: string;
  readonly port: number;
  /** Its weight. @default {1} */
  readonly weight?: number;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Its cluster. @default {"DEFAULT"} */
  readonly cluster?: string;
  /** Whether it lives only as long as its process. @default {true} */
  readonly ephemeral?: boolean;
}

interface CallerHost {
  readonly ip: string;
  readonly port: number;
  readonly weight: number;
  readonly healthy: boolean;
  /** Whether it is in service; callers are given only those that are. */
  readonly enabled: boolean;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Caller extends AsyncDisposable {
  /** Names it in messages: `nacos-client 2.5.1`. */
  readonly label: string;
  register(instance: CallerInstance): Promise<void>;
  deregister(instance: CallerInstance): Promise<void>;
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
   * @param predicate asked now and after each new list
   * @returns how long it took, milliseconds
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
  kill(): Promise<void>;
}

export interface CallerOptions {
  readonly server: NacosUnderTest;
  /** Whom it logs in as; by default the server's administrator, where auth is on. */
  readonly credentials?: Credentials;
  /** Its namespace. @default {"public"} */
  readonly namespaceId?: string;
}

/** The lines of the Java client that are in use, each in its newest version. */
type JavaLine = "2.x" | "3.x";

/** The newest on Maven Central that are not dated snapshots (November 2026). */
const JAVA_VERSIONS = { "2.x": "2.5.1", "3.x": "3.1.1" } as const;
const NPM_VERSION = "2.6.3";
const CALLERS = new URL("../registries/callers/", import.meta.url);

/** Starts a Java service with nacos-client (gRPC). */
export async function startJavaCaller(
  options: CallerOptions & { readonly line: JavaLine },
): Promise<Caller> {
  const version = JAVA_VERSIONS[options.line];
  const built = await buildJava({
    name: `nacos-caller-${version}`,
    pom: new URL("pom.xml", CALLERS),
    sources: ["NacosCaller.java", "JsonLines.java"].map((name) => new URL(name, CALLERS)),
    properties: { "nacos.client.version": version },
  });
  return await start(`nacos-client ${version}`, options, {
    command: "java",
    args: callerArgs(built, "NacosCaller", 96),
    env: {},
  });
}

/**
 * Starts a service with the npm package `nacos` (HTTP v1), run by Deno. It ignores empty lists, so
 * it never loses the last instance of a service; and it sees what is not pushed by UDP only when it
 * asks again, after 10 s.
 */
export async function startNpmCaller(options: CallerOptions): Promise<Caller> {
  return await start(`npm nacos ${NPM_VERSION}`, options, {
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
  });
}

/** How a client is started, but for whom it belongs to. */
type Program = Pick<CallerProcessOptions, "command" | "args" | "env">;

async function start(
  name: string,
  options: CallerOptions,
  program: Program,
): Promise<Caller> {
  const { server, namespaceId } = options;
  const credentials = options.credentials ?? (server.auth ? server.admin : undefined);
  const lists = new Map<string, readonly CallerHost[]>();
  const key = (service: string, group = "DEFAULT_GROUP") => `${group}@@${service}`;
  const addresses = (hosts: readonly CallerHost[] = []) =>
    hosts.map(({ ip, port }) => `${ip}:${port}`).sort();

  const caller = await startCallerProcess({
    ...program,
    label: `${name} at ${server.label}`,
    env: {
      ...program.env,
      CALLER_SERVER_ADDR: server.addr,
      // Both clients mean the default namespace when none is named.
      ...(namespaceId && namespaceId !== "public" ? { CALLER_NAMESPACE: namespaceId } : {}),
      ...(credentials
        ? { CALLER_USERNAME: credentials.username, CALLER_PASSWORD: credentials.password }
        : {}),
    },
    secrets: credentials ? [credentials.password] : [],
    onEvent({ service, group, hosts }) {
      lists.set(key(String(service), group as string), (hosts ?? []) as readonly CallerHost[]);
    },
  });

  const instances = (service: string, group?: string) => addresses(lists.get(key(service, group)));
  const waitFor = (predicate: () => boolean, timeoutMs: number) =>
    caller.waitFor(predicate, timeoutMs, () => {
      const seen = [...lists].map(([of, hosts]) => `${of} [${addresses(hosts)}]`);
      return seen.join(", ") || "no list at all";
    });
  return {
    label: name,
    instances,
    waitFor,
    close: caller.close,
    kill: () => caller.end("SIGKILL"),
    hosts: (service, group) => lists.get(key(service, group)),
    register: async (instance) => void await caller.ask("register", { ...instance }),
    deregister: async (instance) => void await caller.ask("deregister", { ...instance }),
    subscribe: async (service, group) => void await caller.ask("subscribe", { service, group }),
    select: async (service, how) =>
      ((await caller.ask("select", { service, ...how })).hosts ?? []) as readonly CallerHost[],
    waitForInstance: (service, address, listed, timeoutMs) =>
      waitFor(() => instances(service).includes(address) === listed, timeoutMs),
    [Symbol.asyncDispose]: caller.close,
  };
}
