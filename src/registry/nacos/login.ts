import * as z from "zod/mini";
import { throwIfUseless } from "./answers.ts";
import { STATE } from "./generation.ts";
import { RefusedError } from "../../errors.ts";
import type { Credentials } from "../../http/credentials.ts";
import { type Endpoint, type HttpAnswer, type HttpRequest, json } from "../../http/endpoint.ts";
import type { Log } from "../../log.ts";
import type { Secrets } from "../../secrets.ts";
import { shape } from "../../shape.ts";
import { abortable } from "../abortable.ts";

/** The token that was given last. Servers of one cluster sign with the same key, so one does. */
export interface SharedToken {
  /** Undefined before the first login. */
  value: string | undefined;
}

/** What logins need. */
export interface LoginOptions {
  readonly log: Log;
  /** Learns the tokens. */
  readonly secrets: Secrets;
  /** Ends logins that are still open; a login is never cut short for anything less. */
  readonly signal: AbortSignal;
  /** Without it there is no login. */
  readonly login: Credentials | undefined;
  /** The variables that it was read from, in words. */
  readonly loginVariables: string;
  /** The access key that requests are signed with. */
  readonly accessKey?: string | undefined;
  /** Shared with the other servers. */
  readonly token: SharedToken;
}

/** What was sent, and what this server's own last login had given by then. */
export interface Sent {
  readonly token: string | undefined;
  readonly own: string | undefined;
}

/** The login at one server, and the token that it takes. */
export interface Login {
  /** Whether to log in before the first request. Not again where the server wants no token. */
  readonly isDue: boolean;
  /** The token to send now. */
  now(): Sent;
  /** Logs in. One login at a time: whoever comes while one is open waits for it. */
  fresh(signal: AbortSignal): Promise<void>;
  /**
   * Looks for another token after one was refused.
   *
   * @returns whether there is one
   */
  renew(refused: Sent, signal: AbortSignal): Promise<boolean>;
  /**
   * Why the last login was refused; undefined where it was not.
   *
   * @param isNeeded whether the server does nothing without one: then some answers say more
   */
  refusal(isNeeded: boolean): string | undefined;
  /** The error for a request that was refused, whatever the token. */
  refused(answerInWords: string): RefusedError;
}

/** Why a login gave no token. Requests then go without, since many servers want none. */
interface Refusal {
  readonly reason: string;
  /** What may be the reason too, as long as the server does its work without a token. */
  readonly unlessNeeded?: string;
  readonly detail?: string;
}

const loginAnswer = shape(() => z.object({ accessToken: z.string() }));

/**
 * The first works on 1.4.8 to 3.1.0 and stays in 3.2 as announced; the second is 3.x only, for
 * servers that no longer have the first.
 */
const LOGIN_PATHS = ["/v1/auth/users/login", "/v3/auth/user/login"];

export function createLogin(endpoint: Endpoint, options: LoginOptions): Login {
  const { log, secrets, login, token } = options;
  let open: Promise<void> | undefined;
  let refusal: Refusal | undefined;
  /** What the last login here gave. */
  let own: string | undefined;
  /** A token from elsewhere was refused here: this server is not of one cluster with the others. */
  let isApart = false;
  const tokenNow = () => isApart ? own : token.value;
  const reasonOf = ({ reason, unlessNeeded = "", detail = "" }: Refusal, isNeeded: boolean) =>
    reason + (isNeeded ? "" : unlessNeeded) + detail;

  async function logIn(credentials: Credentials): Promise<void> {
    const given = await askForToken(endpoint, credentials, options.signal);
    const isNews = refusal === undefined;
    if (typeof given === "string") {
      token.value = own = given;
      secrets.add(given);
      refusal = undefined;
      return;
    }
    refusal = given;
    if (!isNews) return;
    log.warn(
      "login_refused",
      `login of user ${credentials.username} refused: ${reasonOf(given, false)}; ` +
        "continuing without a token, since some servers need none",
    );
  }

  async function fresh(signal: AbortSignal): Promise<void> {
    if (login === undefined) return;
    open ??= logIn(login).finally(() => open = undefined);
    await abortable(open, signal, "no answer to the login in time");
  }

  return {
    get isDue() {
      return login !== undefined && tokenNow() === undefined && refusal === undefined;
    },
    now: () => ({ token: tokenNow(), own }),
    fresh,
    async renew(refused, signal) {
      // Expired, or not known to this server; another session may have a newer one by now.
      if (tokenNow() === refused.token) await fresh(signal);
      isApart ||= refused.token !== refused.own && own !== refused.own;
      return tokenNow() !== undefined && tokenNow() !== refused.token;
    },
    refusal: (isNeeded) => refusal && reasonOf(refusal, isNeeded),
    refused: (what) =>
      new RefusedError(whyRefused(what, options, refusal && reasonOf(refusal, true))),
  };
}

/** Why a request was refused, and what to change. */
function whyRefused(
  what: string,
  { login, loginVariables, accessKey }: LoginOptions,
  refusal: string | undefined,
): string {
  if (accessKey !== undefined && (login === undefined || refusal !== undefined)) {
    return `${what}; signed with the access key ${accessKey}: check NACOS_ACCESS_KEY and ` +
      "NACOS_SECRET_KEY, what that key may do, and the clock here";
  }
  if (login === undefined) {
    return `${what}; set NACOS_USERNAME and NACOS_PASSWORD_FILE (or NACOS_PASSWORD), for a cloud's ` +
      "Nacos NACOS_ACCESS_KEY and NACOS_SECRET_KEY_FILE (or NACOS_SECRET_KEY)";
  }
  const who = `user ${login.username}`;
  if (refusal !== undefined) return `login of ${who} failed: ${refusal}; check ${loginVariables}`;
  // On 2.2.4 `public:*:*` is for gRPC clients only, and `:*:*` for HTTP requests only.
  return `${what}; ${who} lacks the permission to read and write this namespace ` +
    "(namespaceId is its id, not its name; the default one is spelled :*:* on 2.x)";
}

/**
 * Asks for a token.
 *
 * @throws {UnreachableError}
 */
async function askForToken(
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
    reason: `${endpoint.root} has no login path, is the context path right ` +
      "(NACOS_SERVER_ADDR, NACOS_CONTEXT_PATH)?",
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
