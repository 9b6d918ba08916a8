import { type EurekaInstance, isAt, type Wanted } from "./instance.ts";
import { isTakenOut } from "./intent.ts";
import { addressesSeenFrom, type Parts } from "./parts.ts";
import type { EurekaServer } from "./server.ts";
import { NotFoundError } from "../../errors.ts";
import { isAmong } from "../same_address.ts";
import { settled } from "../settled.ts";

/** What one server has of ours. Without an id there may be several registrations. */
export interface Found {
  readonly instances: readonly EurekaInstance[];
  /** Why a further one could not be read. */
  readonly unread?: unknown;
}

/** How often the list is asked for further registrations, milliseconds. */
const RELIST_MS = 10_000;

/** Eureka keeps names in capitals. */
export const appInWords = ({ app }: Wanted): string => `app ${app.toUpperCase()}`;

export function inWords(target: Wanted): string {
  return appInWords(target) + (target.id === undefined ? "" : `, id ${target.id}`);
}

/**
 * With an id it is the id and the address, since a successor may have the same id.
 *
 * @param addresses undefined where only the id is known
 */
export function isOurs(
  instance: EurekaInstance,
  { id, port, except }: Wanted,
  addresses: readonly string[] | undefined,
): boolean {
  if (except !== undefined && isOurs(instance, except, addresses)) return false;
  if (id === undefined) return isAt(instance, addresses ?? [], port);
  return instance.id === id && (addresses === undefined || isAmong(instance.ipAddr, addresses));
}

/**
 * Reads some ids at one server; one that cannot be read hides no other.
 *
 * @throws {ServiceOfflineError} where there is nothing but what cannot be read
 */
export async function readIds(
  server: EurekaServer,
  ids: Iterable<string>,
  parts: Parts,
  signal: AbortSignal,
): Promise<Found> {
  const { target } = parts;
  const addresses = addressesSeenFrom(server, parts);
  const { values, errors: [unread] } = await settled(
    [...ids].map((id) => server.instance(target.app, id, signal)),
  );
  if (target.id !== undefined) parts.isMarkSeen ||= values.some((one) => one && isTakenOut(one));
  const instances = values.flatMap((one) => one && isOurs(one, target, addresses) ? [one] : []);
  if (instances.length === 0 && unread !== undefined) throw unread;
  return { instances, unread };
}

/**
 * Looks for ours at one server: the ids that are known, and now and then what its list has besides.
 *
 * @throws {NotFoundError} where there is none, which sends the question on to the next peer
 */
export async function findAt(
  server: EurekaServer,
  parts: Parts,
  signal: AbortSignal,
): Promise<Found> {
  const known = await readIds(server, parts.ids, parts, signal);
  const found = await withListed(known, server, parts, signal);
  if (found.instances.length > 0) return found;
  // Once seen, absence ends the work.
  await server.prove(parts.isSeen, signal);
  throw new NotFoundError(`no ${inWords(parts.target)}`);
}

async function withListed(
  known: Found,
  server: EurekaServer,
  parts: Parts,
  signal: AbortSignal,
): Promise<Found> {
  const { target, lists, ids, clock } = parts;
  const isNone = known.instances.length === 0;
  const isDue = isNone || clock.now() >= parts.listedAt + RELIST_MS;
  if (target.id !== undefined || !isDue) return known;
  const addresses = addressesSeenFrom(server, parts);
  try {
    const listed = await lists.at(server, signal) ?? [];
    const fit = listed.filter((one) => isOurs(one, target, addresses));
    // Without a port nothing tells which of several is this app's.
    const isClear = target.port !== undefined || target.isWhole || fit.length === 1;
    const further = isClear ? fit.filter(({ id }) => !ids.has(id)) : [];
    const more = await readIds(server, further.map(({ id }) => id), parts, signal);
    return {
      instances: [...known.instances, ...more.instances],
      unread: known.unread ?? more.unread,
    };
  } catch (error) {
    if (isNone) throw error;
    return known;
  } finally {
    parts.listedAt = clock.now();
  }
}
