/** What else the pod has registered at a Eureka: other ports of its app, and other apps. */

import type { EurekaInstance } from "./instance.ts";
import { createLists } from "./lists.ts";
import { isOurs } from "./ours.ts";
import { addressesSeenFrom, type Parts } from "./parts.ts";
import { createSignsOfLife } from "./signs_of_life.ts";
import type { Others } from "../registry.ts";
import { isAmong } from "../same_address.ts";

/** What one app has at the pod's address. */
export interface FurtherParts extends Parts {
  readonly label: string;
}

/** What was found; one for each app, whose own looks find its further instances. */
export interface Seen extends Omit<Others, "found"> {
  readonly found: readonly FurtherParts[];
}

/** Looks through all apps once: 0.4 kB an instance (2.0.5). */
export async function findOthers(parts: Parts, signal: AbortSignal): Promise<Seen> {
  const { target, scope, pool, clock } = parts;
  const [apps, addresses] = await pool.ask(async (server, s) => {
    const all = addressesSeenFrom(server, { ...parts, isIdEnough: false }) ?? [];
    return [await server.apps(s, true), all] as const;
  }, signal);
  const isWhole = scope.reach === "pod";
  const port = isWhole ? undefined : target.port;
  // Without a port it is the one that was found.
  const [id] = parts.ids;
  const named = target.port !== undefined || target.id !== undefined
    ? target
    : id === undefined
    ? undefined
    : { ...target, id };
  const found: FurtherParts[] = [];
  const leftAlone: string[] = [];
  for (const { name, instances } of apps) {
    const isNamed = name.toUpperCase() === target.app.toUpperCase();
    const others = instances.filter((one) =>
      isAmong(one.ipAddr, addresses) &&
      !(isNamed && named !== undefined && isOurs(one, named, addresses))
    );
    // An id is set where address and port do not tell.
    const isAnother = isNamed && target.id !== undefined && port !== undefined;
    const isMeant = ({ ports }: EurekaInstance) =>
      !isAnother && (isWhole || port !== undefined && ports.includes(port));
    const meant = others.filter(isMeant);
    const labelOf = ({ ipAddr, ports, id }: EurekaInstance) =>
      `${ipAddr}:${ports.join(",")} of app ${name}, id ${id}`;
    leftAlone.push(...others.filter((one) => !isMeant(one)).map(labelOf));
    if (meant.length === 0) continue;
    found.push({
      ...parts,
      target: {
        app: name,
        port,
        id: undefined,
        isWhole: true,
        ...isNamed && named ? { except: named } : {},
      },
      lists: createLists(name, pool.nodes, clock),
      life: createSignsOfLife(),
      ids: new Set(meant.map(({ id }) => id)),
      isIdEnough: false,
      isSeen: true,
      // The list that is made first is ahead of those that callers get, so it is asked for first.
      isWarm: false,
      listedAt: -Infinity,
      label: meant.map(labelOf).join(" and "),
    });
  }
  return { found, isLarge: true, reach: "all", leftAlone };
}
