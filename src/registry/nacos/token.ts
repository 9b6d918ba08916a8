import * as z from "zod/mini";
import { PATH_ADVICE } from "./settings.ts";
import { throwIfUseless } from "./answers.ts";
import { STATE } from "./generation.ts";
import type { Credentials } from "../../http/credentials.ts";
import { type Endpoint, type HttpAnswer, type HttpRequest, json } from "../../http/endpoint.ts";
import { shape } from "../../shape.ts";

/** Why a login gave no token. Requests then go without, since many servers want none. */
export interface Refusal {
  readonly reason: string;
  /** What may be the reason too, as long as the server does its work without a token. */
  readonly unlessNeeded?: string;
  readonly detail?: string;
}

/** @param isNeeded whether the server does nothing without a token */
export function reasonOf(
  { reason, unlessNeeded = "", detail = "" }: Refusal,
  isNeeded: boolean,
): string {
  return reason + (isNeeded ? "" : unlessNeeded) + detail;
}

const loginAnswer = shape(() => z.object({ accessToken: z.string() }));

/**
 * The first works on 1.4.8 to 3.1.0 and stays in 3.2 as announced; the second is 3.x only, for
 * servers that no longer have the first.
 */
const LOGIN_PATHS = ["/v1/auth/users/login", "/v3/auth/user/login"];

/**
 * Asks for a token.
 *
 * @throws {UnreachableError}
 */
export async function askForToken(
  endpoint: Endpoint,
  { username, password }: Credentials,
  signal: AbortSignal,
): Promise<string | Refusal> {
  const form = { username, password };
  for (const path of LOGIN_PATHS) {
    const post: HttpRequest = { method: "POST", path, form, isSecret: true, queueTest: STATE };
    const answer = await endpoint.request(post, signal);
    // 2.2.4 answers a wrong password so, and with its auth off every login.
    if (answer.status === 0) {
      return {
        reason: "the password is wrong",
        unlessNeeded: ", or the server's auth is off",
        detail: ` (${answer.request} answered with status 0, as Nacos 2.2 does then)`,
      };
    }
    if (answer.status === 404 || answer.status === 410) continue;
    const given = loginAnswer(json(answer.body))?.accessToken;
    if (answer.status === 200 && given) return given;
    throwIfUseless(answer);
    return {
      reason: reasonIn(answer, username),
      detail: ` (${answer.request} answered ${answer.status})`,
    };
  }
  return {
    reason: `${endpoint.root} has no login path, ${PATH_ADVICE}`,
  };
}

/** Why a login was refused. The server's own words may repeat the password, so they are not shown. */
function reasonIn({ status, body }: HttpAnswer, username: string): string {
  // What a login that went well answers may be a token in another shape.
  if (status === 200) return "an answer without accessToken";
  // 2.2.4.
  if (body === `caused: ${username};`) return "there is no such user";
  // 1.4.8 and r-nacos 0.8.8; 2.5.1; 3.1.0.
  return /unknown user!|user not found|Handle API Compatibility failed/i.test(body)
    ? "user or password is wrong"
    : "no token was given";
}
