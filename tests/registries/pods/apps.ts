/** Kinds of apps that register more than once, with their callers and what registries record of them. */

import {
  ALIBABA_PORTS,
  DUBBO_PORT,
  DUBBO_WAYS,
  startAlibabaConsumer,
  startAlibabaProvider,
  startDubboConsumer,
  startDubboProvider,
} from "../../support/java_pods.ts";
import { loginEnv } from "../../contract/nacos_program.ts";
import type { CallerProcess } from "../../support/caller_process.ts";
import { MARK, startSpringConsumer, startSpringProvider } from "../../support/eureka_callers.ts";
import { pathOf, send } from "../../support/eureka_client.ts";
import type { RealEureka } from "../../support/eureka_server.ts";
import { record } from "../../support/nacos_client.ts";
import type { RealNacos } from "../../support/nacos_server.ts";
import type { PodPlace } from "../../support/pod_network.ts";

/** All that a registry tells of a registration, but for when the last heartbeat was. */
type Recorded = Readonly<Record<string, unknown>> | undefined;

interface Registration {
  /** As the program names it. */
  labelOf(ip: string): string;
  record(ip: string): Promise<Recorded>;
}

/** An app that runs in a pod. */
interface Running extends AsyncDisposable {
  kill(): Promise<void>;
  /** What it does by itself while it lives; ends with the registrations that it had. */
  registerAnew?(): Promise<unknown>;
}

/** An app whose callers run already. */
export interface App extends AsyncDisposable {
  readonly name: string;
  /** What the container has. */
  env(pod: PodPlace): Readonly<Record<string, string>>;
  readonly registrations: readonly Registration[];
  start(pod: PodPlace): Promise<Running>;
  /** The addresses that each caller gets, or is answered by. */
  callersGet(): Promise<readonly (readonly [caller: string, ips: readonly string[]])[]>;
  isOut(record: Recorded): boolean;
  /** What must be as before after `offline` and `online`. */
  kept(record: Recorded): Recorded;
  /** What of it must be as before after another start of the app. */
  lasting(record: Recorded): Recorded;
}

/** So many that each of two pods answers one of them, but for once in a thousand. */
const CALLS = 10;

/** Two interfaces and the app; consumers go by either. */
export async function dubbo(server: RealNacos): Promise<App> {
  const name = nameOf("dubbo");
  const consumer = await startDubboConsumer(server);
  const services = ["com.demo.api.UserService:1.0.0:g1", "com.demo.api.OrderService::"];
  const login = await loginEnv(server);
  return {
    ...onNacos,
    name,
    env: ({ ip }) => ({
      ...login,
      // The script's names, as Dubbo's manifests have them that use it.
      NACOS_SERVER_ADDR: server.addr,
      podip: ip,
      serviceName: name,
      port: String(DUBBO_PORT),
    }),
    registrations: [name, ...services.map((one) => `providers:${one}`)]
      .map((service) => atNacos(server, service, DUBBO_PORT)),
    async start(pod) {
      const provider = await startDubboProvider(server, name, pod);
      return { ...running(provider), registerAnew: () => provider.ask("registerAnew") };
    },
    async callersGet() {
      const calls = ["UserService", "OrderService"].flatMap((service) =>
        Object.values(DUBBO_WAYS).map((by) => ({ service, by }))
      );
      return await Promise.all(calls.map(async (call) => {
        const { answers } = await consumer.ask("answers", { ...call, app: name, times: CALLS });
        return [`${call.service} ${call.by}`, answers as string[]] as const;
      }));
    },
    [Symbol.asyncDispose]: () => consumer.end("SIGKILL"),
  };
}

/** A web server that Spring registers and a gRPC server that the app registers itself. */
export async function alibaba(server: RealNacos): Promise<App> {
  const name = nameOf("alibaba");
  const consumer = await startAlibabaConsumer(server);
  const login = await loginEnv(server);
  const ask = async (op: string, service: string) =>
    (await consumer.ask(op, { service, times: CALLS })).answers as string[];
  return {
    ...onNacos,
    name,
    env: ({ ip }) => ({
      ...login,
      // Spring's own names, as manifests have them.
      "spring.cloud.nacos.discovery.server-addr": server.addr,
      "spring.application.name": name,
      "server.port": String(ALIBABA_PORTS.web),
      POD_IP: ip,
    }),
    registrations: [
      atNacos(server, name, ALIBABA_PORTS.web),
      atNacos(server, `${name}-grpc`, ALIBABA_PORTS.grpc),
    ],
    start: async (pod) => running(await startAlibabaProvider(server, name, pod)),
    callersGet: async () => [
      ["calls", await ask("answers", name)],
      ["web", await ask("instances", name)],
      ["grpc", await ask("instances", `${name}-grpc`)],
    ],
    [Symbol.asyncDispose]: () => consumer.end("SIGKILL"),
  };
}

