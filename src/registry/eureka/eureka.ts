/**
 * Eureka as a registry. Measured on Spring Cloud Netflix Eureka 4.3.1 (Netflix eureka 2.0.5).
 *
 * @module
 */

import { lookAtServer } from "./check.ts";
import { type EurekaInstance, isAt, isKeptBack, stateOf, UP } from "./instance.ts";
import { createSignsOfLife } from "./signs_of_life.ts";
import { createLists } from "./lists.ts";
import { nearMissesOf } from "./near_misses.ts";
import { createEurekaServer, type EurekaServer } from "./server.ts";
import type { eurekaSettings } from "./settings.ts";
import { NotFoundError, UnreachableError } from "../../errors.ts";
import { createSecrets } from "../../secrets.ts";
import type { commonSettings } from "../../settings/common.ts";
import type { Values } from "../../settings/setting.ts";
import { createPool, orAbsent } from "../addresses.ts";
import { collectViews } from "../callers_views.ts";
import { basicToken, credentialsOf } from "../../http/credentials.ts";
import { examine } from "../examine.ts";
import { createEndpoints, type HttpRequest } from "../../http/endpoint.ts";
import { hedged } from "../../http/hedge.ts";
import type { Part } from "../long_list.ts";
import { createOwnAddress } from "../own_address.ts";
import type { CallersView, Registry, RegistryDeps, Sighting } from "../registry.ts";
import { sameAddress } from "../same_address.ts";
import type { ServerAddress } from "../../http/server_address.ts";

/** Between two looks at the lists while they have not followed, milliseconds. */
const CONFIRM_MS = 3_000;

/** How often the list is asked for further registrations of the same instance, milliseconds. */
const RELIST_MS = 10_000;

/**
 * With basic auth each request costs a server some 80 ms of its processor (bcrypt), but one without
 * credentials nothing: it is a 401 at once.
 */
const UNKNOWN_USER: HttpRequest = { method: "HEAD", path: "/apps" };

/** Nothing queues here as logins do at Nacos, so the next peer is asked soon, milliseconds. */
const PATIENCE_MS = 500;

/** A sighting that remembers what Eureka said. */
interface EurekaSighting extends Sighting {
  readonly instances: readonly EurekaInstance[];
  /** The only server that is to be written. */
  readonly only?: EurekaServer;
  /** Why a further registration of ours could not be read. */
  readonly unread?: unknown;
}

/** What one server has. */
interface Found {
  readonly server: EurekaServer;
  /** At least one. */
  readonly instances: readonly EurekaInstance[];
  /** Why a further one could not be read. */
  readonly unread?: unknown;
}

