import { type Entry, forEach, type Site } from "./site.ts";
import { patch, record, register, sendAsAdmin } from "../../tests/support/nacos_client.ts";
import { startRealNacos } from "../../tests/support/nacos_server.ts";

/** A Dubbo provider's metadata has some 150 bytes or more. */
const METADATA = {
  side: "provider",
  dubbo: "2.0.2",
  application: "demo",
  methods: "find,save,delete",
  timestamp: "1795702453902",
  path: "com.demo.api.Service",
};
const MAX_TRIES = 20;
const PAUSE_MS = 250;
/** Pods that share the services between them. */
const PODS = 500;

/** A real Nacos with auth, and a namespace with so many services of one instance each. */
export async function nacosSite(version: "2.2.4" | "3.1.0", services: number): Promise<Site> {
  const server = await startRealNacos({ version, auth: true });
  const { admin, label } = server;
  if (!admin) throw new Error(`${label} has no administrator`);
  const others = Array.from({ length: services }, (_, i) => ({
    serviceName: `providers:com.load.api.Service${i}:1.0.0:`,
    ip: `10.20.${Math.floor(i % PODS / 250)}.${i % PODS % 250 + 1}`,
    port: 20880,
    metadata: METADATA,
  }));
  const placeOf = ({ name, ip, port }: Entry) => ({ serviceName: name, ip, port });
  return {
    label: `Nacos ${version} auth`,
    addr: server.addr,
    others: `${services} services of one instance each in the namespace`,
    fill: () => forEach(others, (one) => register(server, one)),
    async count() {
      const [path, query] = version === "3.1.0"
        ? ["/v3/admin/ns/service/list", { namespaceId: "public" }]
        : ["/v1/ns/service/list", {}];
      const page = { pageNo: "1", pageSize: "1" };
      const answer = await sendAsAdmin(server, "GET", path, { query: { ...query, ...page } });
      const { data, count } = JSON.parse(answer.body);
      return count ?? data.totalCount;
    },
    async putBack(entry) {
      await register(server, placeOf(entry));
      const back = { enabled: "true", weight: "1" };
      let answer = await patch(server, placeOf(entry), back);
      // A registration is there a moment after its answer (2.2.4).
      for (let tries = 1; answer.status !== 200 && tries < MAX_TRIES; tries++) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        answer = await patch(server, placeOf(entry), back);
      }
      const { status, body } = answer;
      if (status !== 200) throw new Error(`Cannot put ${entry.name} back: ${status} ${body}`);
    },
    isOut: async (entry) => (await record(server, placeOf(entry)))?.enabled === false,
    env: (addr, { name, ip, port }) => ({
      NACOS_SERVER_ADDR: addr,
      NACOS_USERNAME: admin.username,
      NACOS_PASSWORD: admin.password,
      podip: ip,
      serviceName: name,
      port: String(port),
    }),
    shutdown: () => server.shutdown(),
  };
}
