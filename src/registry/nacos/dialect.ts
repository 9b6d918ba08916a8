/**
 * What both generations of the Nacos HTTP API can do, in one form.
 *
 * @module
 */

import * as z from "zod/mini";
import { ServiceOfflineError, UnreachableError } from "../../errors.ts";
import { type Read, shape } from "../../shape.ts";
import { describeAnswer, type HttpAnswer } from "../../http/endpoint.ts";
import { createLongList, type LongList } from "../long_list.ts";
import { sameAddress } from "../same_address.ts";
import type { Send } from "./session.ts";

/** Where an instance stands in Nacos. */
export interface Place {
  /** Its namespace, by id. */
  readonly namespaceId: string;
  /** Its group. */
  readonly groupName: string;
  /** Its service, without the group. */
  readonly serviceName: string;
  /** Its cluster within the service. */
  readonly clusterName: string;
  /** Its address. */
  readonly ip: string;
  /** Its port. */
  readonly port: number;
}

/** An instance as Nacos describes it; other fields are left out. */
export interface NacosInstance {
  /** Its address, as the app has spelled it. */
  readonly ip: string;
  /** Its port. */
  readonly port: number;
  /** Its share of the load. */
  readonly weight: number;
  /** Whether callers get it. */
  readonly enabled: boolean;
  /** Where in the service it is. */
  readonly clusterName: string;
  /** Whether its heartbeats come; only shown. */
  readonly healthy?: unknown;
  /** Whether it lives as long as its process; only shown. */
  readonly ephemeral?: unknown;
  /** What the app says about itself; only shown. */
  readonly metadata?: unknown;
}

/** Loose: what is only shown may be there or not. */
const nacosInstance = () =>
  z.looseObject({
    ip: z.string(),
    port: z.number(),
    weight: z.number(),
    enabled: z.boolean(),
    clusterName: z.string(),
  });

/** Reads one instance. */
export const readInstance: Read<NacosInstance> = shape(nacosInstance);

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
  /**
   * Tries the partial update without an address: refused by its form after the look at the
   * permission (2.2.4, 3.1.0, r-nacos 0.8.8). So nothing can come of it, not even where an update of
   * what is not there registers it, as it does on r-nacos.
   *
   * @throws {NotFoundError} where the user may write
   */
  tryWrite(send: Send, place: Place): Promise<void>;
  /** What callers get: the enabled instances of the service. */
  list(send: Send, place: Place): Promise<NacosInstance[]>;
  /** The namespaces; none where this user may not see them. */
  namespaces(send: Send): Promise<Namespace[]>;
  /** The services of all groups of a namespace, by name. */
  services(send: Send, namespaceId: string): Promise<NacosService[]>;
  /** The names of a service's clusters. */
  clusters(send: Send, service: NacosService): Promise<string[]>;
  /**
   * All instances of one cluster of a service, those out of service too.
   *
   * @param ip where an instance is looked for; the others may be told by their number only
   */
  instances(
    send: Send,
    service: NacosService,
    clusterName: string,
    ip: string,
  ): Promise<NacosInstance[]>;
}

/** A namespace: settings have its id, and the console shows its name first. */
export interface Namespace {
  /** Empty on 1.x and 2.x for the default one. */
  readonly namespace: string;
  /** Its name. */
  readonly namespaceShowName: string;
}

/** Reads the list of namespaces. */
export const readNamespaces: Read<Namespace[]> = shape(() =>
  z.array(z.object({ namespace: z.string(), namespaceShowName: z.string() }))
);

/** A service and where it stands. */
export type NacosService = Pick<Place, "namespaceId" | "groupName" | "serviceName">;

/**
 * The service of a place, as request parameters.
 *
 * @param place or anything that has one
 */
export function serviceOf(place: NacosService): Record<keyof NacosService, string> {
  const { namespaceId, groupName, serviceName } = place;
  return { namespaceId, groupName, serviceName };
}

/** The same of a cluster. */
export function clusterOf(place: Place): Record<string, string> {
  return { ...serviceOf(place), clusterName: place.clusterName };
}

/**
 * The parameters of the partial update.
 *
 * @param place where it stands
 * @param instance what the last look gave; its own spelling of the address counts
 * @param enabled whether callers are to get it
 */
export function updateOf(
  place: Place,
  instance: NacosInstance,
  enabled: boolean,
): Record<string, string> {
  return {
    ...clusterOf(place),
    ip: instance.ip,
    port: String(instance.port),
    weight: String(instance.weight),
    enabled: String(enabled),
  };
}

/** How many services of a namespace are looked through for near misses. */
export const MOST_SERVICES = 1_000;

/** What their list may take, bytes; 150 kB were seen (3.1.0). */
export const MOST_SERVICES_BYTES = 512 * 1024;

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
  const advice = answer.status === 404
    ? "; is the context path right (NACOS_SERVER_ADDR, NACOS_CONTEXT_PATH)?"
    : "";
  return new UnreachableError(`${what}; not what a Nacos server answers to this${advice}`);
}

/**
 * Whether an instance stands at a place.
 *
 * @param instance of the place's service
 * @param place the address and port that are wanted
 */
export function isAt(instance: NacosInstance, place: Place): boolean {
  return instance.port === place.port && sameAddress(instance.ip, place.ip);
}
