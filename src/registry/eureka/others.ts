/** What else the pod has registered at a Eureka: other ports of its app, and other apps. */

import { type EurekaInstance, placeOf, type Wanted } from "./instance.ts";
import { isOurs } from "./ours.ts";
import { addressesSeenFrom, type Parts } from "./parts.ts";
import { isAmong } from "../same_address.ts";

/** What one app has at the pod's address. */
interface FurtherApp {
  /** Finds the app's further instances too. */
  readonly target: Wanted;
  readonly ids: readonly string[];
  readonly label: string;
}

/** What a look has found. */
interface Seen {
  readonly found: readonly FurtherApp[];
  /** At the pod's address, but maybe another's. */
  readonly leftAlone: readonly string[];
}

/** Looks through all apps once: 0.4 kB an instance (2.0.5). */
export async function findOthers(parts: Parts, signal: AbortSignal): Promise<Seen> {
  const { target, scope, pool } = parts;
  const [apps, addresses] = await pool.ask(async (server, s) => {
    const all = addressesSeenFrom(server, { ...parts, isIdEnough: false }) ?? [];
    return [await server.apps(s, true), all] as const;
  }, signal);
  const isWhole = scope.reach === "pod";
  const port = isWhole ? undefined : target.port;
  const named = namedOf(parts);
  const found: FurtherApp[] = [];
  const leftAlone: string[] = [];
  for (const { name, instances } of apps) {
    const isNamed = name.toUpperCase() === target.app.toUpperCase();
    const except = isNamed ? named : undefined;
    // An id is set where address and port do not tell.
    const isAnother = isNamed && target.id !== undefined && port !== undefined;
    const isMeant = ({ ports }: EurekaInstance) =>
      !isAnother && (isWhole || port !== undefined && ports.includes(port));
    const others = instances.filter((one) =>
      isAmong(one.ipAddr, addresses) && !(except && isOurs(one, except, addresses))
    );
    const labelOf = (one: EurekaInstance) => `${placeOf(one)} of app ${name}, id ${one.id}`;
    leftAlone.push(...others.filter((one) => !isMeant(one)).map(labelOf));
    const meant = others.filter(isMeant);
    if (meant.length === 0) continue;
    found.push({
      target: { app: name, port, id: undefined, isWhole: true, ...except && { except } },
      ids: meant.map(({ id }) => id),
      label: meant.map(labelOf).join(" and "),
    });
  }
  return { found, leftAlone };
}

/** What tells the named one: without port and id the one that was found. */
function namedOf({ target, ids }: Parts): Wanted | undefined {
  const [id] = ids;
  if (target.port !== undefined || target.id !== undefined) return target;
  return id === undefined ? undefined : { ...target, id };
}
