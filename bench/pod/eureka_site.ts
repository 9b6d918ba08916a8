import { type Entry, forEach, type Site } from "./site.ts";
import { clearStatus, instance, listAll, register } from "../../tests/support/eureka_client.ts";
import { startRealEureka } from "../../tests/support/eureka_server.ts";

/** Nobody sends heartbeats here. */
const LEASE_SECONDS = 86_400;
/** Instances of one app of the others. */
const EACH = 10;

/** A real Eureka without a login, as shipped, with so many instances of other apps. */
export async function eurekaSite(instances: number): Promise<Site> {
  const server = await startRealEureka({ mode: "open" });
  const url = new URL(server.rootUrl);
  const others = Array.from({ length: instances }, (_, i) => ({
    app: `LOAD-${Math.floor(i / EACH)}`,
    instanceId: `load-${i}`,
    ip: `10.20.${Math.floor(i / 250)}.${i % 250 + 1}`,
    port: 8080,
    leaseSeconds: LEASE_SECONDS,
    metadata: { "management.port": "8081", version: "1.0.0" },
  }));
  const placeOf = ({ name, ip, port }: Entry) => ({
    app: name,
    instanceId: `${ip}:${name}:${port}`,
    ip,
    port,
    leaseSeconds: LEASE_SECONDS,
  });
  let isFull = false;
  return {
    label: "Eureka",
    addr: url.host,
    others: `${instances} instances of ${instances / EACH} apps`,
    async fill() {
      if (!isFull) await forEach(others, (one) => register(server, one));
      isFull = true;
    },
    count: async () => (await listAll(server)).length,
    async putBack(entry) {
      const place = placeOf(entry);
      if (await instance(server, place) === undefined) await register(server, place);
      await clearStatus(server, place, "UP");
    },
    isOut: async (entry) => (await instance(server, placeOf(entry)))?.status === "OUT_OF_SERVICE",
    env: (addr, { name, ip, port }) => ({
      EUREKA_URL: `http://${addr}${url.pathname}`,
      podip: ip,
      APPLICATION: name,
      APPLICATION_PORT: String(port),
    }),
    shutdown: () => server.shutdown(),
  };
}
