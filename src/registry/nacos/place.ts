import { isAmong, sameAddress } from "../same_address.ts";

/** Where an instance stands in Nacos. */
export interface Place {
  /** By id. */
  readonly namespaceId: string;
  readonly groupName: string;
  /** Without the group. */
  readonly serviceName: string;
  readonly clusterName: string;
  readonly ip: string;
  /** Further addresses of this pod, where it may stand instead. */
  readonly also?: readonly string[];
  readonly port: number;
}

/** Addresses of this pod. */
export type Addresses = Pick<Place, "ip" | "also">;

/** A service and where it stands. */
export type NacosService = Pick<Place, "namespaceId" | "groupName" | "serviceName">;

/** Something that is registered. */
export type Published = Omit<Place, "also">;

/** Whether an address is one of these. */
export function isHere(ip: string, { ip: first, also = [] }: Addresses): boolean {
  return isAmong(ip, [first, ...also]);
}

/** The service as request parameters. */
export function serviceOf(place: NacosService): Record<keyof NacosService, string> {
  const { namespaceId, groupName, serviceName } = place;
  return { namespaceId, groupName, serviceName };
}

/** The cluster as request parameters. */
export function clusterOf(place: Omit<Place, "ip" | "port">): Record<string, string> {
  return { ...serviceOf(place), clusterName: place.clusterName };
}

/** The place as request parameters. */
export function placeOf(place: Place): Record<string, string> {
  return { ...clusterOf(place), ip: place.ip, port: String(place.port) };
}

/** How log lines name a registration. */
export function labelOf(one: Published): string {
  const { ip, port, groupName, serviceName, namespaceId, clusterName } = one;
  return `${ip}:${port} of ${groupName}@@${serviceName} in namespace ${namespaceId}` +
    (clusterName === "DEFAULT" ? "" : `, cluster ${clusterName}`);
}

/** Whether two are one registration. */
export function isSame(one: Published, other: Published): boolean {
  return sameAddress(one.ip, other.ip) && one.port === other.port &&
    one.serviceName === other.serviceName && one.groupName === other.groupName &&
    one.clusterName === other.clusterName && one.namespaceId === (other.namespaceId || "public");
}
