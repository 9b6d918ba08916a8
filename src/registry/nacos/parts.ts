import { type AccessKey, accessKeyOf, createSign } from "./access_key.ts";
import { rootUrls } from "./address.ts";
import type { Api } from "./api.ts";
import type { Place } from "./place.ts";
import { createSession, type Session } from "./session.ts";
import { DEFAULT_ADDRESS, type nacosSettings } from "./settings.ts";
import { clientCertificateOf } from "../../http/tls.ts";
import { type Credentials, credentialsOf } from "../../http/credentials.ts";
import { createEndpoints } from "../../http/endpoint.ts";
import { hedged } from "../../http/hedge.ts";
import type { Clock } from "../../clock.ts";
import { createSecrets } from "../../secrets.ts";
import type { commonSettings } from "../../settings/common.ts";
import type { Values } from "../../settings/setting.ts";
import { createPool, type Pool } from "../pool.ts";
import { addressesOf, furtherAddresses, NOWHERE, type Scope, scopeOf } from "../own.ts";
import { createOwnAddress } from "../own_address.ts";
import { createLimit } from "../limited.ts";
import type { RegistryDeps } from "../registry.ts";

/** The settings that Nacos needs. */
export type NacosValues = Values<typeof commonSettings & typeof nacosSettings>;

/** Logins queue on a server for seconds; asked elsewhere too soon, they queue there as well. */
const PATIENCE_MS = 2_000;

/** What the registry is made of, and what it has learnt. */
export interface Parts {
  /** What is looked for, but for its address. */
  readonly target: Omit<Place, "ip" | "also">;
  readonly pool: Pool<Session>;
  /** Who logs in. */
  readonly user: string | undefined;
  /** The access key that requests are signed with. */
  readonly accessKey: string | undefined;
  /** The address that is set, else our own as a server sees it. */
  readonly ipSeenFrom: (session: Session) => string;
  readonly clock: Clock;
  /** Whether the settings ask for a removal at the end. */
  readonly removes: boolean;
  /** The weight that `online` is to write, where one is set. */
  readonly weight: number | undefined;
  readonly scope: Scope;
  /** The first address that is set. */
  readonly setIp: string | undefined;
  /** Further addresses of this pod. */
  readonly also: readonly string[];
  /** The address as the app has spelled it: r-nacos knows no other spelling of an IPv6 one. */
  spelledIp: string | undefined;
  /** Whether the named one stands for several pods; undefined before that was asked. */
  shared: { readonly why: string | undefined } | undefined;
  /** Once the instance was seen, one node that does not know it is no proof that it has gone. */
  isSeen: boolean;
}

/** What is asked of one server. */
export type Question<Answer> = (api: Api, place: Place) => Promise<Answer>;

export function createParts(values: NacosValues, deps: RegistryDeps): Parts {
  const { clock, log, surroundings = NOWHERE } = deps;
  const { namespaceId, clusterName, port, serviceName } = values;
  const password = values.nacosPasswordFile ?? values.nacosPassword;
  const login = credentialsOf("NACOS_USERNAME", values.nacosUsername, password, log);
  const secretKey = values.nacosSecretKeyFile ?? values.nacosSecretKey;
  const accessKey = accessKeyOf(values.nacosAccessKey, secretKey, log);
  // The v1 API takes `group@@service` for a name, and there the group in the name wins.
  const [groupName, name] = serviceName.includes("@@")
    ? serviceName.split("@@", 2) as [string, string]
    : [values.groupName, serviceName];
  const sessions = createSessions(values, login, accessKey, deps);
  const { podip, scope } = values;
  return {
    clock,
    removes: values.removeAfterDrain,
    weight: values.nacosWeight,
    scope: scopeOf(podip, deps.variable?.("podip"), scope, surroundings),
    setIp: addressesOf(podip)[0],
    target: { namespaceId, groupName, serviceName: name, clusterName, port },
    pool: createPool(sessions, { clock, patienceMs: PATIENCE_MS }),
    user: login?.username,
    accessKey: accessKey?.id,
    ipSeenFrom: createOwnAddress(values.podip, log),
    also: furtherAddresses(values.podip, surroundings),
    spelledIp: undefined,
    shared: undefined,
    isSeen: false,
  };
}

function createSessions(
  values: NacosValues,
  login: Credentials | undefined,
  accessKey: AccessKey | undefined,
  { clock, log, signal, variable = () => undefined }: RegistryDeps,
): Session[] {
  const secrets = createSecrets();
  if (login) secrets.add(login.password);
  if (accessKey) secrets.add(accessKey.secret);
  const sign = accessKey && createSign(accessKey, clock);
  const addresses = values.nacosServerAddr ??
    [{ origin: `http://${DEFAULT_ADDRESS}`, path: undefined }];
  const client = clientCertificateOf(values.clientCertFile, values.clientKeyFile, log);
  const options = { clock, secrets, caCerts: values.caFile, client, keepUntil: signal };
  const token = { value: undefined };
  const userVariable = variable("nacosUsername") ?? "NACOS_USERNAME";
  const passwordVariable = variable("nacosPasswordFile") ?? variable("nacosPassword") ??
    "NACOS_PASSWORD";
  return createEndpoints(rootUrls(addresses, values.nacosContextPath), options).map((endpoint) =>
    createSession(hedged(endpoint, clock), {
      log,
      secrets,
      token,
      login,
      loginVariables: `${userVariable} and ${passwordVariable}`,
      accessKey: accessKey?.id,
      sign,
      generation: values.nacosApi,
      signal,
    })
  );
}

/** Of a further registration at most so many requests are open at one server. */
const MAX_OPEN = 4;

/** The same servers for further registrations, which leave way to the named one. */
export function limitedPool({ pool, clock }: Parts): Pool<Session> {
  const sessions = pool.nodes.map((session): Session => {
    const limit = createLimit(MAX_OPEN);
    const ask: Session["ask"] = (question, signal) => limit(() => session.ask(question, signal));
    // What it knows changes, so it is not copied.
    return Object.create(session, { ask: { value: ask } });
  });
  return createPool(sessions, { clock, patienceMs: PATIENCE_MS });
}

export function placeSeenFrom(session: Session, parts: Parts): Place {
  const { target, spelledIp, also } = parts;
  // Once it was seen, it is that one.
  if (spelledIp !== undefined) return { ...target, ip: spelledIp };
  return { ...target, ip: parts.ipSeenFrom(session), also };
}

/** The named one's place, with every address of the pod. */
export function placeOfPod(session: Session, parts: Parts): Place {
  const { target, spelledIp, also } = parts;
  const first = parts.ipSeenFrom(session);
  return { ...target, ip: spelledIp ?? first, also: [first, ...also] };
}

/** Asks one server. */
export function askOne<Answer>(
  session: Session,
  parts: Parts,
  question: Question<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  return session.ask((api) => question(api, placeSeenFrom(session, parts)), signal);
}

/** Asks the servers in turn. */
export function ask<Answer>(
  parts: Parts,
  question: Question<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  return parts.pool.ask(
    (session, s) => askOne(session, parts, question, s),
    signal,
    { absence: !parts.isSeen },
  );
}
