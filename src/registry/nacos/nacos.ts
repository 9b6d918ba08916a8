/**
 * Nacos 1.x to 3.x as a registry.
 *
 * @module
 */

import * as z from "zod/mini";
import { nacosAddresses, rootUrls } from "./address.ts";
import { lookAtServer } from "./check.ts";
import { type Dialect, isAt, type NacosInstance, type Place } from "./dialect.ts";
import { findNearMisses } from "./near_misses.ts";
import { createSession, type NacosApi, type Send, type Session } from "./session.ts";
import { DEFAULT_ADDRESS, type nacosSettings } from "./settings.ts";
import { v1 } from "./v1.ts";
import { v3 } from "./v3.ts";
import { NotFoundError } from "../../errors.ts";
import { createSecrets } from "../../secrets.ts";
import type { commonSettings } from "../../settings/common.ts";
import type { Values } from "../../settings/setting.ts";
import { createPool, orAbsent } from "../addresses.ts";
import { collectViews } from "../callers_views.ts";
import { credentialsOf } from "../../http/credentials.ts";
import { examine } from "../examine.ts";
import { createEndpoints } from "../../http/endpoint.ts";
import { hedged } from "../../http/hedge.ts";
import { createOwnAddress } from "../own_address.ts";
import type { CallersView, Registry, RegistryDeps, Sighting } from "../registry.ts";

const DIALECTS: Readonly<Record<NacosApi, Dialect>> = { v1, v3 };

/** Logins queue on a server for seconds; asked elsewhere too soon, they queue there as well. */
const PATIENCE_MS = 2_000;

/** A sighting that remembers what Nacos said. */
interface NacosSighting extends Sighting {
  readonly instance: NacosInstance;
  readonly place: Place;
  /** The only server that is to be written. */
  readonly only?: Session;
}

/**
 * Makes the Nacos registry.
 *
 * @param values the settings
 * @param deps clock, log and the end of the run
 */
