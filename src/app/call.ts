import type { CallMethod } from "./settings.ts";
import { fillIn, type Names } from "./url.ts";
import { backoffMs } from "../backoff.ts";
import { type Clock, timeout } from "../clock.ts";
import { asServiceOfflineError, UnreachableError } from "../errors.ts";
import { createEndpoints, describeAnswer } from "../http/endpoint.ts";
import { addPossibleSecret, addUrlSecrets, createSecrets } from "../secrets.ts";

/** What to call. */
export interface CallOptions {
  /** The time. */
  readonly clock: Clock;
  /** Where, with gaps. */
  readonly url: string;
  /** How. */
  readonly method: CallMethod;
  /** What to send along; secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** How long all of it may take, milliseconds. */
  readonly timeoutMs: number;
  /** Certificates (PEM) to trust besides the usual ones. */
  readonly caCerts: string | undefined;
}

/**
 * Calls once and says what came of it; never throws.
 *
 * @param names fills the gaps of the URL
 * @param mostMs how long it may take, where that is less than its own time
 * @param signal ends it early
 */
export type AppCall = (
  names: Names,
  mostMs: number,
  signal?: AbortSignal,
) => Promise<CallReport>;

/** What came of a call, as the end line shows it. */
export interface CallReport {
  /** Whether the answer was a good one. */
  readonly ok: boolean;
  /** What was asked and what came back, in words: scheme, host and path, no parameters. */
  readonly reason: string;
  /** When it began, milliseconds since the epoch. */
  readonly calledAt: number;
  /** How long it took. */
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
 *
 * @param options what to call
 */
export function createCall(options: CallOptions): AppCall {
  return (names, mostMs, signal) =>
    call(options, names, Math.min(mostMs, options.timeoutMs), signal);
}

async function call(
  options: CallOptions,
  names: Names,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<CallReport> {
  const { clock, method, headers, caCerts } = options;
  const calledAt = clock.now();
  const report = (ok: boolean, reason: string): CallReport => {
    return { ok, reason, calledAt, tookMs: clock.now() - calledAt };
  };
  try {
    const url = fillIn(options.url, names);
    const secrets = createSecrets();
    for (const value of Object.values(headers)) {
      // Whoever sends back a credential may leave out the word before it.
      for (const part of [value, value.replace(/^\w+ +/, "")]) addPossibleSecret(secrets, part);
    }
    addUrlSecrets(secrets, url);
    using limit = timeout(clock, limitMs, signal);
    const path = url.pathname + url.search;
    for (let tries = 1;; tries++) {
      try {
        const [endpoint] = createEndpoints([url.origin], { clock, secrets, caCerts });
        // A redirect is none of ours: it would carry the headers to whoever stands there.
        const answer = await endpoint!.request(
          {
            method,
            path,
            headers: { ...USUAL_HEADERS, ...headers },
            isSecret: Object.keys(headers).length > 0 || url.search !== "",
          },
          limit.signal,
        );
        return report(answer.status >= 200 && answer.status < 300, describeAnswer(answer));
      } catch (thrown) {
        const error = asServiceOfflineError(thrown);
        const isRefused = error instanceof UnreachableError && error.kind === "connection";
        if (!isRefused || tries === MAX_TRIES) return report(false, error.message);
        await clock.sleep(backoffMs(tries, error), limit.signal);
        if (limit.signal.aborted) return report(false, error.message);
      }
    }
  } catch (thrown) {
    // Nothing was sent: a gap that cannot be filled, a certificate that is none.
    return report(false, `not called: ${(thrown as Error).message}`);
  }
}