/** A write to one registration. */
type Write = (server: EurekaServer, one: EurekaInstance, signal: AbortSignal) => Promise<void>;

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
  const appInWords = `app ${app.toUpperCase()}`;
  const named = appInWords + (instanceId === undefined ? "" : `, id ${instanceId}`);
  const servers = createServers(values, deps);
  const pool = createPool(servers, { clock, patienceMs: PATIENCE_MS });
  const lists = createLists(app, servers, clock);
  const ipSeenFrom = createOwnAddress(values.podip, log);
  /** Ids that were seen at our address. */
  const known = new Set(instanceId === undefined ? [] : [instanceId]);
  /** When the list was asked last for ids that are not known yet. */
  let relistedAt = -Infinity;
  /** Once the instance was seen, one peer that does not know it is no proof that it has gone. */
  let seen = false;
  let warm = false;
  const life = createSignsOfLife();

  /** With an id it is the id and the address, since a successor may have the same id. */
  function isOurs(instance: EurekaInstance, ip: string): boolean {
    if (instanceId === undefined) return isAt(instance, ip, port);
    return instance.id === instanceId && sameAddress(instance.ipAddr, ip);
  }

  /** The server's own records of those ids that are ours; one that cannot be read hides no other. */
  async function recordsOf(
    server: EurekaServer,
    ids: Iterable<string>,
    signal: AbortSignal,
  ): Promise<Omit<Found, "server">> {
    const ip = ipSeenFrom(server);
    const results = await Promise.allSettled(
      [...ids].map((id) => server.instance(app, id, signal)),
    );
    const instances = results
      .flatMap((one) => one.status === "fulfilled" ? one.value ?? [] : [])
      .filter((one) => isOurs(one, ip));
    const [unread] = results.flatMap((one) => one.status === "rejected" ? [one.reason] : []);
    if (instances.length === 0 && unread !== undefined) throw unread;
    return { instances, unread };
  }

  /** Every registration that is ours: the known ones, and now and then what the list has besides. */
  async function lookAt(
    server: EurekaServer,
    signal: AbortSignal,
  ): Promise<Omit<Found, "server">> {
    const found = await recordsOf(server, known, signal);
    const isNone = found.instances.length === 0;
    const isDue = isNone || clock.now() >= relistedAt + RELIST_MS;
    if (instanceId !== undefined || !isDue) return found;
    const ip = ipSeenFrom(server);
    try {
      const listed = await lists.at(server, signal) ?? [];
      const further = listed.filter((one) => isOurs(one, ip) && !known.has(one.id));
      const more = await recordsOf(server, further.map(({ id }) => id), signal);
      const instances = [...found.instances, ...more.instances];
      return { instances, unread: found.unread ?? more.unread };
    } catch (error) {
      if (isNone) throw error;
      return found;
    } finally {
      relistedAt = clock.now();
    }
  }

  /** As `lookAt`, but absence is an error, which sends the question on to the next peer. */
  async function mustBeAt(server: EurekaServer, signal: AbortSignal): Promise<Found> {
    const found = await lookAt(server, signal);
    if (found.instances.length > 0) return { server, ...found };
    // Once seen, absence ends the work.
    await server.prove(seen, signal);
    throw new NotFoundError(`no ${named}`);
  }

  /** Writes to each of some registrations; one that has gone meanwhile is no failure. */
  async function writeAll(
    instances: readonly EurekaInstance[],
    write: Write,
    signal: AbortSignal,
    only: EurekaServer | undefined,
  ): Promise<void> {
    const results = await Promise.allSettled(
      instances.map((one) =>
        only ? write(only, one, signal) : pool.ask(async (server, s, tries) => {
          // By the time of another try a successor may have the id.
          const isThere = tries === 1 ||
            (await recordsOf(server, [one.id], s)).instances.length > 0;
          if (!isThere) throw new NotFoundError(`no ${named}`);
          await write(server, one, s);
        }, signal)
      ),
    );
    const errors = results.flatMap((one) => one.status === "rejected" ? [one.reason] : []);
    const [first] = errors.filter((error) => !(error instanceof NotFoundError));
    if (first !== undefined) throw first;
    if (errors.length > 0 && errors.length === results.length) throw errors[0];
  }

  async function viewAt(server: EurekaServer, signal: AbortSignal): Promise<CallersView> {
    await server.connect(signal);
    const listed = await lists.at(server, signal);
    if (listed === undefined) {
      await server.prove(true, signal);
      throw new NotFoundError(`${server.root} knows no ${appInWords}`);
    }
    const ip = ipSeenFrom(server);
    const up = listed.filter((one) => one.status === UP);
    const others = up.filter((one) => !isOurs(one, ip));
    return {
      address: server.root,
      listed: lists.mayBeAhead(server) || others.length < up.length,
      others: others.length,
    };
  }

  /** Removes what is kept back at one server and looks there once more. */
  async function removeAt(server: EurekaServer, signal: AbortSignal): Promise<string> {
    const instances = (await mustBeAt(server, signal)).instances.filter(isKeptBack);
    if (instances.length === 0) return "it is back in service, so it is not removed";
    for (const one of instances) {
      await orAbsent(server.remove(app, one, signal));
    }
    // What is UP by now has registered anew: the override went with the old registration.
    const left = await recordsOf(server, instances.map(({ id }) => id), signal);
    if (!left.instances.some(isKeptBack)) {
      return `${instances.map(({ id }) => id).join(", ")} is removed`;
    }
    throw new UnreachableError(`${named} is still there after the removal was answered`);
  }

  function sightingOf(found: Found): EurekaSighting {
    const { server, instances, unread } = found;
    const read = stateOf(instances);
    // What cannot be read may be handed out.
    const state = unread !== undefined && read === "outOfService" ? "partlyOut" : read;
    const isAlive = life.isAlive(server.root, instances);
    seen = true;
    for (const { id } of instances) known.add(id);
    const [first] = instances;
    const fields = (field: "id" | "status" | "override") =>
      instances.map((one) => one[field]).join(", ");
    return {
      label: `${first?.ipAddr}:${first?.ports.join(",")} of ${appInWords}, id ${fields("id")}`,
      address: server.root,
      state,
      // Of one that is partly out callers have the address already.
      isAlive: isAlive || state === "partlyOut",
      details: {
        status: fields("status"),
        override: fields("override"),
        metadata: first?.metadata,
      },
      instances,
      unread,
    };
  }

  const knownIp = () => values.podip ?? pool.order[0]?.ownAddress;

  return {
    name: "eureka",
    identity: [port, app.toUpperCase(), instanceId, ...servers.map(({ root }) => root)].join(" "),
    get wanted() {
      return `${knownIp() ?? "this host"}:${port} of ${named}`;
    },
    // Clients fetch every 30 s, Spring Cloud LoadBalancer keeps what they have for 35 s. With the
    // lists' own 30 s that is 95 s; 84 s were the most of 216 samples, and 100 s lost no request.
    callerCacheSeconds: 70,
    // The record shows a write at once, so this is for the lists. On a server with basic auth each
    // request costs some 80 ms of its processor.
    confirmPauseMs: () => CONFIRM_MS,
    // The cache's 30 s, the way to a peer (0.5 to 0.7 s), and our own pause between two looks.
    listLagSeconds: 34,

    addresses: servers.map(({ root }) => root),

    async locate(signal): Promise<EurekaSighting | undefined> {
      // A look without an id asks its server for the list itself.
      if (!warm && (instanceId !== undefined || servers.length > 1)) lists.warmUp(signal);
      warm = true;
      const found = await orAbsent(pool.ask(mustBeAt, signal, { absence: !seen }));
      if (found === undefined) {
        life.wasAbsent();
        return undefined;
      }
      return sightingOf(found);
    },

    async locateAt(address, signal): Promise<EurekaSighting | undefined> {
      const only = servers.find(({ root }) => root === address);
      if (only === undefined) return undefined;
      await only.connect(signal);
      const found = await orAbsent(mustBeAt(only, signal));
      return found && { ...sightingOf(found), only };
    },

    async set(sighting, inService, signal) {
      if (!inService) await lists.beforeWrite();
      const { instances, only, unread } = sighting as EurekaSighting;
      const left = instances.filter((one) => isKeptBack(one) === inService);
      if (left.length === 0 && !inService && unread !== undefined) throw unread;
      const write: Write = (server, one, s) =>
        inService ? server.release(app, one, s) : server.keepBack(app, one, s);
      await writeAll(left, write, signal, only);
    },

    async callersViews(signal) {
      const questions = pool.order.map((server) => (s: AbortSignal) => viewAt(server, s));
      try {
        return await collectViews(questions, clock, signal);
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error;
        // It has registered just now, and the lists are behind.
        const address = pool.order[0]?.root ?? "";
        return { answers: [{ address, listed: false, others: 0 }], failures: [] };
      }
    },

    nearMisses: (signal) =>
      pool.ask(async (server, s) => {
        const apps = await server.apps(s);
        return nearMissesOf(apps, { app, ip: ipSeenFrom(server), port, id: instanceId });
      }, signal),

    ...(values.removeAfterDrain
      ? {
        remove: async (signal: AbortSignal) =>
          await orAbsent(pool.ask(removeAt, signal, { absence: true })) ??
            "it has been deregistered already",
      }
      : {}),

    names: () => ({ ip: knownIp(), port: String(port), service: app, instance: [...known][0] }),
    check: (signal) =>
      Promise.all(
        servers.map((one) => examine(one, lookAtServer(one, app, signal), clock, signal)),
      ),

    describe: () => ({ address: pool.order[0]?.root }),
  };
}

