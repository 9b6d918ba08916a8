import { isSprings, refused, unexpected } from "./answers.ts";
import { createList, type EurekaList } from "./read.ts";
import { UnreachableError } from "../../errors.ts";
import { basicToken, type Credentials } from "../../http/credentials.ts";
import { type Endpoint, type HttpAnswer, type HttpRequest, json } from "../../http/endpoint.ts";
import { createConnection, type OwnConnection } from "../connection.ts";
import type { Part } from "../long_list.ts";

/** Whether an instance of a long list has to be told from the others. */
export type MayBeMeant = (part: Part, ownAddress: string | undefined) => boolean;

/** Reads an answer, and a long list in it; undefined where it is something else. */
type Parse<Data> = (body: unknown, list: EurekaList) => Data | undefined;

/** The way to a server, and what is known about it by now. */
export interface Way {
  readonly endpoint: Endpoint;
  readonly connection: OwnConnection;
  /** Who asks; undefined for nobody. */
  readonly user: string | undefined;
  /** What to change where that is refused. */
  readonly advice: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly mayBeMeant: MayBeMeant;
  /** Whether the credentials were good for a read. */
  mayRead: boolean;
  /** Whether a Eureka has answered, and nobody else since; without bodies, with a 404 of its own. */
  isProven: boolean;
  /** Whether its 404s have Spring's body, or none as those of a Eureka without Spring. */
  hasBodies?: boolean | undefined;
}

export function createWay(
  endpoint: Endpoint,
  credentials: Credentials | undefined,
  advice: string,
  mayBeMeant: MayBeMeant,
): Way {
  return {
    endpoint,
    connection: createConnection(endpoint),
    user: credentials?.username,
    advice,
    headers: credentials ? { authorization: `Basic ${basicToken(credentials)}` } : {},
    mayBeMeant,
    mayRead: false,
    isProven: false,
  };
}

/**
 * @param known statuses of an answer that the caller knows what to do with
 * @throws {RefusedError}
 * @throws {UnreachableError}
 */
export async function send(
  way: Way,
  request: HttpRequest,
  signal: AbortSignal,
  known: readonly number[] = [200, 404],
): Promise<HttpAnswer> {
  try {
    const answer = await way.endpoint.request({
      ...request,
      headers: { ...request.headers, ...way.headers },
    }, signal);
    const { status } = answer;
    // Whatever it is, without a body it tells nothing more.
    if (request.method === "HEAD") return answer;
    if (status === 401 || status === 403) {
      throw refused(answer, way, way.mayRead && request.method !== "GET");
    }
    const isForeign = status === 404 && isForeign404(way, answer);
    if (isForeign || !known.includes(status)) throw unexpected(answer, request.path);
    return answer;
  } catch (error) {
    if (error instanceof UnreachableError) {
      way.connection.lost();
      forget(way);
    }
    throw error;
  }
}

/** Sends a read; undefined where the answer is that there is no such thing. */
export async function read<Data>(
  way: Way,
  path: string,
  parse: Parse<Data>,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Data | undefined> {
  const list = createList((one) => way.mayBeMeant(one, way.connection.ownAddress));
  const answer = await send(way, { method: "GET", path, headers, takeItem: list.takeItem }, signal);
  if (answer.status === 404) return undefined;
  const data = parse(json(answer.body), list);
  if (data === undefined) throw unexpected(answer);
  way.mayRead = true;
  way.isProven ||= way.hasBodies !== false;
  return data;
}

/** A page or a text is never a Eureka's; and one server has no two ways to say it. */
function isForeign404(way: Way, answer: HttpAnswer): boolean {
  const hasBody = isSprings(answer);
  const isForeign = !hasBody && answer.body !== "" || way.hasBodies === !hasBody;
  // A 404 without a body may be a gateway's, whoever has answered before.
  way.isProven &&= hasBody || way.hasBodies === false;
  way.hasBodies = hasBody;
  return isForeign;
}

/** Whoever answers next may be another. */
export function forget(way: Way): void {
  way.isProven = false;
  way.hasBodies = undefined;
}
