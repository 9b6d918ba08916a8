/**
 * One instance on one stand-in Nacos, and the program run beside it as a pod would.
 *
 * @module
 */

import {
  type EmbeddedNacos,
  type EmbeddedNacosOptions,
  type EmbeddedPlace,
  type ReceivedRequest,
  startEmbeddedNacos,
} from "../embedded/nacos.ts";
import { type HookOptions, type HookRun, removeRecords, runHook, startHook } from "./hook.ts";
import type { RunningHook } from "./hook.ts";
import { list, type ListedInstance } from "./nacos_client.ts";
import type { Credentials } from "./nacos_under_test.ts";
import { registerSecret, registerSecretSource } from "./secrets.ts";

/** Variables to add to an environment; undefined takes one out. */
export type Env = Readonly<Record<string, string | undefined>>;

/** What a lab is made with. */
export interface LabOptions extends Partial<EmbeddedNacosOptions> {
  /** What the app registers differently from {@linkcode Lab.instance}'s defaults. */
  readonly instance?: Partial<EmbeddedPlace> & {
    readonly weight?: number;
    readonly metadata?: Readonly<Record<string, string>>;
  };
  /** Whether the app has registered. @default {true} */
  readonly registered?: boolean;
  /** Added to the environment of every run. */
  readonly env?: Env;
}

/** The instance that the program runs beside. */
export interface LabInstance extends Required<EmbeddedPlace> {
  /** What the app has registered. */
  readonly weight: number;
  /** What the app has registered. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** One instance on one server. */
export interface Lab extends AsyncDisposable {
  /** The stand-in. */
  readonly server: EmbeddedNacos;
  /** What the settings of `env` mean. */
  readonly instance: LabInstance;
  /** A user who may write the instance's namespace; undefined where the server wants no token. */
  readonly user: Credentials | undefined;
  /** What the pod's manifest sets: the script's names, the server, the user, no drain. */
  readonly env: Env;
  /** Runs the program with `env` and more; arguments as words, or as one text of words. */
  run(args: string | readonly string[], more?: Env, options?: HookOptions): Promise<LabRun>;
  /** Starts the program so. */
  start(args: string | readonly string[], more?: Env, options?: HookOptions): RunningHook;
  /** Registers the instance, as the app does. */
  register(): void;
  /** What callers of the service get: addresses with ports. */
  callersGet(): Promise<string[]>;
  /** The instance as callers get it; undefined where they do not. */
  listed(): Promise<ListedInstance | undefined>;
  /** The requests that change something, of those that came since the given number of requests. */
  writesSince(mark: number): ReceivedRequest[];
}

/** A run, with what it has sent. */
export interface LabRun extends HookRun {
  /** Everything that the server received meanwhile. */
  readonly requests: readonly ReceivedRequest[];
  /** Those of them that change something. */
  readonly writes: readonly ReceivedRequest[];
}

let made = 0;

/** A service name that no other test uses. */
export function uniqueName(): string {
  return `svc-${crypto.randomUUID().slice(0, 13)}-${++made}`;
}

/**
 * Starts a stand-in and registers an instance with weight 3 and metadata.
 *
 * @param options what differs from an unprotected 2.x with a short push delay
 */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const server = await startEmbeddedNacos({ generation: "2.x", pushDelayMs: 50, ...options });
  const id = uniqueName();
  const instance: LabInstance = {
    serviceName: id,
    ip: `10.${random(256)}.${random(256)}.${1 + random(254)}`,
    port: 1024 + random(60_000),
    namespaceId: "public",
    groupName: "DEFAULT_GROUP",
    clusterName: "DEFAULT",
    weight: 3,
    metadata: { version: "v1", zone: "a=b" },
    ...options.instance,
  };
  const needsUser = server.auth || server.adminAuth;
  const user = needsUser ? await server.createUser(instance.namespaceId) : undefined;
  for (const known of [server.admin, user]) if (known) registerSecret(known.password);
  const forgetTokens = registerSecretSource(() => bearerTokens(server.requests));
  const register = () => server.registerGrpc(instance);
  if (options.registered ?? true) register();

  const env: Env = {
    NACOS_SERVER_ADDR: server.addr,
    podip: instance.ip,
    serviceName: instance.serviceName,
    port: String(instance.port),
    namespaceId: instance.namespaceId,
    groupName: instance.groupName,
    clusterName: instance.clusterName,
    DRAIN_SECONDS: "0",
    ...(user ? { NACOS_USERNAME: user.username, NACOS_PASSWORD: user.password } : {}),
    ...options.env,
  };
  const withMore = (more: Env) =>
    Object.fromEntries(
      Object.entries({ ...env, ...more }).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]]
      ),
    );
  const words = (args: string | readonly string[]) =>
    typeof args === "string" ? args.split(" ").filter((word) => word !== "") : args;
  const at = { ...instance };

  const lab: Lab = {
    server,
    instance,
    user,
    env,
    register,
    async run(args, more = {}, hookOptions) {
      const mark = server.requests.length;
      const run = await runHook(words(args), withMore(more), hookOptions);
      return { ...run, requests: server.requests.slice(mark), writes: lab.writesSince(mark) };
    },
    start: (args, more = {}, hookOptions) => startHook(words(args), withMore(more), hookOptions),
    async callersGet() {
      const { serviceName, groupName, namespaceId, clusterName } = at;
      const hosts = await list(server, { serviceName, groupName, namespaceId, clusterName });
      return hosts.map(({ ip, port }) => `${ip}:${port}`);
    },
    async listed() {
      const { serviceName, groupName, namespaceId, clusterName } = at;
      const hosts = await list(server, { serviceName, groupName, namespaceId, clusterName });
      return hosts.find(({ ip, port }) => ip === at.ip && port === at.port);
    },
    writesSince: (mark) =>
      server.requests.slice(mark).filter(({ method, path }) =>
        method !== "GET" && !path.endsWith("/login")
      ),
    async [Symbol.asyncDispose]() {
      forgetTokens();
      await server.shutdown();
      removeRecords(instance.serviceName, `${instance.ip}:${instance.port}`);
    },
  };
  return lab;
}

function bearerTokens(requests: readonly ReceivedRequest[]): string[] {
  return [
    ...new Set(
      requests.flatMap(({ headers }) =>
        /^Bearer (.{8,})$/.exec(headers.get("authorization") ?? "")?.[1] ?? []
      ),
    ),
  ];
}

function random(below: number): number {
  return Math.floor(Math.random() * below);
}
