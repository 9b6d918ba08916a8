import * as z from "zod/mini";
import { type Api, createApi } from "./api.ts";
import { isForbidden, throwIfUseless, useless } from "./answers.ts";
import type { Generation, Send } from "./dialect.ts";
import { UnreachableError } from "../../errors.ts";
import { type HttpAnswer, type HttpRequest, json } from "../../http/endpoint.ts";
import { shape } from "../../shape.ts";

/** What is asked of a server. */
export type ApiQuestion<Answer> = (api: Api) => Promise<Answer>;

const stateAnswer = shape(() => z.object({ data: z.object({ version: z.string() }) }));

/** Answered without a token on 3.x; 404 on 1.x and 2.x, and on the Central 2.2.4. */
export const STATE: HttpRequest = { method: "GET", path: "/v3/admin/core/state" };

/**
 * Finds out which generation of the API one server speaks.
 *
 * @param forced what the settings say it is
 */
export function createDetector(forced: Generation | undefined) {
  let known = forced;
  let version: string | undefined;
  let isStateForbidden = false;
  /** A v1 call was answered with the v3 one to use instead, as 3.1.0 does. */
  let isV1Gone = false;

  return {
    /** The server's version, where it says one. */
    get version(): string | undefined {
      return version;
    },
    /** Whether even the path that tells the generation is forbidden. */
    get isStateForbidden(): boolean {
      return isStateForbidden;
    },
    /**
     * Finds it out, where that is not known yet.
     *
     * @param plain sends without a token
     * @param withToken sends with one, after the login
     * @throws {UnreachableError}
     */
    async detect(plain: Send, withToken: Send): Promise<Generation> {
      if (known !== undefined) return known;
      const answer = await askForState(plain, withToken);
      const state = answer.status === 200 ? stateAnswer(json(answer.body)) : undefined;
      if (state) version = state.data.version;
      isStateForbidden = isForbidden(answer);
      const found = state ? "v3" : "v1";
      // Where it cannot be told, the answer to a v1 call tells.
      if (!isStateForbidden) known = found;
      return found;
    },
    /** Puts a question; once more in v3 where the server says that v1 is gone. */
    async put<Answer>(found: Generation, question: ApiQuestion<Answer>, send: Send) {
      let last: number | undefined;
      const watched: Send = async (what) => {
        const answer = await send(what);
        isV1Gone ||= answer.status === 410 && /\/v3\//.test(answer.body);
        last = answer.status;
        return answer;
      };
      try {
        const answer = await question(createApi(found, watched));
        if (last !== undefined) known ??= isV1Gone ? "v3" : found;
        return answer;
      } catch (error) {
        if (forced !== undefined) throw doubtOf(forced, error, last);
        if (!isV1Gone || found === "v3") throw error;
        version ??= "3.x";
        known = "v3";
        return await question(createApi(known, send));
      }
    },
    /** Forgets it: it may have been a wrong guess. */
    forget: () => void (known = forced),
  };
}

async function askForState(plain: Send, withToken: Send): Promise<HttpAnswer> {
  let answer = await plain(STATE);
  // No 3.x: 3.1.0 shows it to everybody, with auth on, too. r-nacos (0.8.8, auth on) forbids every
  // path to whoever has no token, also those that it has not; a gateway may forbid it.
  if (isForbidden(answer)) answer = await withToken(STATE);
  if (answer.status >= 500) throw useless(answer);
  throwIfUseless(answer);
  return answer;
}

/** A path that is not there may be one of the other generation. */
function doubtOf(forced: Generation, error: unknown, status: number | undefined): unknown {
  const isNoPath = status === 404 || status === 410;
  if (!isNoPath || !(error instanceof UnreachableError)) return error;
  return new UnreachableError(`${error.message}; is NACOS_API=${forced} right?`);
}
