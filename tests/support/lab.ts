/** One instance on one stand-in Nacos, and the program run beside it as a pod would. */

import {
  type EmbeddedNacos,
  type EmbeddedNacosOptions,
  type EmbeddedPlace,
  type ReceivedRequest,
  startEmbeddedNacos,
} from "../embedded/nacos.ts";
import { removeRecords } from "./hook.ts";
import { createLabRuns, type Env, type LabRuns, randomPlace, uniqueName } from "./lab_runs.ts";
import { list, type ListedInstance } from "./nacos_client.ts";
import type { Credentials } from "./nacos_under_test.ts";
import { registerSecret, registerSecretSource } from "./secrets.ts";

export { type Env, type LabRun, uniqueName } from "./lab_runs.ts";

export interface LabOptions extends Partial<EmbeddedNacosOptions> {
  /** What the app registers differently from {@linkcode Lab.instance}'s defaults. */
  readonly instance?: Partial<EmbeddedPlace> & {
    readonly weight?: number;
    readonly metadata?: Readonly<Record<string, string>>;
  };
  /** Whether the app has registered. @default {true} */
  readonly registered?: boolean;
  readonly env?: Env;
}

interface LabInstance extends Required<EmbeddedPlace> {
  readonly weight: number;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface Lab extends LabRuns, AsyncDisposable {
  readonly server: EmbeddedNacos;
  /** What the settings of `env` mean. */
  readonly instance: LabInstance;
  /** A user who may write the instance's namespace; undefined where the server wants no token. */
  readonly user: Credentials | undefined;
  /** What the pod's manifest sets: the script's names, the server, the user, no drain. */
  readonly env: Env;
  register(): void;
  /** What callers of the service get: addresses with ports. */
  callersGet(): Promise<string[]>;
  /** The instance as callers get it; undefined where they do not. */
  listed(): Promise<ListedInstance | undefined>;
  /** The requests that change something, of those that came since the given number of requests. */
  writesSince(mark: number): ReceivedRequest[];
}

/** Starts a stand-in and registers an instance with weight 3 and metadata. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const server = await startEmbeddedNacos({ generation: "2.x", pushDelayMs: 50, ...options });
  const id = uniqueName();
  const instance: LabInstance = {
    serviceName: id,
    ...randomPlace(),
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
  const isWrite = ({ method, path }: ReceivedRequest) =>
    method !== "GET" && !path.endsWith("/login");
  const at = { ...instance };

  return {
    server,
    instance,
    user,
    env,
    register,
    ...createLabRuns(env, [server.requests], isWrite),
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
    writesSince: (mark) => server.requests.slice(mark).filter(isWrite),
    async [Symbol.asyncDispose]() {
      forgetTokens();
      await server.shutdown();
      removeRecords(instance.serviceName, `${instance.ip}:${instance.port}`);
    },
  };
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
