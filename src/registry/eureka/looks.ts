import { type EurekaInstance, stateOf } from "./instance.ts";
import { appInWords, type Found } from "./ours.ts";
import type { Parts } from "./parts.ts";
import type { EurekaServer } from "./server.ts";
import { createSignsOfLife } from "./signs_of_life.ts";
import { orAbsent } from "../addresses.ts";
import type { Sighting } from "../registry.ts";

/** A sighting that remembers what Eureka said. */
export interface EurekaSighting extends Sighting, Omit<Found, "server"> {
  /** The only server that is to be written. */
  readonly only?: EurekaServer;
}

/** The looks into the records. */
interface Looks {
  locate(signal: AbortSignal): Promise<EurekaSighting | undefined>;
  locateAt(address: string, signal: AbortSignal): Promise<EurekaSighting | undefined>;
}

export function createLooks({ target, servers, pool, lists, ours }: Parts): Looks {
  const life = createSignsOfLife();
  let isWarm = false;

  function note(found: Found): EurekaSighting {
    const { server, instances } = found;
    ours.note(instances);
    return sightingOf(found, target.app, life.isAlive(server.root, instances));
  }

  return {
    async locate(signal) {
      // A look without an id asks its server for the list itself.
      if (!isWarm && (target.id !== undefined || servers.length > 1)) lists.warmUp(signal);
      isWarm = true;
      const question = (server: EurekaServer, s: AbortSignal) => ours.at(server, s);
      const found = await orAbsent(pool.ask(question, signal, { absence: !ours.areSeen }));
      if (found === undefined) life.wasAbsent();
      return found && note(found);
    },
    async locateAt(address, signal) {
      const only = servers.find(({ root }) => root === address);
      if (only === undefined) return undefined;
      await only.connect(signal);
      const found = await orAbsent(ours.at(only, signal));
      return found && { ...note(found), only };
    },
  };
}

function sightingOf(
  { server, instances, unread }: Found,
  app: string,
  isAlive: boolean,
): EurekaSighting {
  const read = stateOf(instances);
  // What cannot be read may be handed out.
  const state = unread !== undefined && read === "outOfService" ? "partlyOut" : read;
  const [first] = instances;
  const all = (field: keyof EurekaInstance) => instances.map((one) => one[field]).join(", ");
  return {
    label: `${first?.ipAddr}:${first?.ports.join(",")} of ${appInWords(app)}, id ${all("id")}`,
    address: server.root,
    state,
    // Of one that is partly out callers have the address already.
    isAlive: isAlive || state === "partlyOut",
    details: { status: all("status"), override: all("override"), metadata: first?.metadata },
    instances,
    unread,
  };
}
