import { createEurekaServer, type EurekaServer } from "./server.ts";
import type { eurekaSettings } from "./settings.ts";
import { basicToken, loginOf } from "../../http/credentials.ts";
import { createEndpoints, type HttpRequest } from "../../http/endpoint.ts";
import { hedged } from "../../http/hedge.ts";
import type { ServerAddress } from "../../http/server_address.ts";
import { clientCertificateOf } from "../../http/tls.ts";
import { createSecrets } from "../../secrets.ts";
import type { commonSettings } from "../../settings/common.ts";
import type { Values } from "../../settings/setting.ts";
import type { Part } from "../long_list.ts";
import { createPool, type Pool } from "../pool.ts";
import type { RegistryDeps } from "../registry.ts";
import { isAmong } from "../same_address.ts";
import type { Whereabouts } from "../whereabouts.ts";

/** Nothing queues here as logins do at Nacos, so the next peer is asked soon, milliseconds. */
const PATIENCE_MS = 500;

/**
 * With basic auth each request costs a server some 80 ms of its processor (bcrypt), but one without
 * credentials nothing: it is a 401 at once.
 */
const UNKNOWN_USER: HttpRequest = { method: "HEAD", path: "/apps" };

/** The settings that Eureka needs, with an address. */
export type EurekaValues = Values<typeof commonSettings & typeof eurekaSettings>;

/** Makes the servers, each once, and with whom to be there. */
export function createServers(
  values: EurekaValues,
  { setIp, also }: Whereabouts,
  { clock, log, signal, variable }: RegistryDeps,
): Pool<EurekaServer> {
  const secrets = createSecrets();
  const byRoot = new Map<string, ServerAddress>();
  for (const address of values.eurekaUrl ?? []) {
    const root = rootOf(address);
    if (!byRoot.get(root)?.credentials) byRoot.set(root, address);
  }
  const own = loginOf("EUREKA", values, log, variable);
  const urls = variable?.("eurekaUrl") ?? "EUREKA_URL";
  const id = values.instanceId?.toLowerCase();
  const mayBeMeant = ({ ipAddr, instanceId, hostName }: Part, ownAddress?: string) =>
    isAmong(String(ipAddr), [setIp ?? ownAddress ?? "", ...also]) ||
    String(instanceId ?? hostName).toLowerCase() === id;
  const client = clientCertificateOf(values.clientCertFile, values.clientKeyFile, log);
  const options = { clock, secrets, caCerts: values.caFile, client, keepUntil: signal };
  const servers = createEndpoints([...byRoot.keys()], options).map((endpoint) => {
    const inUrl = byRoot.get(endpoint.root)?.credentials;
    const credentials = inUrl ?? own.credentials;
    const advice = credentials
      ? `check the password of user ${credentials.username} (${inUrl ? urls : own.variables})`
      : `${own.advice}, or write user:password@ into ${urls}`;
    if (credentials) {
      secrets.add(credentials.password);
      secrets.add(basicToken(credentials));
    }
    const way = hedged(endpoint, clock, credentials && UNKNOWN_USER);
    return createEurekaServer(way, credentials, advice, mayBeMeant);
  });
  return createPool(servers, { clock, patienceMs: PATIENCE_MS });
}

/**
 * Without a path it is `/eureka`, where Spring Cloud has it. `/apps` belongs to the requests, so that
 * `http://host/apps` is a Eureka at the root.
 */
function rootOf({ origin, path = "/eureka" }: ServerAddress): string {
  return origin + path.replace(/\/apps$/, "");
}
