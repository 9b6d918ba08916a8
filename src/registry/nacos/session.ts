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
  /** Why the last login was refused. */
  readonly refusal: string | undefined;
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
  /** Why the last login gave no token; the request then goes without, many servers want none. */
  let refusal: string | undefined;

  function refuse(reason: string): void {
    if (refusal === undefined) {
      log.warn("login_refused", `${reason}; going on without a token, some servers want none`);
    }
    refusal = reason;
  }

  async function login({ username, password }: Credentials): Promise<void> {
    const form = { username, password };
    for (const path of LOGIN_PATHS) {
      let answer: HttpAnswer;
      try {
        const request: HttpRequest = {
          method: "POST",
          path,
          form,
          isSecret: true,
          queueTest: STATE,
        };
        answer = await endpoint.request(request, options.signal);
      } catch (error) {
        // 2.2.4 answers a wrong password with the status line `HTTP/1.1 0`, which fetch refuses.
        if (!(error instanceof UnreachableError) || !/status-code/.test(error.message)) throw error;
        return refuse(`${error.message}; Nacos 2.2 answers so when the password is wrong`);
      }
      if (answer.status === 404 || answer.status === 410) continue;
      const given = loginAnswer(json(answer.body))?.accessToken;
      if (answer.status === 200 && given) {
        token.value = given;
        options.secrets.add(given);
        refusal = undefined;
        return;
      }
      if (isPassing(answer)) throw new UnreachableError(describeAnswer(answer));
      // What a login that went well answers may be a token in another shape.
      const withoutBody = { ...answer, excerpt: "an answer without accessToken" };
      return refuse(describeAnswer(answer.status === 200 ? withoutBody : answer));
    }
    refuse(
      `${endpoint.root} has no login path: is the context path right ` +
        `(NACOS_SERVER_ADDR, NACOS_CONTEXT_PATH)?`,
    );
  }

  /** One login at a time: whoever comes while one is open waits for it. */
  function freshToken(): Promise<void> {
    const { login: credentials } = options;
    if (credentials === undefined) return Promise.resolve();
    loggingIn ??= login(credentials).finally(() => loggingIn = undefined);
    return loggingIn;
  }

  async function detect(signal: AbortSignal): Promise<NacosApi> {
    if (api !== undefined) return api;
    const answer = await endpoint.request(STATE, signal);
    if (isPassing(answer) || answer.status >= 500) {
      throw new UnreachableError(describeAnswer(answer));
    }
    const state = answer.status === 200 ? stateAnswer(json(answer.body)) : undefined;
    if (state) version = state.data.version;
    // Whoever forbids the path has it.
    const has = answer.status === 401 || answer.status === 403 ||
      state !== undefined;
    return api = has ? "v3" : "v1";
  }

  async function send(
    request: HttpRequest,
    mayLogIn: boolean,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const sentWith = token.value;
    const headers = sentWith === undefined ? {} : { authorization: `Bearer ${sentWith}` };
    const answer = await endpoint.request({ ...request, headers }, signal);
    if (answer.status === 401 || answer.status === 403) {
      // Every measured version says so of a good token whose user may not: no login helps.
      const forbidden = sentWith !== undefined && /authorization failed/.test(answer.body);
      if (options.login === undefined || !mayLogIn || forbidden) throw refused(answer);
      // Expired, or not known to this server; another session may have a newer one by now.
      if (token.value === sentWith) await abortable(freshToken(), signal, LOGIN_LATE);
      if (token.value === undefined || token.value === sentWith) throw refused(answer);
      return await send(request, false, signal);
    }
    if (isPassing(answer)) throw new UnreachableError(describeAnswer(answer));
    return answer;
  }

  function refused(answer: HttpAnswer): RefusedError {
    const what = describeAnswer(answer);
    if (options.login === undefined) {
      return new RefusedError(
        `${what}; set NACOS_USERNAME and NACOS_PASSWORD_FILE (or NACOS_PASSWORD)`,
      );
    }
    const who = `user ${options.login.username}`;
    return new RefusedError(
      refusal === undefined
        // On 2.2.4 `public:*:*` is for gRPC clients only, and `:*:*` for HTTP requests only.
        ? `${what}; ${who} lacks the permission to read and write this namespace ` +
          "(the default one is spelled :*:* on 2.x)"
        : `login of ${who} failed, check NACOS_USERNAME and NACOS_PASSWORD: ${refusal} ` +
          `(without a token: ${what})`,
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
    get refusal() {
      return refusal;
    },
    connect: connection.connect,
    async ask(ask, signal) {
      // A server that wants no token is not asked for one again before every request.
      const wantsToken = token.value === undefined && options.login !== undefined &&
        refusal === undefined;
      try {
        // The login first: it takes the server longest.
        const loggedIn = wantsToken ? abortable(freshToken(), signal, LOGIN_LATE) : undefined;
        const [found] = await Promise.all([detect(signal), loggedIn]);
        return await ask(found, (request) => send(request, !wantsToken, signal));
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

/**
 * Whether an answer says no more than "not now": a starting node (it may answer 200 with this
 * text), a gateway without a server behind it, a cluster without a leader (400 was seen on the
 * Central 2.2.4, 500 stands in the source).
 */
function isPassing({ status, body }: HttpAnswer): boolean {
  if ([429, 502, 503, 504].includes(status)) return true;
  // Not in a good answer: there the words may stand in somebody's metadata.
  return (status !== 200 || !body.startsWith("{")) &&
    /server is (STARTING|DOWN)|do metadata operation failed/.test(body);
}
