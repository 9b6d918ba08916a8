import { type Body, readBody, type TakeItem } from "./body.ts";
import { excerptOf, type HttpAnswer } from "./answer.ts";
import { failureOf } from "./failure.ts";
import { requestBytes } from "./message.ts";
import { createWire, type Exchange, type WireOptions } from "./wire.ts";
import { ServiceOfflineError, UnreachableError } from "../errors.ts";
import type { Secrets } from "../secrets.ts";

export { describeAnswer, type HttpAnswer } from "./answer.ts";
export { json } from "./body.ts";

/** A request, relative to the server's root. */
export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Begins with a slash, follows the context path. What follows a ? is never shown. */
  readonly path: string;
  /** Parameters of the URL: no secrets, since access logs show them. */
  readonly query?: Readonly<Record<string, string>>;
  /** Sent as `application/x-www-form-urlencoded`. */
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * A longer answer is cut, unless it is a list: 64 kB hold a login, a state, an instance.
   *
   * @default {65_536}
   */
  readonly maxBytes?: number;
  /** Says that the answer may be a long list, and gets its items. */
  readonly takeItem?: TakeItem;
  /** Whether the server may send a secret back: then nothing of its answer is shown. */
  readonly isSecret?: boolean;
  /** Asks for a new connection: the old ones may lead to a server that has gone. */
  readonly fresh?: true;
  /**
   * For a request that costs the server much: a cheap one that is sent first before the costly one
   * is repeated. Its quick answer shows that the server has no queue; see `hedge.ts`.
   */
  readonly queueTest?: HttpRequest;
}

/** One server of a registry. */
export interface Endpoint {
  /** Scheme, host, port and context path, without a slash at its end. */
  readonly root: string;
  /**
   * Opens a TCP connection, which the next request uses. Shows within milliseconds whether anybody
   * is there.
   *
   * @returns our own address on the way there
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
interface EndpointOptions extends WireOptions {
  /** What is masked in answers. */
  readonly secrets: Secrets;
}

const FORM = "application/x-www-form-urlencoded;charset=UTF-8";

/** Bytes of an answer that is no list. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * Makes endpoints: HTTP without proxies and redirects.
 *
 * @param roots URLs with context paths
 * @throws {ServiceOfflineError} of outcome `settings` where a certificate cannot be used
 */
export function createEndpoints(roots: readonly string[], options: EndpointOptions): Endpoint[] {
  // Without TLS nobody asks for them.
  const { caCerts, client } = roots.some((one) => one.startsWith("https:")) ? options : {};
  if (caCerts) tryOut("CA_FILE", { caCerts: [caCerts] });
  if (client) tryOut("CLIENT_CERT_FILE with CLIENT_KEY_FILE", client);
  return roots.map((root) => createEndpoint(root, options));
}

/** A broken certificate shows here already, not only at the first connection. */
function tryOut(
  settings: string,
  options: Deno.CreateHttpClientOptions | Deno.TlsCertifiedKeyPem,
): void {
  try {
    Deno.createHttpClient(options).close();
  } catch (error) {
    const { reason, advice = reason } = failureOf(error);
    throw new ServiceOfflineError("settings", `Cannot use ${settings}: ${advice}`);
  }
}

function createEndpoint(root: string, options: EndpointOptions): Endpoint {
  const { secrets, keepUntil } = options;
  const url = new URL(root);
  const wire = createWire(url, options);
  return {
    root,
    connect: wire.connect,
    async request(request, signal) {
      const words = `${request.method} ${root}${request.path.replace(/\?.*/, "")}`;
      try {
        const sent = {
          bytes: bytesOf(request, url, keepUntil !== undefined),
          isHead: request.method === "HEAD",
          isFresh: request.fresh === true,
        };
        using answer = await wire.exchange(sent, signal);
        const { text, isCut } = await bodyOf(answer, request);
        const location = answer.headers.get("location");
        return {
          status: answer.status,
          body: text,
          isCut,
          request: words,
          get excerpt() {
            return excerptOf(text, location, request.isSecret === true, secrets);
          },
        };
      } catch (error) {
        const { kind, reason, advice } = failureOf(error, options);
        const why = signal.aborted ? "no answer in time" : secrets.mask(reason);
        // Without a connection the words are our own and need no mask.
        const what = kind === "connection" ? reason : why + (advice ? `; ${advice}` : "");
        throw new UnreachableError(`${words}: ${what}`, { kind, cause: error });
      }
    },
  };
}

/** A request as it is sent. */
function bytesOf(request: HttpRequest, { host, pathname }: URL, keepsOpen: boolean): Uint8Array {
  const { method, path, query } = request;
  const form = request.form && new URLSearchParams(request.form).toString();
  const headers = {
    host,
    accept: "application/json",
    "accept-encoding": "identity",
    ...(keepsOpen ? {} : { connection: "close" }),
    ...(form === undefined ? {} : { "content-type": FORM }),
    ...request.headers,
    // Also where the body is empty: gateways refuse a PUT without a length (411).
    ...(method.startsWith("P") ? { "content-length": String(form?.length ?? 0) } : {}),
  };
  const target = pathname.replace(/\/$/, "") + path +
    (query ? `?${new URLSearchParams(query)}` : "");
  return requestBytes(method, target, headers, form ?? "");
}

/** A packed body is not read: a few kB may unpack to a GB. */
async function bodyOf(answer: Exchange, { maxBytes, takeItem }: HttpRequest): Promise<Body> {
  const coding = answer.headers.get("content-encoding") ?? "identity";
  if (coding !== "identity") {
    const text = `the answer is packed as ${coding}, although plain was asked for`;
    return { text, isCut: false };
  }
  return await readBody(answer.body, maxBytes ?? MAX_BODY_BYTES, takeItem);
}
