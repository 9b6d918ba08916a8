import type { NacosInstance, NacosService, Place } from "./instance.ts";
import { marked, ownWeight } from "./mark.ts";

/** The service as request parameters. */
export function serviceOf(place: NacosService): Record<keyof NacosService, string> {
  const { namespaceId, groupName, serviceName } = place;
  return { namespaceId, groupName, serviceName };
}

/** The cluster as request parameters. */
export function clusterOf(place: Place): Record<string, string> {
  return { ...serviceOf(place), clusterName: place.clusterName };
}

/** The place as request parameters. */
export function placeOf(place: Place): Record<string, string> {
  return { ...clusterOf(place), ip: place.ip, port: String(place.port) };
}

/** A persistent instance as request parameters. */
export function persistentOf(
  place: Place,
  { ip, port }: NacosInstance,
): Record<string, string> {
  return { ...placeOf({ ...place, ip, port }), ephemeral: "false" };
}

/** The parameters of the partial update, with the instance's own spelling of the address. */
export function updateOf(
  place: Place,
  { ip, port, weight }: NacosInstance,
  enabled: boolean,
): Record<string, string> {
  const there = placeOf({ ...place, ip, port });
  const written = enabled ? ownWeight(weight) : marked(weight);
  return { ...there, weight: String(written), enabled: String(enabled) };
}
