/** The settings of the traffic that the app counts. */

import { readUrl, type ServerAddress, WITH_USER } from "../http/server_address.ts";
import type * as z from "zod/mini";
import { seconds, text } from "../settings/kinds.ts";

/** An address of metrics: other than a registry's it has a path of its own, and maybe a query. */
const metricsUrl: z.ZodMiniType<ServerAddress> = text(
  `http(s)://host:port/path of the app's metrics, ${WITH_USER}`,
  (input) => {
    const { url, credentials } = readUrl(input) ?? {};
    return url && { origin: url.origin, path: url.pathname + url.search, credentials };
  },
);

/** Each is looked for in every line of the metrics. */
const MAX_PARTS = 50;

/** Parts of a list that are all alike; undefined where one is not. */
function listOf(input: string, part: RegExp): string[] | undefined {
  const parts = input.split(",").map((one) => one.trim()).filter((one) => one !== "");
  const isGood = parts.length > 0 && parts.length <= MAX_PARTS;
  return isGood && parts.every((one) => part.test(one)) ? parts : undefined;
}

/** Where the app counts its requests, which of them count, and how long none has to come. */
export const trafficSettings = {
  trafficUrl: {
    env: "TRAFFIC_URL",
    help: "The app's metrics as Prometheus text: `http://127.0.0.1:8080/actuator/prometheus`, " +
      "if needed with `user:password@` (not in the flag). With it `offline` drains as long as " +
      "requests arrive, up to the deadline.",
    schema: metricsUrl,
    addresses: true,
    lenient: true,
    only: "offline",
  },
  trafficMetric: {
    env: "TRAFFIC_METRIC",
    help: "Counter of requests in TRAFFIC_URL. Several, separated by commas, are added up.",
    schema: text(
      `at most ${MAX_PARTS} names of metrics, no patterns, separated by commas`,
      (input) => listOf(input, /^[a-z_:][\w:]{0,199}$/i),
    ),
    // Micrometer's, the same from Spring Boot 2.7.18 to 3.5.16.
    fallback: "http_server_requests_seconds_count",
    lenient: true,
    only: "offline",
  },
  trafficExclude: {
    env: "TRAFFIC_EXCLUDE",
    help:
      "Paths whose requests do not count, separated by commas, each with all below it. `/` is " +
      "the root alone, `none` is no path. The path of TRAFFIC_URL never counts.",
    schema: text(
      `at most ${MAX_PARTS} paths that begin with a slash, separated by commas, or none`,
      (input) => input === "none" ? [] : listOf(input, /^\//),
    ),
    fallback: "/actuator,/health,/healthz,/livez,/readyz,/metrics,/prometheus",
    lenient: true,
    only: "offline",
  },
  quietSeconds: {
    env: "QUIET_SECONDS",
    help: "The drain ends when no request has come for this many seconds. Only with TRAFFIC_URL.",
    schema: seconds,
    fallback: "10",
    lenient: true,
    only: "offline",
  },
} as const;
