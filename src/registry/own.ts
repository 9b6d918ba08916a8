/**
 * Which addresses are this pod's, and whether it has them for itself alone. The reasons stand in
 * docs/scope.md.
 */

import { isAmong, isLinkLocal, isLoopback, sameAddress } from "./same_address.ts";

/** One address of this machine, or of this pod. */
export interface Interface {
  /** `eth0` */
  readonly name: string;
  readonly address: string;
}

/** Where the program runs. */
export interface Surroundings {
  /** Empty where they cannot be seen. */
  readonly interfaces: readonly Interface[];
  /** Whether it is a pod: KUBERNETES_SERVICE_HOST is set. */
  readonly isPod: boolean;
  /** The addresses of a name in /etc/hosts: there a pod has its own names. */
  readonly hosts?: ((name: string) => readonly string[]) | undefined;
  /** Whether the kubelet has written into /etc/hosts that the network is the node's. */
  readonly isHostNetwork?: boolean | undefined;
  /** HOST_IP, where the manifest tells the node's address. */
  readonly hostIp?: string | undefined;
}

/** The variables that tell where the program runs: the kubelet sets the first, manifests the second. */
export const PLACE = { pod: "KUBERNETES_SERVICE_HOST", hostIp: "HOST_IP" } as const;

/** What is known where nothing is. */
export const NOWHERE: Surroundings = { interfaces: [], isPod: false };

/**
 * Interfaces of a node, of Docker and of networks between pods. Where one is seen, the network is the
 * node's. Addresses on them are registered by mistake by many at once (172.17.0.1 of docker0), and
 * kube-ipvs0 carries the address of every Service.
 */
const OF_A_NODE =
  /^(docker|br-|cni|veth|cali|cilium|lxc|flannel|virbr|kbr|kube-ipvs|kube-bridge|nodelocaldns|podman|dummy|weave|ovs|ovn|antrea|tun|vxlan|eni|azv|gke|cbr|ipvl)/;

/** The addresses that are set, each once. */
export function addressesOf(podip: string | undefined): readonly string[] {
  return podip?.split(",") ?? [];
}

/** Whether it is a name, which may be that of a Service. */
export function isName(address: string): boolean {
  return !/^\d+(\.\d+){3}$|:/.test(address);
}

/** The addresses of this pod's own interfaces that somebody else can call. */
export function callable({ interfaces }: Surroundings): readonly string[] {
  return interfaces
    .filter(({ name, address }) =>
      !OF_A_NODE.test(name) && !isLoopback(address) && !isLinkLocal(address)
    )
    .map(({ address }) => address);
}

/** Whether one of the addresses that are set is on an interface here; also where none is set. */
export function isHere(podip: string | undefined, { interfaces, hosts }: Surroundings): boolean {
  const set = addressesOf(podip);
  const own = interfaces.map(({ address }) => address);
  return set.length === 0 ||
    set.some((one) => (isName(one) ? hosts?.(one) ?? [] : [one]).some((ip) => isAmong(ip, own)));
}

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
    const ofNode = interfaces.find(({ name }) => OF_A_NODE.test(name));
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

/** Where besides the first address the instance may stand: what else is set, and the interfaces. */
export function furtherAddresses(
  podip: string | undefined,
  surroundings: Surroundings,
): readonly string[] {
  const [first, ...more] = addressesOf(podip);
  const own = isHere(podip, surroundings) ? callable(surroundings) : [];
  return [...more, ...own].filter((one, i, all) =>
    (first === undefined || !sameAddress(one, first)) &&
    all.findIndex((other) => sameAddress(one, other)) === i
  );
}
