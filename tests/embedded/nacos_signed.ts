/**
 * A cloud's Nacos in front of the stand-in: no users, each request signed as nacos-client 3.0.3 does it
 * (nacos-client-basic, `NamingResourceInjector`), everything else refused. No real one was reached: what
 * it refuses, and in which words, is our own.
 */

import { createHmac } from "node:crypto";
import { springError } from "./nacos_answers.ts";
import { readParams } from "./nacos_call.ts";

/** An access key and its secret. */
export interface CloudKey {
  readonly ak: string;
  readonly sk: string;
}

/** How old a signature may be, milliseconds. */
const MAX_AGE_MS = 900_000;

/** For `intercept`: the refusal of a request that is not signed with this key. */
export function wantsSignature(
  { ak, sk }: CloudKey,
): (req: Request) => Promise<Response | undefined> {
  return async (req) => {
    const url = new URL(req.url);
    const refuse = (why: string) => springError(url.pathname, 403, why);
    if (/\/(core|server)\/state$/.test(url.pathname)) return undefined;
    if (url.pathname.endsWith("/login")) return refuse("user not found!");
    // The client puts them into the URL, whatever the method.
    const given = (name: string) => {
      const all = url.searchParams.getAll(name);
      return all.length === 1 ? all[0] : undefined;
    };
    const data = given("data") ?? "";
    const [time, ...service] = data.split("@@");
    if (given("ak") !== ak) return refuse("unknown ak");
    const signature = createHmac("sha1", sk).update(data).digest("base64");
    if (given("signature") !== signature) return refuse("Invalid signature");
    if (!/^\d{13}$/.test(time ?? "")) return refuse("no time is signed");
    if (Math.abs(Date.now() - Number(time)) > MAX_AGE_MS) return refuse("signature is too old");
    const params = await readParams(req);
    const name = params.get("serviceName");
    const wanted = name === null ? [] : [params.get("groupName") ?? "DEFAULT_GROUP", name];
    return service.join("@@") === wanted.join("@@")
      ? undefined
      : refuse("another service is signed");
  };
}
