import { areMetrics, type Sample, samplesOf } from "./prometheus.ts";
import type { trafficSettings } from "./settings.ts";
import type { Reading } from "./state.ts";
import type { Clock } from "../clock.ts";
import { UnreachableError } from "../errors.ts";
import { basicToken } from "../http/credentials.ts";
import { type createEndpoints, describeAnswer, type HttpAnswer } from "../http/endpoint.ts";
import type { ServerAddress } from "../http/server_address.ts";
import { addUrlSecrets, createSecrets } from "../secrets.ts";
import type { commonSettings } from "../settings/common.ts";
import type { Values } from "../settings/setting.ts";

/** What may be set, as far as it could be read. */
export type TrafficValues = Partial<Values<typeof trafficSettings & typeof commonSettings>>;

/**
 * A longer answer is not taken, bytes: 17 kB are usual and cost no memory that could be measured,
 * 1 MB costs 20 MiB of the app's container and 4 MB 90 (Deno 2.9.6).
 */
const MAX_BYTES = 1024 * 1024;
/** How the name of Micrometer's timers ends where they count. */
const TIMER = "_seconds_count";

/**
 * Makes the way to the metrics.
 *
 * @throws {ServiceOfflineError} of outcome `settings` where a certificate is none
 */
export function createMetrics(
  { origin, path = "/", credentials }: ServerAddress,
  { trafficMetric: metrics = [], trafficExclude: exclude = [], caFile: caCerts }: TrafficValues,
  clock: Clock,
  endpoints: typeof createEndpoints,
): (signal: AbortSignal) => Promise<Reading> {
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
  // Our own read is one of the running requests, which have no path yet (`uri="UNKNOWN"`). Only their
  // longest time tells whether there is another one. It has this name from Spring Boot 3.2.12 to
  // 3.5.16; their number has three names, and 2.7.18 has neither.
  const running = metrics.flatMap((name) =>
    name.endsWith(TIMER) ? name.slice(0, -TIMER.length) + "_active_seconds_max" : []
  );
  const isExcluded = exclusion(path, exclude);
  const [endpoint] = endpoints([origin], { clock, secrets, caCerts });

  return async (signal) => {
    const answer = await endpoint!.request(
      { method: "GET", path, headers, maxBytes: MAX_BYTES, isSecret },
      signal,
    );
    if (answer.status !== 200 || answer.isCut || !areMetrics(answer.body)) {
      throw new UnreachableError(`${describeAnswer(answer)}; ${adviceFor(answer)}`);
    }
    const samples = samplesOf(answer.body, [...metrics, ...running]);
    const counters = samples.filter((one) => metrics.includes(one.name) && !isExcluded(one));
    const times = samples.filter(({ name }) => running.includes(name)).map(({ value }) => value);
    return {
      count: samples.length > 0 ? counters.reduce((sum, { value }) => sum + value, 0) : undefined,
      longestSeconds: Math.max(0, ...times),
    };
  };
}

/** Which series do not count; which label has the path differs from library to library. */
function exclusion(path: string, exclude: readonly string[]): (sample: Sample) => boolean {
  const [own = ""] = path.split("?");
  const prefixes = exclude.map((one) => one.replace(/(?<=.)\/$/, ""));
  const isExcluded = (label: string) =>
    // Spring leaves the context path out of its `uri`.
    /^\/./.test(label) && own.endsWith(label) ||
    prefixes.some((prefix) => label === prefix || label.startsWith(`${prefix}/`));
  return ({ labels }) => labels.some(isExcluded);
}

function adviceFor({ status, isCut }: HttpAnswer): string {
  if (status === 200 && isCut) return "metrics are read up to 1 MiB";
  if (status === 200) return "this is no Prometheus text";
  if (status === 401 || status === 403) {
    return "allow reading it without a login, or write user:password@ into TRAFFIC_URL";
  }
  if (status === 404) {
    return "check the path; Spring Boot needs micrometer-registry-prometheus and " +
      "management.endpoints.web.exposure.include=prometheus";
  }
  return "no metrics";
}
