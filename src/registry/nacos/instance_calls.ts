import { type Line, unexpected } from "./dialect.ts";
import { createList, type NacosInstance } from "./instance.ts";
import { marked, ownWeight } from "./mark.ts";
import { type Addresses, clusterOf, type NacosService, type Place, placeOf } from "./place.ts";
import { NotFoundError } from "../../errors.ts";
import type { HttpAnswer } from "../../http/endpoint.ts";

/** What is asked and written about instances. */
export interface InstanceCalls {
  /** The registry's own record of the instance, with `enabled`; undefined where there is none. */
  find(place: Place): Promise<NacosInstance | undefined>;
  /**
   * The partial update of `enabled`. The weight goes along: 2.x and 3.1.0 reset an omitted one
   * to 1.0.
   *
   * @throws {NotFoundError}
   */
  setEnabled(place: Place, instance: NacosInstance, enabled: boolean): Promise<void>;
  /**
   * Tries the partial update without an address: refused by its form after the look at the
   * permission (2.2.4, 3.1.0, r-nacos 0.8.8). So nothing can come of it, not even where an update of
   * what is not there registers it, as it does on r-nacos.
   *
   * @throws {NotFoundError} where the user may write
   */
  tryWrite(place: Place): Promise<void>;
  /** Removes a persistent instance; that of another kind stays, and the answer is the same. */
  remove(place: Place, instance: NacosInstance): Promise<void>;
  /** What callers get: the enabled instances of the service. */
  list(place: Place): Promise<NacosInstance[]>;
  /**
   * All instances of one cluster of a service, those out of service too.
   *
   * @param at where an instance is looked for; the others may be told by their number only
   */
  instances(service: NacosService, clusterName: string, at: Addresses): Promise<NacosInstance[]>;
}

export function instanceCalls({ dialect, send, get }: Line): InstanceCalls {
  /** Undefined where there is no such service. */
  const all = (service: NacosService, clusterName: string, at: Addresses) => {
    const list = createList(at);
    return get(dialect.instances, clusterOf({ ...service, clusterName }), list.itemsOf, list);
  };
  /** Whether there was what was written to. */
  const isWritten = (answer: HttpAnswer) => {
    if (dialect.isAbsent(answer)) return false;
    if (!dialect.isDone(answer)) throw unexpected(answer);
    return true;
  };
  return {
    find: (place) => dialect.find(send, place, () => all(place, place.clusterName, place)),
    async setEnabled(place, { ip, port, weight }, enabled) {
      const form = {
        // The app's own spelling of the address.
        ...placeOf({ ...place, ip, port }),
        weight: String(enabled ? ownWeight(weight) : marked(weight)),
        enabled: String(enabled),
      };
      if (!isWritten(await send({ ...dialect.update, form }))) throw new NotFoundError("not found");
    },
    async tryWrite(place) {
      const answer = await send({ ...dialect.update, form: clusterOf(place) });
      if (dialect.lacksAddress(answer)) throw new NotFoundError("no address");
      if (!dialect.isDone(answer)) throw unexpected(answer);
    },
    async remove(place, { ip, port }) {
      const query = { ...placeOf({ ...place, ip, port }), ephemeral: "false" };
      isWritten(await send({ method: "DELETE", ...dialect.instance, query }));
    },
    async list(place) {
      const list = createList(place);
      return await get(dialect.enabled, dialect.enabledBy(place), list.itemsOf, list) ?? [];
    },
    instances: async (...of) => await all(...of) ?? [],
  };
}
