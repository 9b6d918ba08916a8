import type { Log } from "../log.ts";
import { addressesOf } from "./own.ts";

/** A server that we have connected to. */
export interface Reached {
  /** Its root URL. */
  readonly root: string;
  /** Our own address on the way there, once it is known. */
  readonly ownAddress: string | undefined;
}

/**
 * Makes a function that gives the address that the instance is registered with: the one that is set,
 * else our own on the way to the registry. It says in the log, once, when it takes our own.
 *
 * @param podip what is set; of several addresses the first
 */
export function createOwnAddress(
  podip: string | undefined,
  log: Log,
): (server: Reached) => string {
  const [set] = addressesOf(podip);
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
