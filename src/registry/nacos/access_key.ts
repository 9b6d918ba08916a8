/**
 * Cloud products have no users: each request is signed with an access key. As nacos-client 3.0.3 does
 * it over HTTP (nacos-client-basic: `NamingResourceInjector`, `SignUtil`), also for PUT as parameters
 * of the URL. After its source; no real cloud server was reached.
 */

import type { Clock } from "../../clock.ts";
import type { HttpRequest } from "../../http/endpoint.ts";
import type { Log } from "../../log.ts";

/** An access key and the secret that belongs to it. */
interface AccessKey {
  /** No secret: it stands in each URL. */
  readonly id: string;
  /** Never sent, never shown. */
  readonly secret: string;
}

/** Signs a request. */
export type Sign = (request: HttpRequest) => Promise<HttpRequest>;

/** Puts both together; one without the other signs nothing. */
export function accessKeyOf(
  id: string | undefined,
  secret: string | undefined,
  log: Log,
): AccessKey | undefined {
  if (id !== undefined && secret !== undefined) return { id, secret };
  if (id !== undefined || secret !== undefined) {
    const [there, missing] = id === undefined
      ? ["NACOS_SECRET_KEY", "NACOS_ACCESS_KEY"]
      : ["NACOS_ACCESS_KEY", "NACOS_SECRET_KEY"];
    log.warn("no_access_key", `${there} is set, but ${missing} is not: requests are not signed`);
  }
  return undefined;
}

/** @param clock a server takes no signature that is old, so its time has to be right */
export function createSign({ id, secret }: AccessKey, clock: Clock): Sign {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const hmac = { name: "HMAC", hash: "SHA-1" };
  let key: Promise<CryptoKey> | undefined;
  return async (request) => {
    key ??= crypto.subtle.importKey("raw", bytes(secret), hmac, false, ["sign"]);
    const data = [clock.now(), ...serviceIn(request)].join("@@");
    const mac = await crypto.subtle.sign(hmac, await key, bytes(data));
    const signature = new Uint8Array(mac).toBase64();
    return { ...request, query: { ...request.query, ak: id, data, signature } };
  };
}

/** Group and name of the service that a request is about, if it is about one. */
function serviceIn({ query, form }: HttpRequest): string[] {
  const { groupName = "DEFAULT_GROUP", serviceName } = { ...query, ...form };
  return serviceName === undefined ? [] : [groupName, serviceName];
}
