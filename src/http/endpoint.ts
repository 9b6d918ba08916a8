/**
 * HTTP to one server, without proxies and redirects.
 *
 * @module
 */

import { type Body, readBody, type TakeItem } from "./body.ts";
import type { Clock } from "../clock.ts";
import { ServiceOfflineError, UnreachableError } from "../errors.ts";
import { failureOf } from "./failure.ts";
import { requestBytes } from "./message.ts";
import { oneLine, shortened } from "../plain.ts";
import type { Secrets } from "../secrets.ts";
import { createWire, type Exchange, type WireOptions } from "./wire.ts";

export { json } from "./body.ts";

/** A request, relative to the server's root. */
export interface HttpRequest {
  /** The HTTP method. */
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Begins with a slash; comes after the context path. What follows a ? in it is never shown. */
  readonly path: string;
  /** Parameters of the URL; never a secret, they stand in access logs. */
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as `application/x-www-form-urlencoded`. */
  readonly form?: Readonly<Record<string, string>>;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * So much of the answer is read, bytes: enough for a login, a state, one instance.
   *
   * @default {65_536}
   */
  readonly maxBytes?: number;
  /** Makes the answer a list that may be long: then its items come here. */
  readonly takeItem?: TakeItem;
  /** Whether it carries a secret that the server may send back: then nothing of the body is shown. */
  readonly isSecret?: boolean;
  /** Whether it gets a connection of its own: the others may lead to a server that has gone. */
  readonly fresh?: true;
  /**
   * Of a request that costs the server much: a cheap one, whose quick answer shows that the server
   * has no queue. Only then it is sent once more beside an open one; see `hedge.ts`.
   */
  readonly queueTest?: HttpRequest;
}

/** An answer. */
export interface HttpAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** The body as text. */
  readonly body: string;
  /** Whether the body was longer than it may be: this is its beginning. */
  readonly isCut?: boolean;
  /** The beginning of the body as it may be shown: one line, without secrets; undefined for nothing. */
  readonly excerpt: string | undefined;
  /** The request in words, without its parameters: `GET http://nacos:8848/nacos/v1/ns/instance`. */
  readonly request: string;
}

