/**
 * Eureka with the settings it is shipped with.
 *
 * @module
 */

import { setTimeout as pause } from "node:timers/promises";
import type { Registry } from "./registry.ts";
import { list, register, setStatus } from "../../tests/support/eureka_client.ts";
import { type RealEureka, startRealEureka } from "../../tests/support/eureka_server.ts";

const POLL_MS = 50;

/**
 * Starts it.
 *
 * @param signal ends the waits
 */
export async function eureka(signal: AbortSignal): Promise<Registry> {
  const server = await startRealEureka({ mode: "open" });
  return {
    label: "Eureka",
    java: {
      name: "requests-eureka",
      pom: new URL("eureka/pom.xml", import.meta.url),
      sources: [new URL("RequestsApp.java", import.meta.url)],
    },
    secrets: [],
    client: { "eureka.client.service-url.defaultZone": server.rootUrl },
    provider: ({ ip }) => ({
      "eureka.instance.ip-address": ip,
      "eureka.instance.prefer-ip-address": true,
    }),
    consumer: { "eureka.client.register-with-eureka": false },
    hook: (service, { ip, port }) => ({
      EUREKA_URL: server.rootUrl,
      APPLICATION: service,
      APPLICATION_PORT: String(port),
      podip: ip,
    }),
    async takeOut(service, { ip, port }) {
      const all = await list(server, service);
      const instanceId = all.find((one) => one.ip === ip && one.port === port)?.instanceId;
      const { status } = await setStatus(server, { app: service, instanceId }, "OUT_OF_SERVICE");
      if (status !== 200) throw new Error(`Cannot take ${service} out: HTTP ${status}`);
    },
    cycleMs: server.cacheMs,
    renewedAt: () => refreshedAt(server, signal),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** When the lists next show a registration that they have not: just after a refresh. */
async function refreshedAt(server: RealEureka, signal: AbortSignal): Promise<number> {
  const app = `PROBE-${crypto.randomUUID().slice(0, 8).toUpperCase()}`;
  // A list that nobody has asked for is made at once; this one is kept until the refresh.
  await list(server, app);
  await register(server, { app, instanceId: app, ip: "127.0.0.1", port: 1 });
  const deadline = Date.now() + 2 * server.cacheMs;
  while ((await list(server, app)).length === 0) {
    if (Date.now() > deadline) throw new Error("Eureka's lists were not refreshed");
    await pause(POLL_MS, undefined, { signal });
  }
  return Date.now();
}
