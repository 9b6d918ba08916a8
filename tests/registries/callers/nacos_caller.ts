/**
 * The same as NacosCaller.java with the npm package `nacos`, over HTTP v1. Run as a program of its
 * own by tests/support/nacos_callers.ts, which speaks to it in JSON lines.
 */

import process from "node:process";
import { complain, LOGGER, say, serve } from "./json_lines.ts";

interface Host {
  readonly ip: string;
  readonly port: number;
  readonly weight: number;
  readonly healthy: boolean;
  readonly enabled: boolean;
  readonly metadata: Record<string, string>;
}

interface NamingClient {
  ready(): Promise<void>;
  registerInstance(service: string, instance: object, group?: string): Promise<void>;
  deregisterInstance(service: string, instance: object, group?: string): Promise<void>;
  getAllInstances(s: string, group: string, clusters: string, subscribe: boolean): Promise<Host[]>;
  selectInstances(
    service: string,
    group: string,
    clusters: string,
    healthy: boolean,
    subscribe: boolean,
  ): Promise<Host[]>;
  subscribe(info: { serviceName: string; groupName: string }, onChange: (h: Host[]) => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  close(): Promise<void>;
}

interface Request {
  readonly id: number;
  readonly op: "register" | "deregister" | "subscribe" | "select" | "exit";
  readonly service: string;
  readonly group?: string;
  readonly ip?: string;
  readonly port?: number;
  readonly weight?: number;
  readonly metadata?: Record<string, string>;
  readonly cluster?: string;
  readonly ephemeral?: boolean;
  readonly healthyOnly?: boolean;
}

const env = process.env;
const shown = (hosts: readonly Host[]) => ({
  hosts: hosts.map(({ ip, port, weight, healthy, enabled, metadata }) => {
    return { ip, port, weight, healthy, enabled, metadata };
  }),
});

// Not a literal: the package belongs to this program alone, not to the project's lock file.
const specifier: string = env.CALLER_NPM_PACKAGE ?? "nacos";
const { NacosNamingClient } = await import(specifier) as {
  NacosNamingClient: new (options: object) => NamingClient;
};
const client = new NacosNamingClient({
  logger: LOGGER,
  serverList: env.CALLER_SERVER_ADDR,
  namespace: env.CALLER_NAMESPACE ?? "public",
  username: env.CALLER_USERNAME,
  password: env.CALLER_PASSWORD,
});
client.on("error", complain);
await client.ready();
await serve(handle);

async function handle(request: Request): Promise<object | undefined> {
  const { service, group = "DEFAULT_GROUP", ip, port, weight, metadata } = request;
  const instance = {
    ip,
    port,
    weight,
    metadata,
    ephemeral: request.ephemeral,
    clusterName: request.cluster,
  };
  switch (request.op) {
    case "register":
      await client.registerInstance(service, instance, group);
      return;
    case "deregister":
      await client.deregisterInstance(service, instance, group);
      return;
    case "subscribe":
      client.subscribe({ serviceName: service, groupName: group }, (hosts) => {
        say({ event: "instances", service, group, ...shown(hosts) });
      });
      return;
    case "select":
      return shown(
        request.healthyOnly
          ? await client.selectInstances(service, group, "", true, false)
          : await client.getAllInstances(service, group, "", false),
      );
    case "exit":
      await client.close();
      return;
  }
}