export function createNacos(
  values: Values<typeof commonSettings & typeof nacosSettings>,
  deps: RegistryDeps,
): Registry {
  const { clock, log, signal: runSignal, variable = () => undefined } = deps;
  const password = values.nacosPasswordFile ?? values.nacosPassword;
  const login = credentialsOf("NACOS_USERNAME", values.nacosUsername, password, log);
  const secrets = createSecrets();
  if (login) secrets.add(login.password);
  const token = { value: undefined };
  const addresses = values.nacosServerAddr ?? z.parse(nacosAddresses, DEFAULT_ADDRESS);
  const roots = rootUrls(addresses, values.nacosContextPath);
  const sessions = createEndpoints(roots, {
    clock,
    secrets,
    caCerts: values.caFile,
    keepUntil: runSignal,
  })
    .map((endpoint) =>
      createSession(hedged(endpoint, clock), {
        log,
        secrets,
        token,
        login,
        loginVariables: [
          variable("nacosUsername") ?? "NACOS_USERNAME",
          variable("nacosPasswordFile") ?? variable("nacosPassword") ?? "NACOS_PASSWORD",
        ].join(" and "),
        api: values.nacosApi,
        signal: runSignal,
      })
    );
  const pool = createPool(sessions, { clock, patienceMs: PATIENCE_MS });
  const ownAddress = createOwnAddress(values.podip, log);
  /** The address as the app has spelled it: r-nacos knows no other spelling of an IPv6 one. */
  let spelledIp: string | undefined;
  /** Once the instance was seen, one node that does not know it is no proof that it has gone. */
  let seen = false;

  // The v1 API takes `group@@service` for a name, and there the group in the name wins.
  const [group, name] = values.serviceName.includes("@@")
    ? values.serviceName.split("@@", 2) as [string, string]
    : [values.groupName, values.serviceName];
  const serviceInWords = `${group}@@${name} in namespace ${values.namespaceId}` +
    (values.clusterName === "DEFAULT" ? "" : `, cluster ${values.clusterName}`);

  function placeSeenFrom(session: Session): Place {
    return {
      namespaceId: values.namespaceId,
      groupName: group,
      serviceName: name,
      clusterName: values.clusterName,
      // Known, since a session is asked only once it has connected.
      ip: spelledIp ?? ownAddress(session),
      port: values.port,
    };
  }

  function askOne<Answer>(
    session: Session,
    question: (dialect: Dialect, send: Send, place: Place) => Promise<Answer>,
    signal: AbortSignal,
  ): Promise<Answer> {
    return session.ask(
      (api, send) => question(DIALECTS[api], send, placeSeenFrom(session)),
      signal,
    );
  }

  function ask<Answer>(
    question: (dialect: Dialect, send: Send, place: Place) => Promise<Answer>,
    signal: AbortSignal,
  ): Promise<Answer> {
    return pool.ask((session, s) => askOne(session, question, s), signal, { absence: !seen });
  }

  function sightingAt(session: Session, signal: AbortSignal): Promise<NacosSighting> {
    return askOne(session, async (dialect, send, place) => {
      const instance = await dialect.find(send, place);
      if (instance === undefined) throw new NotFoundError(`no ${place.ip}:${place.port}`);
      seen = true;
      spelledIp = instance.ip;
      const { weight, healthy, ephemeral, metadata } = instance;
      return {
        label: `${instance.ip}:${instance.port} of ${serviceInWords}`,
        address: session.root,
        state: instance.enabled ? "inService" : "outOfService",
        // A killed app has gone 0.6 to 1.0 s after its connection (gRPC; 2.2.4, 3.1.0).
        isAlive: true,
        details: { weight, healthy, ephemeral, metadata },
        instance,
        place,
      };
    }, signal);
  }

  async function viewAt(session: Session, signal: AbortSignal): Promise<CallersView> {
    await session.connect(signal);
    const question = async (dialect: Dialect, send: Send, place: Place) => {
      const hosts = await dialect.list(send, place);
      const others = hosts.filter((host) => !isAt(host, place));
      return { address: session.root, listed: others.length < hosts.length, others: others.length };
    };
    return await askOne(session, question, signal);
  }

  const knownIp = () => values.podip ?? pool.order[0]?.ownAddress;

  return {
    name: "nacos",
    identity: [values.port, name, ...roots, group, values.namespaceId, values.clusterName].join(
      " ",
    ),
    get wanted() {
      return `${knownIp() ?? "this host"}:${values.port} of ${serviceInWords}`;
    },
    // Push 0.6 s after the write, then Spring Cloud LoadBalancer's own cache of 35 s; measured with
    // Spring Cloud Alibaba 2025.0.0.0: at most 35.5 s, and no failed request in 40 s.
    callerCacheSeconds: 40,
    // A write shows after 490 to 660 ms (2.2.4, 3.1.0), so the first second is looked at closely.
    confirmPauseMs: (elapsedMs) => elapsedMs < 1_000 ? 100 : 1_000,
    // 0.6 s were measured; a leader election takes up to 10 s.
    listLagSeconds: 10,

    addresses: roots,

    // One node may not know yet what another does, so absence sends the question on to the next.
    locate: (signal) => orAbsent(pool.ask(sightingAt, signal, { absence: !seen })),

    async locateAt(address, signal) {
      const only = sessions.find(({ root }) => root === address);
      if (only === undefined) return undefined;
      await only.connect(signal);
      const found = await orAbsent(sightingAt(only, signal));
      return found && { ...found, only };
    },

    set(sighting, inService, signal) {
      const { instance, place, only } = sighting as NacosSighting;
      const question = (dialect: Dialect, send: Send) =>
        dialect.setEnabled(send, place, instance, inService);
      return only ? askOne(only, question, signal) : ask(question, signal);
    },

    callersViews: (signal) =>
      collectViews(pool.order.map((session) => (s) => viewAt(session, s)), clock, signal),

    nearMisses: (signal) => ask(findNearMisses, signal),

    names() {
      const [ip, port] = [knownIp(), String(values.port)];
      return { ip, port, service: name, instance: ip && `${ip}:${port}` };
    },

    check: (signal) =>
      Promise.all(sessions.map((one) => {
        const place = () => placeSeenFrom(one);
        const more = lookAtServer(one, DIALECTS, login?.username, place, signal);
        return examine(one, more, clock, signal);
      })),

    describe() {
      // Whoever has answered last stands first. Not every 1.x and 2.x says its version.
      const { root: address, version = "1.x or 2.x" } = pool.order[0] ?? {};
      return { address, version: `Nacos ${version}` };
    },
  };
}
