import type { Api } from "./api.ts";
import { ofServices, type Way } from "./from_service.ts";
import {
  type Addresses,
  isHere,
  type NacosService,
  type Place,
  type Published,
  serviceOf,
} from "./place.ts";

/** A bound, so that a look into a large registry stays cheap. */
const MAX_CLIENTS_OF_OURS = 20;

/** What the clients of the pod have published. */
export interface OfClients extends Way {
  /** What came by the connection of the named one, which nobody else has. */
  readonly sameClient?: readonly Published[];
}

export async function fromClients(api: Api, place: Place): Promise<OfClients> {
  const publishers = await api.publishers(place);
  if (publishers === undefined) return { found: [], isAll: false, isClosed: true };
  const ids = (await api.clients(place)).filter((id) => isOfPod(id, place));
  const found: Published[] = [];
  const sameClient: Published[] = [];
  for (const id of new Set([...publishers, ...ids].slice(0, MAX_CLIENTS_OF_OURS))) {
    const entries = await api.published(place, id);
    const unplaced = servicesOf(entries.filter(({ ip }) => ip === ""));
    const batches = await ofServices(api, place, unplaced);
    const known = [...entries.filter(({ ip }) => ip !== ""), ...batches];
    found.push(...known);
    // Two at one address and port are two pods behind one Service, or behind one node.
    if (publishers.length === 1 && publishers[0] === id) sameClient.push(...known);
  }
  // Behind NAT, or a proxy, the server sees connections from an address that is not the pod's.
  const isAll = publishers.length > 0 && publishers.every((id) => isOfPod(id, place)) &&
    ids.length <= MAX_CLIENTS_OF_OURS;
  return { found, sameClient, isAll };
}

/** The id of a connection is `time_address_port`, that of who registers by HTTP `address:port#true`. */
function isOfPod(clientId: string, at: Addresses): boolean {
  const [, ofConnection, ofInstance] = /^\d+_(.+)_\d+$|^(.+):\d+#/.exec(clientId) ?? [];
  const address = ofConnection ?? ofInstance;
  return address !== undefined && isHere(address, at);
}

/** The services of entries, each once. 2.2.4 does not say where the instances of a batch are. */
function servicesOf(entries: readonly Published[]): NacosService[] {
  const byName = entries.map((one) => [JSON.stringify(serviceOf(one)), serviceOf(one)] as const);
  return [...new Map(byName).values()];
}
