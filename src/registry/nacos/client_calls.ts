import * as z from "zod/mini";
import { isNoCall } from "./answers.ts";
import { type Line, open } from "./dialect.ts";
import { type Place, placeOf, type Published, serviceOf } from "./place.ts";
import { type Read, shape } from "../../shape.ts";

/**
 * What clients have published. Parameters name the service that the settings name, whatever is asked:
 * 3.1.0 judges the permission by them.
 */
export type ClientCalls = ReturnType<typeof clientCalls>;

/** 80,000 clients. */
const MAX_BYTES = 2 * 1024 * 1024;

const texts = shape(() => z.array(z.string()));
const publishers = shape(() => z.array(z.object({ clientId: z.string() })));
const entries = shape(() => z.array(z.looseObject({ serviceName: z.string() })));

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

export function clientCalls({ dialect, send }: Line) {
  const { path: base, field } = dialect.clients;
  /** Undefined where there is no such call, client or service. */
  async function ask<Data>(path: string, query: Record<string, string>, read: Read<Data>) {
    const answer = await send({ method: "GET", path: base + path, query, maxBytes: MAX_BYTES });
    return isNoCall(answer) ? undefined : open(dialect, answer, field, read);
  }
  return {
    /**
     * The clients that have published a place. Two at one ip:port are two connections. Undefined
     * where the server has no such call: before 2.2, r-nacos.
     */
    async publishers(place: Place) {
      // Without ip and port 2.2.4 finds nothing.
      const found = await ask("/service/publisher/list", placeOf(place), publishers);
      return found?.map(({ clientId }) => clientId);
    },
    /** The ids of all clients; 25 bytes each. */
    clients: async (place: Place) => await ask("/list", serviceOf(place), texts) ?? [],
    /** What one client has published, in every namespace; nothing where it has gone. */
    published: async (place: Place, clientId: string) =>
      await ask("/publish/list", { ...serviceOf(place), clientId }, readPublished) ?? [],
  };
}
