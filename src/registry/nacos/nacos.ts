/**
 * Nacos 1.x to 3.x as a registry.
 *
 * @module
 */

import { rootUrls } from "./address.ts";
import { type Dialect, isAt, type NacosInstance, type Place } from "./dialect.ts";
import { findNearMisses } from "./near_misses.ts";
import { createSession, type Login, type NacosApi, type Send, type Session } from "./session.ts";
import type { nacosSettings } from "./settings.ts";
import { v1 } from "./v1.ts";
import { v3 } from "./v3.ts";
import { asServiceOfflineError, NotFoundError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import { createSecrets } from "../../secrets.ts";
import type { commonSettings } from "../../settings/common.ts";
import type { Values } from "../../settings/setting.ts";
import { firstAnswer } from "../addresses.ts";
import { createEndpoints } from "../http.ts";
import type { CallersView, Registry, RegistryDeps, Sighting } from "../registry.ts";

const DIALECTS: Readonly<Record<NacosApi, Dialect>> = { v1, v3 };

/** How long the other addresses get to show their lists once one has answered, milliseconds. */
const OTHER_LISTS_MS = 2_000;

/** A sighting that remembers what Nacos said. */
interface NacosSighting extends Sighting {
  readonly instance: NacosInstance;
  readonly place: Place;
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
  const { clock, log, signal: runSignal } = deps;
  const login = loginOf(values, log);
  const secrets = createSecrets();
  if (login) secrets.add(login.password);
  const token = { value: undefined };
  const roots = rootUrls(values.nacosServerAddr, values.nacosContextPath);
  const sessions = createEndpoints(roots, { clock, secrets, caCerts: values.caFile })
    .map((endpoint) =>
      createSession(endpoint, {
        log,
        secrets,
        token,
        login,
        api: values.nacosApi,
        signal: runSignal,
      })
    );
  /** The address that answered last stands first. */
  let order: readonly Session[] = sessions;
  let ownAddressSaid = false;
  /** Once the instance was seen, one node that does not know it is no proof that it has gone. */
  let seen = false;

  // The v1 API takes `group@@service` for a name, and there the group in the name wins.
  const [group, name] = values.serviceName.includes("@@")
    ? values.serviceName.split("@@", 2) as [string, string]
    : [values.groupName, values.serviceName];
  const serviceInWords = `${group}@@${name} in namespace ${values.namespaceId}` +
    (values.clusterName === "DEFAULT" ? "" : `, cluster ${values.clusterName}`);

  function placeSeenFrom(session: Session): Place {
    // Known, since a session is asked only once it has connected.
    const ip = values.podip ?? session.ownAddress ?? "";
    if (values.podip === undefined && !ownAddressSaid) {
      ownAddressSaid = true;
      log.info(
        "own_address",
        `podip is not set: using ${ip}, our own address on the way to ${session.root}`,
      );
    }
    return {
      namespaceId: values.namespaceId,
      groupName: group,
      serviceName: name,
      clusterName: values.clusterName,
      ip,
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

  async function ask<Answer>(
    question: (dialect: Dialect, send: Send, place: Place) => Promise<Answer>,
    signal: AbortSignal,
  ): Promise<Answer> {
    const { node, answer } = await firstAnswer(
      order,
      (session, s) => askOne(session, question, s),
      clock,
      signal,
      !seen,
    );
    order = [node, ...sessions.filter((session) => session !== node)];
    return answer;
  }

  function setEnabled(sighting: Sighting, enabled: boolean, signal: AbortSignal): Promise<void> {
    const { instance, place } = sighting as NacosSighting;
    return ask((dialect, send) => dialect.setEnabled(send, place, instance, enabled), signal);
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

  return {
    name: "nacos",
    identity: [name, ...roots, group, values.namespaceId, values.clusterName].join(" "),
    get wanted() {
      const ip = values.podip ?? order[0]?.ownAddress ?? "this host";
      return `${ip}:${values.port} of ${serviceInWords}`;
    },
    // Push 0.6 s after the write, then Spring Cloud LoadBalancer's own cache of 35 s; measured with
    // Spring Cloud Alibaba 2025.0.0.0: at most 35.5 s, and no failed request in 40 s.
    callerCacheSeconds: 40,
    // 0.6 s were measured; a leader election takes up to 10 s.
    listLagSeconds: 10,

    async locate(signal) {
      // One node may not know yet what another does, so absence sends the question on to the next.
      const question = async (
        dialect: Dialect,
        send: Send,
        place: Place,
      ): Promise<NacosSighting> => {
        const instance = await dialect.find(send, place);
        if (instance === undefined) throw new NotFoundError(`no ${place.ip}:${place.port}`);
        seen = true;
        const { weight, healthy, ephemeral, metadata } = instance;
        return {
          label: `${instance.ip}:${instance.port} of ${serviceInWords}`,
          inService: instance.enabled,
          details: { weight, healthy, ephemeral, metadata },
          instance,
          place,
        };
      };
      try {
        return await ask(question, signal);
      } catch (error) {
        if (error instanceof NotFoundError) return undefined;
        throw error;
      }
    },

    takeOut: (sighting, signal) => setEnabled(sighting, false, signal),
    putBack: (sighting, signal) => setEnabled(sighting, true, signal),

    async callersViews(signal) {
      const asked = new AbortController();
      const ended = AbortSignal.any([signal, asked.signal]);
      const views = order.map((session) => viewAt(session, ended));
      try {
        await Promise.any(views);
        await clock.sleep(OTHER_LISTS_MS, settledSignal(views));
      } catch {
        // None has answered; what they said is read below.
      }
      asked.abort();
      const results = await Promise.allSettled(views);
      const answers = results.flatMap((one) => one.status === "fulfilled" ? [one.value] : []);
      const errors = results.flatMap((one) =>
        one.status === "rejected" ? [asServiceOfflineError(one.reason)] : []
      );
      if (answers.length === 0) throw errors[0];
      return { answers, failures: errors.map((error) => error.message) };
    },

    nearMisses: (signal) => ask(findNearMisses, signal),

    describe() {
      // Whoever has answered last stands first. Not every 1.x and 2.x says its version.
      const { root: address, version = "1.x or 2.x" } = order[0] ?? {};
      return { address, version: `Nacos ${version}` };
    },
  };
}

/** Who logs in, if anybody does. */
function loginOf(values: Values<typeof nacosSettings>, log: Log): Login | undefined {
  const username = values.nacosUsername;
  if (username === undefined) return undefined;
  const password = values.nacosPasswordFile ?? values.nacosPassword;
  if (password !== undefined) return { username, password };
  // The app may have it from elsewhere, and many servers want no login.
  log.warn("no_password", `NACOS_USERNAME is ${username}, but there is no password: no login`);
  return undefined;
}

/** Fires when all promises have ended, one way or the other. */
function settledSignal(promises: readonly Promise<unknown>[]): AbortSignal {
  const settled = new AbortController();
  Promise.allSettled(promises).then(() => settled.abort());
  return settled.signal;
}
