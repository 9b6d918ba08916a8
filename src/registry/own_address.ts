/**
 * The address that the instance is registered with: the one that is set, else our own on the way to
 * the registry.
 *
 * @module
 */

import type { Log } from "../log.ts";

/** A server that we have connected to. */
export interface Reached {
  /** Root URL of the server. */
  readonly root: string;
  /** Our own address on the way there, once it is known. */
  readonly ownAddress: string | undefined;
}

/**
 * Makes a function that gives the address, and says once where it comes from if it was not set.
 *
 * @param podip the address that is set
 * @param log where it says so
 */
export function createOwnAddress(
  podip: string | undefined,
  log: Log,
): (server: Reached) => string {
  let said = false;
  return ({ root, ownAddress = "" }) => {
    if (podip !== undefined) return podip;
    if (!said) {
      said = true;
      log.info(
        "own_address",
        `podip is not set: using ${ownAddress}, our own address on the way to ${root}`,
      );
    }
    return ownAddress;
  };
}
