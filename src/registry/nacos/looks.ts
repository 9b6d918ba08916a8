import { isAt, type NacosInstance } from "./instance.ts";
import { isMarked, ownWeight } from "./mark.ts";
import { askOne, type Parts } from "./parts.ts";
import { labelOf, type Place } from "./place.ts";
import type { Session } from "./session.ts";
import { NotFoundError } from "../../errors.ts";
import { whyShared } from "./shared.ts";
import type { CallersView, Sighting } from "../registry.ts";

/** A sighting that remembers what Nacos said. */
export interface NacosSighting extends Sighting {
  readonly instance: NacosInstance;
  readonly place: Place;
  /** The only server that is to be written. */
  readonly only?: Session;
}

/** @throws {NotFoundError} */
export function sightingAt(
  session: Session,
  parts: Parts,
  signal: AbortSignal,
): Promise<NacosSighting> {
  return askOne(session, parts, async (api, place) => {
    const instance = await api.find(place);
    if (instance === undefined) throw new NotFoundError(`no ${place.ip}:${place.port}`);
    parts.isSeen = true;
    parts.spelledIp = instance.ip;
    // Asked anew where a write may follow: another pod may have published it meanwhile.
    if (parts.scope.isForeign && (instance.enabled || parts.shared === undefined)) {
      parts.shared = { why: await whyShared(api, { ...place, ip: instance.ip }) };
    }
    const { enabled, healthy, ephemeral, metadata } = instance;
    const weight = ownWeight(instance.weight);
    return {
      label: labelOf({ ...place, ip: instance.ip, port: instance.port }),
      address: session.root,
      state: enabled ? "inService" : "outOfService",
      // A killed app has gone 0.6 to 1.0 s after its connection (gRPC; 2.2.4, 3.1.0).
      isAlive: true,
      othersWish: othersWishOf(instance),
      details: { weight, healthy, ephemeral, metadata },
      shared: parts.shared?.why,
      instance,
      place,
    };
  }, signal);
}

function othersWishOf({ enabled, weight, isMarkless }: NacosInstance): string | undefined {
  if (enabled || isMarkless || isMarked(weight)) return undefined;
  // The record does not tell them apart (2.2.4, 3.1.0).
  return "its app has registered it so (instance-enabled=false), or an operator has disabled it";
}

export function viewAt(
  session: Session,
  parts: Parts,
  signal: AbortSignal,
): Promise<CallersView> {
  return askOne(session, parts, async (api, place) => {
    const hosts = await api.list(place);
    const others = hosts.filter((host) => !isAt(host, place)).length;
    return { address: session.root, listed: others < hosts.length, others };
  }, signal);
}