/** The servers, each once, with whom to be there. */
function createServers(
  values: Values<typeof commonSettings & typeof eurekaSettings>,
  { clock, log, signal }: RegistryDeps,
): EurekaServer[] {
  const secrets = createSecrets();
  const byRoot = new Map<string, ServerAddress>();
  for (const address of values.eurekaUrl ?? []) {
    const root = rootOf(address);
    if (!byRoot.get(root)?.credentials) byRoot.set(root, address);
  }
  const password = values.eurekaPasswordFile ?? values.eurekaPassword;
  const own = credentialsOf("EUREKA_USERNAME", values.eurekaUsername, password, log);
  const endpoints = createEndpoints([...byRoot.keys()], {
    clock,
    secrets,
    caCerts: values.caFile,
    keepUntil: signal,
  });
  const id = values.instanceId?.toLowerCase();
  const mayBeMeant = ({ ipAddr, instanceId, hostName }: Part, ownAddress?: string) =>
    sameAddress(String(ipAddr), values.podip ?? ownAddress ?? "") ||
    String(instanceId ?? hostName).toLowerCase() === id;
  return endpoints.map((endpoint) => {
    const credentials = byRoot.get(endpoint.root)?.credentials ?? own;
    if (credentials) {
      secrets.add(credentials.password);
      secrets.add(basicToken(credentials));
    }
    return createEurekaServer(
      hedged(endpoint, clock, credentials && UNKNOWN_USER),
      credentials,
      mayBeMeant,
    );
  });
}

/**
 * Without a path it is `/eureka`, where Spring Cloud has it. `/apps` belongs to the requests, so that
 * `http://host/apps` is a Eureka at the root.
 */
function rootOf({ origin, path = "/eureka" }: ServerAddress): string {
  return origin + path.replace(/\/apps$/, "");
}
