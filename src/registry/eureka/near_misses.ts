import { type EurekaApp, type EurekaInstance, placeOf, type Wanted } from "./instance.ts";
import { asSettings, isLike, likeliest, type NearMiss, noneAt } from "../near_misses.ts";
import { sameAddress } from "../same_address.ts";

/**
 * Where something like the wanted instance stands instead: the usual mistakes are the name of the
 * app, the port and the address.
 *
 * @param apps everything that is registered
 * @param ip the address that was looked for
 * @returns at most five lines, the most likely first
 */
export function nearMissesOf(
  apps: readonly EurekaApp[],
  wanted: Wanted,
  ip: string,
): string[] {
  return likeliest(apps.flatMap((app) => missesIn(app, wanted, ip)));
}

function missesIn(app: EurekaApp, wanted: Wanted, ip: string): NearMiss[] {
  const misses: NearMiss[] = [];
  const sameName = app.name.toUpperCase() === wanted.app.toUpperCase();
  let isListBehind = false;
  for (const instance of app.instances) {
    const sameId = instance.id.toLowerCase() === wanted.id?.toLowerCase();
    const samePort = wanted.port !== undefined && instance.ports.includes(wanted.port);
    const sameIp = sameAddress(instance.ipAddr, ip);
    if (!(sameIp && (sameName || samePort)) && !sameId) continue;
    const different = asSettings({
      APPLICATION: sameName ? undefined : app.name,
      podip: sameIp ? undefined : instance.ipAddr,
      APPLICATION_PORT: samePort ? undefined : instance.ports[0] ?? "(none is on)",
      instanceId: wanted.id === undefined || wanted.id === instance.id ? undefined : instance.id,
    });
    if (different === "") {
      // It has registered since, or has gone, and the list is behind.
      isListBehind = true;
      continue;
    }
    const rank = sameId ? 0 : samePort ? 1 : 2;
    misses.push({ rank, text: `${nameOf(instance)} is registered with ${different}` });
  }
  if (isListBehind || misses.length > 0) return misses;
  const [example] = app.instances;
  if (sameName) {
    const text = noneAt(ip, "the app", app.instances.length, example && nameOf(example));
    return [{ rank: 3, text }];
  }
  if (!isLike(app.name, wanted.app)) return [];
  return [{ rank: 4, text: `there is an app with APPLICATION=${app.name}` }];
}

function nameOf(one: EurekaInstance): string {
  return `${placeOf(one)} (id ${one.id})`;
}
