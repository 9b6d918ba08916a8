import type { Api } from "./api.ts";
import { ifAllowed } from "../if_allowed.ts";
import type { Place } from "./place.ts";
import { isName } from "../pod_addresses.ts";

/**
 * Why a registration may not be taken out: replicas that register the address of their Service are
 * one instance in every list, and only the clients that have published it are several (2.2.4, 3.1.0).
 *
 * @param place not an address of this pod
 * @returns undefined where it is this pod's alone, or the address is no name and nobody can tell
 */
export async function whyShared(api: Api, place: Place): Promise<string | undefined> {
  const publishers = await publishersOf(api, place);
  if (publishers === undefined) {
    return isName(place.ip)
      ? `${place.ip} may be the name of a Service, and the server does not tell how many pods it ` +
        "stands for; set podip, or OFFLINE_SCOPE=named where it is this pod's alone"
      : undefined;
  }
  if (publishers.length < 2) return undefined;
  return `${place.ip}:${place.port} stands for ${publishers.length} pods, and the stop of one must ` +
    "not take it out; register each pod with its own address";
}

/** Undefined where the server cannot tell, or does not. */
async function publishersOf(api: Api, place: Place): Promise<string[] | undefined> {
  const found = await ifAllowed(api.publishers(place), () => undefined);
  // Of what was registered as a batch 2.2.4 knows no client.
  return found?.length === 0 ? undefined : found;
}
