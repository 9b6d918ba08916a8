import type { Wanted } from "./instance.ts";
import { createLists, type Lists } from "./lists.ts";
import { createEurekaServer, type EurekaServer } from "./server.ts";
import type { eurekaSettings } from "./settings.ts";
import { createSignsOfLife, type SignsOfLife } from "./signs_of_life.ts";
import { clientCertificateOf } from "../../http/tls.ts";
import { basicToken, credentialsOf } from "../../http/credentials.ts";
import { createEndpoints, type HttpRequest } from "../../http/endpoint.ts";
import { hedged } from "../../http/hedge.ts";
import type { ServerAddress } from "../../http/server_address.ts";
import { createSecrets } from "../../secrets.ts";
import type { commonSettings } from "../../settings/common.ts";
import type { Values } from "../../settings/setting.ts";
import type { Clock } from "../../clock.ts";
import { ServiceOfflineError } from "../../errors.ts";
import { createPool, type Pool } from "../pool.ts";
import type { Part } from "../long_list.ts";
import { addressesOf, NOWHERE } from "../own.ts";
import type { RegistryDeps } from "../registry.ts";
import { isAmong } from "../same_address.ts";
import { type Whereabouts, whereaboutsOf } from "../whereabouts.ts";

/** Nothing queues here as logins do at Nacos, so the next peer is asked soon, milliseconds. */
const PATIENCE_MS = 500;

/**
 * With basic auth each request costs a server some 80 ms of its processor (bcrypt), but one without
 * credentials nothing: it is a 401 at once.
 */
const UNKNOWN_USER: HttpRequest = { method: "HEAD", path: "/apps" };

/** The settings that Eureka needs, with an address. */
export type EurekaValues = Values<typeof commonSettings & typeof eurekaSettings>;

/** What the registry is made of, and what it has learnt. */
export interface Parts extends Whereabouts {
  readonly clock: Clock;
  readonly target: Wanted;
  readonly pool: Pool<EurekaServer>;
  readonly lists: Lists;
  readonly life: SignsOfLife;
  /** Whether an id says enough where no address is set. */
  readonly isIdEnough: boolean;
  /** The address that was found with the id. */
  foundIp: string | undefined;
  /** The id that is set, or those that were seen at our address. */
  readonly ids: Set<string>;
  /** Once the instance was seen, one peer that does not know it is no proof that it has gone. */
  isSeen: boolean;
  /** When the list was asked last for ids that are not known yet, milliseconds since the epoch. */
  listedAt: number;
  /** Whether the lists were asked for. */
  isWarm: boolean;
  /**
   * Whether the id that is set was seen with our mark, at whatever address: the override outlives a
   * pod that was killed, and its successor's registration bears no mark.
   */
  isMarkSeen?: boolean;
}

export function createParts(values: EurekaValues, deps: RegistryDeps): Parts {
  const { clock, surroundings: { hostIp, isPod } = NOWHERE } = deps;
  const { application: app, instanceId: id } = values;
  const port = values.applicationPort || undefined;
  const isOnNode = hostIp !== undefined && isAmong(hostIp, addressesOf(values.podip));
  if (port === undefined && id === undefined && isOnNode) {
    const why =
      "set APPLICATION_PORT or instanceId: on the node's own network only they tell pods apart";
    throw new ServiceOfflineError("settings", why);
  }
  const whereabouts = whereaboutsOf(values, deps);
  const servers = createServers(values, whereabouts.also, deps);
  return {
    ...whereabouts,
    clock,
    target: { app, port, id },
    pool: createPool(servers, { clock, patienceMs: PATIENCE_MS }),
    lists: createLists(app, servers, clock),
    life: createSignsOfLife(),
    // In a pod a successor may have the same id, and there our own address is known.
    isIdEnough: id !== undefined && values.podip === undefined && !isPod,
    foundIp: undefined,
    ids: new Set(id === undefined ? [] : [id]),
    isSeen: false,
    listedAt: -Infinity,
    isWarm: false,
  };
}

/**
 * Where the instance may stand; undefined where only its id tells: on a Docker host, for example,
 * nobody but Docker knows the address of a container.
 */
export function addressesSeenFrom(
  server: EurekaServer,
  { isIdEnough, foundIp, ipSeenFrom, also }: Parts,
): readonly string[] | undefined {
  if (foundIp !== undefined) return [foundIp];
  return isIdEnough ? undefined : [ipSeenFrom(server), ...also];
}

/** The servers, each once, with whom to be there. */
function createServers(
  values: EurekaValues,
  also: readonly string[],
  { clock, log, signal }: RegistryDeps,
): EurekaServer[] {
  const secrets = createSecrets();
  const byRoot = new Map<string, ServerAddress>();
  for (const address of values.eurekaUrl ?? []) {
    const root = rootOf(address);
    if (!byRoot.get(root)?.credentials) byRoot.set(root, address);
  }
  const password = values.eurekaPasswordFile ?? values.eurekaPassword;
  const own = credentialsOf("EUREKA_USERNAME", values.eurekaUsername, password, log);
  const id = values.instanceId?.toLowerCase();
  const set = addressesOf(values.podip);
  const mayBeMeant = ({ ipAddr, instanceId, hostName }: Part, ownAddress?: string) =>
    isAmong(String(ipAddr), [...set, ...also, ...set.length === 0 ? [ownAddress ?? ""] : []]) ||
    String(instanceId ?? hostName).toLowerCase() === id;
  const client = clientCertificateOf(values.clientCertFile, values.clientKeyFile, log);
  const options = { clock, secrets, caCerts: values.caFile, client, keepUntil: signal };
  return createEndpoints([...byRoot.keys()], options).map((endpoint) => {
    const credentials = byRoot.get(endpoint.root)?.credentials ?? own;
    if (credentials) {
      secrets.add(credentials.password);
      secrets.add(basicToken(credentials));
    }
    const way = hedged(endpoint, clock, credentials && UNKNOWN_USER);
    return createEurekaServer(way, credentials, mayBeMeant);
  });
}

/**
 * Without a path it is `/eureka`, where Spring Cloud has it. `/apps` belongs to the requests, so that
 * `http://host/apps` is a Eureka at the root.
 */
function rootOf({ origin, path = "/eureka" }: ServerAddress): string {
  return origin + path.replace(/\/apps$/, "");
}
