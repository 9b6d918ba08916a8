/**
 * One Nacos server as this run talks to it: its API generation, the login, the token.
 *
 * @module
 */

import * as z from "zod/mini";
import { RefusedError, UnreachableError } from "../../errors.ts";
import type { Log } from "../../log.ts";
import type { Secrets } from "../../secrets.ts";
import { shape } from "../../shape.ts";
import { abortable } from "../abortable.ts";
import { type Connection, createConnection } from "../connection.ts";
import { consolePort, GRPC_PORT } from "./wrong_port.ts";
import type { Credentials } from "../../http/credentials.ts";
import {
  describeAnswer,
  type Endpoint,
  type HttpAnswer,
  type HttpRequest,
  json,
} from "../../http/endpoint.ts";

/** The generation of the HTTP API: `v1` for Nacos 1.x and 2.x, `v3` for 3.x. */
export type NacosApi = "v1" | "v3";

/** The token that was given last. Servers of one cluster sign with the same key, so one does. */
export interface SharedToken {
  /** Undefined before the first login. */
  value: string | undefined;
}

/** What sessions need. */
export interface SessionOptions {
  /** Where it says what it does. */
  readonly log: Log;
  /** Learns the tokens. */
  readonly secrets: Secrets;
  /** Ends logins that are still open; a login is never cut short for anything less. */
  readonly signal: AbortSignal;
  /** Without it there is no login. */
  readonly login: Credentials | undefined;
  /** The variables that it was read from, in words. */
  readonly loginVariables: string;
  /** The generation, where it need not be asked. */
  readonly api: NacosApi | undefined;
  /** The token, shared with the other servers. */
  readonly token: SharedToken;
}

/** Sends a request with the token and hands back the answer; never one of 401 or 403. */
export type Send = (request: HttpRequest) => Promise<HttpAnswer>;

/** One server. */
export interface Session extends Omit<Connection, "lost"> {
  /** The server's version, where it says one. */
  readonly version: string | undefined;
  /**
   * Why the last login was refused.
   *
   * @param isNeeded whether the server does nothing without one: then some answers say more
   * @returns undefined where it was not
   */
  refusal(isNeeded: boolean): string | undefined;
  /**
   * Logs in if that is needed, finds out the generation, and lets `ask` put its question.
   *
   * @param ask gets the generation and a way to send requests with the token
   * @param signal ends the question
   */
  ask<Answer>(
    ask: (api: NacosApi, send: Send) => Promise<Answer>,
    signal: AbortSignal,
  ): Promise<Answer>;
}

const loginAnswer = shape(() => z.object({ accessToken: z.string() }));
const stateAnswer = shape(() => z.object({ data: z.object({ version: z.string() }) }));

/**
 * The paths of the login. The first works on 1.4.8 to 3.1.0 and stays in 3.2 as announced; the
 * second is 3.x only, for servers that no longer have the first.
 */
const LOGIN_PATHS = ["/v1/auth/users/login", "/v3/auth/user/login"];

/** Answered without a token on 3.x; 404 on 1.x and 2.x, and on the Central 2.2.4. */
const STATE: HttpRequest = { method: "GET", path: "/v3/admin/core/state" };

const LOGIN_LATE = "no answer to the login in time";

/**
 * Makes the session of one server.
 *
 * @param endpoint the server
 * @param options login, forced generation, the token shared with the other servers
 */
