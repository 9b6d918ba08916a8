import type { Lists } from "./lists.ts";
import type { Found, Records } from "./records.ts";
import type { EurekaServer } from "./server.ts";
import type { Clock } from "../../clock.ts";
import { NotFoundError } from "../../errors.ts";

/** Every registration that is ours. Without an id there may be several. */
export interface Ours {
  /** Ids that were seen at our address, and the one that is set. */
  readonly ids: ReadonlySet<string>;
  /** Whether any was seen. Then one peer that knows none is no proof that they have gone. */
  readonly areSeen: boolean;
  /** Notes what was seen. */
  note(found: Found): void;
  /**
   * Looks for them at one server: the ids that are known, and now and then what its list has besides.
   *
   * @returns at least one
   * @throws {NotFoundError} where there is none, which sends the question on to the next peer
   */
  at(server: EurekaServer, signal: AbortSignal): Promise<Found>;
}

/** How often the list is asked for further registrations, milliseconds. */
const RELIST_MS = 10_000;

/**
 * @param id the one that is set
 * @param ipSeenFrom the address that is set, else our own as a server sees it
 */
export function createOurs(
  id: string | undefined,
  records: Records,
  lists: Lists,
  ipSeenFrom: (server: EurekaServer) => string,
  clock: Clock,
): Ours {
  const ids = new Set(id === undefined ? [] : [id]);
  let areSeen = false;
  let listedAt = -Infinity;

  async function look(server: EurekaServer, signal: AbortSignal): Promise<Found> {
    const found = await records.read(server, ids, signal);
    const isNone = found.instances.length === 0;
    const isDue = isNone || clock.now() >= listedAt + RELIST_MS;
    if (id !== undefined || !isDue) return found;
    const ip = ipSeenFrom(server);
    try {
      const listed = await lists.at(server, signal) ?? [];
      const further = listed.filter((one) => records.has(one, ip) && !ids.has(one.id));
      const more = await records.read(server, further.map((one) => one.id), signal);
      const instances = [...found.instances, ...more.instances];
      return { instances, unread: found.unread ?? more.unread };
    } catch (error) {
      if (isNone) throw error;
      return found;
    } finally {
      listedAt = clock.now();
    }
  }

  return {
    ids,
    get areSeen() {
      return areSeen;
    },
    note({ instances }) {
      areSeen = true;
      for (const one of instances) ids.add(one.id);
    },
    async at(server, signal) {
      const found = await look(server, signal);
      if (found.instances.length > 0) return found;
      // Once seen, absence ends the work.
      await server.prove(areSeen, signal);
      throw new NotFoundError(`no ${records.inWords}`);
    },
  };
}
