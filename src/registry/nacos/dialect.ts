import * as z from "zod/mini";
import type { Send } from "./generation.ts";
import type { Addresses, NacosInstance, NacosService, Place } from "./instance.ts";
import { ServiceOfflineError, UnreachableError } from "../../errors.ts";
import { describeAnswer, type HttpAnswer } from "../../http/endpoint.ts";
import { type Read, shape } from "../../shape.ts";

/** What both generations of the Nacos HTTP API can do, in one form. */
export interface Dialect extends Looks {
  /** The registry's own record of the instance, with `enabled`; undefined where there is none. */
  find(send: Send, place: Place): Promise<NacosInstance | undefined>;
  /**
   * The partial update of `enabled`. The weight goes along: 2.x and 3.1.0 reset an omitted one
   * to 1.0.
   *
   * @throws {NotFoundError}
   */
  setEnabled(send: Send, place: Place, instance: NacosInstance, enabled: boolean): Promise<void>;
  /**
   * Tries the partial update without an address: refused by its form after the look at the
   * permission (2.2.4, 3.1.0, r-nacos 0.8.8). So nothing can come of it, not even where an update of
   * what is not there registers it, as it does on r-nacos.
   *
   * @throws {NotFoundError} where the user may write
   */
  tryWrite(send: Send, place: Place): Promise<void>;
  /** Removes a persistent instance; that of another kind stays, and the answer is the same. */
  remove(send: Send, place: Place, instance: NacosInstance): Promise<void>;
  /** What callers get: the enabled instances of the service. */
  list(send: Send, place: Place): Promise<NacosInstance[]>;
  /** None where this user may not see them. */
  namespaces(send: Send): Promise<Namespace[]>;
  /** The services of all groups of a namespace, by name. */
  services(send: Send, namespaceId: string): Promise<NacosService[]>;
  /** The names of a service's clusters. */
  clusters(send: Send, service: NacosService): Promise<string[]>;
  /**
   * All instances of one cluster of a service, those out of service too.
   *
   * @param at where an instance is looked for; the others may be told by their number only
   */
  instances(
    send: Send,
    service: NacosService,
    clusterName: string,
    at: Addresses,
  ): Promise<NacosInstance[]>;
}

/**
 * What clients have published, and the list of all services. Parameters name the service that the
 * settings name, whatever is asked: 2.2.4's catalog and all of 3.1.0 judge the permission by them.
 */
export interface Looks {
  /**
   * The clients that have published a place. Two at one ip:port are two connections. Undefined where
   * the server has no such call: before 2.2, r-nacos.
   */
  publishers(send: Send, place: Place): Promise<string[] | undefined>;
  /** The ids of all clients; 25 bytes each. */
  clients(send: Send, place: Place): Promise<string[]>;
  /** What one client has published, in every namespace; nothing where it has gone. */
  published(send: Send, place: Place, clientId: string): Promise<Published[]>;
  /**
   * A page of all services of the place's namespace, with their instances.
   *
   * @returns undefined where the server's list has no instances: r-nacos
   */
  catalog(send: Send, place: Place, pageNo: number): Promise<CatalogPage | undefined>;
}

/** Something that is registered. */
export type Published = Omit<Place, "also">;

/** A part of the list of all services. */
export interface CatalogPage {
  /** What is at the place's addresses. */
  readonly found: readonly Published[];
  /** Whether there may be a further page. */
  readonly isFull: boolean;
}

/** So many services a page: 0.6 to 0.9 MB and 11 to 78 ms with an instance each (2.2.4, 3.1.0). */
export const CATALOG_PAGE = 1_000;

/** 80,000 clients. */
export const MAX_CLIENTS = 2 * 1024 * 1024;

/** A namespace: settings have its id, and the console shows its name first. */
export interface Namespace {
  /** The id; empty on 1.x and 2.x for the default one. */
  readonly namespace: string;
  readonly namespaceShowName: string;
}

export const readNamespaces: Read<Namespace[]> = shape(() =>
  z.array(z.object({ namespace: z.string(), namespaceShowName: z.string() }))
);

/** So many services of a namespace are looked through for near misses. */
export const PAGE = {
  query: { pageNo: "1", pageSize: "1000" },
  /** 150 kB were seen (3.1.0). */
  maxBytes: 512 * 1024,
};

const serviceNames = shape(() => z.array(z.object({ name: z.string(), groupName: z.string() })));

/** Reads the services of a namespace. */
export function readServices(namespaceId: string): Read<NacosService[]> {
  return (list) =>
    serviceNames(list)?.map(({ name, groupName }) => {
      return { namespaceId, groupName, serviceName: name };
    });
}

/** The error for an answer that fits no expectation. */
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
