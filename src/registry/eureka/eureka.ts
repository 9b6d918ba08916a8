import { lookAtServer } from "./check.ts";
import { type EurekaSighting, locate, locateAt } from "./looks.ts";
import { nearMissesOf } from "./near_misses.ts";
import { findOthers } from "./others.ts";
import { inWords } from "./ours.ts";
import { createParts, furtherParts, type Parts } from "./parts.ts";
import { remove } from "./removal.ts";
import type { EurekaValues } from "./servers.ts";
import { callersViews } from "./views.ts";
import { setAll } from "./writes.ts";
import { examine } from "../examine.ts";
import type { Further, Registry, RegistryDeps } from "../registry.ts";

/** Between two looks at the lists while they have not followed, milliseconds. */
const CONFIRM_MS = 3_000;

/** Eureka as a registry. Measured on Spring Cloud Netflix Eureka 4.3.1 (Netflix eureka 2.0.5). */
export function createEureka(values: EurekaValues, deps: RegistryDeps): Registry {
  const parts = createParts(values, deps);
  const { scope } = parts;
  return registryOf(
    parts,
    scope.reach === "named" ? { scope } : { scope, others: othersOf(parts) },
  );
}

/** Finds the further registrations of the pod; each app's are a registry. */
function othersOf(parts: Parts): NonNullable<Registry["others"]> {
  const given = new Set<string>();
  return async (signal) => {
    const { found, leftAlone } = await findOthers(parts, signal);
    const isNew = found.filter(({ target }) => !given.has(target.app));
    const further = isNew.map(({ target, ids, label }): Further => {
      given.add(target.app);
      const own = furtherParts(parts, target, ids);
      const identity = `${identityOf(own)} further ${ids[0]}`;
      return { registry: registryOf(own, { identity }), label };
    });
    return { found: further, isLarge: true, reach: "all", leftAlone };
  };
}

function identityOf({ target: { port, app, id }, pool }: Parts): string {
  return [port, app.toUpperCase(), id, ...pool.addresses].join(" ");
}

/** The registry of one registration, or of what one app has at the pod's address. */
function registryOf(parts: Parts, more: Partial<Registry>): Registry {
  const { target, pool, ids, ipSeenFrom, clock } = parts;
  const { app, port } = target;
  const knownIp = () => parts.foundIp ?? parts.setIp ?? pool.order[0]?.ownAddress;
  return {
    name: "eureka",
    identity: identityOf(parts),
    get wanted() {
      return `${knownIp() ?? "this host"}${port === undefined ? "" : `:${port}`} of ${
        inWords(target)
      }`;
    },
    // Clients fetch every 30 s, Spring Cloud LoadBalancer keeps what they have for 35 s. With the
    // lists' own 30 s that is 95 s; 84 s were the most of 216 samples, and 100 s lost no request.
    callerCacheSeconds: 70,
    // The record shows a write at once, so this is for the lists. On a server with basic auth each
    // request costs some 80 ms of its processor.
    confirmPauseMs: (elapsedMs) => elapsedMs === 0 ? 0 : CONFIRM_MS,
    // The cache's 30 s, the way to a peer (0.5 to 0.7 s), and our own pause between two looks.
    listLagSeconds: 34,
    addresses: pool.addresses,
    locate: (signal) => locate(parts, signal),
    locateAt: (address, signal) => locateAt(address, parts, signal),
    set: (sighting, inService, signal) =>
      setAll(parts, sighting as EurekaSighting, inService, signal),
    callersViews: (signal) => callersViews(parts, signal),
    nearMisses: (signal) =>
      pool.ask(
        async (server, s) => nearMissesOf(await server.apps(s), target, ipSeenFrom(server)),
        signal,
      ),
    ...(parts.removes ? { remove: (signal: AbortSignal) => remove(parts, signal) } : {}),
    names: () => {
      const known = port === undefined ? {} : { port: `${port}` };
      return { ip: knownIp(), ...known, service: app, instance: [...ids][0] };
    },
    check: (signal) =>
      Promise.all(
        pool.nodes.map((one) => examine(one, lookAtServer(one, app, signal), clock, signal)),
      ),
    describe: () => ({ address: pool.order[0]?.root }),
    ...more,
  };
}
