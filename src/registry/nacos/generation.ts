import * as z from "zod/mini";
import { type Api, createApi } from "./api.ts";
import { isForbidden, throwIfUseless, useless } from "./answers.ts";
import type { Generation, Send } from "./dialect.ts";
import { UnreachableError } from "../../errors.ts";
import { type HttpRequest, json } from "../../http/endpoint.ts";
import { shape } from "../../shape.ts";

/** What is asked of a server. */
export type ApiQuestion<Answer> = (api: Api) => Promise<Answer>;

/** Which generation of the API a server speaks. */
interface Detector {
  /** The server's version, where it says one. */
  readonly version: string | undefined;
  /** Whether even the path that tells the generation is forbidden. */
  readonly isStateForbidden: boolean;
  /**
   * Finds it out, where that is not known yet.
   *
   * @param plain sends without a token
   * @param withToken sends with one, after the login
   * @throws {UnreachableError}
   */
  detect(plain: Send, withToken: Send): Promise<Generation>;
  /** Puts a question; once more in v3 where the server says that v1 is gone. */
  put<Answer>(found: Generation, question: ApiQuestion<Answer>, send: Send): Promise<Answer>;
  /** Forgets it: it may have been a wrong guess. */
  forget(): void;
}

const stateAnswer = shape(() => z.object({ data: z.object({ version: z.string() }) }));

/** Answered without a token on 3.x; 404 on 1.x and 2.x, and on the Central 2.2.4. */
export const STATE: HttpRequest = { method: "GET", path: "/v3/admin/core/state" };

/**
 * Finds out the generation of one server.
 *
 * @param forced what the settings say it is
 */
export function createDetector(forced: Generation | undefined): Detector {
  let known = forced;
  let version: string | undefined;
  let isStateForbidden = false;
  /** A v1 call was answered with the v3 one to use instead, as 3.1.0 does. */
  let isV1Gone = false;

  async function put<Answer>(found: Generation, question: ApiQuestion<Answer>, send: Send) {
    let last: number | undefined;
    const api = createApi(found, async (what) => {
      const sent = await send(what);
      isV1Gone ||= sent.status === 410 && /\/v3\//.test(sent.body);
      last = sent.status;
      return sent;
    });
    const answer = await question(api).catch((error) => {
      const isNoPath = last === 404 || last === 410;
      if (forced === undefined || !isNoPath || !(error instanceof UnreachableError)) throw error;
      throw new UnreachableError(`${error.message}; is NACOS_API=${forced} right?`);
    });
    if (last !== undefined) known ??= isV1Gone ? "v3" : found;
    return answer;
  }

  return {
    get version() {
      return version;
    },
    get isStateForbidden() {
      return isStateForbidden;
    },
    async detect(plain, withToken) {
      if (known !== undefined) return known;
      let answer = await plain(STATE);
      // No 3.x: 3.1.0 shows it to everybody, with auth on, too. r-nacos (0.8.8, auth on) forbids
      // every path to whoever has no token, also those that it has not; a gateway may forbid it.
      if (isForbidden(answer)) answer = await withToken(STATE);
      if (answer.status >= 500) throw useless(answer);
      throwIfUseless(answer);
      const state = answer.status === 200 ? stateAnswer(json(answer.body)) : undefined;
      if (state) version = state.data.version;
      isStateForbidden = isForbidden(answer);
      const found = state ? "v3" : "v1";
      // Where it cannot be told, the answer to a v1 call tells.
      if (!isStateForbidden) known = found;
      return found;
    },
    async put(found, question, send) {
      try {
        return await put(found, question, send);
      } catch (error) {
        if (!isV1Gone || found === "v3" || forced !== undefined) throw error;
        version ??= "3.x";
        return await put(known = "v3", question, send);
      }
    },
    forget: () => void (known = forced),
  };
}
