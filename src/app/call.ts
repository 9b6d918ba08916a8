import type { CallMethod } from "./settings.ts";
import { fillIn } from "./url.ts";
import { backoffMs } from "../backoff.ts";
import { type Clock, timeout } from "../clock.ts";
import { UnreachableError } from "../errors.ts";
import {
  createEndpoints,
  describeAnswer,
  type HttpAnswer,
  type HttpRequest,
} from "../http/endpoint.ts";
import type { InstanceNames } from "../registry/registry.ts";
import { addPossibleSecret, addUrlSecrets, createSecrets } from "../secrets.ts";

/** What to call. */
export interface CallOptions {
  readonly clock: Clock;
  /** With gaps, see {@linkcode fillIn}. */
  readonly url: string;
  readonly method: CallMethod;
  /** What to send along; secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** For all tries together. */
  readonly timeoutMs: number;
  /** Certificates (PEM) to trust besides the usual ones. */
  readonly caCerts: string | undefined;
}

/**
 * Calls and says what came of it; never throws.
 *
 * @param names fills the gaps of the URL
 * @param maxMs counts where it is less than the call's own time
 */
export type AppCall = (
  names: InstanceNames,
  maxMs: number,
  signal?: AbortSignal,
) => Promise<CallReport>;

/** What came of a call, as the end line shows it. */
export interface CallReport {
  /** Whether the status was one of 200 to 299. */
  readonly ok: boolean;
  /** What was asked and what came back, in words: scheme, host and path, no parameters. */
  readonly reason: string;
  /** When it began, milliseconds since the epoch. */
  readonly calledAt: number;
  readonly tookMs: number;
}

/**
 * Spring's actuator answers 415 to a POST that does not name one of its types, parameters in the URL
 * and an empty body or not (Boot 3.5.16).
 */
const USUAL_HEADERS = { "content-type": "application/json" };
/** A restart takes a moment; an app that does not listen now has long been ending. */
const MAX_TRIES = 3;

/**
 * Prepares a call. It is tried again only while there is no connection: what may have arrived is
 * never sent twice.
 */
export function createCall(options: CallOptions): AppCall {
  const { clock, url, timeoutMs } = options;
  return async (names, maxMs, signal) => {
    const calledAt = clock.now();
    const report = (ok: boolean, reason: string): CallReport => {
      return { ok, reason: withoutTokens(reason, url), calledAt, tookMs: clock.now() - calledAt };
    };
    try {
      using limit = timeout(clock, Math.min(maxMs, timeoutMs), signal);
      const answer = await send(options, fillIn(url, names), limit.signal);
      return report(answer.status >= 200 && answer.status < 300, describeAnswer(answer));
    } catch (thrown) {
      const { message } = thrown as Error;
      // Otherwise nothing was sent: a gap that cannot be filled, a certificate that is none.
      return report(false, thrown instanceof UnreachableError ? message : `not called: ${message}`);
    }
  };
}

/** Webhooks of Slack, Feishu and Discord have their token in the path. */
function withoutTokens(reason: string, url: string): string {
  const tokens = url.split(/[/?#]/).filter((part) =>
    /^(?=.*(\d|[a-z][A-Z]))[\w:-]{20,}$/.test(part)
  );
  return tokens.reduce((text, token) => text.replaceAll(token, "***"), reason);
}

async function send(options: CallOptions, url: URL, signal: AbortSignal): Promise<HttpAnswer> {
  const { clock, method, headers, caCerts } = options;
  const secrets = createSecrets();
  for (const value of Object.values(headers)) {
    // Whoever sends back a credential may leave out the word before it.
    for (const part of [value, value.replace(/^\w+ +/, "")]) addPossibleSecret(secrets, part);
  }
  addUrlSecrets(secrets, url);
  const [endpoint] = createEndpoints([url.origin], { clock, secrets, caCerts });
  const request: HttpRequest = {
    method,
    path: url.pathname + url.search,
    headers: { ...USUAL_HEADERS, ...headers },
    isSecret: Object.keys(headers).length > 0 || url.search !== "",
  };
  for (let tries = 1;; tries++) {
    try {
      // A redirect is none of ours: it would carry the headers to whoever stands there.
      return await endpoint!.request(request, signal);
    } catch (thrown) {
      const isRefused = thrown instanceof UnreachableError && thrown.kind === "connection";
      if (!isRefused || tries === MAX_TRIES) throw thrown;
      await clock.sleep(backoffMs(tries, thrown), signal);
      if (signal.aborted) throw thrown;
    }
  }
}
