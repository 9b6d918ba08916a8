/** What else the pod has registered at a Nacos. How each call was measured stands in docs/scope.md. */

import type { Api } from "./api.ts";
import {
  type Addresses,
  isHere,
  type NacosService,
  type Place,
  type Published,
  serviceOf,
} from "./place.ts";
import { asServiceOfflineError } from "../../errors.ts";
import { createLimit } from "../limited.ts";
import type { Others } from "../registry.ts";
import { sameAddress } from "../same_address.ts";
import type { Scope } from "../scope.ts";

/** What a look has found: registrations instead of what the others of a registry are. */
interface Seen extends Omit<Others, "found" | "leftAlone"> {
  /** The pod's, without the named one. */
  readonly found: readonly Published[];
  readonly leftAlone: readonly Published[];
}

/** Bounds, so that a look into a large registry stays cheap. */
const MAX_CLIENTS_OF_OURS = 20;
const MAX_PAGES = 10;
const MAX_WALK = 1_000;
const AT_ONCE = 4;

/** What one way to look has given. */
interface Way {
  readonly found: readonly Published[];
  /** Whether that is all that the pod has. */
  readonly isAll: boolean;
  /** Whether the server does not allow it, or does not have it. */
  readonly isClosed?: true;
  /** Why not all, in words. */
  readonly why?: string;
}

/** What the clients of the pod have published. */
interface OfClients extends Way {
  /** What came by the connection of the named one, which nobody else has. */
  readonly sameClient?: readonly Published[];
}

/**
 * Looks: what the clients of the pod have published, which grows with the clients only; else the list
 * of all services, which may be megabytes.
 *
 * @param place the named registration
 */
export async function findOthers(api: Api, place: Place, scope: Scope): Promise<Seen> {
  const clients: OfClients = await open(fromClients(api, place));
  const listed: Way = clients.isAll
    ? { found: [], isAll: true }
    : await open(fromCatalog(api, place));
  const ofNamed = listed.isClosed ? await ofService(api, place) : [];
  const others = distinct([...clients.found, ...listed.found, ...ofNamed])
    .filter((one) => isHere(one.ip, place) && !isSame(one, place));
  const isOurs = (one: Published) =>
    scope.reach === "pod" || one.port === place.port ||
    clients.sameClient?.some((other) => isSame(one, other)) === true;
  return {
    isLarge: !clients.isAll,
    found: others.filter(isOurs),
    reach: listed.isAll ? "all" : listed.isClosed && clients.isClosed ? "named" : "partly",
    why: listed.why,
    leftAlone: others.filter((one) => !isOurs(one)),
  };
}

/** What may not be asked, or cannot, is no failure of the look. */
async function open(way: Promise<Way>): Promise<Way> {
  try {
    return await way;
  } catch (thrown) {
    const { outcome, message } = asServiceOfflineError(thrown);
    if (outcome !== "refused" && outcome !== "settings") throw thrown;
    return { found: [], isAll: false, isClosed: true, why: message };
  }
}

async function fromClients(api: Api, place: Place): Promise<OfClients> {
  const publishers = await api.publishers(place);
  if (publishers === undefined) return { found: [], isAll: false, isClosed: true };
  const ids = (await api.clients(place)).filter((id) => isOfPod(id, place));
  const found: Published[] = [];
  const sameClient: Published[] = [];
  const limit = createLimit(AT_ONCE);
  for (const id of new Set([...publishers, ...ids].slice(0, MAX_CLIENTS_OF_OURS))) {
    const entries = await api.published(place, id);
    const unplaced = servicesOf(entries.filter(({ ip }) => ip === ""));
    const batches = await Promise.all(
      unplaced.map((one) => limit(() => ofService(api, { ...place, ...one }))),
    );
    const known = [...entries.filter(({ ip }) => ip !== ""), ...batches.flat()];
    found.push(...known);
    // Two at one address and port are two pods behind one Service, or behind one node.
    if (publishers.length === 1 && publishers[0] === id) sameClient.push(...known);
  }
  // Behind NAT, or a proxy, the server sees connections from an address that is not the pod's.
  const isAll = publishers.length > 0 && publishers.every((id) => isOfPod(id, place)) &&
    ids.length <= MAX_CLIENTS_OF_OURS;
  return { found, sameClient, isAll };
}

/** The id of a connection is `time_address_port`, that of who registers by HTTP `address:port#true`. */
function isOfPod(clientId: string, at: Addresses): boolean {
  const [, ofConnection, ofInstance] = /^\d+_(.+)_\d+$|^(.+):\d+#/.exec(clientId) ?? [];
  const address = ofConnection ?? ofInstance;
  return address !== undefined && isHere(address, at);
}

/** The services of entries, each once. 2.2.4 does not say where the instances of a batch are. */
function servicesOf(entries: readonly Published[]): NacosService[] {
  const byName = entries.map((one) => [JSON.stringify(serviceOf(one)), serviceOf(one)] as const);
  return [...new Map(byName).values()];
}

/** What one service has at the pod's addresses, in every cluster. */
async function ofService(api: Api, place: Place): Promise<Published[]> {
  const clusters = await api.clusters(place);
  const all = await Promise.all(clusters.map(async (clusterName) => {
    const instances = await api.instances(place, clusterName, place);
    return instances.filter(({ ip }) => isHere(ip, place))
      .map(({ ip, port }) => ({ ...serviceOf(place), clusterName, ip, port }));
  }));
  return all.flat();
}

async function fromCatalog(api: Api, place: Place): Promise<Way> {
  const found: Published[] = [];
  for (let pageNo = 1; pageNo <= MAX_PAGES; pageNo++) {
    const page = await api.catalog(place, pageNo);
    if (page === undefined) return await fromWalk(api, place);
    found.push(...page.found);
    if (!page.isFull) {
      // 1.x counts these pages from 0, so that the first one is missing (its source).
      if (pageNo > 1) {
        found.push(...(await api.catalog(place, 0).catch(() => undefined))?.found ?? []);
      }
      return { found, isAll: true };
    }
  }
  return { found, ...TOO_MANY };
}

const TOO_MANY = {
  isAll: false,
  why: "the namespace has more services than are looked through",
};

/** Names first, then each service: only where nothing better is there (r-nacos 0.8.8). */
async function fromWalk(api: Api, place: Place): Promise<Way> {
  const services = await api.services(place.namespaceId);
  const left = services.slice(0, MAX_WALK);
  const limit = createLimit(AT_ONCE);
  const found = await Promise.all(
    left.map((one) => limit(() => ofService(api, { ...place, ...one }))),
  );
  const isAll = services.length < MAX_WALK;
  return { found: found.flat(), ...isAll ? { isAll } : TOO_MANY };
}

/** Whether two are one registration. */
export function isSame(one: Published, other: Published): boolean {
  return sameAddress(one.ip, other.ip) && one.port === other.port &&
    one.serviceName === other.serviceName && one.groupName === other.groupName &&
    one.clusterName === other.clusterName && one.namespaceId === (other.namespaceId || "public");
}

function distinct(all: readonly Published[]): Published[] {
  return all.filter((one, i) => all.findIndex((other) => isSame(other, one)) === i);
}
