/**
 * Real clients of Eureka, each in a process of its own: providers that register, and consumers that
 * see and call them.
 */

import { type CallerProcess, startCallerProcess } from "./caller_process.ts";
import { instance, type TestPlace } from "./eureka_client.ts";
import { withCredentials } from "./eureka_server.ts";
import type { EurekaUnderTest } from "./eureka_under_test.ts";
import { buildJava, callerArgs } from "./java_lab.ts";
import type { PodPlace } from "./pod_network.ts";

/** Whom a client speaks to: one server, or several that replicate to each other. */
type EurekaServers = readonly [EurekaUnderTest, ...EurekaUnderTest[]];

export interface EurekaProviderOptions {
  readonly servers: EurekaServers;
  /** The service's name, `spring.application.name`; Eureka shows it in capitals. */
  readonly service: string;
  /** Its address: any of 127.0.0.0/8, and it listens on no other. */
  readonly ip: string;
  readonly port: number;
  /** Its id. @default {`host name:service:port`} as Spring Cloud makes it */
  readonly instanceId?: string;
  /** Seconds from heartbeat to heartbeat. @default {30} as shipped */
  readonly renewalSeconds?: number;
  /** Where it runs and what address it has, in place of one of this machine. */
  readonly pod?: PodPlace;
  /** A further registration of the same process. */
  readonly second?: { readonly service: string; readonly port: number };
}

/** A provider that does not answer, only registers and looks. */
interface EurekaJsCallerOptions {
  readonly servers: EurekaServers;
  readonly service: string;
  /** Its host name, which is its id too. */
  readonly hostName: string;
  /** Its address; it does not listen there. */
  readonly ip: string;
  /** Its port; it does not listen there. */
  readonly port: number;
  /** Seconds from heartbeat to heartbeat. @default {30} as shipped */
  readonly renewalSeconds?: number;
  /** Seconds from one look at the list to the next. @default {30} as shipped */
  readonly fetchSeconds?: number;
}

/** A consumer; it does not register. */
interface EurekaConsumerOptions {
  readonly servers: EurekaServers;
  /**
   * Seconds from one look at the list to the next (`registry-fetch-interval-seconds`).
   * @default {30} as shipped
   */
  readonly fetchSeconds?: number;
  /**
   * How long Spring Cloud LoadBalancer keeps a list, seconds (`spring.cloud.loadbalancer.cache.ttl`).
   * @default {35} as shipped
   */
  readonly loadBalancerSeconds?: number;
}

interface EurekaHost {
  readonly instanceId: string;
  readonly host: string;
  readonly port: number;
}

interface EurekaCall {
  /** When it began, milliseconds since 1970. */
  readonly at: number;
  /** How long it took, milliseconds. */
  readonly ms: number;
  /** Who answered; undefined where nobody did. */
  readonly instanceId?: string;
  readonly error?: string;
}

/** A provider that runs and was seen in the registry. */
export interface EurekaProvider extends AsyncDisposable {
  readonly label: string;
  readonly instanceId: string;
  /** Ends it as Kubernetes does, with SIGTERM: it takes itself out of the registry. */
  close(): Promise<void>;
  /** Ends it with SIGKILL: the registry keeps it for up to 90 s and more. */
  kill(): Promise<void>;
}

interface EurekaWatcher extends AsyncDisposable {
  readonly label: string;
  instances(service: string): Promise<readonly EurekaHost[]>;
  /**
   * Waits until it knows, or no longer knows, an instance.
   * @returns how long it took, milliseconds
   */
  waitForInstance(
    service: string,
    instanceId: string,
    listed: boolean,
    timeoutMs: number,
  ): Promise<number>;
  close(): Promise<void>;
  kill(): Promise<void>;
}

interface EurekaConsumer extends EurekaWatcher {
  call(service: string): Promise<EurekaCall>;
  /**
   * Begins to call a service again and again, never twice at the same time.
   * @param everyMs from the end of a call to the begin of the next
   */
  startCalls(service: string, everyMs: number): Promise<void>;
  /** Ends that; a call that is under way still ends, and counts. */
  stopCalls(service: string): Promise<void>;
  /** The calls of `startCalls` that have ended, in their order. */
  calls(service: string): readonly EurekaCall[];
  /**
   * Waits until something is true of the calls.
   * @param predicate asked now and after each call
   * @returns how long it took, milliseconds
   */
  waitForCalls(predicate: () => boolean, timeoutMs: number): Promise<number>;
}

interface EurekaJsCaller extends EurekaWatcher {
  heartbeats(): number;
  waitForHeartbeats(count: number, timeoutMs: number): Promise<number>;
}

