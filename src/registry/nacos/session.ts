import type { Sign } from "./access_key.ts";
import { isForbidden, throwIfUseless, withPortAdvice } from "./answers.ts";
import type { Generation, Send } from "./dialect.ts";
import { type ApiQuestion, createDetector, STATE } from "./generation.ts";
import { createAuthorized } from "./authorized.ts";
import { createLogin, type Login, type LoginOptions, type Who } from "./login.ts";
import { UnreachableError } from "../../errors.ts";
import {
  describeAnswer,
  type Endpoint,
  type HttpAnswer,
  type HttpRequest,
} from "../../http/endpoint.ts";
import { type Connection, createConnection } from "../connection.ts";

/** What sessions need. */
export interface SessionOptions extends LoginOptions {
  /** The generation of the API, where the settings say it. */
  readonly generation: Generation | undefined;
  /** Without it requests are not signed. */
  readonly sign?: Sign | undefined;
}

/** One Nacos server as this run talks to it. */
export interface Session extends Connection, Pick<Login, "refusal"> {
  readonly who: Who;
  /** The server's version, where it says one. */
  readonly version: string | undefined;
  /**
   * Logs in if that is needed, finds out the generation of the API, and puts a question.
   *
   * @throws {RefusedError}
   * @throws {UnreachableError}
   */
  ask<Answer>(question: ApiQuestion<Answer>, signal: AbortSignal): Promise<Answer>;
}

export function createSession(bare: Endpoint, options: SessionOptions): Session {
  const endpoint = withPortAdvice(bare);
  const connection = createConnection(endpoint);
  const login = createLogin(endpoint, options);
  const detector = createDetector(options.generation);
  const authorized = createAuthorized(endpoint, login, options.sign);

  async function send(
    what: HttpRequest,
    mayLogIn: boolean,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const sent = login.now();
    const answer = await authorized(what, signal);
    if (!isForbidden(answer)) {
      throwIfUseless(answer);
      return answer;
    }
    const isFinal = sent.token !== undefined && isLackOfPermission(answer);
    if (mayLogIn && !isFinal && await login.renew(sent, signal)) {
      return await send(what, false, signal);
    }
    const more = detector.isStateForbidden ? ` (and ${STATE.path} is forbidden)` : "";
    throw login.refused(describeAnswer(answer) + more);
  }

  return {
    root: endpoint.root,
    who: options,
    get ownAddress() {
      return connection.ownAddress;
    },
    get version() {
      return detector.version;
    },
    refusal: login.refusal,
    connect: connection.connect,
    async ask(question, signal) {
      const { isDue } = login;
      try {
        // The login first: it takes the server longest.
        const loggedIn = isDue ? login.fresh(signal) : undefined;
        const plain: Send = (what) => endpoint.request(what, signal);
        const withToken: Send = async (what) => {
          await loggedIn;
          return await authorized(what, signal);
        };
        const [generation] = await Promise.all([detector.detect(plain, withToken), loggedIn]);
        return await detector.put(generation, question, (what) => send(what, !isDue, signal));
      } catch (error) {
        if (error instanceof UnreachableError) {
          connection.lost();
          detector.forget();
        }
        throw error;
      }
    },
  };
}

/**
 * Every measured version says so of a good token whose user may not: no login helps. The other words
 * are r-nacos', from its source (0.8.8).
 */
function isLackOfPermission({ body }: HttpAnswer): boolean {
  return /authorization failed|no such namespace permission/.test(body);
}
