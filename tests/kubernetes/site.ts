/** What a test on a cluster has: the cluster, images, and real registries that its pods reach. */

import * as eurekaClient from "../support/eureka_client.ts";
import { type RealEureka, startRealEureka } from "../support/eureka_server.ts";
import type { EurekaStatus } from "../support/eureka_under_test.ts";
import { list, record } from "../support/nacos_client.ts";
import { type RealNacos, startRealNacos } from "../support/nacos_server.ts";
import type { Credentials } from "../support/nacos_under_test.ts";
import { uniqueName } from "../support/lab_runs.ts";
import { type Cluster, hasCluster, NO_CLUSTER, openCluster } from "./cluster.ts";
import { type Images, provideImages } from "./images.ts";
import { type AppPod, deployment } from "./manifests.ts";
import { createSpace, type Manifest, type Pod, type Space, until } from "./space.ts";

export interface Site {
  readonly cluster: Cluster;
  readonly images: Images;
  readonly space: Space;
  /** A service name that no other test has. */
  readonly service: string;
}

export interface NacosSite {
  /** A real 3.1.0 with auth on. */
  readonly server: RealNacos;
  /** Who may write the default namespace. */
  readonly user: Credentials;
  /** For the app: where it registers, and as whom. */
  readonly appEnv: Readonly<Record<string, string>>;
  /** For the hook: where Nacos is, and as whom. */
  readonly hookEnv: Readonly<Record<string, string>>;
  isListed(service: string, ip: string, groupName?: string): Promise<boolean>;
  /** What the registry's own record says: whether it is enabled; undefined where unknown. */
  isEnabled(service: string, ip: string, groupName?: string): Promise<boolean | undefined>;
}

interface EurekaSite {
  /** A real, open one, whose lists follow its record within 2 s in place of 30. */
  readonly server: RealEureka;
  /** For the app: where it registers. */
  readonly appEnv: Readonly<Record<string, string>>;
  /** For the hook: where Eureka is. */
  readonly hookEnv: Readonly<Record<string, string>>;
  /** Whether callers of an app are given an address as UP; the port is not looked at. */
  isListed(app: string, ip: string): Promise<boolean>;
  /** What the registry's own record, no cache, says of an instance; undefined where unknown. */
  status(app: string, instanceId: string): Promise<EurekaStatus | undefined>;
}

export const PORT = 8080;

/** The pod of {@linkcode startRegistered}: what differs from the usual. */
type RegisteredPod = Partial<AppPod> & Pick<AppPod, "image">;

/**
 * Starts one pod of the app, its grace period in its environment, and waits until callers of Nacos
 * are given it.
 */
export async function startRegistered(
  { space, service }: Site,
  pod: RegisteredPod,
  make: (pod: AppPod) => Manifest = deployment,
): Promise<Pod> {
  const nacos = await nacosSite();
  const { graceSeconds = 90 } = pod;
  await space.apply(make({
    name: "app",
    graceSeconds,
    ...pod,
    env: {
      ...nacos.appEnv,
      ...nacos.hookEnv,
      serviceName: service,
      port: String(PORT),
      TERMINATION_GRACE_PERIOD_SECONDS: String(graceSeconds),
      ...pod.env,
    },
  }));
  const [started] = await space.waitReady("app");
  if (!started) throw new Error("No pod became ready");
  await until("registered", () => nacos.isListed(service, started.ip));
  return started;
}

let images: Promise<Images> | undefined;
let nacos: Promise<NacosSite> | undefined;
let eureka: Promise<EurekaSite> | undefined;
const ends: (() => Promise<void>)[] = [];

Deno.test.afterAll(async () => {
  for (const end of ends.splice(0)) await end();
});

/**
 * Declares a test on a cluster; where there is none, its name says so.
 *
 * @param missing what else the test needs, and this cluster has not
 */
export function clusterTest(
  name: string,
  fn: (site: Site) => Promise<void>,
  missing?: string,
): void {
  const why = hasCluster() ? missing : NO_CLUSTER;
  Deno.test({
    name: why === undefined ? name : `${name} (SKIPPED: ${why})`,
    ignore: why !== undefined,
    // Servers and images are there for all tests of a file.
    sanitizeResources: false,
    sanitizeOps: false,
    async fn() {
      const cluster = await openCluster();
      const provided = await (images ??= provideImages(cluster));
      await using space = await createSpace(cluster);
      await fn({ cluster, images: provided, space, service: uniqueName() });
    },
  });
}

/** The Nacos of this file's tests, started when the first one asks for it. */
export function nacosSite(): Promise<NacosSite> {
  return nacos ??= startNacos();
}

async function startNacos(): Promise<NacosSite> {
  const { hostAddress: host } = await openCluster();
  const server = await startRealNacos({ version: "3.1.0", auth: true, host });
  ends.push(() => server.shutdown());
  const user = await server.createUser("public");
  const place = (serviceName: string, ip: string, groupName = "DEFAULT_GROUP") => ({
    serviceName,
    groupName,
    namespaceId: "public",
    clusterName: "DEFAULT",
    ip,
    port: PORT,
  });
  return {
    server,
    user,
    appEnv: {
      NACOS_HTTP: server.rootUrl,
      APP_NACOS_USERNAME: user.username,
      APP_NACOS_PASSWORD: user.password,
    },
    hookEnv: {
      NACOS_SERVER_ADDR: server.addr,
      NACOS_USERNAME: user.username,
      NACOS_PASSWORD: user.password,
    },
    async isListed(service, ip, groupName) {
      const hosts = await list(server, place(service, ip, groupName));
      return hosts.some((one) => one.ip === ip && one.port === PORT);
    },
    isEnabled: async (service, ip, groupName) =>
      (await record(server, place(service, ip, groupName)))?.enabled,
  };
}

/** The Eureka of this file's tests, started when the first one asks for it. */
export function eurekaSite(): Promise<EurekaSite> {
  return eureka ??= startEureka();
}

async function startEureka(): Promise<EurekaSite> {
  const { hostAddress: host } = await openCluster();
  const server = await startRealEureka({ mode: "open", cacheMs: 2_000, host });
  ends.push(() => server.shutdown());
  return {
    server,
    appEnv: { EUREKA_HTTP: server.rootUrl },
    hookEnv: { EUREKA_URL: server.rootUrl },
    async isListed(app, ip) {
      const instances = await eurekaClient.list(server, app);
      return instances.some((one) => one.ip === ip && one.status === "UP");
    },
    status: async (app, instanceId) =>
      (await eurekaClient.instance(server, { app, instanceId }))?.status,
  };
}
