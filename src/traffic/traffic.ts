/**
 * The requests that the app still gets, from its own counter.
 *
 * @module
 */

import { areMetrics, samplesOf } from "./prometheus.ts";
import type { trafficSettings } from "./settings.ts";
import { type Clock, timeout } from "../clock.ts";
import { asServiceOfflineError, UnreachableError } from "../errors.ts";
import type { Log } from "../log.ts";
import { basicToken } from "../http/credentials.ts";
import {
  createEndpoints,
  describeAnswer,
  type Endpoint,
  type HttpAnswer,
} from "../http/endpoint.ts";
import type { ServerAddress } from "../http/server_address.ts";
import { addUrlSecrets, createSecrets } from "../secrets.ts";
import type { commonSettings } from "../settings/common.ts";
import type { Values } from "../settings/setting.ts";

/** What is known about the requests. */
export interface TrafficReport {
  /** How many were counted since the first good read. */
  readonly requests: number;
  /** When the last one was seen, milliseconds since the epoch; undefined: none since that read. */
  readonly lastRequestAt: number | undefined;
  /** Over the last five seconds, to one decimal. */
  readonly requestsPerSecond: number;
  /** How long one request has been running, where it is a long one, seconds. */
  readonly runningSeconds: number | undefined;
  /** Whether the last read was good. */
  readonly readable: boolean;
}

/** The app's own count of its requests. */
export interface Traffic {
  /** How long no request may have come, seconds. */
  readonly quietSeconds: number;
  /**
   * Reads it about once a second until the signal fires. Never throws.
   *
   * @param signal ends it
   * @param onRead called after each read, good or not
   */
  watch(signal: AbortSignal, onRead: () => void): Promise<void>;
  /**
   * Whether no request has come for long enough, as far as can be told: a counter that cannot be
   * read holds nobody up, once that is known.
   */
  isQuiet(): boolean;
  /** What is known now. */
  readonly report: TrafficReport;
}

/** What it needs. */
export interface TrafficDeps {
  /** The time. */
  readonly clock: Clock;
  /** Where it says what is wrong. */
  readonly log: Log;
  /**
   * Makes the way to a server.
   *
   * @default {createEndpoints}
   */
  readonly endpoints?: typeof createEndpoints;
}

/** From one read to the next, milliseconds. */
const EVERY_MS = 1_000;
/** Longer than this a read is not waited for, milliseconds; Spring Boot 3.5 takes 5 to 15. */
const READ_MS = 3_000;
/**
 * A longer answer is not taken, bytes: 17 kB are usual and cost no memory that could be measured,
 * 1 MB costs 20 MiB of the app's container and 4 MB 90 (Deno 2.9.6).
 */
const MOST_BYTES = 1024 * 1024;
/** What the rate is taken from, milliseconds. */
const RATE_MS = 5_000;
/** How the name of Micrometer's timers ends where they count. */
const TIMER = "_seconds_count";
/**
 * So many reads without the metric mean that there is none: the first read counts as a request. As
 * many that fail mean that it cannot be read: one alone may pass, and requests flow meanwhile.
 */
const ENOUGH_MISSES = 2;

/**
 * The traffic of the app, where the settings say where it is counted. Nothing is done yet.
 *
 * @param values the settings, as far as they could be read
 * @param deps clock and log
 */
