/** What `check` asks one Nacos server. */

import * as z from "zod/mini";
import { ifAnswered } from "../if_allowed.ts";
import type { Who } from "./login.ts";
import type { Place } from "./place.ts";
import type { Session } from "./session.ts";
import { shape } from "../../shape.ts";
import { type Finding, permission } from "../examine.ts";
import { type HttpRequest, json } from "../../http/endpoint.ts";

const stateAnswer = shape(() => z.object({ version: z.string() }));

/**
 * Looks at one server.
 *
 * @param session connected
 * @param place where the instance is looked for; known once there is a connection
 */
export async function* lookAtServer(
  session: Session,
  place: () => Place,
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const reach = () => session.ask(({ generation }) => Promise.resolve(generation), signal);
  // What has only the older path is no 3.x, whatever NACOS_API says.
  const isOlder = await reach() === "v1";
  const version = session.version ?? (isOlder ? await olderVersion(session, signal) : undefined);
  const at = place();
  const read = await permission("read", session.ask((api) => api.find(at), signal));
  // No version and no answer that a Nacos gives: it is something else.
  if (version === undefined && read.ok === null) {
    yield { about: "server", ok: false, text: read.text };
    return;
  }
  const named = version ?? session.version ?? "of a version it does not say";
  const generation = await reach();
  const text = `Nacos ${named}; its API is ${generation}`;
  yield { about: "server", ok: true, text, generation };
  const write = await permission("write", session.ask((api) => api.tryWrite(at), signal));
  const may = read.ok === true && write.ok === true;
  const refusal = session.refusal(!may);
  const refused = [read, write].find(({ ok }) => ok === false);
  yield login(session.who, refusal, may, refused?.text ?? "");
  for (const one of [read, write]) {
    // The login has said why.
    yield refusal !== undefined && session.who.accessKey === undefined && one.ok === false
      ? { ...one, text: "not without a login" }
      : one;
  }
}

/** 1.x and 2.x say it here, without a token; the 2.2.4 of Maven Central, without a console, nowhere. */
async function olderVersion(session: Session, signal: AbortSignal): Promise<string | undefined> {
  const request: HttpRequest = { method: "GET", path: "/v1/console/server/state" };
  const answer = await ifAnswered(session.ask(({ send }) => send(request), signal));
  return answer && stateAnswer(json(answer.body))?.version;
}

function login(
  { login: credentials, loginAdvice, accessKey }: Who,
  refusal: string | undefined,
  may: boolean,
  why: string,
): Finding {
  const about = "login";
  const user = credentials?.username;
  if (accessKey !== undefined && (user === undefined || refusal !== undefined)) {
    return { about, ok: may || null, text: `none, signed with the access key ${accessKey}` };
  }
  if (user === undefined) {
    return { about, ok: may || null, text: may ? "not needed" : loginAdvice };
  }
  if (refusal === undefined) return { about, ok: true, text: `as user ${user}` };
  return may
    ? { about, ok: null, text: `refused for user ${user}, but none is needed: ${refusal}` }
    : { about, ok: false, text: why || `refused for user ${user}: ${refusal}` };
}
