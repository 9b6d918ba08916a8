import { type EurekaInstance, stateOf } from "./instance.ts";
import type { Parts } from "./parts.ts";
import { appInWords, type Found } from "./records.ts";
import type { EurekaServer } from "./server.ts";
import { createSignsOfLife } from "./signs_of_life.ts";
import { orAbsent } from "../addresses.ts";
import type { Sighting } from "../registry.ts";

/** A sighting that remembers what Eureka said. */
export interface EurekaSighting extends Sighting, Found {
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

  async function lookAt(server: EurekaServer, signal: AbortSignal): Promise<[string, Found]> {
    return [server.root, await ours.at(server, signal)];
  }

  function sighting([address, found]: [string, Found]): EurekaSighting {
    ours.note(found);
    return sightingOf(found, target.app, address, life.isAlive(address, found.instances));
  }

  return {
    async locate(signal) {
      // A look without an id asks its server for the list itself.
      if (!isWarm && (target.id !== undefined || servers.length > 1)) lists.warmUp(signal);
      isWarm = true;
      const found = await orAbsent(pool.ask(lookAt, signal, { absence: !ours.areSeen }));
      if (found === undefined) life.wasAbsent();
      return found && sighting(found);
    },
    async locateAt(address, signal) {
      const only = servers.find(({ root }) => root === address);
      if (only === undefined) return undefined;
      await only.connect(signal);
      const found = await orAbsent(lookAt(only, signal));
      return found && { ...sighting(found), only };
    },
  };
}

function sightingOf(
  { instances, unread }: Found,
  app: string,
  address: string,
  isAlive: boolean,
): EurekaSighting {
  const read = stateOf(instances);
  // What cannot be read may be handed out.
  const state = unread !== undefined && read === "outOfService" ? "partlyOut" : read;
  const [first] = instances;
  const all = (field: keyof EurekaInstance) => instances.map((one) => one[field]).join(", ");
  return {
    label: `${first?.ipAddr}:${first?.ports.join(",")} of ${appInWords(app)}, id ${all("id")}`,
    address,
    state,
    // Of one that is partly out callers have the address already.
    isAlive: isAlive || state === "partlyOut",
    details: { status: all("status"), override: all("override"), metadata: first?.metadata },
    instances,
    unread,
  };
}