const NPM_VERSION = "4.5.0";
const CALLERS = new URL("../registries/callers/eureka/", import.meta.url);
/** A list that a client caches is read from that cache, so looking often costs nothing. */
const POLL_MS = 100;
const REGISTER_TIMEOUT_MS = 30_000;
/** The metadata by which a registration is known as that of this very process. */
export const MARK = "registered-by";

/**
 * Starts a Spring Cloud service that answers each request with its instance id, and returns when
 * each server that answers has it. For the same service again, call it with the same options.
 */
export async function startSpringProvider(options: EurekaProviderOptions): Promise<EurekaProvider> {
  const { servers, service, ip, port } = options;
  // Tells this process from an earlier one with the same id.
  const mark = crypto.randomUUID();
  const name = `Spring provider ${service} ${ip}:${port}`;
  const caller = await startSpring("provider", name, servers, {
    "spring.application.name": service,
    "server.address": ip,
    "server.port": port,
    "server.tomcat.basedir": "tomcat",
    "eureka.instance.ip-address": ip,
    "eureka.instance.prefer-ip-address": true,
    [`eureka.instance.metadata-map.${MARK}`]: mark,
    "eureka.instance.instance-id": options.instanceId,
    "eureka.instance.lease-renewal-interval-in-seconds": options.renewalSeconds,
    "second.service": options.second?.service,
    "second.port": options.second?.port,
  }, { launcher: options.pod?.launcher ?? [] });
  try {
    const instanceId = String((await caller.ask("who")).instanceId);
    await waitUntilRegistered(caller, servers, { app: service, instanceId }, mark);
    return {
      label: caller.label,
      instanceId,
      close: () => caller.end("SIGTERM"),
      kill: () => caller.end("SIGKILL"),
      [Symbol.asyncDispose]: () => caller.end("SIGTERM"),
    };
  } catch (error) {
    await caller.end("SIGKILL");
    throw error;
  }
}

/**
 * Starts a Spring Cloud service that calls others by their names, through a `RestTemplate` with
 * Spring Cloud LoadBalancer, without retries.
 */
export async function startSpringConsumer(options: EurekaConsumerOptions): Promise<EurekaConsumer> {
  const calls = new Map<string, EurekaCall[]>();
  const of = (service: string) => {
    const known = calls.get(service) ?? [];
    calls.set(service, known);
    return known;
  };
  const ttl = options.loadBalancerSeconds;
  const settings = {
    "spring.application.name": "consumer",
    "spring.main.web-application-type": "none",
    "eureka.client.register-with-eureka": false,
    "eureka.client.registry-fetch-interval-seconds": options.fetchSeconds,
    "spring.cloud.loadbalancer.cache.ttl": ttl === undefined ? undefined : `${ttl}s`,
  };
  const caller = await startSpring("consumer", "Spring consumer", options.servers, settings, {
    onEvent: (e) => {
      if (e.event === "call") of(String(e.service)).push(e.call as EurekaCall);
    },
  });
  const last = () =>
    [...calls].map(([service, all]) =>
      `${service}: ${all.length} calls, ` +
      all.slice(-3).map(({ instanceId, error }) => instanceId ?? error).join(", ")
    ).join("; ");
  return {
    ...watcher(caller),
    call: async (service) => (await caller.ask("call", { service })).call as EurekaCall,
    startCalls: async (service, everyMs) =>
      void await caller.ask("startCalls", { service, everyMs }),
    stopCalls: async (service) => void await caller.ask("stopCalls", { service }),
    calls: (service) => of(service),
    waitForCalls: (predicate, timeoutMs) =>
      caller.waitFor(predicate, timeoutMs, () => last() || "no call at all"),
  };
}

/**
 * Starts a service with the npm package `eureka-js-client`, run by Deno, and returns when it has
 * registered. It gives no instanceId, so its id is its host name.
 */
