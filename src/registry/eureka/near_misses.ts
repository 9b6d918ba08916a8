/**
 * Where something like the wanted instance stands instead: the usual mistakes are the name of the
 * app, the port and the address.
 *
 * @module
 */

import type { EurekaApp, EurekaInstance } from "./instance.ts";
import { sameAddress } from "../same_address.ts";

/** What was looked for in vain. */
export interface Wanted {
  /** The app, as it is set. */
  readonly app: string;
  /** The address. */
  readonly ip: string;
  /** The port. */
  readonly port: number;
  /** The id, where one is set. */
  readonly id: string | undefined;
}

const MOST_LINES = 5;

/**
 * Looks for near misses.
 *
 * @param apps everything that is registered
 * @param wanted what was looked for in vain
 * @returns at most five lines, the most likely first
 */
export function nearMissesOf(apps: readonly EurekaApp[], wanted: Wanted): string[] {
  const lines: { rank: number; text: string }[] = [];
  const name = wanted.app.toUpperCase();
  for (const app of apps) {
    const sameName = app.name.toUpperCase() === name;
    const before = lines.length;
    let listBehind = false;
    for (const instance of app.instances) {
      const sameId = wanted.id !== undefined &&
        instance.id.toLowerCase() === wanted.id.toLowerCase();
      const sameIp = sameAddress(instance.ipAddr, wanted.ip);
      if (!(sameIp && (sameName || instance.ports.includes(wanted.port))) && !sameId) continue;
      const different = differences(app, instance, wanted);
      if (different === "") {
        // It has registered since, or has gone, and the list is behind.
        listBehind = true;
        continue;
      }
      const rank = sameId ? 0 : instance.ports.includes(wanted.port) ? 1 : 2;
      lines.push({ rank, text: `${nameOf(instance)} is registered with ${different}` });
    }
    if (listBehind) continue;
    if (sameName && lines.length === before) {
      const [example] = app.instances;
      lines.push({
        rank: 3,
        text: `the app has ${app.instances.length} instance(s), none of them at ${wanted.ip}` +
          (example ? `, for example ${nameOf(example)}` : ""),
      });
    } else if (lines.length === before && isLike(app.name, name)) {
      lines.push({ rank: 4, text: `there is an app with APPLICATION=${app.name}` });
    }
  }
  return lines.sort((a, b) => a.rank - b.rank).slice(0, MOST_LINES).map((line) => line.text);
}

/** What would have to be set differently, as settings are written. */
function differences(app: EurekaApp, instance: EurekaInstance, wanted: Wanted): string {
  const [port = "(none is on)"] = instance.ports;
  return [
    app.name.toUpperCase() === wanted.app.toUpperCase() ? "" : `APPLICATION=${app.name}`,
    sameAddress(instance.ipAddr, wanted.ip) ? "" : `podip=${instance.ipAddr}`,
    instance.ports.includes(wanted.port) ? "" : `APPLICATION_PORT=${port}`,
    wanted.id === undefined || wanted.id === instance.id ? "" : `instanceId=${instance.id}`,
  ].filter((part) => part !== "").join(" ");
}

function nameOf({ id, ipAddr, ports }: EurekaInstance): string {
  return `${ipAddr}:${ports.join(",")} (id ${id})`;
}

/** Whether a name may be meant by another: one is part of the other. */
function isLike(one: string, other: string): boolean {
  return one.includes(other) || other.includes(one);
}