export function createSession(endpoint: Endpoint, options: SessionOptions): Session {
  const { log, token } = options;
  const connection = createConnection(endpoint);
  let api = options.api;
  let version: string | undefined;
  let loggingIn: Promise<void> | undefined;
  /** What the last login here gave. */
  let own: string | undefined;
  /** A token from elsewhere was refused here: this server is not of one cluster with the others. */
  let isApart = false;
  const tokenNow = () => isApart ? own : token.value;
  /** What stands before the token. r-nacos 0.8.5 takes the whole header for it. */
  let scheme = "Bearer ";
  /** Even the path that tells the generation is forbidden. */
  let isStateForbidden = false;
  /** A v1 call was answered with the v3 one to use instead, as 3.1.0 does. */
  let isV1Gone = false;
  /** Why the last login gave no token; the request then goes without, many servers want none. */
  let refusal: Session["refusal"] = () => undefined;

  function refuse(reason: string, unlessNeeded = "", detail = ""): void {
    const isNews = refusal(true) === undefined;
    refusal = (isNeeded) => reason + (isNeeded ? "" : unlessNeeded) + detail;
    if (!isNews) return;
    log.warn(
      "login_refused",
      `login of user ${options.login?.username} refused: ${refusal(false)}; ` +
        "going on without a token, some servers want none",
    );
  }

  async function request(what: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      return await endpoint.request(what, signal);
    } catch (error) {
      if (!(error instanceof UnreachableError) || error.kind !== "protocol") throw error;
      throw new UnreachableError(error.message + GRPC_PORT, { kind: error.kind, cause: error });
    }
  }

  /** Sends with the token, in the form that this server takes. */
  async function authorized(what: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const sentWith = tokenNow();
    if (sentWith === undefined) return await request(what, signal);
    const put = (before: string) =>
      request({ ...what, headers: { authorization: before + sentWith } }, signal);
    const answer = await put(scheme);
    if (!scheme || !isForbidden(answer) || !/unknown user!/.test(answer.body)) return answer;
    const bare = await put("");
    if (isForbidden(bare)) return answer;
    scheme = "";
    return bare;
  }

  async function login({ username, password }: Credentials): Promise<void> {
    const form = { username, password };
    for (const path of LOGIN_PATHS) {
      const post: HttpRequest = {
        method: "POST",
        path,
        form,
        isSecret: true,
        queueTest: STATE,
      };
      const answer = await request(post, options.signal);
      // 2.2.4 answers a wrong password so, and with its auth off every login.
      if (answer.status === 0) {
        const detail = ` (${answer.request} answered with status 0, as Nacos 2.2 does then)`;
        return refuse("the password is wrong", ", or the server's auth is off", detail);
      }
      if (answer.status === 404 || answer.status === 410) continue;
      const given = loginAnswer(json(answer.body))?.accessToken;
      if (answer.status === 200 && given) {
        token.value = own = given;
        options.secrets.add(given);
        refusal = () => undefined;
        return;
      }
      throwIfUseless(answer);
      return refuse(
        loginRefusal(answer, username),
        "",
        ` (${answer.request} answered ${answer.status})`,
      );
    }
    refuse(
      `${endpoint.root} has no login path, is the context path right ` +
        "(NACOS_SERVER_ADDR, NACOS_CONTEXT_PATH)?",
    );
  }

  /** One login at a time: whoever comes while one is open waits for it. */
  function freshToken(): Promise<void> {
    const { login: credentials } = options;
    if (credentials === undefined) return Promise.resolve();
    loggingIn ??= login(credentials).finally(() => loggingIn = undefined);
    return loggingIn;
  }

  async function detect(signal: AbortSignal, loggedIn?: Promise<void>): Promise<NacosApi> {
    if (api !== undefined) return api;
    let answer = await request(STATE, signal);
    if (isForbidden(answer)) {
      // No 3.x: 3.1.0 shows it to everybody, with auth on, too. r-nacos (0.8.8, auth on) forbids
      // every path to whoever has no token, also those that it has not; a gateway may forbid it.
      await loggedIn;
      answer = await authorized(STATE, signal);
    }
    if (answer.status >= 500) throw useless(answer);
    throwIfUseless(answer);
    const state = answer.status === 200 ? stateAnswer(json(answer.body)) : undefined;
    if (state) version = state.data.version;
    isStateForbidden = isForbidden(answer);
    const found = state ? "v3" : "v1";
    // Where it cannot be told, the answer to a v1 call tells.
    if (!isStateForbidden) api = found;
    return found;
  }

  async function send(
    what: HttpRequest,
    mayLogIn: boolean,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const sentWith = tokenNow();
    const ownBefore = own;
    const answer = await authorized(what, signal);
    if (isForbidden(answer)) {
      // Every measured version says so of a good token whose user may not: no login helps. The
      // other words are r-nacos', from its source (0.8.8).
      const forbidden = sentWith !== undefined &&
        /authorization failed|no such namespace permission/.test(answer.body);
      if (options.login === undefined || !mayLogIn || forbidden) throw refused(answer);
      // Expired, or not known to this server; another session may have a newer one by now.
      if (tokenNow() === sentWith) await abortable(freshToken(), signal, LOGIN_LATE);
      isApart ||= sentWith !== ownBefore && own !== ownBefore;
      if (tokenNow() === undefined || tokenNow() === sentWith) throw refused(answer);
      return await send(what, false, signal);
    }
    throwIfUseless(answer);
    isV1Gone ||= answer.status === 410 && /\/v3\//.test(answer.body);
    return answer;
  }

  function refused(answer: HttpAnswer): RefusedError {
    const { path } = STATE;
    const what = describeAnswer(answer) + (isStateForbidden ? ` (and ${path} is forbidden)` : "");
    if (options.login === undefined) {
      return new RefusedError(
        `${what}; set NACOS_USERNAME and NACOS_PASSWORD_FILE (or NACOS_PASSWORD)`,
      );
    }
    const who = `user ${options.login.username}`;
    const reason = refusal(true);
    return new RefusedError(
      reason === undefined
        // On 2.2.4 `public:*:*` is for gRPC clients only, and `:*:*` for HTTP requests only.
        ? `${what}; ${who} lacks the permission to read and write this namespace ` +
          "(namespaceId is its id, not its name; the default one is spelled :*:* on 2.x)"
        : `login of ${who} failed: ${reason}; check ${options.loginVariables}`,
    );
  }

  return {
    root: endpoint.root,
    get ownAddress() {
      return connection.ownAddress;
    },
    get version() {
      return version;
    },
    refusal: (isNeeded) => refusal(isNeeded),
    connect: connection.connect,
    async ask(ask, signal) {
      // A server that wants no token is not asked for one again before every request.
      const wantsToken = tokenNow() === undefined && options.login !== undefined &&
        refusal(true) === undefined;
      let isProven = false;
      const put = async (found: NacosApi) => {
        const answer = await ask(found, async (what) => {
          const sent = await send(what, !wantsToken, signal);
          isProven = true;
          return sent;
        });
        if (isProven) api ??= isV1Gone ? "v3" : found;
        return answer;
      };
      try {
        // The login first: it takes the server longest.
        const loggedIn = wantsToken ? abortable(freshToken(), signal, LOGIN_LATE) : undefined;
        const [found] = await Promise.all([detect(signal, loggedIn), loggedIn]);
        try {
          return await put(found);
        } catch (error) {
          if (!isV1Gone || found === "v3" || options.api !== undefined) throw error;
          version ??= "3.x";
          return await put(api = "v3");
        }
      } catch (error) {
        if (error instanceof UnreachableError) {
          connection.lost();
          // It may have been a wrong guess.
          api = options.api;
        }
        throw error;
      }
    },
  };
}

