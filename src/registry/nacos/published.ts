/** What the calls about clients and the list of all services answer, in both generations. */

import * as z from "zod/mini";
import { CATALOG_PAGE, type CatalogPage, type Looks, type Published } from "./dialect.ts";
import type { Send } from "./generation.ts";
import { type Addresses, isHere } from "./instance.ts";
import { placeOf, serviceOf } from "./parameters.ts";
import { type Read, shape } from "../../shape.ts";
import type { TakeItem } from "../../http/body.ts";

const texts = shape(() => z.array(z.string()));
const publishers = shape(() => z.array(z.object({ clientId: z.string() })));
const entries = shape(() => z.array(z.looseObject({ serviceName: z.string() })));
const place = shape(() => z.looseObject({ ip: z.string(), port: z.number() }));

const readPublishers: Read<string[]> = (data) => publishers(data)?.map(({ clientId }) => clientId);

/**
 * Reads what a client has published. 2.2.4 gives no address for what was registered as a batch:
 * such an entry has an empty one.
 */
const readPublished: Read<Published[]> = (data) =>
  entries(data)?.map((one) => {
    const at = Object(one["registeredInstance"] ?? one["publisherInfo"]);
    return {
      namespaceId: String(one["namespace"] ?? one["namespaceId"] ?? "") || "public",
      groupName: String(one["group"] ?? one["groupName"] ?? "DEFAULT_GROUP"),
      serviceName: one.serviceName,
      clusterName: String(at.cluster ?? at.clusterName ?? "DEFAULT"),
      ip: String(at.ip ?? ""),
      port: Number(at.port ?? 0),
    };
  });

/**
 * The calls about clients, which the generations have at places of their own.
 *
 * @param ask undefined is the answer where there is no such call, client or service
 */
export function clientCalls(
  ask: <Data>(
    send: Send,
    path: string,
    query: Record<string, string>,
    read: Read<Data>,
  ) => Promise<Data | undefined>,
): Pick<Looks, "publishers" | "clients" | "published"> {
  return {
    publishers: (send, place) =>
      // Without ip and port 2.2.4 finds nothing.
      ask(send, "/service/publisher/list", placeOf(place), readPublishers),
    clients: async (send, place) => await ask(send, "/list", serviceOf(place), texts) ?? [],
    async published(send, place, clientId) {
      const query = { ...serviceOf(place), clientId };
      return await ask(send, "/publish/list", query, readPublished) ?? [];
    },
  };
}

/** Reads pages of the list of all services; of a long one only the places that are meant are kept. */
export interface CatalogReader {
  readonly takeItem: TakeItem;
  readonly read: Read<CatalogPage>;
}

export function createCatalogReader(at: Addresses, namespaceId: string): CatalogReader {
  const taken: unknown[] = [undefined];
  const isMeant = (item: unknown) => isHere(String(Object(item).ip), at);
  return {
    // Also a service without instances is an item.
    takeItem: (item) => isMeant(item) ? taken.push(item) - 1 : 0,
    read(services) {
      if (!Array.isArray(services)) return undefined;
      // r-nacos (0.8.8) gives names only.
      if (services.some((one) => typeof one === "object" && !("clusterMap" in one))) {
        return undefined;
      }
      const found = services.flatMap((service) => {
        const { serviceName, groupName, clusterMap } = Object(service);
        return Object.entries(Object(clusterMap)).flatMap(([clusterName, cluster]) => {
          const { hosts } = Object(cluster);
          const items = Array.isArray(hosts) ? hosts : [];
          return items.map((host) => place(typeof host === "number" ? taken[host] : host))
            .flatMap((host) =>
              host && isMeant(host)
                ? [{
                  namespaceId,
                  groupName,
                  serviceName,
                  clusterName,
                  ip: host.ip,
                  port: host.port,
                }]
                : []
            );
        });
      });
      return { found, isFull: services.length >= CATALOG_PAGE };
    },
  };
}
