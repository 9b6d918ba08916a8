/** Instances and services in the words of the API, the same in v1 and v3. */

import type { NacosGeneration } from "../support/nacos_under_test.ts";
import type { Place, ServiceKey, Shown } from "./nacos_registry.ts";

/** `group@@service`. */
export function groupedName(key: ServiceKey): string {
  return `${key.groupName}@@${key.serviceName}`;
}

export function instanceView(
  generation: NacosGeneration,
  key: ServiceKey,
  shown: Shown,
): Record<string, unknown> {
  const { ip, port, weight, healthy, enabled, ephemeral, clusterName, metadata } = shown;
  const serviceName = groupedName(key);
  // 3.1.0 shows an id only for what was registered over v1.
  const instanceId = shown.viaV1 || !generation.startsWith("3")
    ? { instanceId: instanceIdOf(key, shown) }
    : {};
  return {
    ...instanceId,
    ip,
    port,
    weight,
    healthy,
    enabled,
    ephemeral,
    clusterName,
    serviceName,
    metadata,
    instanceHeartBeatInterval: 5000,
    instanceHeartBeatTimeOut: 15000,
    ipDeleteTimeout: 30000,
  };
}

/** `ip#port#cluster#group@@service`. */
export function instanceIdOf(key: ServiceKey, at: Place): string {
  return [at.ip, at.port, at.clusterName, groupedName(key)].join("#");
}

/** What the service lists of the console show of a service. */
export function serviceView(
  key: ServiceKey,
  shown: readonly Shown[],
): Record<string, unknown> {
  return {
    name: key.serviceName,
    groupName: key.groupName,
    clusterCount: clustersOf(shown).length,
    ipCount: shown.length,
    healthyInstanceCount: shown.filter(({ healthy }) => healthy).length,
    triggerFlag: "false",
  };
}

export function clustersOf(shown: readonly Shown[]): string[] {
  return [...new Set(shown.map(({ clusterName }) => clusterName))];
}

/** One page; pages begin at 1, and there is no maximum size. */
export function pageOf<T>(all: readonly T[], pageNo: number, pageSize: number): T[] {
  const start = Math.max(0, (pageNo - 1) * pageSize);
  return all.slice(start, Math.max(start, pageNo * pageSize));
}
