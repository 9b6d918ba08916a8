import type { Wanted } from "./instance.ts";
import { createLists, type Lists } from "./lists.ts";
import type { EurekaServer } from "./server.ts";
import { createServers, type EurekaValues } from "./servers.ts";
import { createSignsOfLife, type SignsOfLife } from "./signs_of_life.ts";
import type { Clock } from "../../clock.ts";
import { ServiceOfflineError } from "../../errors.ts";
import type { Pool } from "../pool.ts";
import { addressesOf, NOWHERE } from "../pod_addresses.ts";
import type { RegistryDeps } from "../registry.ts";
import { isAmong } from "../same_address.ts";
import { type Whereabouts, whereaboutsOf } from "../whereabouts.ts";

/** What the registry is made of, and what it has learnt. */
export interface Parts extends Whereabouts {
  readonly clock: Clock;
  /** Whether the settings ask for a removal at the end. */
  readonly removes: boolean;
  readonly target: Wanted;
  readonly pool: Pool<EurekaServer>;
  readonly lists: Lists;
  readonly life: SignsOfLife;
  /** Whether an id says enough where no address is set. */
  readonly isIdEnough: boolean;
  /** The address that was found with the id. */
  foundIp: string | undefined;
  /** The id that is set, or those that were seen at our address. */
  readonly ids: Set<string>;
  /** Once the instance was seen, one peer that does not know it is no proof that it has gone. */
  isSeen: boolean;
  /** When the list was asked last for ids that are not known yet, milliseconds since the epoch. */
  listedAt: number;
  /** Whether the lists were asked for. */
  isWarm: boolean;
  /**
   * Whether the id that is set was seen with our mark, at whatever address: the override outlives a
   * pod that was killed, and its successor's registration bears no mark.
   */
  isMarkSeen?: boolean;
}

export function createParts(values: EurekaValues, deps: RegistryDeps): Parts {
  const { clock, surroundings: { hostIp, isPod } = NOWHERE } = deps;
  const { application: app, instanceId: id } = values;
  const port = values.applicationPort || undefined;
  const isOnNode = hostIp !== undefined && isAmong(hostIp, addressesOf(values.podip));
  if (port === undefined && id === undefined && isOnNode) {
    const why =
      "set APPLICATION_PORT or instanceId: on the node's own network only they tell pods apart";
    throw new ServiceOfflineError("settings", why);
  }
  const whereabouts = whereaboutsOf(values, deps);
  const pool = createServers(values, whereabouts, deps);
  return {
    ...whereabouts,
    clock,
    removes: values.removeAfterDrain,
    target: { app, port, id },
    pool,
    lists: createLists(app, pool.nodes, clock),
    life: createSignsOfLife(),
    // In a pod a successor may have the same id, and there our own address is known.
    isIdEnough: id !== undefined && values.podip === undefined && !isPod,
    foundIp: undefined,
    ids: new Set(id === undefined ? [] : [id]),
    isSeen: false,
    listedAt: -Infinity,
    isWarm: false,
  };
}

/** The same for what else an app has at the pod's address. */
export function furtherParts(parts: Parts, target: Wanted, ids: readonly string[]): Parts {
  return {
    ...parts,
    target,
    lists: createLists(target.app, parts.pool.nodes, parts.clock),
    life: createSignsOfLife(),
    isIdEnough: false,
    ids: new Set(ids),
    isSeen: true,
    listedAt: -Infinity,
    // The list that is made first is ahead of those that callers get, so it is asked for first.
    isWarm: false,
  };
}

/**
 * Where the instance may stand; undefined where only its id tells: on a Docker host, for example,
 * nobody but Docker knows the address of a container.
 */
export function addressesSeenFrom(
  server: EurekaServer,
  { isIdEnough, foundIp, ipSeenFrom, also }: Parts,
): readonly string[] | undefined {
  if (foundIp !== undefined) return [foundIp];
  return isIdEnough ? undefined : [ipSeenFrom(server), ...also];
}
