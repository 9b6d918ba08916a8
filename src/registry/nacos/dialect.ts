/**
 * What both generations of the Nacos HTTP API can do, in one form.
 *
 * @module
 */

import * as z from "zod/mini";
import { ServiceOfflineError, UnreachableError } from "../../errors.ts";
import { describeAnswer, type HttpAnswer } from "../http.ts";
import type { Send } from "./session.ts";

/** Where an instance stands in Nacos. */
export interface Place {
  readonly namespaceId: string;
  readonly groupName: string;
  readonly serviceName: string;
  readonly clusterName: string;
  readonly ip: string;
  readonly port: number;
}

/** Where callers find an instance. */
export const nacosAddress = z.object({ ip: z.string(), port: z.number() });

/** An address. */
export type NacosAddress = z.infer<typeof nacosAddress>;

/** An instance as Nacos describes it; other fields are left out. */
export const nacosInstance = z.object({
  ip: z.string(),
  port: z.number(),
  weight: z.number(),
  enabled: z.boolean(),
  clusterName: z.string(),
  healthy: z.unknown(),
  ephemeral: z.unknown(),
  metadata: z.unknown(),
});

/** One instance. */
export type NacosInstance = z.infer<typeof nacosInstance>;

/** The instance calls of one generation. */
export interface Dialect {
  /**
   * The registry's own record of the instance, with `enabled`.
   *
   * @returns undefined where there is none
   */
  find(send: Send, place: Place): Promise<NacosInstance | undefined>;
  /**
   * The partial update of `enabled`. The weight goes along: 2.x and 3.1.0 reset an omitted one
   * to 1.0.
   *
   * @throws {NotFoundError}
   */
  setEnabled(
    send: Send,
    place: Place,
    instance: NacosInstance,
    enabled: boolean,
  ): Promise<void>;
  /** What callers get: the enabled instances of the service. */
  list(send: Send, place: Place): Promise<NacosAddress[]>;
  /** Ids of the namespaces; empty where this user may not see them. */
  namespaces(send: Send): Promise<string[]>;
  /** The services of all groups of a namespace, by name. */
  services(send: Send, namespaceId: string): Promise<NacosService[]>;
  /** The names of a service's clusters. */
  clusters(send: Send, service: NacosService): Promise<string[]>;
  /** All instances of one cluster of a service, those out of service too. */
  instances(send: Send, service: NacosService, clusterName: string): Promise<NacosInstance[]>;
}

/** A service and where it stands. */
export type NacosService = Pick<Place, "namespaceId" | "groupName" | "serviceName">;

/**
 * The service of a place, as request parameters.
 *
 * @param place or anything that has one
 */
export function serviceOf({ namespaceId, groupName, serviceName }: NacosService) {
  return { namespaceId, groupName, serviceName };
}

/** How many services of a namespace are looked through for near misses. */
export const MOST_SERVICES = 1_000;

/**
 * The error for an answer that fits no expectation.
 *
 * @param answer what came back
 */
export function unexpected(answer: HttpAnswer): ServiceOfflineError {
  const what = describeAnswer(answer);
  if (answer.status === 400) {
    // 3.1.0 refuses spaces, Chinese characters and more than 512 characters in names so.
    return new ServiceOfflineError(
      "settings",
      `${what}; check serviceName, groupName, namespaceId and clusterName`,
    );
  }
  return new UnreachableError(`${what}; not what a Nacos server answers to this`);
}

/**
 * Whether two texts are the same address; IPv6 has many spellings.
 *
 * @param one an address
 * @param other another
 */
export function sameAddress(one: string, other: string): boolean {
  return one === other || canonical(one) === canonical(other);
}

function canonical(address: string): string {
  if (!address.includes(":")) return address.toLowerCase();
  try {
    return new URL(`http://[${address}]`).hostname;
  } catch {
    return address.toLowerCase();
  }
}
