/** Ports for servers of other programs, which cannot be told to take any, and for what restarts. */

import { pause } from "./pause.ts";

/** Below the ports that the system gives to connections, so none takes it before the server does. */
const FIRST = 20_000;
const LAST = 32_000;

/**
 * Looks for a port that nobody listens on. Somebody may take it before it is used.
 * @param further what has to be free as well, counted from the port
 */
export function freePort(further: readonly number[] = []): number {
  for (let tried = 0; tried < 100; tried++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if ([0, ...further].every((offset) => isFree(port + offset))) return port;
  }
  throw new Error(`Found no free port between ${FIRST} and ${LAST}`);
}

/**
 * Starts what listens on a port that it can have again after a restart: no connection is given it
 * meanwhile, as it may be with a port that the system has chosen.
 */
export function onFreePort<Server>(start: (port: number) => Server): Server {
  for (let tried = 1;; tried++) {
    try {
      return start(freePort());
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse) || tried === 20) throw error;
    }
  }
}

/**
 * Starts what had this port before. Somebody who looks for a free port may have it for a moment, as
 * CI has seen (AddrInUse); who really listens there still has it after the tries.
 */
export async function onSamePort<Server>(port: number, start: (port: number) => Server) {
  for (let tried = 1;; tried++) {
    try {
      return start(port);
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse) || tried === 50) throw error;
      await pause(100);
    }
  }
}

function isFree(port: number): boolean {
  try {
    // The wildcard address: a server on any one address is in its way.
    Deno.listen({ hostname: "0.0.0.0", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
