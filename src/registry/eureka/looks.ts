import { type EurekaInstance, placeOf, stateOf } from "./instance.ts";
import { othersWishOf } from "./intent.ts";
import { appInWords, findAt, type Found } from "./ours.ts";
import type { Parts } from "./parts.ts";
import type { EurekaServer } from "./server.ts";
import { orAbsent } from "../pool.ts";
import type { Sighting } from "../registry.ts";

/** A sighting that remembers what Eureka said. */
export interface EurekaSighting extends Sighting, Found {
  /** The only server that is to be written. */
  readonly only?: EurekaServer;
}

export async function locate(
  parts: Parts,
  signal: AbortSignal,
): Promise<EurekaSighting | undefined> {
  const { target, pool, lists, life } = parts;
  // A look without an id asks its server for the list itself.
  if (!parts.isWarm && (target.id !== undefined || pool.nodes.length > 1 || parts.isSeen)) {
    lists.warmUp(signal);
  }
  parts.isWarm = true;
  const question = async (server: EurekaServer, s: AbortSignal) =>
    [server, await findAt(server, parts, s)] as const;
  const found = await orAbsent(pool.ask(question, signal, { absence: !parts.isSeen }));
  if (found === undefined) life.wasAbsent();
  return found && sightingOf(...found, parts);
}

export function locateAt(
  address: string,
  parts: Parts,
  signal: AbortSignal,
): Promise<EurekaSighting | undefined> {
  const look = async (server: EurekaServer, s: AbortSignal) =>
    sightingOf(server, await findAt(server, parts, s), parts);
  return parts.pool.askOnly(address, look, signal);
}

function sightingOf(
  { root: address }: EurekaServer,
  { instances, unread }: Found,
  parts: Parts,
): EurekaSighting {
  const read = stateOf(instances);
  // What cannot be read may be handed out.
  const state = unread !== undefined && read === "outOfService" ? "partlyOut" : read;
  const isAlive = parts.life.isAlive(address, instances);
  parts.isSeen = true;
  // From now on a successor with the same id is another one.
  if (parts.isIdEnough) parts.foundIp ??= instances[0]?.ipAddr;
  for (const { id } of instances) parts.ids.add(id);
  const [first] = instances;
  const app = appInWords(parts.target);
  const all = (field: keyof EurekaInstance) => instances.map((one) => one[field]).join(", ");
  return {
    label: `${first && placeOf(first)} of ${app}, id ${all("id")}`,
    address,
    state,
    // Of one that is partly out callers have the address already.
    isAlive: isAlive || state === "partlyOut",
    othersWish: parts.isMarkSeen ? undefined : othersWishOf(instances),
    details: { status: all("status"), override: all("override"), metadata: first?.metadata },
    shared: whyShared(instances, parts),
    instances,
    unread,
  };
}

/**
 * At an address that is not this pod's several registrations may be several pods behind one Service;
 * one alone is what a pod behind NAT registers.
 */
function whyShared(
  instances: readonly EurekaInstance[],
  { scope, target }: Parts,
): string | undefined {
  const { length: count, 0: first } = instances;
  if (!scope.isForeign || target.id !== undefined || count < 2) return undefined;
  return `${count} registrations have the address ${first?.ipAddr}, which may be that of other ` +
    "pods; set instanceId, or OFFLINE_SCOPE=named where all are this pod's";
}
