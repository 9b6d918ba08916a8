import * as z from "zod/mini";
import { type Read, shape } from "../../shape.ts";
import { createLongList, type LongList } from "../long_list.ts";
import { sameAddress } from "../same_address.ts";

/** Where an instance stands in Nacos. */
export interface Place {
  /** By id. */
  readonly namespaceId: string;
  readonly groupName: string;
  /** Without the group. */
  readonly serviceName: string;
  readonly clusterName: string;
  readonly ip: string;
  readonly port: number;
}

/** A service and where it stands. */
export type NacosService = Pick<Place, "namespaceId" | "groupName" | "serviceName">;

/** An instance as Nacos describes it; other fields are left out. */
export interface NacosInstance {
  /** As the app has spelled it. */
  readonly ip: string;
  readonly port: number;
  /** Its share of the load. */
  readonly weight: number;
  /** Whether callers get it. */
  readonly enabled: boolean;
  readonly clusterName: string;
  /** Whether its heartbeats come; only shown, as the next two. */
  readonly healthy?: unknown;
  readonly ephemeral?: unknown;
  readonly metadata?: unknown;
}

/** Reads one instance. Loose: what is only shown may be there or not. */
export const readInstance: Read<NacosInstance> = shape(() =>
  z.looseObject({
    ip: z.string(),
    port: z.number(),
    weight: z.number(),
    enabled: z.boolean(),
    clusterName: z.string(),
  })
);

/**
 * Makes a reader of one list of instances; in a long one those elsewhere are only counted.
 *
 * @param ip where an instance is looked for
 */
export function createList(ip: string): LongList<NacosInstance> {
  return createLongList(
    readInstance,
    (part) => sameAddress(String(part["ip"]), ip),
    ({ enabled, clusterName }) => `${enabled} ${clusterName}`,
  );
}

/** Whether an instance of the place's service has its address and port. */
export function isAt(instance: NacosInstance, place: Place): boolean {
  return instance.port === place.port && sameAddress(instance.ip, place.ip);
}