/** Why a login was refused. The server's own words may repeat the password, so they are not shown. */
function loginRefusal({ status, body }: HttpAnswer, username: string): string {
  // What a login that went well answers may be a token in another shape.
  if (status === 200) return "an answer without accessToken";
  // 2.2.4.
  if (body === `caused: ${username};`) return "there is no such user";
  // 1.4.8 and r-nacos 0.8.8; 2.5.1; 3.1.0.
  return /unknown user!|user not found|Handle API Compatibility failed/i.test(body)
    ? "user or password is wrong"
    : "no token was given";
}

function isForbidden({ status }: HttpAnswer): boolean {
  return status === 401 || status === 403;
}

function useless(answer: HttpAnswer): UnreachableError {
  return new UnreachableError(describeAnswer(answer) + consolePort(answer.body));
}

/** Throws where an answer is not the server's, or is its "not now". */
function throwIfUseless(answer: HttpAnswer): void {
  if (isPassing(answer) || consolePort(answer.body)) throw useless(answer);
}

/**
 * Whether an answer says no more than "not now": a starting node (it may answer 200 with this
 * text), a gateway without a server behind it, a cluster without a leader (400 was seen on the
 * Central 2.2.4, 500 stands in the source), r-nacos after many failed logins of a user (its source).
 */
function isPassing({ status, body }: HttpAnswer): boolean {
  if ([429, 502, 503, 504].includes(status)) return true;
  // Not in a good answer: there the words may stand in somebody's metadata.
  return (status !== 200 || !body.startsWith("{")) &&
    /server is (STARTING|DOWN)|do metadata operation failed|LOGIN_LIMIT/.test(body);
}
