/** A server that answers as a test says, without HTTP. */

import { UnreachableError } from "../../src/errors.ts";
import type { Endpoint, HttpAnswer, HttpRequest } from "../../src/http/endpoint.ts";

/** What a server says to a request: status and body, an error, or nothing for now. */
export type Said = readonly [status: number, body?: string] | Error | Promise<FakeAnswer>;

type FakeAnswer = readonly [status: number, body?: string];

interface FakeEndpoint extends Endpoint {
  /** What was asked, oldest first: `GET /v1/ns/instance`. */
  readonly requests: string[];
  /** The Authorization header of each request; undefined for none. */
  readonly authorizations: (string | undefined)[];
  connects(): number;
}

export function createFakeEndpoint(
  say: (asked: string, request: HttpRequest) => Said,
): FakeEndpoint {
  const requests: string[] = [];
  const authorizations: (string | undefined)[] = [];
  let connects = 0;
  return {
    root: "http://n1:8848/nacos",
    requests,
    authorizations,
    connects: () => connects,
    connect() {
      connects++;
      return Promise.resolve("10.0.0.7");
    },
    async request(request): Promise<HttpAnswer> {
      const asked = `${request.method} ${request.path}`;
      requests.push(asked);
      authorizations.push(request.headers?.["authorization"]);
      const said = await say(asked, request);
      if (said instanceof Error) throw said;
      const [status, body = ""] = said;
      return { status, body, excerpt: body, request: asked };
    },
  };
}

export function noAnswer(): Error {
  return new UnreachableError("no answer in time");
}