export function createTraffic(
  values: Partial<Values<typeof trafficSettings & typeof commonSettings>>,
  deps: TrafficDeps,
): Traffic | undefined {
  const { trafficUrl: url, trafficMetric = [], trafficExclude = [], quietSeconds = 0 } = values;
  if (url === undefined) return undefined;
  const { clock, log, endpoints = createEndpoints } = deps;
  // Running requests have no path yet (`uri="UNKNOWN"`), and our own read is one of them. Of their
  // longest time we can tell whether it is ours. It has this name from Spring Boot 3.2.12 to 3.5.16;
  // their number has three, and 2.7.18 has none of it.
  const running = trafficMetric.flatMap((name) =>
    name.endsWith(TIMER) ? name.slice(0, -TIMER.length) + "_active_seconds_max" : []
  );
  // At least a moment, so that the read that has seen a request is not the one that sees none.
  const quietMs = Math.max(1, quietSeconds * 1000);
  const isCounted = counts(url, trafficExclude);
  const ask = createAsk(url, values.caFile, clock, endpoints);

  /** Whether the last read was good; undefined before anything is known. */
  let readable: boolean | undefined;
  let readAt = 0;
  /** The count at the last good read. */
  let count: number | undefined;
  let misses = 0;
  let failures = 0;
  /** Since when there was no request that we know of. */
  let quietSince: number | undefined;
  let lastRequestAt: number | undefined;
  let runningSeconds: number | undefined;
  let requests = 0;
  let reads: { readonly at: number; readonly requests: number }[] = [];
  const said = new Set<string>();

  function once(event: string, message: string): void {
    if (!said.has(event)) log.warn(event, message);
    said.add(event);
  }

  function take(body: string, startedAt: number): void {
    const samples = samplesOf(body, [...trafficMetric, ...running]);
    const counters = samples.filter(({ name }) => trafficMetric.includes(name));
    if (samples.length === 0 && count === undefined) {
      // A series is there only once it has counted something; that of running requests is earlier.
      if (++misses < ENOUGH_MISSES) return;
      readable = false;
      return once(
        "traffic_missing",
        `There is no ${trafficMetric.join(", ")} in TRAFFIC_URL, so requests hold nothing up: ` +
          "check TRAFFIC_METRIC; an app that has had no request yet has none either",
      );
    }
    const now = sum(counters.filter(isCounted));
    // A first read tells what there was before, unless there was nothing.
    const before = count ?? (misses > 0 ? 0 : now);
    // An app that has restarted counts from zero: that is traffic, too.
    const came = now < before ? now : now - before;
    const elapsedMs = clock.now() - startedAt;
    const longest = Math.max(
      0,
      ...samples.filter(({ name }) => running.includes(name)).map(({ value }) => value),
    );
    // Ours has not taken longer than this read; what has ended within a second is in the counter.
    runningSeconds = longest * 1000 > elapsedMs + EVERY_MS ? longest : undefined;
    // It may have come until the answer did, and a busy app takes a second for that.
    if (now !== before || runningSeconds !== undefined) {
      lastRequestAt = quietSince = startedAt + elapsedMs;
    }
    quietSince ??= startedAt;
    requests += came;
    count = now;
    readable = true;
    readAt = startedAt;
    reads = [...reads, { at: startedAt, requests }]
      .filter((one) => one.at >= startedAt - RATE_MS);
  }

  return {
    quietSeconds,

    async watch(signal, onRead) {
      while (!signal.aborted) {
        const startedAt = clock.now();
        try {
          using limit = timeout(clock, READ_MS, signal);
          take(await ask(limit.signal), startedAt);
        } catch (thrown) {
          if (signal.aborted) return;
          if (++failures >= ENOUGH_MISSES || count !== undefined) {
            readable = false;
            once(
              "traffic_unreadable",
              `Cannot read TRAFFIC_URL: ${asServiceOfflineError(thrown).message}; ` +
                "until it can be read, requests hold nothing up",
            );
          }
        }
        onRead();
        await clock.sleep(startedAt + EVERY_MS - clock.now(), signal);
      }
    },

    isQuiet() {
      if (quietSince === undefined) return readable === false;
      const quietAt = quietSince + quietMs;
      // The last word has a read that has begun by then.
      return clock.now() >= quietAt && (readAt >= quietAt || readable === false);
    },

    get report() {
      const [first, last] = [reads.at(0), reads.at(-1)];
      const ms = first && last ? last.at - first.at : 0;
      const rate = first && last && ms > 0 ? (last.requests - first.requests) / ms * 1000 : 0;
      return {
        requests,
        lastRequestAt,
        requestsPerSecond: Math.round(rate * 10) / 10,
        runningSeconds,
        readable: readable === true,
      };
    },
  };
}

/**
 * How many requests there are, in words.
 *
 * @param report what is known
 */
export function trafficInWords({ requestsPerSecond, runningSeconds }: TrafficReport): string {
  const rate = `${requestsPerSecond.toFixed(1)} requests/s`;
  return runningSeconds === undefined
    ? rate
    : `${rate}, one running for ${Math.floor(runningSeconds)} s`;
}

function sum(samples: readonly { readonly value: number }[]): number {
  return samples.reduce((total, { value }) => total + value, 0);
}

/** Whether a series counts: which label has the path differs from library to library. */
function counts(
  { path = "" }: ServerAddress,
  exclude: readonly string[],
): (series: { readonly labels: readonly string[] }) => boolean {
  const [own = ""] = path.split("?");
  const prefixes = exclude.map((one) => one.replace(/(?<=.)\/$/, ""));
  const isExcluded = (label: string) =>
    // Spring leaves the context path out of its `uri`.
    /^\/./.test(label) && own.endsWith(label) ||
    prefixes.some((prefix) => label === prefix || label.startsWith(`${prefix}/`));
  return ({ labels }) => !labels.some(isExcluded);
}

/** The way to the metrics; made at the first read, since nothing optional stands before the write. */
function createAsk(
  { origin, path = "/", credentials }: ServerAddress,
  caCerts: string | undefined,
  clock: Clock,
  endpoints: typeof createEndpoints,
): (signal: AbortSignal) => Promise<string> {
  const secrets = createSecrets();
  addUrlSecrets(secrets, new URL(origin + path));
  // `*/*` for those that know only OpenMetrics; Spring Boot answers JSON, our usual, with 406.
  const headers: Record<string, string> = { accept: "text/plain;version=0.0.4, */*;q=0.5" };
  if (credentials) {
    secrets.add(credentials.password);
    secrets.add(basicToken(credentials));
    headers["authorization"] = `Basic ${basicToken(credentials)}`;
  }
  const isSecret = credentials !== undefined || path.includes("?");
  let endpoint: Endpoint | undefined;
  return async (signal) => {
    endpoint ??= endpoints([origin], { clock, secrets, caCerts })[0] as Endpoint;
    const answer = await endpoint.request(
      { method: "GET", path, headers, mostBytes: MOST_BYTES, isSecret },
      signal,
    );
    if (answer.status !== 200 || answer.isCut || !areMetrics(answer.body)) {
      throw new UnreachableError(`${describeAnswer(answer)}; ${adviceFor(answer)}`);
    }
    return answer.body;
  };
}

function adviceFor({ status, isCut }: HttpAnswer): string {
  if (status === 200 && isCut) return "that is more than is read of metrics";
  if (status === 200) return "no Prometheus text";
  if (status === 401 || status === 403) {
    return "let it be read without login, or write user:password@ into TRAFFIC_URL";
  }
  if (status === 404) {
    return "check the path; Spring Boot needs micrometer-registry-prometheus and " +
      "management.endpoints.web.exposure.include=prometheus";
  }
  return "no metrics";
}
