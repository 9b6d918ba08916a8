import * as z from "zod/mini";
import { type Addresses, isHere, type Published } from "./place.ts";
import { shape } from "../../shape.ts";

/** A part of the list of all services. */
interface CatalogPage {
  /** What is at the pod's addresses. */
  readonly found: readonly Published[];
  /** Whether there may be a further page. */
  readonly isFull: boolean;
}

const readHost = shape(() => z.looseObject({ ip: z.string(), port: z.number() }));

/**
 * Makes a reader of one page of the list of all services; of a long one only the places that are
 * meant are kept.
 *
 * @param size how many services a full page has
 */
export function createCatalogReader(at: Addresses, namespaceId: string, size: number) {
  const taken: unknown[] = [undefined];
  const isMeant = (item: unknown) => isHere(String(Object(item).ip), at);
  return {
    /** Also a service without instances is an item. */
    takeItem: (item: unknown) => isMeant(item) ? taken.push(item) - 1 : 0,
    /** The page is undefined where the list has no instances: r-nacos (0.8.8) gives names only. */
    read(services: unknown): { readonly page: CatalogPage | undefined } | undefined {
      // A page that was cut, or a login page, is not r-nacos' list.
      if (services === undefined) return undefined;
      if (
        !Array.isArray(services) ||
        services.some((one) => typeof one === "object" && !("clusterMap" in one))
      ) return { page: undefined };
      const found: Published[] = [];
      for (const { serviceName, groupName, clusterMap } of services.map(Object)) {
        for (const [clusterName, cluster] of Object.entries(Object(clusterMap))) {
          const { hosts } = Object(cluster);
          for (const item of Array.isArray(hosts) ? hosts : []) {
            const host = readHost(typeof item === "number" ? taken[item] : item);
            if (!host || !isMeant(host)) continue;
            const { ip, port } = host;
            found.push({ namespaceId, groupName, serviceName, clusterName, ip, port });
          }
        }
      }
      return { page: { found, isFull: services.length >= size } };
    },
  };
}
