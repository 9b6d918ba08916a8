/** Where the program runs, and which addresses are this pod's. */

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

/** Whether an interface is one of those. */
export function isOfNode({ name }: Interface): boolean {
  return OF_A_NODE.test(name);
}

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
    .filter((one) => !isOfNode(one) && !isLoopback(one.address) && !isLinkLocal(one.address))
    .map(({ address }) => address);
}

/** Whether one of the addresses that are set is on an interface here; also where none is set. */
export function isHere(podip: string | undefined, { interfaces, hosts }: Surroundings): boolean {
  const set = addressesOf(podip);
  const own = interfaces.map(({ address }) => address);
  return set.length === 0 ||
    set.some((one) => (isName(one) ? hosts?.(one) ?? [] : [one]).some((ip) => isAmong(ip, own)));
}

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