export async function startJsCaller(options: EurekaJsCallerOptions): Promise<EurekaJsCaller> {
  const { servers, service, hostName, ip, port } = options;
  const [{ credentials }] = servers;
  let heartbeats = 0;
  const seconds = (value: number | undefined) => value === undefined ? undefined : value * 1000;
  const config = {
    instance: {
      app: service,
      vipAddress: service,
      hostName,
      ipAddr: ip,
      port: { $: port, "@enabled": true },
      dataCenterInfo: {
        "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo",
        name: "MyOwn",
      },
    },
    eureka: {
      serviceUrls: { default: servers.map(({ rootUrl }) => `${rootUrl}/apps/`) },
      heartbeatInterval: seconds(options.renewalSeconds),
      registryFetchInterval: seconds(options.fetchSeconds),
    },
  };
  const caller = await startCallerProcess({
    label: `eureka-js-client ${NPM_VERSION} ${service} at ${servers[0].label}`,
    command: Deno.execPath(),
    args: [
      "run",
      "--quiet",
      "--no-config",
      "--no-lock",
      "--allow-all",
      new URL("eureka_js_caller.ts", CALLERS).pathname,
    ],
    env: {
      JS_CALLER_PACKAGE: `npm:eureka-js-client@${NPM_VERSION}`,
      JS_CALLER_CONFIG: JSON.stringify(config),
      // Both the package and Deno, which fetches it, obey a proxy that the machine may have.
      NO_PROXY: servers.map(({ rootUrl }) => new URL(rootUrl).hostname).join(","),
      ...(credentials
        ? { JS_CALLER_USERNAME: credentials.username, JS_CALLER_PASSWORD: credentials.password }
        : {}),
    },
    secrets: credentials ? [credentials.password] : [],
    onEvent: ({ event }) => {
      if (event === "heartbeat") heartbeats++;
    },
  });
  return {
    ...watcher(caller),
    heartbeats: () => heartbeats,
    waitForHeartbeats: (count, timeoutMs) =>
      caller.waitFor(() => heartbeats >= count, timeoutMs, () => `${heartbeats} heartbeats`),
  };
}

/** Spring's; undefined leaves the default, since JSON has no word for it. */
type Settings = Readonly<Record<string, string | number | boolean | undefined>>;

async function startSpring(
  role: "provider" | "consumer",
  name: string,
  servers: EurekaServers,
  settings: Settings,
  how: {
    readonly launcher?: readonly string[];
    readonly onEvent?: Parameters<typeof startCallerProcess>[0]["onEvent"];
  },
): Promise<CallerProcess> {
  const built = await buildJava({
    name: "eureka-caller-4.3.1",
    pom: new URL("pom.xml", CALLERS),
    sources: ["EurekaCaller.java", "../JsonLines.java"].map((name) => new URL(name, CALLERS)),
  });
  const urls = servers.map(({ rootUrl, credentials }) => withCredentials(rootUrl, credentials));
  const [command = "java", ...args] = [...how.launcher ?? [], "java"];
  return await startCallerProcess({
    label: `${name} at ${servers[0].label}`,
    command,
    args: [...args, ...callerArgs(built, "EurekaCaller", 96)],
    env: {
      CALLER_ROLE: role,
      // With the password: in the environment, since anybody may list command lines.
      SPRING_APPLICATION_JSON: JSON.stringify({
        "spring.main.banner-mode": "off",
        "logging.level.root": "warn",
        // Whole stack traces would push the reason out of the messages.
        "logging.exception-conversion-word": "%ex{1}",
        "eureka.client.service-url.defaultZone": urls.join(","),
        ...settings,
      }),
    },
    secrets: servers.flatMap(({ credentials }) =>
      credentials ? [credentials.password, encodeURIComponent(credentials.password)] : []
    ),
    ...how.onEvent ? { onEvent: how.onEvent } : {},
  });
}

async function waitUntilRegistered(
  caller: CallerProcess,
  servers: EurekaServers,
  place: TestPlace,
  mark: string,
): Promise<void> {
  const deadline = performance.now() + REGISTER_TIMEOUT_MS;
  for (;;) {
    // One that is down tells nothing.
    const answers = (await Promise.allSettled(servers.map((server) => instance(server, place))))
      .filter((answer) => answer.status === "fulfilled");
    const known = answers.filter(({ value }) => value?.metadata[MARK] === mark).length;
    if (known > 0 && known === answers.length) return;
    if (performance.now() > deadline) {
      throw caller.failure(
        `${known} of the ${answers.length} servers that answer know ${place.instanceId} ` +
          `after ${REGISTER_TIMEOUT_MS / 1000} s`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function watcher(caller: CallerProcess): EurekaWatcher {
  const instances = async (service: string) =>
    (await caller.ask("instances", { service })).hosts as readonly EurekaHost[];
  return {
    label: caller.label,
    instances,
    waitForInstance: async (service, instanceId, listed, timeoutMs) => {
      const began = performance.now();
      for (;;) {
        const hosts = await instances(service);
        const ms = Math.round(performance.now() - began);
        if (hosts.some((host) => host.instanceId === instanceId) === listed) return ms;
        if (ms > timeoutMs) {
          const seen = hosts.map((host) => host.instanceId).join(", ");
          throw caller.failure(
            `${instanceId} is ${listed ? "not listed" : "still listed"} after ${ms} ms; ` +
              `listed: ${seen || "none"}`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    },
    close: caller.close,
    kill: () => caller.end("SIGKILL"),
    [Symbol.asyncDispose]: caller.close,
  };
}
