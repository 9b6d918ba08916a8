/**
 * A real Eureka server for the bench.
 *
 * @module
 */

import { type Site, until } from "./site.ts";
import { startRealEureka } from "../../tests/support/eureka_server.ts";

/** The lists of a server as shipped are up to 30 s old, which would hide everything else. */
const CACHE_MS = 1_000;
/** Nobody sends heartbeats here. */
const LEASE_SECONDS = 86_400;

/** A real Eureka without a login. */
export async function eurekaSite(): Promise<Site> {
  const server = await startRealEureka({ mode: "open", cacheMs: CACHE_MS });
  const name = `BENCH-${crypto.randomUUID().slice(0, 8).toUpperCase()}`;
  const ip = "10.9.8.7";
  const port = 9810;
  const id = `${ip}:bench:${port}`;
  const url = new URL(server.rootUrl);

  const send = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${server.rootUrl}/apps/${name}${path}`, {
      method,
      headers: { accept: "application/json", "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await response.text();
    if (!response.ok && response.status !== 404) {
      throw new Error(`${method} ${path} at ${server.label}: ${response.status} ${text}`);
    }
    return response.ok ? text : "";
  };

  await send("POST", "", {
    instance: {
      instanceId: id,
      hostName: ip,
      app: name,
      ipAddr: ip,
      status: "UP",
      port: { $: port, "@enabled": "true" },
      securePort: { $: 443, "@enabled": "false" },
      dataCenterInfo: {
        "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo",
        name: "MyOwn",
      },
      leaseInfo: { renewalIntervalInSecs: 30, durationInSecs: LEASE_SECONDS },
    },
  });
  const site: Site = {
    label: "Eureka",
    service: name,
    addr: url.host,
    notes: [
      `the list callers fetch is a cache, here refreshed every ${CACHE_MS / 1000} s; as shipped ` +
      "every 30 s, so `gone` is up to 30 s later whatever wrote; each run begins just after a " +
      "refresh and sees the whole of it",
    ],
    env: (addr) => ({
      REGISTRY: "eureka",
      EUREKA_URL: `http://${addr}${url.pathname}`,
      APPLICATION: name,
      APPLICATION_PORT: String(port),
      podip: ip,
      instanceId: id,
    }),
    isWrite: (one) => one.method === "PUT" && one.path.endsWith("/status"),
    async listed() {
      const text = await send("GET", "");
      if (text === "") return false;
      const instances: { status: string }[] = JSON.parse(text).application.instance;
      return instances.some((one) => one.status === "UP");
    },
    async putBack() {
      await send("DELETE", `/${id}/status?value=UP`);
    },
    shutdown: () => server.shutdown(),
  };
  await until(site.listed, true);
  return site;
}
