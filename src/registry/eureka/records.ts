import { type EurekaInstance, isAt, type Wanted } from "./instance.ts";
import type { EurekaServer } from "./server.ts";
import { NotFoundError } from "../../errors.ts";
import { sameAddress } from "../same_address.ts";
import { settled } from "../settled.ts";

/** What one server has of ours. */
export interface Found {
  readonly instances: readonly EurekaInstance[];
  /** Why a further one could not be read. */
  readonly unread?: unknown;
}

/** The servers' own records, as far as they are ours. */
export interface Records {
  /** The app and, where one is set, the id. */
  readonly inWords: string;
  /** Whether an instance is ours, at our address as its server sees it. */
  has(instance: EurekaInstance, ip: string): boolean;
  /**
   * Reads some ids at one server; one that cannot be read hides no other.
   *
   * @throws {ServiceOfflineError} where there is nothing but what cannot be read
   */
  read(server: EurekaServer, ids: Iterable<string>, signal: AbortSignal): Promise<Found>;
  /**
   * Makes sure that an id is still ours.
   *
   * @throws {NotFoundError}
   */
  mustHave(server: EurekaServer, id: string, signal: AbortSignal): Promise<void>;
}

/** Eureka keeps names in capitals. */
export const appInWords = (app: string): string => `app ${app.toUpperCase()}`;

/** @param ipSeenFrom the address that is set, else our own as a server sees it */
export function createRecords(
  { app, port, id: wantedId }: Wanted,
  ipSeenFrom: (server: EurekaServer) => string,
): Records {
  const inWords = `${appInWords(app)}${wantedId === undefined ? "" : `, id ${wantedId}`}`;

  /** With an id it is the id and the address, since a successor may have the same id. */
  function has(instance: EurekaInstance, ip: string): boolean {
    if (wantedId === undefined) return isAt(instance, ip, port);
    return instance.id === wantedId && sameAddress(instance.ipAddr, ip);
  }

  const read: Records["read"] = async (server, ids, signal) => {
    const ip = ipSeenFrom(server);
    const { values, errors: [unread] } = await settled(
      [...ids].map((id) => server.instance(app, id, signal)),
    );
    const instances = values.filter((one) => one !== undefined).filter((one) => has(one, ip));
    if (instances.length === 0 && unread !== undefined) throw unread;
    return { instances, unread };
  };

  return {
    inWords,
    has,
    read,
    async mustHave(server, id, signal) {
      const { instances } = await read(server, [id], signal);
      if (instances.length === 0) throw new NotFoundError(`no ${inWords}`);
    },
  };
}
