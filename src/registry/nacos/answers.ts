import { UnreachableError } from "../../errors.ts";
import { describeAnswer, type Endpoint, type HttpAnswer } from "../../http/endpoint.ts";

const portAdvice = (port: string) =>
  `; this looks like ${port}: NACOS_SERVER_ADDR needs the server's own, 8848 by default`;

/**
 * An endpoint whose errors say which port it may be where something else than HTTP/1.1 answers: the
 * gRPC ports speak HTTP/2 (2.2.4, 3.1.0, r-nacos 0.8.8).
 */
export function withPortAdvice(endpoint: Endpoint): Endpoint {
  return {
    ...endpoint,
    async request(what, signal) {
      try {
        return await endpoint.request(what, signal);
      } catch (cause) {
        if (!(cause instanceof UnreachableError) || cause.kind !== "protocol") throw cause;
        const message = cause.message + portAdvice("the gRPC port (9848 by default)");
        throw new UnreachableError(message, { kind: cause.kind, cause });
      }
    },
  };
}

/** Whether a token, or another one, may help. */
export function isForbidden({ status }: HttpAnswer): boolean {
  return status === 401 || status === 403;
}

/** A server without the call, or a gateway that lets through only what apps use. */
export function isNoCall({ status }: HttpAnswer): boolean {
  return [404, 405, 410, 501].includes(status);
}

/** The error for an answer that says nothing about what was asked. */
export function useless(answer: HttpAnswer): UnreachableError {
  const advice = isConsole(answer) ? portAdvice("the console's port") : "";
  return new UnreachableError(describeAnswer(answer) + advice);
}

/** Throws where an answer is not the server's, or is its "not now". */
export function throwIfUseless(answer: HttpAnswer): void {
  if (isPassing(answer) || isConsole(answer)) throw useless(answer);
}

/** The consoles of 3.1.0 and of r-nacos 0.8.8 answer so to paths of the API. */
function isConsole({ body }: HttpAnswer): boolean {
  return /^(caused: No static resource |\{"data":null,"success":false,"code":"NO_LOGIN")/.test(
    body,
  );
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
