/**
 * Where something like the wanted instance stands instead: the usual mistakes are the group, the
 * namespace, the cluster, the port and the spelling of the service.
 *
 * @module
 */

import { type Dialect, type NacosInstance, type NacosService, type Place } from "./dialect.ts";
import type { Send } from "./session.ts";
import { ServiceOfflineError } from "../../errors.ts";
import { sameAddress } from "../same_address.ts";

/** Bounds, so that a look into a large registry stays cheap. */
const MOST_NAMESPACES = 20;
const MOST_CANDIDATES = 10;
const MOST_OTHERS = 30;
const MOST_LINES = 5;

/**
 * Looks for near misses.
 *
 * @param dialect the API generation of the server
 * @param send sends requests to it
 * @param place what was looked for in vain
 * @returns at most five lines, the most likely first
 */
export async function findNearMisses(
  dialect: Dialect,
  send: Send,
  place: Place,
): Promise<string[]> {
  // Not everybody may list namespaces; the default one is there in any case.
  const known = (await orNothing(dialect.namespaces(send)))
    .map(({ namespace, namespaceShowName: name }) => ({ id: namespace || "public", name }));
  const namespaces = new Set([place.namespaceId, "public", ...known.map(({ id }) => id)]);
  const lines: { rank: number; text: string }[] = [];
  const isKnown = known.some(({ id }) => id === place.namespaceId);
  const named = isKnown ? undefined : known.find(({ name }) => name === place.namespaceId);
  if (named) {
    const text = `namespaceId is the id: the namespace of the name ${named.name} has ${named.id}`;
    lines.push({ rank: -1, text });
  }
  for (const namespaceId of [...namespaces].slice(0, MOST_NAMESPACES)) {
    const services = await orNothing(
      dialect.services(send, namespaceId).then((all) => {
        const isOurs = namespaceId === place.namespaceId && namespaceId !== "public";
        if (isOurs && all.length === 0 && !isKnown && !named) {
          const text = `namespace ${namespaceId} has no service: is it the id, not the name?`;
          lines.push({ rank: 3, text });
        }
        return all;
      }),
    );
    const sameName = services
      .filter((one) => isLike(one.serviceName, place.serviceName))
      .slice(0, MOST_CANDIDATES);
    // Where the name is nowhere, it may be misspelt: then the address tells, in its own namespace.
    const others = namespaceId === place.namespaceId ? MOST_OTHERS : 0;
    const candidates = sameName.length > 0 ? sameName : services.slice(0, others);
    for (const service of candidates) {
      const clusters = await orNothing(dialect.clusters(send, service));
      const instances = await Promise.all(
        clusters.map((cluster) => orNothing(dialect.instances(send, service, cluster, place.ip))),
      );
      lines.push(...describe(place, service, instances.flat(), sameName.length > 0));
    }
  }
  return lines.sort((a, b) => a.rank - b.rank).slice(0, MOST_LINES).map((line) => line.text);
}

/** Whether a name may be meant by another: the same but for case, or one is part of the other. */
function isLike(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  return a.includes(b) || b.includes(a);
}

/** What may not be seen does not hide the rest. */
async function orNothing<Item>(items: Promise<Item[]>): Promise<Item[]> {
  try {
    return await items;
  } catch (error) {
    if (error instanceof ServiceOfflineError && error.outcome !== "internal") return [];
    throw error;
  }
}

function describe(
  place: Place,
  service: NacosService,
  instances: readonly NacosInstance[],
  nameMatches: boolean,
): { rank: number; text: string }[] {
  /** What would have to be set differently, as settings are written. */
  const settings = (there: Partial<Place>) =>
    (["serviceName", "groupName", "namespaceId", "clusterName", "port"] as const)
      .filter((key) => there[key] !== undefined && there[key] !== place[key])
      .map((key) => `${key}=${there[key]}`).join(" ");
  const mine = instances.filter((one) => sameAddress(one.ip, place.ip));
  const exact = mine.filter((one) => one.port === place.port);
  if (mine.length > 0) {
    return (exact.length > 0 ? exact : mine).flatMap(({ ip, port, clusterName }) => {
      const different = settings({ ...service, clusterName, port });
      // Nothing is different: it has registered since.
      if (different === "") return [];
      return [{
        rank: exact.length > 0 ? 0 : 1,
        text: `${ip}:${port} is registered with ${different}`,
      }];
    });
  }
  if (!nameMatches) return [];
  const named = settings(service);
  const example = instances[0] ? `, for example ${instances[0].ip}:${instances[0].port}` : "";
  return [{
    rank: 2,
    text: `the service${named && ` with ${named}`} has ${instances.length} instance(s), ` +
      `none of them at ${place.ip}${example}`,
  }];
}
