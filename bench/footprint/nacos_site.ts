/**
 * Real Nacos servers for the bench.
 *
 * @module
 */

import { type Site, until } from "./site.ts";
import { articleScript, list, patch, register } from "../../tests/support/nacos_client.ts";
import { startRealNacos } from "../../tests/support/nacos_server.ts";

const ARTICLE_WAIT_MS = 3_000;

/**
 * A real Nacos with auth. Its instance is registered over HTTP and kept alive.
 *
 * @param version which
 */
export async function nacosSite(version: "2.2.4" | "3.1.0"): Promise<Site> {
  const server = await startRealNacos({ version, auth: true });
  const { admin } = server;
  if (!admin) throw new Error(`${server.label} has no administrator`);
  const v3 = version === "3.1.0";
  const instance = {
    serviceName: `bench-${crypto.randomUUID().slice(0, 8)}`,
    groupName: "bench",
    ip: "10.9.8.7",
    port: 9810,
  };
  const registration = await register(server, instance, { heartbeat: true });
  const listed = async () => (await list(server, instance)).some(({ ip }) => ip === instance.ip);
  const env = (addr: string) => ({
    REGISTRY: v3 ? "nacos-v3" : "nacos-v1",
    NACOS_SERVER_ADDR: addr,
    NACOS_USERNAME: admin.username,
    NACOS_PASSWORD: admin.password,
    serviceName: instance.serviceName,
    groupName: instance.groupName,
    namespaceId: "public",
    metadata: "preserved.register.source=SPRING_CLOUD",
    podip: instance.ip,
    port: String(instance.port),
  });
  const notes: string[] = [];
  await until(listed, true);
  if (v3) {
    const { login, put } = await articleScript(server, env(server.addr));
    await new Promise((resolve) => setTimeout(resolve, ARTICLE_WAIT_MS));
    const after = await listed() ? "the instance is still listed" : "the instance is gone";
    notes.push(
      `the article's own request (PUT /nacos/v1/ns/instance): login ${login}, PUT ${put}, and ` +
        `${ARTICLE_WAIT_MS / 1000} s later ${after}; measured is what a mended script would send`,
    );
  }
  const path = v3 ? "/nacos/v3/admin/ns/instance/partial" : "/nacos/v1/ns/instance";
  return {
    label: `Nacos ${version} auth`,
    service: instance.serviceName,
    addr: server.addr,
    notes,
    env,
    isWrite: (one) => one.path === path && (one.method === "PUT" || one.method === "PATCH"),
    listed,
    async putBack() {
      const { status, body } = await patch(server, instance, { enabled: "true", weight: "1" });
      if (status !== 200) throw new Error(`Cannot put the instance back: ${status} ${body}`);
    },
    async shutdown() {
      await registration.stop();
      await server.shutdown();
    },
  };
}
