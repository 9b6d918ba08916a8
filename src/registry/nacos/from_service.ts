import type { Api } from "./api.ts";
import { isHere, type NacosService, type Place, type Published, serviceOf } from "./place.ts";
import { createLimit } from "../limited.ts";

const AT_ONCE = 4;

/** What one way to look has given. */
export interface Way {
  readonly found: readonly Published[];
  /** Whether that is all that the pod has. */
  readonly isAll: boolean;
  /** Whether the server does not allow it, or does not have it. */
  readonly isClosed?: true;
  /** Why not all, in words. */
  readonly why?: string;
}

/** What one service has at the pod's addresses, in every cluster. */
export async function ofService(api: Api, place: Place): Promise<Published[]> {
  const clusters = await api.clusters(place);
  const all = await Promise.all(clusters.map((one) => api.instances(place, one, place)));
  // Each in its own cluster: r-nacos (0.8.8) may show it in whatever cluster is asked for.
  return all.flat().filter(({ ip }) => isHere(ip, place))
    .map(({ clusterName, ip, port }) => ({ ...serviceOf(place), clusterName, ip, port }));
}

/** What several have there. */
export async function ofServices(
  api: Api,
  place: Place,
  services: readonly NacosService[],
): Promise<Published[]> {
  const limit = createLimit(AT_ONCE);
  const all = services.map((one) => limit(() => ofService(api, { ...place, ...one })));
  return (await Promise.all(all)).flat();
}
