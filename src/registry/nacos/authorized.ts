import type { Sign } from "./access_key.ts";
import { isForbidden } from "./answers.ts";
import type { Login } from "./login.ts";
import type { Endpoint, HttpAnswer, HttpRequest } from "../../http/endpoint.ts";

/** Sends a request with the token; one of 401 or 403 comes back as it is. */
type Authorized = (what: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

/** Signs, and sends the token in the form that this server takes. */
export function createAuthorized(endpoint: Endpoint, login: Login, sign?: Sign): Authorized {
  /** What stands before the token. r-nacos 0.8.5 takes the whole header for it. */
  let scheme = "Bearer ";
  return async (bare, signal) => {
    const what = sign ? await sign(bare) : bare;
    const { token } = login.now();
    if (token === undefined) return await endpoint.request(what, signal);
    const put = (before: string) =>
      endpoint.request({ ...what, headers: { authorization: before + token } }, signal);
    const answer = await put(scheme);
    if (!scheme || !isForbidden(answer) || !/unknown user!/.test(answer.body)) return answer;
    const second = await put("");
    if (isForbidden(second)) return answer;
    scheme = "";
    return second;
  };
}
