import { accessKeyOf, createSign } from "./access_key.ts";
import { createSession, type Session } from "./session.ts";
import { DEFAULT_ADDRESS, type nacosSettings } from "./settings.ts";
import type { Clock } from "../../clock.ts";
import { loginOf } from "../../http/credentials.ts";
import { createEndpoints } from "../../http/endpoint.ts";
import { hedged } from "../../http/hedge.ts";
import type { ServerAddress } from "../../http/server_address.ts";
import { clientCertificateOf } from "../../http/tls.ts";
import { createSecrets } from "../../secrets.ts";
import type { commonSettings } from "../../settings/common.ts";
import type { Values } from "../../settings/setting.ts";
import { createLimit } from "../limited.ts";
import { createPool, type Pool } from "../pool.ts";
import type { RegistryDeps } from "../registry.ts";

/** The settings that Nacos needs. */
export type NacosValues = Values<typeof commonSettings & typeof nacosSettings>;

/** Logins queue on a server for seconds; asked elsewhere too soon, they queue there as well. */
const PATIENCE_MS = 2_000;

/** Makes the sessions with every configured address, and with whom to be there. */
export function createSessions(values: NacosValues, deps: RegistryDeps): Pool<Session> {
  const { clock, log, signal, variable } = deps;
  const { credentials: login, variables, advice } = loginOf("NACOS", values, log, variable);
  const secretKey = values.nacosSecretKeyFile ?? values.nacosSecretKey;
  const accessKey = accessKeyOf(values.nacosAccessKey, secretKey, log);
  const secrets = createSecrets();
  if (login) secrets.add(login.password);
  if (accessKey) secrets.add(accessKey.secret);
  const sign = accessKey && createSign(accessKey, clock);
  const addresses = values.nacosServerAddr ??
    [{ origin: `http://${DEFAULT_ADDRESS}`, path: undefined }];
  const client = clientCertificateOf(values.clientCertFile, values.clientKeyFile, log);
  const options = { clock, secrets, caCerts: values.caFile, client, keepUntil: signal };
  const token = { value: undefined };
  const endpoints = createEndpoints(rootUrls(addresses, values.nacosContextPath), options);
  const sessions = endpoints.map((endpoint) =>
    createSession(hedged(endpoint, clock), {
      log,
      secrets,
      token,
      login,
      loginVariables: variables,
      loginAdvice: advice,
      accessKey: accessKey?.id,
      sign,
      generation: values.nacosApi,
      signal,
    })
  );
  return createPool(sessions, { clock, patienceMs: PATIENCE_MS });
}

/**
 * The root URLs of the servers, each once.
 *
 * @param path the context path for those written without one
 */
export function rootUrls(
  addresses: readonly Pick<ServerAddress, "origin" | "path">[],
  path: string,
): string[] {
  return [...new Set(addresses.map((address) => address.origin + (address.path ?? path)))];
}

/** Of a further registration at most so many requests are open at one server. */
const MAX_OPEN = 4;

/** The same servers for further registrations, which leave way to the named one. */
export function limitedPool(pool: Pool<Session>, clock: Clock): Pool<Session> {
  const sessions = pool.nodes.map((session): Session => {
    const limit = createLimit(MAX_OPEN);
    const ask: Session["ask"] = (question, signal) => limit(() => session.ask(question, signal));
    // What it knows changes, so it is not copied.
    return Object.create(session, { ask: { value: ask } });
  });
  return createPool(sessions, { clock, patienceMs: PATIENCE_MS });
}
