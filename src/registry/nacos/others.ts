/** What else the pod has registered at a Nacos. How each call was measured stands in docs/scope.md. */

import type { Api } from "./api.ts";
import { fromCatalog } from "./from_catalog.ts";
import { fromClients, type OfClients } from "./from_clients.ts";
import { ofService, type Way } from "./from_service.ts";
import { ifAllowed } from "../if_allowed.ts";
import { isHere, isSame, type Place, type Published } from "./place.ts";
import type { Others } from "../registry.ts";
import type { Scope } from "../scope.ts";

/** What a look has found: registrations instead of what the others of a registry are. */
interface Seen extends Omit<Others, "found" | "leftAlone"> {
  /** The pod's, without the named one. */
  readonly found: readonly Published[];
  readonly leftAlone: readonly Published[];
}

/**
 * Looks: what the clients of the pod have published, which grows with the clients only; else the list
 * of all services, which may be megabytes.
 *
 * @param place the named registration
 */
export async function findOthers(api: Api, place: Place, scope: Scope): Promise<Seen> {
  const clients: OfClients = await ifAllowed(fromClients(api, place), closed);
  const listed: Way = clients.isAll
    ? { found: [], isAll: true }
    : await ifAllowed(fromCatalog(api, place), closed);
  const ofNamed = listed.isClosed ? await ofService(api, place) : [];
  const others = distinct([...clients.found, ...listed.found, ...ofNamed])
    .filter((one) => isHere(one.ip, place) && !isSame(one, place));
  const isOurs = (one: Published) =>
    scope.reach === "pod" || one.port === place.port ||
    clients.sameClient?.some((other) => isSame(one, other)) === true;
  return {
    isLarge: !clients.isAll,
    found: others.filter(isOurs),
    reach: listed.isAll ? "all" : listed.isClosed && clients.isClosed ? "named" : "partly",
    why: listed.why,
    leftAlone: others.filter((one) => !isOurs(one)),
  };
}

/** What may not be asked, or cannot, is no failure of the look. */
const closed = (why: string): Way => ({ found: [], isAll: false, isClosed: true, why });

function distinct(all: readonly Published[]): Published[] {
  return all.filter((one, i) => all.findIndex((other) => isSame(other, one)) === i);
}
