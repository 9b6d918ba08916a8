/**
 * Eureka as a registry. Measured on Spring Cloud Netflix Eureka 4.3.1 (Netflix eureka 2.0.5).
 *
 * @module
 */

import { type EurekaInstance, isAt, isKeptBack, stateOf, UP } from "./instance.ts";
import { nearMissesOf } from "./near_misses.ts";
import { basicToken, createEurekaServer, type EurekaServer } from "./server.ts";
import type { eurekaSettings } from "./settings.ts";
import { NotFoundError, UnreachableError } from "../../errors.ts";
import { createSecrets } from "../../secrets.ts";
import type { commonSettings } from "../../settings/common.ts";
import type { Values } from "../../settings/setting.ts";
import { createPool } from "../addresses.ts";
import { collectViews } from "../callers_views.ts";
import { credentialsOf } from "../credentials.ts";
import { createEndpoints } from "../http.ts";
import { createOwnAddress } from "../own_address.ts";
import type { CallersView, Registry, RegistryDeps, Sighting } from "../registry.ts";
import { sameAddress } from "../same_address.ts";
import type { ServerAddress } from "../server_address.ts";

/** The cache behind the lists is renewed so often, milliseconds. */
const CACHE_MS = 30_000;

/** Between two looks at the lists while they have not followed, milliseconds. */
const CONFIRM_MS = 3_000;

/** How often the list is asked for further registrations of the same instance, milliseconds. */
const RELIST_MS = 10_000;

/** How long the first write waits for lists that are asked for beside the look, milliseconds. */
const WARMING_MS = 100;

/** A sighting that remembers what Eureka said. */
interface EurekaSighting extends Sighting {
  readonly instances: readonly EurekaInstance[];
}

/**
 * Makes the Eureka registry.
 *
 * @param values the settings; with an address of Eureka
 * @param deps clock, log and the end of the run
 */
