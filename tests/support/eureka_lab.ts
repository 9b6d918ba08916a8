/**
 * One instance on one stand-in Eureka, or on two that are peers, and the program run beside it as a
 * pod would.
 */

import {
  type EmbeddedEureka,
  type EmbeddedEurekaOptions,
  startEmbeddedEureka,
  startEmbeddedEurekaPeers,
} from "../embedded/eureka.ts";
import { unauthorized } from "../embedded/eureka_answers.ts";
import { aged, idOf, list, type TestInstance } from "./eureka_client.ts";
import { registerSecret, removeRecords } from "./hook.ts";
import { createLabRuns, type Env, type LabRuns, randomPlace, uniqueName } from "./lab_runs.ts";
import type { Credentials } from "./nacos_under_test.ts";

export type { Env, LabRun } from "./lab_runs.ts";

interface EurekaLabServer extends EmbeddedEurekaOptions {
  /** Who alone may use it; other than with `auth`, in any characters. */
  readonly user?: Credentials;
}

export interface EurekaLabOptions extends EurekaLabServer {
  /** The second server, if there is to be one. */
  readonly peer?: EurekaLabServer;
  /** What the app registers differently from {@linkcode EurekaLab.instance}'s defaults. */
  readonly instance?: Partial<TestInstance>;
  /** Whether the app has registered. @default {true} */
  readonly registered?: boolean;
  readonly env?: Env;
}

export interface EurekaLab extends LabRuns, AsyncDisposable {
  readonly server: EmbeddedEureka;
  /** Both of them, or the only one. */
  readonly servers: readonly EmbeddedEureka[];
  readonly instance: TestInstance;
  /** What the pod's manifest sets: address and name of the app, the servers, the user, no drain. */
  readonly env: Env;
  register(): void;
  /** Status and override in the record of a server; undefined where there is none. */
  recorded(server?: EmbeddedEureka): string[] | undefined;
  callersGet(server?: EmbeddedEureka): Promise<string[]>;
}

/** An instance that callers do not get because an operator keeps it back. */
export const OUT: readonly string[] = ["OUT_OF_SERVICE", "OUT_OF_SERVICE"];
export const UP: readonly string[] = ["UP", "UNKNOWN"];

/** Whether a request is the one that takes an instance out. */
export function isTakingOut({ method, url }: Request): boolean {
  return method === "PUT" && url.includes("/status?");
}

export async function startEurekaLab(options: EurekaLabOptions = {}): Promise<EurekaLab> {
  const servers = await startServers(options);
  const [server] = servers;
  const app = options.instance?.app ?? uniqueName();
  const place = randomPlace();
  const instance: TestInstance = {
    app,
    hostName: "pod-1",
    ...place,
    ...(options.instance && "hostName" in options.instance
      ? {}
      : { instanceId: `pod-1:${app}:${options.instance?.port ?? place.port}` }),
    metadata: { version: "v1" },
    ...options.instance,
  };
  const { credentials } = server;
  if (credentials) registerSecret(credentials.password);
  const registerAll = (one: TestInstance) => servers.forEach((server) => server.register(one));
  const register = () => registerAll(instance);
  if (options.registered ?? true) registerAll(aged(instance));

  const env: Env = {
    EUREKA_URL: servers.map(({ rootUrl }) => rootUrl).join(","),
    podip: instance.ip,
    APPLICATION: app,
    APPLICATION_PORT: String(instance.port),
    DRAIN_SECONDS: "0",
    ...(credentials
      ? { EUREKA_USERNAME: credentials.username, EUREKA_PASSWORD: credentials.password }
      : {}),
    ...options.env,
  };
  const received = servers.map(({ requests }) => requests);
  return {
    server,
    servers,
    instance,
    env,
    register,
    ...createLabRuns(env, received, ({ method }) => method !== "GET" && method !== "HEAD"),
    recorded(of = server) {
      const wanted = app.toUpperCase();
      const found = of.instances().find((one) =>
        one.app === wanted && (one.instanceId ?? one.hostName) === idOf(instance)
      );
      return found && [found.status, found.overriddenStatus];
    },
    async callersGet(of = server) {
      const found = await list(of, app);
      return found.filter(({ status }) => status === "UP").map(idOf).toSorted();
    },
    async [Symbol.asyncDispose]() {
      for (const one of servers) await one.shutdown();
      removeRecords(app.toUpperCase(), `${instance.ip}:${instance.port}`);
    },
  };
}

async function startServers(
  options: EurekaLabOptions,
): Promise<readonly [EmbeddedEureka, ...EmbeddedEureka[]]> {
  const first = behaviour(options);
  if (options.peer === undefined) return [await startEmbeddedEureka(first)];
  const { instance: _, registered: _r, env: _e, peer, user: _u, intercept: _i, ...same } = options;
  return await startEmbeddedEurekaPeers(first, behaviour({ ...same, ...peer }));
}

function behaviour({ user, intercept, ...options }: EurekaLabServer): EmbeddedEurekaOptions {
  if (user) registerSecret(user.password);
  return {
    readOnlyCache: options.cacheMs !== undefined,
    replicationMs: 100,
    ...options,
    intercept: (req, n) =>
      user && req.headers.get("authorization") !== basic(user)
        ? unauthorized()
        : intercept?.(req, n),
  };
}

/** In UTF-8, as RFC 7617 has it. */
function basic({ username, password }: Credentials): string {
  return `Basic ${new TextEncoder().encode(`${username}:${password}`).toBase64()}`;
}
