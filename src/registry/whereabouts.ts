import type { Log } from "../log.ts";
import type { commonSettings } from "../settings/common.ts";
import type { Values } from "../settings/setting.ts";
import type { Connection } from "./connection.ts";
import type { RegistryDeps } from "./registry.ts";
import { type Scope, scopeOf } from "./scope.ts";
import { addressesOf, furtherAddresses, NOWHERE } from "./pod_addresses.ts";

/** Where the pod is, as far as settings and machine tell, and how much there is its own. */
export interface Whereabouts {
  readonly scope: Scope;
  /** The first address that is set. */
  readonly setIp: string | undefined;
  /** Further addresses of this pod. */
  readonly also: readonly string[];
  /** The address that is set, else our own as a server sees it. */
  readonly ipSeenFrom: OwnAddress;
}

type OwnAddress = (server: Pick<Connection, "root" | "ownAddress">) => string;

/** Finds out where the pod is. */
export function whereaboutsOf(
  { podip, scope }: Pick<Values<typeof commonSettings>, "podip" | "scope">,
  { log, variable, surroundings = NOWHERE }: RegistryDeps,
): Whereabouts {
  const setIp = addressesOf(podip)[0];
  return {
    scope: scopeOf(podip, variable?.("podip"), scope, surroundings),
    setIp,
    also: furtherAddresses(podip, surroundings),
    ipSeenFrom: createOwnAddress(setIp, log),
  };
}

/**
 * Makes a function that gives the address that the instance is registered with: the one that is set,
 * else our own on the way to the registry. It says in the log, once, when it takes our own.
 */
export function createOwnAddress(set: string | undefined, log: Log): OwnAddress {
  let said = false;
  return ({ root, ownAddress = "" }) => {
    if (set !== undefined) return set;
    if (!said) {
      said = true;
      log.info(
        "own_address",
        `podip is not known: using ${ownAddress}, our own address on the way to ${root}`,
      );
    }
    return ownAddress;
  };
}
