import { type EurekaInstance, isAt, type Wanted } from "./instance.ts";
import type { Lists } from "./lists.ts";
import type { EurekaServer } from "./server.ts";
import type { Clock } from "../../clock.ts";
import { NotFoundError } from "../../errors.ts";
import { sameAddress } from "../same_address.ts";

/** What one server has of ours. */
export interface Records {
  readonly instances: readonly EurekaInstance[];
  /** Why a further one could not be read. */
  readonly unread?: unknown;
}

/** The same with the server; at least one. */
export interface Found extends Records {
  readonly server: EurekaServer;
}

/** Finds every registration that is ours. */
export interface Ours {
  /** The app and, where one is set, the id. */
  readonly inWords: string;
  /** Ids that were seen at our address. */
  readonly ids: ReadonlySet<string>;
  /** Whether there was any. Then one peer that knows none is no proof that they have gone. */
  readonly areSeen: boolean;
  /** Whether an instance is ours, at our address as its server sees it. */
  has(instance: EurekaInstance, ip: string): boolean;
  /** Notes what was found. */
  note(instances: readonly EurekaInstance[]): void;
  /**
   * The server's own records of those ids that are ours; one that cannot be read hides no other.
   *
   * @throws {ServiceOfflineError} where nothing else can be read either
   */
  recordsOf(server: EurekaServer, ids: Iterable<string>, signal: AbortSignal): Promise<Records>;
  /**
   * Makes sure that one is still ours.
   *
   * @throws {NotFoundError}
   */
  mustHave(server: EurekaServer, id: string, signal: AbortSignal): Promise<void>;
  /**
   * The records of all ids that are known, and now and then of what the list has besides.
   *
   * @throws {NotFoundError} where there are none, which sends the question on to the next peer
   */
  at(server: EurekaServer, signal: AbortSignal): Promise<Found>;
}

/** Eureka keeps names in capitals. */
export const appInWords = (app: string): string => `app ${app.toUpperCase()}`;

/** How often the list is asked for further registrations of the same instance, milliseconds. */
const RELIST_MS = 10_000;

/** @param ipSeenFrom the address that is set, else our own as a server sees it */
export function createOurs(
  { id: wantedId, app, port }: Wanted,
  ipSeenFrom: (server: EurekaServer) => string,
  lists: Lists,
  clock: Clock,
): Ours {
  const inWords = `${appInWords(app)}${wantedId === undefined ? "" : `, id ${wantedId}`}`;
  const ids = new Set(wantedId === undefined ? [] : [wantedId]);
  let areSeen = false;
  let listedAt = -Infinity;

  /** With an id it is the id and the address, since a successor may have the same id. */
  function has(instance: EurekaInstance, ip: string): boolean {
    if (wantedId === undefined) return isAt(instance, ip, port);
    return instance.id === wantedId && sameAddress(instance.ipAddr, ip);
  }

  const recordsOf: Ours["recordsOf"] = async (server, some, signal) => {
    const ip = ipSeenFrom(server);
    const results = await Promise.allSettled(
      [...some].map((id) => server.instance(app, id, signal)),
    );
    const instances = results
      .flatMap((one) => one.status === "fulfilled" ? one.value ?? [] : [])
      .filter((one) => has(one, ip));
    const [unread] = results.flatMap((one) => one.status === "rejected" ? [one.reason] : []);
    if (instances.length === 0 && unread !== undefined) throw unread;
    return { instances, unread };
  };

  async function lookAt(server: EurekaServer, signal: AbortSignal): Promise<Records> {
    const found = await recordsOf(server, ids, signal);
    const isNone = found.instances.length === 0;
    const isDue = isNone || clock.now() >= listedAt + RELIST_MS;
    if (wantedId !== undefined || !isDue) return found;
    const ip = ipSeenFrom(server);
    try {
      const listed = await lists.at(server, signal) ?? [];
      const further = listed.filter((one) => has(one, ip) && !ids.has(one.id));
      const more = await recordsOf(server, further.map(({ id }) => id), signal);
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
    inWords,
    ids,
    get areSeen() {
      return areSeen;
    },
    has,
    note(instances) {
      areSeen = true;
      for (const { id } of instances) ids.add(id);
    },
    recordsOf,
    async mustHave(server, id, signal) {
      const { instances } = await recordsOf(server, [id], signal);
      if (instances.length === 0) throw new NotFoundError(`no ${inWords}`);
    },
    async at(server, signal) {
      const found = await lookAt(server, signal);
      if (found.instances.length > 0) return { server, ...found };
      // Once seen, absence ends the work.
      await server.prove(areSeen, signal);
      throw new NotFoundError(`no ${inWords}`);
    },
  };
}
