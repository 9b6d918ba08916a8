/**
 * Nacos 3.1 with a login, and Spring Cloud Alibaba.
 *
 * @module
 */

import type { Registry } from "./registry.ts";
import { articleScript, patch } from "../../tests/support/nacos_client.ts";
import { startRealNacos } from "../../tests/support/nacos_server.ts";

/** Spring Cloud LoadBalancer keeps a list so long; the registry's own push takes half a second. */
const CYCLE_MS = 35_000;

/**
 * Starts it.
 *
 * @param clientVersion which nacos-client the applications have; 3.0.3 is what Spring Cloud Alibaba
 * 2025.0.0.0 brings: it refuses requests right after TERM, 3.1.1 serves for 10 s more
 */
export async function nacos(clientVersion: string): Promise<Registry> {
  const server = await startRealNacos({ version: "3.1.0", auth: true });
  const { admin } = server;
  if (!admin) throw new Error(`${server.label} has no administrator`);
  return {
    label: "Nacos 3.1",
    java: {
      name: `requests-nacos-${clientVersion}`,
      pom: new URL("nacos/pom.xml", import.meta.url),
      sources: [new URL("RequestsApp.java", import.meta.url)],
      properties: { "nacos.client.version": clientVersion },
    },
    secrets: [admin.password],
    client: {
      "spring.cloud.nacos.discovery.server-addr": server.addr,
      "spring.cloud.nacos.username": admin.username,
      "spring.cloud.nacos.password": admin.password,
    },
    provider: ({ ip }) => ({ "spring.cloud.nacos.discovery.ip": ip }),
    consumer: { "spring.cloud.nacos.discovery.register-enabled": false },
    hook: (service, { ip, port }) => ({
      NACOS_SERVER_ADDR: server.addr,
      NACOS_USERNAME: admin.username,
      NACOS_PASSWORD: admin.password,
      serviceName: service,
      podip: ip,
      port: String(port),
    }),
    async takeOut(service, address) {
      const change = { enabled: "false", weight: "1" };
      const { status } = await patch(server, { serviceName: service, ...address }, change);
      if (status !== 200) throw new Error(`Cannot take ${service} out: HTTP ${status}`);
    },
    async published(service, { ip, port }) {
      const env = { serviceName: service, podip: ip, port: String(port) };
      const { put } = await articleScript(server, { groupName: "DEFAULT_GROUP", ...env });
      if (put !== 410) throw new Error(`3.1.0 is expected to answer 410 to the script, not ${put}`);
    },
    cycleMs: CYCLE_MS,
    renewedAt: (loadBeganAt) => Promise.resolve(loadBeganAt),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
