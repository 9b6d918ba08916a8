/** Whether the pod has its addresses for itself alone. The reasons stand in docs/scope.md. */

import { isAmong, isLoopback } from "./same_address.ts";
import { addressesOf, isHere, isOfNode, type Surroundings } from "./pod_addresses.ts";

/**
 * How much at the pod's addresses is the pod's. `pod`: everything. `port`: what has the named one's
 * port, since several pods, or several apps, may share the address. `named`: the named one only.
 */
export interface Scope {
  readonly reach: "pod" | "port" | "named";
  /** Why not everything, in words. */
  readonly why?: string;
  /** Whether the address is on an interface here: else only the named registration confirms it. */
  readonly isProven: boolean;
  /**
   * Whether one registration at the address may stand for several pods: the address of a Service, or
   * of a node. Then nothing may be taken out before it is known that it stands for one.
   */
  readonly isForeign: boolean;
}

/**
 * Decides it.
 *
 * @param podip what is set
 * @param variable where that was read; undefined for nowhere, or for the setting's own name
 * @param wanted OFFLINE_SCOPE
 */
export function scopeOf(
  podip: string | undefined,
  variable: string | undefined,
  wanted: "pod" | "named" | undefined,
  surroundings: Surroundings,
): Scope {
  const { interfaces, isPod, hostIp } = surroundings;
  const set = addressesOf(podip);
  const isOnInterface = isHere(podip, surroundings);
  const isProven = wanted === "pod" || isOnInterface && interfaces.length > 0;
  // The name says that it is a pod's; other names say what the app registers, be it a Service's.
  const isStated = variable === undefined || STATED.test(variable);
  const isForeign = wanted === undefined && !isOnInterface && (isPod || !isStated);
  const about = { isProven, isForeign };
  if (wanted === "named") return { reach: "named", why: "OFFLINE_SCOPE=named", ...about };
  if (wanted === "pod") return { reach: "pod", ...about };
  const port = (why: string): Scope => ({ reach: "port", why, ...about });
  if (hostIp !== undefined && isAmong(hostIp, set)) {
    return port("the address is the node's (HOST_IP)");
  }
  if (surroundings.isHostNetwork) return port("the network is the node's, which pods may share");
  if (set.some(isLoopback)) return port("it is a loopback address");
  if (isOnInterface) {
    const ofNode = interfaces.find(isOfNode);
    if (ofNode) return port(`the network is a node's (${ofNode.name}), which pods may share`);
    return isPod ? { reach: "pod", ...about } : port("this is no pod, and other apps may run here");
  }
  if (isPod) return port("the address is on no interface of this pod, so others may share it");
  return isStated
    ? { reach: "pod", ...about }
    : port(`${variable} may be an address that others share`);
}

/** Names of variables that say that an address is a pod's. */
const STATED = /^(my_)?pod_?ip$/i;
