import type { Api } from "./api.ts";
import { ifAnswered } from "../if_allowed.ts";
import type { NacosInstance } from "./instance.ts";
import { isHere, type NacosService, type Place } from "./place.ts";
import { asSettings, isLike, likeliest, type NearMiss, noneAt } from "../near_misses.ts";

/** Bounds, so that a look into a large registry stays cheap. */
const MAX_NAMESPACES = 20;
const MAX_CANDIDATES = 10;
const MAX_OTHERS = 30;

/**
 * Where something like the wanted instance stands instead: the usual mistakes are the group, the
 * namespace, the cluster, the port and the spelling of the service.
 *
 * @param place what was looked for in vain
 * @returns at most five lines, the most likely first
 */
export async function findNearMisses(api: Api, place: Place): Promise<string[]> {
  // Not everybody may list namespaces; the default one is there in any case.
  const known = (await ifAnswered(api.namespaces()) ?? [])
    .map(({ namespace, namespaceShowName: name }) => ({ id: namespace || "public", name }));
  const namespaces = new Set([place.namespaceId, "public", ...known.map(({ id }) => id)]);
  const misses: NearMiss[] = [];
  const isKnown = known.some(({ id }) => id === place.namespaceId);
  const named = isKnown ? undefined : known.find(({ name }) => name === place.namespaceId);
  if (named) {
    const text =
      `namespaceId takes the id: that of the namespace named ${named.name} is ${named.id}`;
    misses.push({ rank: -1, text });
  }
  for (const namespaceId of [...namespaces].slice(0, MAX_NAMESPACES)) {
    const services = await ifAnswered(api.services(namespaceId));
    const isOurs = namespaceId === place.namespaceId;
    const mayNotExist = isOurs && namespaceId !== "public" && !isKnown && !named;
    if (services?.length === 0 && mayNotExist) {
      const text = `namespace ${namespaceId} has no service: is it the id, not the name?`;
      misses.push({ rank: 3, text });
    }
    misses.push(...await missesIn(services ?? [], isOurs, api, place));
  }
  return likeliest(misses);
}

async function missesIn(
  services: readonly NacosService[],
  isOurs: boolean,
  api: Api,
  place: Place,
): Promise<NearMiss[]> {
  const misses: NearMiss[] = [];
  const sameName = services
    .filter((one) => isLike(one.serviceName, place.serviceName))
    .slice(0, MAX_CANDIDATES);
  // Where the name is nowhere, it may be misspelt: then the address tells, in its own namespace.
  const others = services.slice(0, isOurs ? MAX_OTHERS : 0);
  for (const service of sameName.length > 0 ? sameName : others) {
    const clusters = await ifAnswered(api.clusters(service)) ?? [];
    const instances = await Promise.all(
      clusters.map((cluster) => ifAnswered(api.instances(service, cluster, place))),
    );
    const all = instances.flatMap((some) => some ?? []);
    misses.push(...missesOf(service, all, place, sameName.length > 0));
  }
  return misses;
}

function missesOf(
  service: NacosService,
  instances: readonly NacosInstance[],
  place: Place,
  nameMatches: boolean,
): NearMiss[] {
  const differences = (there: Partial<Place>) => {
    const keys = ["serviceName", "groupName", "namespaceId", "clusterName", "port"] as const;
    const different = keys.filter((key) => there[key] !== place[key]);
    return asSettings(Object.fromEntries(different.map((key) => [key, there[key]])));
  };
  const mine = instances.filter((one) => isHere(one.ip, place));
  const exact = mine.filter((one) => one.port === place.port);
  if (mine.length > 0) {
    return (exact.length > 0 ? exact : mine).flatMap(({ ip, port, clusterName }) => {
      const different = differences({ ...service, clusterName, port });
      // Nothing is different: it has registered since.
      if (different === "") return [];
      const text = `${ip}:${port} is registered with ${different}`;
      return [{ rank: exact.length > 0 ? 0 : 1, text }];
    });
  }
  if (!nameMatches) return [];
  const named = differences(service);
  const where = `the service${named && ` with ${named}`}`;
  const [first] = instances;
  const example = first && `${first.ip}:${first.port}`;
  return [{ rank: 2, text: noneAt(place.ip, where, instances.length, example) }];
}