export function createEureka(
  values: Values<typeof commonSettings & typeof eurekaSettings>,
  deps: RegistryDeps,
): Registry {
  const { clock, log } = deps;
  const { application: app, applicationPort: port, instanceId } = values;
  const secrets = createSecrets();
  const servers = createServers(values, deps, secrets);
  const pool = createPool(servers, clock);
  /** When each server has given its first list. */
  const firstListAt = new Map<EurekaServer, number>();
  /** When the list was asked last for ids that are not known yet. */
  let relistedAt = -Infinity;
  /** Ids that were seen at our address. */
  const known = new Set(instanceId === undefined ? [] : [instanceId]);
  /** Once the instance was seen, one peer that does not know it is no proof that it has gone. */
  let seen = false;
  /** Lists that are asked for before the first write; a look takes the one of its server. */
  const firstLists = new Map<EurekaServer, Promise<EurekaInstance[]>>();
  let warming: Promise<unknown> | undefined;
  /** Whose lists had been asked for before the first write. */
  let warmBeforeWrite: ReadonlySet<EurekaServer> | undefined;
  const ipSeenFrom = createOwnAddress(values.podip, log);

  /** With an id it is the id and the address, since a successor may have the same id. */
  function isOurs(instance: EurekaInstance, ip: string): boolean {
    if (instanceId === undefined) return isAt(instance, ip, port);
    return instance.id === instanceId && sameAddress(instance.ipAddr, ip);
  }

  async function listAt(server: EurekaServer, signal: AbortSignal): Promise<EurekaInstance[]> {
    const instances = await server.instances(app, signal);
    if (!firstListAt.has(server)) firstListAt.set(server, clock.now());
    return instances;
  }

  /** The record of every registration that is ours; the list says only which there may be. */
  async function lookAt(server: EurekaServer, signal: AbortSignal): Promise<EurekaInstance[]> {
    const ip = ipSeenFrom(server);
    const recordsOf = async (ids: readonly string[]) => {
      const found = await Promise.all(ids.map((id) => server.instance(app, id, signal)));
      return found.filter((one) => one !== undefined).filter((one) => isOurs(one, ip));
    };
    const found = await recordsOf([...known]);
    const isDue = found.length === 0 || clock.now() >= relistedAt + RELIST_MS;
    if (instanceId !== undefined || !isDue) return found;
    const first = firstLists.get(server);
    firstLists.delete(server);
    const listed = await (first ?? listAt(server, signal));
    relistedAt = clock.now();
    const further = listed.filter((one) => isOurs(one, ip) && !known.has(one.id));
    return [...found, ...await recordsOf(further.map(({ id }) => id))];
  }

  /**
   * A list that nobody has asked for yet is made at once, and so ahead of those that callers ask
   * for until the next renewal. So each is asked for once before the write.
   */
  function warmLists(signal: AbortSignal): void {
    // A look without an id asks for the list itself.
    if (warming !== undefined || (instanceId === undefined && servers.length === 1)) return;
    for (const server of servers) {
      firstLists.set(server, server.connect(signal).then(() => listAt(server, signal)));
    }
    warming = Promise.allSettled(firstLists.values());
  }

  async function viewAt(server: EurekaServer, signal: AbortSignal): Promise<CallersView> {
    await server.connect(signal);
    const ip = ipSeenFrom(server);
    const up = (await listAt(server, signal)).filter((one) => one.status === UP);
    const others = up.filter((one) => !isOurs(one, ip));
    const isAhead = warmBeforeWrite !== undefined && !warmBeforeWrite.has(server) &&
      clock.now() < (firstListAt.get(server) ?? 0) + CACHE_MS;
    return {
      address: server.root,
      listed: isAhead || others.length < up.length,
      others: others.length,
    };
  }

  /** Writes to each registration that wants it; one that has gone meanwhile is no failure. */
  async function writeAll(
    instances: readonly EurekaInstance[],
    write: (server: EurekaServer, instance: EurekaInstance, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const results = await Promise.allSettled(
      instances.map((one) => pool.ask((server, s) => write(server, one, s), signal, false)),
    );
    const errors = results.flatMap((one) => one.status === "rejected" ? [one.reason] : []);
    const [first] = errors.filter((error) => !(error instanceof NotFoundError));
    if (first !== undefined) throw first;
    if (errors.length > 0 && errors.length === results.length) throw errors[0];
  }

  const named = `app ${app.toUpperCase()}` + (instanceId === undefined ? "" : `, id ${instanceId}`);

  async function locate(signal: AbortSignal): Promise<EurekaSighting | undefined> {
    warmLists(signal);
    // One peer may not know yet what another does, so absence sends the question on to the next.
    const question = async (server: EurekaServer, s: AbortSignal) => {
      const instances = await lookAt(server, s);
      if (instances.length === 0) throw new NotFoundError(`no ${named}`);
      return instances;
    };
    try {
      const instances = await pool.ask(question, signal, !seen);
      seen = true;
      for (const { id } of instances) known.add(id);
      const [first] = instances;
      const ids = instances.map(({ id }) => id).join(", ");
      return {
        label: `${first?.ipAddr}:${first?.ports.join(",")} of app ${app.toUpperCase()}, id ${ids}`,
        state: stateOf(instances),
        details: {
          status: instances.map((one) => one.status).join(", "),
          override: instances.map((one) => one.override).join(", "),
          metadata: first?.metadata,
        },
        instances,
      };
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }

  return {
    name: "eureka",
    identity: [port, app.toUpperCase(), instanceId, ...servers.map(({ root }) => root)].join(" "),
    get wanted() {
      const ip = values.podip ?? pool.order[0]?.ownAddress ?? "this host";
      return `${ip}:${port} of ${named}`;
    },
    // Clients fetch every 30 s, Spring Cloud LoadBalancer keeps what they have for 35 s. With the
    // lists' own 30 s that is 95 s; 84 s were the most of 216 samples, and 100 s lost no request.
    callerCacheSeconds: 70,
    // The record shows a write at once, so this is for the lists. On a server with basic auth each
    // request costs some 80 ms of its processor.
    confirmPauseMs: () => CONFIRM_MS,
    // The cache's 30 s, the way to a peer (0.5 to 0.7 s), and our own pause between two looks.
    listLagSeconds: 34,

    locate,

    async takeOut(sighting, signal) {
      await Promise.race([warming, clock.sleep(WARMING_MS, signal)]);
      warmBeforeWrite ??= new Set(firstListAt.keys());
      const { instances } = sighting as EurekaSighting;
      await writeAll(
        instances.filter((one) => !isKeptBack(one)),
        (server, one, s) => server.keepBack(app, one, s),
        signal,
      );
    },

    putBack(sighting, signal) {
      const { instances } = sighting as EurekaSighting;
      return writeAll(
        instances.filter(isKeptBack),
        (server, one, s) => server.release(app, one, s),
        signal,
      );
    },

    callersViews: (signal) =>
      collectViews(pool.order.map((server) => (s) => viewAt(server, s)), clock, signal),

    nearMisses: (signal) =>
      pool.ask(
        async (server, s) => {
          const apps = await server.apps(s);
          if (apps === undefined) {
            return [`${server.root}/apps is a 404: is the path in EUREKA_URL right?`];
          }
          return nearMissesOf(apps, { app, ip: ipSeenFrom(server), port, id: instanceId });
        },
        signal,
        false,
      ),

    ...(values.removeAfterDrain
      ? {
        async remove(signal: AbortSignal) {
          const sighting = await locate(signal);
          const already = "it has been deregistered already";
          if (sighting === undefined) return already;
          const { label, instances } = sighting;
          try {
            await writeAll(instances, (server, one, s) => server.remove(app, one, s), signal);
          } catch (error) {
            if (error instanceof NotFoundError) return already;
            throw error;
          }
          // What is UP by now has registered anew: the override went with the old registration.
          const left = (await locate(signal))?.instances ?? [];
          if (!left.some(isKeptBack)) return `${label} is removed`;
          throw new UnreachableError(`${label} is still there after the removal was answered`);
        },
      }
      : {}),

    describe: () => ({ address: pool.order[0]?.root }),
  };
}

/** The servers, each once, with whom to be there. */
function createServers(
  values: Values<typeof commonSettings & typeof eurekaSettings>,
  { clock, log }: RegistryDeps,
  secrets: ReturnType<typeof createSecrets>,
): EurekaServer[] {
  const byRoot = new Map<string, ServerAddress>();
  for (const address of values.eurekaUrl ?? []) {
    const root = rootOf(address);
    if (!byRoot.get(root)?.credentials) byRoot.set(root, address);
  }
  const password = values.eurekaPasswordFile ?? values.eurekaPassword;
  const own = credentialsOf("EUREKA_USERNAME", values.eurekaUsername, password, log);
  const endpoints = createEndpoints([...byRoot.keys()], { clock, secrets, caCerts: values.caFile });
  return endpoints.map((endpoint) => {
    const credentials = byRoot.get(endpoint.root)?.credentials ?? own;
    if (credentials) {
      secrets.add(credentials.password);
      secrets.add(basicToken(credentials));
    }
    return createEurekaServer(endpoint, credentials);
  });
}

/** Without a path it is `/eureka`, where Spring Cloud has it; `/apps` belongs to the requests. */
function rootOf({ origin, path }: ServerAddress): string {
  return origin + (path?.replace(/\/+apps$/, "") || "/eureka");
}
