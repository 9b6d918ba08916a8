/** What the demo needs of a registry: a stand-in whose times are a tenth of the real server's. */

import { type EmbeddedEureka, startEmbeddedEureka } from "../../tests/embedded/eureka.ts";
import { type EmbeddedNacos, startEmbeddedNacos } from "../../tests/embedded/nacos.ts";
import * as eurekaClient from "../../tests/support/eureka_client.ts";
import * as nacosClient from "../../tests/support/nacos_client.ts";

/** Where all pods are: not every system has further addresses of its own. */
export const IP = "127.0.0.1";

/** One of the two registries. */
export interface DemoRegistry {
  readonly label: string;
  /** A consumer looks at the list so often; without it, the registry pushes changes. */
  readonly fetchMs?: number;
  /** So long its load balancer goes on with what it has. */
  readonly cacheMs: number;
  /** Who keeps a list how long, in words. */
  readonly times: string;
  /** What the hook gets as DRAIN_SECONDS. */
  readonly drainSeconds: number;
  register(service: string, port: number): Promise<void>;
  deregister(service: string, port: number): Promise<void>;
  /** The ports of a service, as consumers get them. */
  list(service: string): Promise<number[]>;
  /** Sends what the script sends. @returns the request and the answer's code, which it ignores */
  script(service: string, port: number): Promise<string>;
  /** The hook's environment. */
  hook(service: string, port: number): Readonly<Record<string, string>>;
  /** What the lines between the seconds mean. */
  readonly meaning: string;
  shutdown(): Promise<void>;
}

/** The registries, by the word on the command line. */
export const REGISTRIES: Readonly<Record<string, () => Promise<DemoRegistry>>> = {
  nacos: async () => nacos(await startEmbeddedNacos({ generation: "3.1", auth: true, ...PUSH })),
  eureka: async () => eureka(await startEmbeddedEureka({ cacheMs: 3_000 })),
};

/** A change is pushed to consumers after 0.6 s (3.1.0, measured). */
const PUSH = { pushDelayMs: 60 };

function nacos(server: EmbeddedNacos): DemoRegistry {
  const at = (serviceName: string, port: number) => ({ serviceName, ip: IP, port });
  return {
    label: "Nacos 3.1",
    cacheMs: 3_500,
    times: "callers keep a list 3.5 s",
    drainSeconds: 4,
    register: async (service, port) => {
      await nacosClient.register(server, at(service, port));
    },
    deregister: (service, port) => nacosClient.deregister(server, at(service, port)),
    list: async (serviceName) =>
      (await nacosClient.list(server, { serviceName })).map(({ port }) => port),
    script: async (serviceName, port) => {
      const env = { serviceName, groupName: "DEFAULT_GROUP", podip: IP, port: String(port) };
      return `PUT enabled=false: HTTP ${(await nacosClient.articleScript(server, env)).put}`;
    },
    hook: (serviceName, port) => ({
      NACOS_SERVER_ADDR: server.addr,
      NACOS_USERNAME: server.admin?.username ?? "",
      NACOS_PASSWORD: server.admin?.password ?? "",
      serviceName,
      port: String(port),
    }),
    meaning: `\
HTTP 410        Nacos 3.x has no such call. The script does not look at the
                answer and reports success: callers never hear of the stop.
TERM            The pod closes its port. Callers who still have it in their list
                fail until they renew it.
out of service  It was taken out by the 3.x call, and the record was read again.
drained         Every caller has renewed its list: nobody calls it any more.`,
    shutdown: () => server.shutdown(),
  };
}

function eureka(server: EmbeddedEureka): DemoRegistry {
  const at = (app: string, port: number) => ({ app, port, ip: IP, instanceId: `${app}:${port}` });
  return {
    label: "Eureka",
    fetchMs: 3_000,
    cacheMs: 3_500,
    times: "lists live 3 s, at callers 3 + 3.5 s",
    drainSeconds: 10,
    register: async (app, port) => {
      await eurekaClient.register(server, at(app, port));
    },
    deregister: async (app, port) => {
      await eurekaClient.deregister(server, at(app, port));
    },
    list: async (app) =>
      (await eurekaClient.list(server, app))
        .filter(({ status }) => status === "UP").map(({ port }) => port),
    script: async (app, port) => {
      const { status } = await eurekaClient.setStatus(server, at(app, port), "OUT_OF_SERVICE");
      return `PUT OUT_OF_SERVICE: HTTP ${status}`;
    },
    hook: (app, port) => ({
      EUREKA_URL: server.rootUrl,
      APPLICATION: app,
      APPLICATION_PORT: String(port),
    }),
    meaning: `\
HTTP 200        Eureka has taken it. But the lists of callers are up to 9.5 s
                old: many still have the pod when the script ends.
TERM            The pod closes its port. Callers who still have it in their list
                fail until they renew it.
out of service  The same write, and the record was read again.
drained         Every caller has renewed its list: nobody calls it any more.`,
    shutdown: () => server.shutdown(),
  };
}
