import { lookAtServer } from "./check.ts";
import { type NacosSighting, sightingAt, viewAt } from "./looks.ts";
import { findNearMisses } from "./near_misses.ts";
import { findOthers } from "./others.ts";
import {
  ask,
  askOne,
  createParts,
  type Parts,
  placeOfPod,
  placeSeenFrom,
  type Question,
} from "./parts.ts";
import { isSame, labelOf, type Published } from "./place.ts";
import { remove } from "./removal.ts";
import { limitedPool, type NacosValues } from "./sessions.ts";
import { orAbsent } from "../pool.ts";
import { examine } from "../examine.ts";
import type { Further, Registry, RegistryDeps } from "../registry.ts";

/** Nacos 1.x to 3.x as a registry. */
export function createNacos(values: NacosValues, deps: RegistryDeps): Registry {
  const parts = createParts(values, deps);
  const { scope } = parts;
  return registryOf(
    parts,
    scope.reach === "named" ? { scope } : { scope, others: othersOf(parts) },
  );
}

/**
 * A write shows after 490 to 660 ms (2.2.4, 3.1.0), and at once on 1.4.8. Each look costs a hook a
 * millisecond of the processor.
 */
function confirmPauseMs(elapsedMs: number): number {
  if (elapsedMs === 0) return 0;
  if (elapsedMs < SHOWN_MS.first) return SHOWN_MS.first - elapsedMs;
  return elapsedMs < 1_000 ? 100 : 1_000;
}

/** The same of a further registration: there may be a hundred. */
function furtherPauseMs(elapsedMs: number): number {
  if (elapsedMs < SHOWN_MS.last) return SHOWN_MS.last - elapsedMs;
  return elapsedMs < 2_000 ? 400 : 1_000;
}

/** When the first write is shown, and the last; with some jitter around. */
const SHOWN_MS = { first: 430, last: 750 };

/** Finds the further registrations of the pod; each is a registry that shares the connections. */
function othersOf(parts: Parts): NonNullable<Registry["others"]> {
  const given: Published[] = [];
  const pool = limitedPool(parts.pool, parts.clock);
  return async (signal) => {
    const { found, leftAlone, ...about } = await parts.pool.ask(
      (session, s) =>
        session.ask((api) => findOthers(api, placeOfPod(session, parts), parts.scope), s),
      signal,
    );
    const isNew = found.filter((one) => !given.some((other) => isSame(one, other)));
    given.push(...isNew);
    const further = isNew.map((one): Further => {
      const { ip, ...target } = one;
      const seen = { spelledIp: ip, isSeen: true, shared: undefined };
      const own: Parts = { ...parts, pool, target, weight: undefined, ...seen };
      const registry = registryOf(own, {
        identity: `${identityOf(own)} ${ip}`,
        confirmPauseMs: furtherPauseMs,
      });
      return { registry, label: labelOf(one) };
    });
    return { ...about, found: further, leftAlone: leftAlone.map(labelOf) };
  };
}

function identityOf({ target, pool }: Parts): string {
  const { namespaceId, groupName, serviceName, clusterName, port } = target;
  return [port, serviceName, ...pool.addresses, groupName, namespaceId, clusterName].join(" ");
}

/** The registry of one registration. */
function registryOf(parts: Parts, more: Partial<Registry>): Registry {
  const { clock, target, pool } = parts;
  const { serviceName, port } = target;
  const knownIp = () => parts.spelledIp ?? parts.setIp ?? pool.order[0]?.ownAddress;
  return {
    name: "nacos",
    identity: identityOf(parts),
    get wanted() {
      return labelOf({ ...target, ip: knownIp() ?? "this host" });
    },
    // Push 0.6 s after the write, then Spring Cloud LoadBalancer's own cache of 35 s; measured with
    // Spring Cloud Alibaba 2025.0.0.0: at most 35.5 s, and no failed request in 40 s.
    callerCacheSeconds: 40,
    confirmPauseMs,
    // 0.6 s were measured; a leader election takes up to 10 s.
    listLagSeconds: 10,
    addresses: pool.addresses,
    // One node may not know yet what another does, so absence sends the question on to the next.
    locate: (signal) =>
      orAbsent(pool.ask((one, s) => sightingAt(one, parts, s), signal, { absence: !parts.isSeen })),
    locateAt: (address, signal) =>
      pool.askOnly(address, (one, s) => sightingAt(one, parts, s), signal),
    set(sighting, inService, signal) {
      const { instance, place, only } = sighting as NacosSighting;
      const weight = inService ? parts.weight ?? instance.weight : instance.weight;
      const question: Question<void> = (api) =>
        api.setEnabled(place, { ...instance, weight }, inService);
      return only ? askOne(only, parts, question, signal) : ask(parts, question, signal);
    },
    callersViews: (signal) => pool.askAll((one, s) => viewAt(one, parts, s), signal),
    nearMisses: (signal) => ask(parts, findNearMisses, signal),
    ...(parts.removes ? { remove: (signal: AbortSignal) => remove(parts, signal) } : {}),
    names() {
      const ip = knownIp();
      return { ip, port: `${port}`, service: serviceName, instance: ip && `${ip}:${port}` };
    },
    check: (signal) =>
      Promise.all(pool.nodes.map((one) => {
        const place = () => placeSeenFrom(one, parts);
        return examine(one, lookAtServer(one, place, signal), clock, signal);
      })),
    describe() {
      // Not every 1.x and 2.x says its version.
      const { root: address, version = "1.x or 2.x" } = pool.order[0] ?? {};
      return { address, version: `Nacos ${version}` };
    },
    ...more,
  };
}
