import * as z from "zod/mini";
import { type Addresses, isHere, type Place } from "./place.ts";
import { type Read, shape } from "../../shape.ts";
import { createLongList, type LongList } from "../long_list.ts";

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
  /** On r-nacos, whose weights have too few digits for the mark of an `offline`. */
  readonly isMarkless?: true;
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
 * @param at where an instance is looked for
 */
export function createList(at: Addresses): LongList<NacosInstance> {
  return createLongList(
    readInstance,
    (part) => isHere(String(part["ip"]), at),
    ({ enabled, clusterName }) => `${enabled} ${clusterName}`,
  );
}

/** Whether an instance of the place's service has one of its addresses, and its port. */
export function isAt(instance: NacosInstance, place: Place): boolean {
  return instance.port === place.port && isHere(instance.ip, place);
}

/** The one at a place; of several addresses the first counts most. */
export function findAt(
  instances: readonly NacosInstance[],
  place: Place,
): NacosInstance | undefined {
  return instances.find((one) => isAt(one, { ...place, also: [] })) ??
    instances.find((one) => isAt(one, place));
}
