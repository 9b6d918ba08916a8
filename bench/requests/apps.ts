/**
 * The Spring services: providers, each a process of its own, and consumers, which share one.
 *
 * @module
 */

import type { Address, Registry, Settings } from "./registry.ts";
import { type CallerProcess, startCallerProcess } from "../../tests/support/caller_process.ts";
import { buildJava, callerArgs } from "../../tests/support/java_lab.ts";

/** A provider that runs. */
export interface Provider extends AsyncDisposable {
  /** Where it listens. */
  readonly address: Address;
  /** When the last request came, milliseconds since 1970; 0 before the first. */
  lastServedAt(): number;
  /** Ends it as Kubernetes does: TERM, and KILL where it takes too long; returns when it has gone. */
  terminate(graceMs: number): Promise<void>;
}

/** Requests that have ended, of one consumer. */
export interface Seen {
  /** All. */
  readonly total: number;
  /** Those without an answer of a provider. */
  readonly failed: number;
  /** How many each provider has answered, by its name. */
  readonly answers: Readonly<Record<string, number>>;
  /** The first that failed. */
  readonly failures: readonly { readonly at: number; readonly error: string }[];
}

/** Consumers that run, each an application of its own in one JVM. */
export interface Consumers extends AsyncDisposable {
  /**
   * Begins to call a service, without retries.
   *
   * @param service whom
   * @param everyMs from the begin of a call to the begin of the next, of each consumer
   * @param apartMs from the begin of a consumer to that of the next
   */
  start(service: string, everyMs: number, apartMs: number): Promise<void>;
  /** What each consumer has seen since it was last told to forget, or since it began. */
  seen(service: string, forget?: boolean): Promise<readonly Seen[]>;
  /** Ends the calls. */
  stop(service: string): Promise<void>;
}

/**
 * Starts a provider with actuator; its counters are at `/actuator/prometheus`. It is not yet
 * registered when this returns.
 *
 * @param registry whom it registers with
 * @param service its service
 * @param name what it answers with
 * @param address where it listens
 */
export async function startProvider(
  registry: Registry,
  service: string,
  name: string,
  address: Address,
): Promise<Provider> {
  let lastServedAt = 0;
  const app = await start(registry, `provider ${service} ${name}`, {}, {
    "spring.application.name": service,
    "bench.name": name,
    "server.address": address.ip,
    "server.port": address.port,
    "server.tomcat.basedir": "tomcat",
    "management.endpoints.web.exposure.include": "health,prometheus",
    ...registry.provider(address),
  }, ({ at }) => lastServedAt = Number(at));
  return {
    address,
    lastServedAt: () => lastServedAt,
    async terminate(graceMs) {
      const kill = setTimeout(() => app.end("SIGKILL"), graceMs);
      await app.end("SIGTERM").finally(() => clearTimeout(kill));
    },
    [Symbol.asyncDispose]: () => app.end("SIGKILL"),
  };
}

/**
 * Starts consumers with a load-balanced `RestTemplate`.
 *
 * @param registry whom they get the lists from
 * @param count how many
 */
export async function startConsumers(registry: Registry, count: number): Promise<Consumers> {
  const app = await start(registry, "consumers", { BENCH_CONSUMERS: String(count) }, {
    "spring.application.name": "consumer",
    "spring.main.web-application-type": "none",
    ...registry.consumer,
  });
  return {
    start: async (service, everyMs, apartMs) =>
      void await app.ask("start", { service, everyMs, apartMs }),
    seen: async (service, forget = false) =>
      (await app.ask("seen", { service, forget })).consumers as readonly Seen[],
    stop: async (service) => void await app.ask("stop", { service }),
    [Symbol.asyncDispose]: () => app.end("SIGKILL"),
  };
}

async function start(
  registry: Registry,
  name: string,
  env: Readonly<Record<string, string>>,
  settings: Settings,
  onEvent: Parameters<typeof startCallerProcess>[0]["onEvent"] = () => {},
): Promise<CallerProcess> {
  const built = await buildJava(registry.java);
  return await startCallerProcess({
    label: `${name} at ${registry.label}`,
    command: "java",
    args: callerArgs(built, "RequestsApp", 160),
    env: {
      ...env,
      SPRING_APPLICATION_JSON: JSON.stringify({
        "spring.main.banner-mode": "off",
        "logging.level.root": "warn",
        // Whole stack traces would push the reason out of the messages.
        "logging.exception-conversion-word": "%ex{1}",
        ...registry.client,
        ...settings,
      }),
    },
    secrets: registry.secrets,
    onEvent,
  });
}
