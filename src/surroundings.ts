/** What is known of the pod and the machine that the program runs in. */

import type { Process } from "./process.ts";
import { PLACE, type Surroundings } from "./registry/pod_addresses.ts";
import { tried } from "./tried.ts";

/** Where the kubelet writes a pod's own names. */
function hostsFile(disk: Process["disk"]): readonly string[] {
  return tried(() => disk.readTextFile("/etc/hosts"))?.split("\n") ?? [];
}

function addressesIn(lines: readonly string[], name: string): string[] {
  const words = lines.map((line) => (line.split("#")[0] ?? "").trim().split(/\s+/));
  return words.flatMap(([ip, ...names]) => ip !== undefined && names.includes(name) ? [ip] : []);
}

/** As kubelets write it, 1.9 to 1.34. */
const HOST_NETWORK = "# Kubernetes-managed hosts file (host network)";

/** Where the program runs. Read once the settings are there: what they say may do without. */
export function surroundingsOf({ env, interfaces, disk }: Process): Surroundings {
  const read = (name: keyof typeof PLACE) => tried(() => env(PLACE[name]))?.trim() || undefined;
  const isPod = read("pod") !== undefined;
  return {
    interfaces: interfaces?.() ?? [],
    isPod,
    hostIp: read("hostIp"),
    hosts: (name) => addressesIn(hostsFile(disk), name),
    isHostNetwork: isPod && hostsFile(disk)[0]?.startsWith(HOST_NETWORK),
  };
}
