/** The real registries, and instances on them that look after themselves. */

import { eurekaKindOf, type Moment, MOMENTS, nacosKindOf, type RequestKind } from "./moments.ts";
import type { ProxyRequest } from "./proxy.ts";
import * as eureka from "../support/eureka_client.ts";
import { startRealEureka } from "../support/eureka_server.ts";
import { registerSecret, removeRecords } from "../support/hook.ts";
import { randomPlace, uniqueName } from "../support/lab_runs.ts";
import * as nacos from "../support/nacos_client.ts";
import { type NacosVersion, startRealNacos } from "../support/nacos_server.ts";

/** How an instance stands, asked of the registry itself. */
export interface Truth {
  readonly record: "in service" | "out of service" | "absent";
  readonly listed: boolean;
}

interface Scene extends AsyncDisposable {
  env(addr: string): Record<string, string>;
  /** Asks the registry, not through the proxy. */
  truth(): Promise<Truth>;
  isListed(answer: string): boolean;
}

export interface Site extends AsyncDisposable {
  /** `Nacos 2.2.4`. */
  readonly label: string;
  /** `127.0.0.1:port`. */
  readonly addr: string;
  readonly kindOf: (request: ProxyRequest) => RequestKind;
  scene(): Promise<Scene>;
}

export interface SiteSpec {
  readonly label: string;
  readonly moments: readonly Moment[];
  start(): Promise<Site>;
}

const ALL = Object.keys(MOMENTS) as Moment[];

/** The registries, as they stand in the cells of the table. */
export const SITES: readonly SiteSpec[] = [
  { label: "Nacos 2.2.4", moments: ALL, start: () => nacosSite("2.2.4") },
  { label: "Nacos 3.1.0", moments: ALL, start: () => nacosSite("3.1.0") },
  {
    label: "Eureka",
    moments: ALL.filter((moment) => moment !== "version" && moment !== "login"),
    start: eurekaSite,
  },
];

const LONG_LIFE = {
  "preserved.heart.beat.timeout": "3600000",
  "preserved.ip.delete.timeout": "3600000",
};
const LEASE_SECONDS = 86_400;
/** As shipped it is 30 s: then a run would be half a minute longer, and show no more. */
const EUREKA_CACHE_MS = 1_000;

async function nacosSite(version: NacosVersion): Promise<Site> {
  const server = await startRealNacos({ version, auth: true });
  const user = await server.createUser("public");
  registerSecret(user.password);
  return {
    label: `Nacos ${version}`,
    addr: server.addr,
    kindOf: nacosKindOf,
    async scene() {
      const instance = {
        serviceName: uniqueName(),
        ...randomPlace(),
        weight: 2,
        metadata: LONG_LIFE,
      };
      const { serviceName, ip, port } = instance;
      await nacos.register(server, instance);
      const isAt = (one: nacos.ListedInstance) => one.ip === ip && one.port === port;
      const listed = async () => (await nacos.list(server, { serviceName })).some(isAt);
      await until(listed, `${serviceName} is listed`);
      return {
        env: (addr) => ({
          NACOS_SERVER_ADDR: addr,
          NACOS_USERNAME: user.username,
          NACOS_PASSWORD: user.password,
          podip: ip,
          serviceName,
          port: String(port),
        }),
        async truth() {
          const found = await nacos.record(server, instance);
          const inWords = found?.enabled ? "in service" : "out of service";
          return { record: found ? inWords : "absent", listed: await listed() };
        },
        isListed: (answer) => answer.includes(`"${ip}"`),
        async [Symbol.asyncDispose]() {
          await nacos.deregister(server, instance).catch(() => {});
          removeRecords(serviceName);
        },
      };
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function eurekaSite(): Promise<Site> {
  const server = await startRealEureka({ mode: "open", cacheMs: EUREKA_CACHE_MS });
  return {
    label: "Eureka",
    addr: new URL(server.rootUrl).host,
    kindOf: eurekaKindOf,
    async scene() {
      const app = uniqueName().toUpperCase();
      const { ip, port } = randomPlace();
      const instance = {
        app,
        instanceId: `${app}:${port}`,
        ip,
        port,
        leaseSeconds: LEASE_SECONDS,
      };
      await eureka.register(server, instance);
      const listed = async () =>
        (await eureka.list(server, app)).some(({ status }) => status === "UP");
      await until(listed, `${app} is listed`);
      return {
        env: (addr) => ({
          EUREKA_URL: `http://${addr}/eureka/`,
          podip: ip,
          APPLICATION: app,
          APPLICATION_PORT: String(port),
        }),
        async truth() {
          const found = await eureka.instance(server, instance);
          const inWords = found?.status === "OUT_OF_SERVICE" ? "out of service" : "in service";
          return { record: found ? inWords : "absent", listed: await listed() };
        },
        isListed: (answer) => answer.includes('"UP"'),
        async [Symbol.asyncDispose]() {
          await eureka.deregister(server, instance).catch(() => {});
          removeRecords(app);
        },
      };
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Waits for what a busy server may take its time for. */
async function until(check: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!await check()) {
    if (performance.now() > deadline) throw new Error(`60 s went by until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
