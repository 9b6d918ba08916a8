/**
 * HTTP to one server, without proxies and redirects.
 *
 * @module
 */

import { type Body, readBody, type TakeItem } from "./body.ts";
import { type Clock, timeout } from "../clock.ts";
import { ServiceOfflineError, UnreachableError } from "../errors.ts";
import { oneLine, shortened } from "../plain.ts";
import type { Secrets } from "../secrets.ts";
import { tlsAdvice } from "./tls.ts";

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
  readonly mostBytes?: number;
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
   * Opens a plain TCP connection and closes it again: shows within milliseconds whether anybody is
   * there, and which of our own addresses leads there.
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
}

/**
 * A server that does not accept a connection within this time is tried anew, milliseconds. In a
 * rollout the queue of connections overflows, and a lost SYN is repeated after 1, 3 and 7 s: with
 * 5 s, some of 200 hooks at once gave up on a Nacos 3.1.0 that was only busy.
 */
const CONNECT_TIMEOUT_MS = 15_000;

/** What is no list is no longer than this, bytes. */
const MOST_BODY_BYTES = 64 * 1024;

/** How much of an answer an error message shows, characters. */
const MOST_EXCERPT = 200;

/** How much of it is looked through for secrets; more than is shown, whatever white space is in it. */
const MOST_MASKED = 4_000;

/**
 * Makes the endpoints of some servers; they share one connection pool.
 *
 * Proxies: `fetch` obeys HTTP_PROXY and friends even for addresses inside the cluster, and so does
 * every `createHttpClient` (Deno 2.9.6). The one escape that was found to hold for http and https
 * alike is NO_PROXY, which `main.ts` sets before anything is sent. A `proxy` of transport `tcp`
 * does not do: for an https URL it sends the request in plain text.
 *
 * @param roots their root URLs
 * @param options the clock and whom to trust
 * @throws {ServiceOfflineError} of outcome `settings` where a certificate is none
 */
export function createEndpoints(roots: readonly string[], options: EndpointOptions): Endpoint[] {
  const { caCerts } = options;
  const trust = { caCerts: caCerts ? [caCerts] : [], allowHost: true };
  let client: Deno.HttpClient;
  let freshClient: Deno.HttpClient | undefined;
  try {
    client = Deno.createHttpClient(trust);
  } catch (error) {
    throw new ServiceOfflineError("settings", `Cannot use CA_FILE: ${reason(error)}`);
  }
  const clientFor = ({ fresh }: HttpRequest) =>
    fresh
      // One that keeps no connection opens a new one each time.
      ? freshClient ??= Deno.createHttpClient({ ...trust, poolMaxIdlePerHost: 0 })
      : client;
  return roots.map((root) => createEndpoint(root, clientFor, options));
}

function createEndpoint(
  root: string,
  clientFor: (request: HttpRequest) => Deno.HttpClient,
  options: EndpointOptions,
): Endpoint {
  const { clock, secrets } = options;
  const url = new URL(root);
  let target = root;
  return {
    root,
    async connect(signal) {
      const { localAddr, remoteAddr } = await connect(url, signal, clock);
      // A name may have several addresses, and one of them may be dead: `connect` goes on to the
      // next, `fetch` hangs (Deno 2.9.6). For https the name is needed to check the certificate.
      if (url.protocol === "http:") {
        const { hostname, port } = remoteAddr;
        const host = hostname.includes(":") ? `[${hostname}]` : hostname;
        target = `http://${host}:${port}${url.pathname.replace(/\/$/, "")}`;
      }
      return localAddr.hostname;
    },
    async request(request, signal) {
      const words = `${request.method} ${root}${request.path.replace(/\?.*/, "")}`;
      try {
        const { status, body, location } = await send(
          target,
          url.host,
          request,
          clientFor(request),
          signal,
        );
        return {
          status,
          body: body.text,
          isCut: body.isCut,
          request: words,
          get excerpt() {
            // Masked once JSON is decoded, and before it is cut: a part of a secret may be left.
            const excerpt = (text: string) => {
              const masked = secrets.mask(text.replaceAll(/\s{9,}/g, " ").slice(0, MOST_MASKED));
              return shortened(oneLine(masked).trim().replaceAll(/\s+/g, " "), MOST_EXCERPT);
            };
            const where = request.isSecret ? location?.replace(/[?#].*/s, "") : location;
            if (where !== undefined && where !== null) return `a redirect to ${excerpt(where)}`;
            return request.isSecret ? undefined : excerpt(textOf(body.text));
          },
        };
      } catch (error) {
        const why = signal.aborted ? "no answer in time" : secrets.mask(reason(error));
        const advice = tlsAdvice(why, options.caCerts !== undefined);
        throw new UnreachableError(`${words}: ${why}${advice ? `; ${advice}` : ""}`, {
          cause: error,
        });
      }
    },
  };
}

async function connect(url: URL, signal: AbortSignal, clock: Clock): Promise<Deno.TcpConn> {
  using limit = timeout(clock, CONNECT_TIMEOUT_MS, signal);
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  try {
    const connection = await Deno.connect({ hostname, port, signal: limit.signal });
    connection.close();
    return connection;
  } catch (error) {
    const why = limit.signal.aborted ? "no connection in time" : reason(error);
    throw new UnreachableError(`Cannot connect to ${url.origin}: ${why}`, { cause: error });
  }
}

async function send(
  target: string,
  host: string,
  request: HttpRequest,
  client: Deno.HttpClient,
  signal: AbortSignal,
): Promise<{ status: number; body: Body; location: string | null }> {
  const query = request.query ? `?${new URLSearchParams(request.query)}` : "";
  const response = await fetch(target + request.path + query, {
    client,
    signal,
    method: request.method,
    // A redirect would carry the token to whoever stands there; registries send none.
    redirect: "manual",
    headers: {
      accept: "application/json",
      // Deno's own is `gzip,br`, and a few kB that come so may be a GB. Where the header is set it
      // unpacks nothing (2.9.6).
      "accept-encoding": "identity",
      host,
      ...request.headers,
    },
    ...(request.form ? { body: new URLSearchParams(request.form) } : {}),
  });
  const { status, headers, body } = response;
  const location = headers.get("location");
  const coding = headers.get("content-encoding") ?? "identity";
  if (coding !== "identity") {
    body?.cancel().catch(() => {});
    const text = `an answer packed as ${coding}, although it was asked for plain`;
    return { status, body: { text, isCut: false }, location };
  }
  const most = request.mostBytes ?? MOST_BODY_BYTES;
  return { status, body: await readBody(body, most, request.takeItem), location };
}

/**
 * The reason in an error of `fetch` or `Deno.connect`. Those of `fetch` carry no code, only text in
 * `cause.message`, whose first part repeats the URL (Deno 2.9.6).
 */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause.message : "";
  const detail = cause.replace(/^error sending request .*?: (?=client error)/, "") || error.message;
  return /lookup address|dns error/i.test(detail)
    ? `the host name cannot be resolved (${detail})`
    : detail;
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
