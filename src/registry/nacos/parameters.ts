import type { NacosInstance, NacosService, Place } from "./instance.ts";

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

/** The parameters of the partial update, with the instance's own spelling of the address. */
export function updateOf(
  place: Place,
  { ip, port, weight }: NacosInstance,
  enabled: boolean,
): Record<string, string> {
  const there = placeOf({ ...place, ip, port });
  return { ...there, weight: String(weight), enabled: String(enabled) };
}
