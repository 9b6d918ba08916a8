import { type Dialect, type Line, unexpected } from "./dialect.ts";
import { createList, type NacosInstance } from "./instance.ts";
import { marked, ownWeight } from "./mark.ts";
import { type Addresses, clusterOf, type NacosService, type Place, placeOf } from "./place.ts";
import { NotFoundError } from "../../errors.ts";
import type { HttpAnswer } from "../../http/endpoint.ts";

/** What is asked and written about instances. */
export type InstanceCalls = ReturnType<typeof instanceCalls>;

export function instanceCalls({ dialect, send, get }: Line) {
  /** Undefined where there is no such service. */
  const all = (service: NacosService, clusterName: string, at: Addresses) => {
    const list = createList(at);
    return get(dialect.instances, clusterOf({ ...service, clusterName }), list.itemsOf, list);
  };
  return {
    /** The registry's own record of the instance, with `enabled`; undefined where there is none. */
    find: (place: Place) => dialect.find(send, place, () => all(place, place.clusterName, place)),
    /**
     * The partial update of `enabled`. The weight goes along: 2.x and 3.1.0 reset an omitted one
     * to 1.0.
     *
     * @throws {NotFoundError}
     */
    async setEnabled(place: Place, { ip, port, weight }: NacosInstance, enabled: boolean) {
      const form = {
        // The app's own spelling of the address.
        ...placeOf({ ...place, ip, port }),
        weight: String(enabled ? ownWeight(weight) : marked(weight)),
        enabled: String(enabled),
      };
      if (!isWritten(dialect, await send({ ...dialect.update, form }))) {
        throw new NotFoundError("not found");
      }
    },
    /**
     * Tries the partial update without an address: refused by its form after the look at the
     * permission (2.2.4, 3.1.0, r-nacos 0.8.8). So nothing can come of it, not even where an update
     * of what is not there registers it, as it does on r-nacos.
     *
     * @throws {NotFoundError} where the user may write
     */
    async tryWrite(place: Place) {
      const answer = await send({ ...dialect.update, form: clusterOf(place) });
      if (dialect.lacksAddress(answer)) throw new NotFoundError("no address");
      if (!dialect.isDone(answer)) throw unexpected(answer);
    },
    /** Removes a persistent instance; that of another kind stays, and the answer is the same. */
    async remove(place: Place, { ip, port }: NacosInstance) {
      const query = { ...placeOf({ ...place, ip, port }), ephemeral: "false" };
      isWritten(dialect, await send({ method: "DELETE", ...dialect.instance, query }));
    },
    /** What callers get: the enabled instances of the service. */
    async list(place: Place) {
      const list = createList(place);
      return await get(dialect.enabled, dialect.enabledBy(place), list.itemsOf, list) ?? [];
    },
    /**
     * All instances of one cluster of a service, those out of service too.
     *
     * @param at where an instance is looked for; the others may be told by their number only
     */
    instances: async (service: NacosService, clusterName: string, at: Addresses) =>
      await all(service, clusterName, at) ?? [],
  };
}

/** Whether there was what was written to. */
function isWritten(dialect: Dialect, answer: HttpAnswer): boolean {
  if (dialect.isAbsent(answer)) return false;
  if (!dialect.isDone(answer)) throw unexpected(answer);
  return true;
}