/** An app with two Eureka clients. */
export async function eureka(server: RealEureka): Promise<App> {
  const name = nameOf("spring");
  const second = { service: `${name}-grpc`, port: 9090 };
  const consumer = await startSpringConsumer({
    servers: [server],
    fetchSeconds: 1,
    loadBalancerSeconds: 1,
  });
  const seen = async (service: string) =>
    (await consumer.instances(service)).map(({ host }) => host).toSorted();
  const { hostname, port } = new URL(server.rootUrl);
  return {
    name,
    env: ({ ip }) => ({
      EUREKA_HOST: hostname,
      EUREKA_CLIENT_SERVICEURL_DEFAULTZONE:
        `http://\${EUREKA_HOST:eureka}:\${EUREKA_PORT:${port}}/eureka/`,
      SPRING_APPLICATION_NAME: name,
      SERVER_PORT: "8080",
      EUREKA_INSTANCE_INSTANCE_ID: "${spring.cloud.client.ip-address}:${server.port}",
      POD_IP: ip,
    }),
    registrations: [atEureka(server, name, 8080), atEureka(server, second.service, second.port)],
    start: (pod) =>
      startSpringProvider({
        servers: [server],
        service: name,
        pod,
        ip: pod.ip,
        port: 8080,
        second,
        instanceId: `${pod.ip}:${name}:8080`,
        renewalSeconds: 2,
      }),
    callersGet:
      async () => [[name, await seen(name)], [second.service, await seen(second.service)]],
    isOut: (record) => record?.["status"] === "OUT_OF_SERVICE",
    kept: withoutChanges,
    lasting(record) {
      const { leaseInfo: _, metadata, ...lasting } = withoutChanges(record) ?? {};
      const { [MARK]: __, ...given } = metadata as Record<string, string>;
      return { ...lasting, metadata: given };
    },
    [Symbol.asyncDispose]: () => consumer.kill(),
  };
}

function nameOf(kind: string): string {
  return `${kind}-${crypto.randomUUID().slice(0, 8)}`;
}

function running(process: CallerProcess): Running {
  const kill = () => process.end("SIGKILL");
  return { kill, [Symbol.asyncDispose]: kill };
}

/** Each change of the status is written down by the server, and tells clients to read it. */
function withoutChanges(record: Recorded): Recorded {
  const { lastDirtyTimestamp: _, lastUpdatedTimestamp: __, actionType: ___, ...rest } = record ??
    {};
  return rest;
}

const onNacos: Pick<App, "isOut" | "kept" | "lasting"> = {
  isOut: (record) => record?.["enabled"] === false,
  kept: (record) => record,
  lasting(record) {
    const { timestamp: _, ...metadata } = record?.["metadata"] as Record<string, string>;
    return { ...record, metadata };
  },
};

function atNacos(server: RealNacos, serviceName: string, port: number): Registration {
  return {
    labelOf: (ip) => `${ip}:${port} of DEFAULT_GROUP@@${serviceName} in namespace public`,
    record: async (ip) => ({ ...await record(server, { serviceName, ip, port }) }),
  };
}

function atEureka(server: RealEureka, app: string, port: number): Registration {
  return {
    labelOf: (ip) => `${ip}:${port} of app ${app.toUpperCase()}, id ${ip}:${app}:${port}`,
    async record(ip) {
      const answer = await send(server, "GET", pathOf({ app, instanceId: `${ip}:${app}:${port}` }));
      if (answer.status === 404) return undefined;
      const { leaseInfo, ...rest } = JSON.parse(answer.body).instance;
      const { lastRenewalTimestamp: _, ...lease } = leaseInfo;
      return { ...rest, leaseInfo: lease };
    },
  };
}