/** One server of a registry. */
export interface Endpoint {
  /** Scheme, host, port and context path, without a slash at its end. */
  readonly root: string;
  /**
   * Opens a TCP connection: shows within milliseconds whether anybody is there, and which of our own
   * addresses leads there. The next request takes it.
   *
   * @returns our own address
   * @throws {UnreachableError}
   */
  connect(signal: AbortSignal): Promise<string>;
  /**
   * Sends a request and reads the whole answer, whatever its status.
   *
   * @throws {UnreachableError} no answer, or a broken one
   */
  request(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
}

/** What endpoints need. */
export interface EndpointOptions {
  /** The time. */
  readonly clock: Clock;
  /** Certificates (PEM) to trust for https besides the usual ones. */
  readonly caCerts: string | undefined;
  /** What answers may hold and nobody may see. */
  readonly secrets: Secrets;
  /** Connections are kept for further requests until it fires; without it each request has its own. */
  readonly keepUntil?: AbortSignal;
}

const FORM = "application/x-www-form-urlencoded;charset=UTF-8";

/** What is no list is no longer than this, bytes. */
const MAX_BODY_BYTES = 64 * 1024;

/** How much of an answer an error message shows, characters. */
const MAX_EXCERPT = 200;

/** How much of it is looked through for secrets; more than is shown, whatever white space is in it. */
const MAX_MASKED = 4_000;

/**
 * Makes the endpoints of some servers.
 *
 * @param roots their root URLs
 * @param options the clock and whom to trust
 * @throws {ServiceOfflineError} of outcome `settings` where a certificate is none
 */
export function createEndpoints(roots: readonly string[], options: EndpointOptions): Endpoint[] {
  const caCerts = options.caCerts ? [options.caCerts] : [];
  try {
    // What is wrong with a certificate shows here, and not at the first connection.
    if (caCerts.length > 0) Deno.createHttpClient({ caCerts }).close();
  } catch (error) {
    throw new ServiceOfflineError(
      "settings",
      `Cannot use CA_FILE: ${failureOf(error, false).reason}`,
    );
  }
  return roots.map((root) => createEndpoint(root, { ...options, caCerts }));
}

function createEndpoint(
  root: string,
  { secrets, ...options }: Omit<EndpointOptions, "caCerts"> & WireOptions,
): Endpoint {
  const url = new URL(root);
  const wire = createWire(url, options);
  const rootPath = url.pathname.replace(/\/$/, "");
  return {
    root,
    connect: (signal) => wire.connect(signal),
    async request(request, signal) {
      const words = `${request.method} ${root}${request.path.replace(/\?.*/, "")}`;
      try {
        const query = request.query ? `?${new URLSearchParams(request.query)}` : "";
        const form = request.form && new URLSearchParams(request.form).toString();
        const headers = {
          host: url.host,
          accept: "application/json",
          "accept-encoding": "identity",
          ...(options.keepUntil ? {} : { connection: "close" }),
          ...(form === undefined ? {} : { "content-type": FORM }),
          ...request.headers,
          // Also of nothing: gateways refuse a PUT that tells no length (411).
          ...(request.method.startsWith("P")
            ? { "content-length": String(form?.length ?? 0) }
            : {}),
        };
        const target = rootPath + request.path + query;
        const bytes = requestBytes(request.method, target, headers, form ?? "");
        using answer = await wire.exchange(
          { bytes, isHead: request.method === "HEAD", isFresh: request.fresh === true },
          signal,
        );
        const { status } = answer;
        const body = await bodyOf(answer, request);
        // A redirect would carry the token to whoever stands there; registries send none.
        const location = answer.headers.get("location");
        return {
          status,
          body: body.text,
          isCut: body.isCut,
          request: words,
          get excerpt() {
            // Masked once JSON is decoded, and before it is cut: a part of a secret may be left.
            const excerpt = (text: string) => {
              const masked = secrets.mask(text.replaceAll(/\s{9,}/g, " ").slice(0, MAX_MASKED));
              return shortened(oneLine(masked).trim().replaceAll(/\s+/g, " "), MAX_EXCERPT);
            };
            const where = request.isSecret ? location?.replace(/[?#].*/s, "") : location;
            if (where !== undefined) return `a redirect to ${excerpt(where)}`;
            return request.isSecret ? undefined : excerpt(textOf(body.text));
          },
        };
      } catch (error) {
        const { kind, reason, advice } = failureOf(error, options.caCerts.length > 0);
        // What has failed is named by our own words, which need no mask, where there was no
        // connection.
        const why = kind === "connection"
          ? reason
          : signal.aborted
          ? "no answer in time"
          : secrets.mask(reason) + (advice ? `; ${advice}` : "");
        throw new UnreachableError(`${words}: ${why}`, { kind, cause: error });
      }
    },
  };
}

/** A few kB that come packed may be a GB. */
async function bodyOf(answer: Exchange, { maxBytes, takeItem }: HttpRequest): Promise<Body> {
  const coding = answer.headers.get("content-encoding") ?? "identity";
  if (coding !== "identity") {
    const text = `an answer packed as ${coding}, although it was asked for plain`;
    return { text, isCut: false };
  }
  return await readBody(answer.body, maxBytes ?? MAX_BODY_BYTES, takeItem);
}

/** What an answer says; of a JSON object what it says for people, where it does. */
function textOf(body: string): string {
  try {
    // Spring's own errors have `error`, and a time, with which no two would be alike.
    const { message, error, data } = JSON.parse(body);
    if (typeof message === "string") {
      return typeof data === "string" ? `${message}: ${data}` : message;
    }
    if (typeof error === "string") return error;
  } catch {
    // Plain text, or null.
  }
  return body;
}

/**
 * An answer in words for an error message: the status and the beginning of the body.
 *
 * @param answer what came back
 */
export function describeAnswer(answer: HttpAnswer): string {
  const { request, status, body, excerpt, isCut } = answer;
  const size = isCut
    ? `, over ${body.length} characters`
    : !excerpt && !body.trim()
    ? " with no body"
    : "";
  return `${request} answered ${status}${size}${excerpt ? `: ${excerpt}` : ""}`;
}
