import { RefusedError, UnreachableError } from "../../errors.ts";
import { describeAnswer, type HttpAnswer, json } from "../../http/endpoint.ts";

/**
 * Whether this is a 404 as Spring makes it for a Eureka (4.3.1), and for any app on servlets. Spring
 * Cloud Gateway, which is none, adds a `requestId`.
 */
export function isSprings({ body }: HttpAnswer): boolean {
  const { status, requestId } = Object(json(body));
  return status === 404 && requestId === undefined;
}

/** The error for an answer that fits no expectation. */
export function unexpected(answer: HttpAnswer, path = ""): UnreachableError {
  const { status } = answer;
  // Tomcat's own answer (10.1) to an encoded slash or backslash, and nothing helps.
  const why = status === 400 && /%2F|%5C/.test(path)
    ? "an id with a slash or backslash cannot be addressed"
    : "not what a Eureka server answers to this" +
      (status === 404 ? "; is the path in EUREKA_URL right?" : "");
  return new UnreachableError(`${describeAnswer(answer)}; ${why}`);
}

/**
 * The error for a request that is forbidden.
 *
 * @param user who has asked; undefined for nobody
 * @param advice what to change for another one to ask
 * @param mayOnlyRead whether it is a write, and the same user was good for a read
 */
export function refused(
  answer: HttpAnswer,
  { user, advice }: { readonly user: string | undefined; readonly advice: string },
  mayOnlyRead: boolean,
): RefusedError {
  const isCsrf = user !== undefined && mayOnlyRead;
  const what = isCsrf
    ? "reading is allowed, so this is most likely Spring Security's CSRF protection: switch it off " +
      "for /eureka/** on the server"
    : advice;
  return new RefusedError(`${describeAnswer(answer)}; ${what}`);
}
