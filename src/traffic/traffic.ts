import { createMetrics, type TrafficValues } from "./metrics.ts";
import {
  afterFailure,
  afterRead,
  EVERY_MS,
  isQuiet,
  NOTHING_READ,
  reportOf,
  type TrafficReport,
} from "./state.ts";
import { timeout } from "../clock.ts";
import type { Context } from "../context.ts";
import { asServiceOfflineError } from "../errors.ts";
import { createEndpoints } from "../http/endpoint.ts";

export { trafficInWords, type TrafficReport } from "./state.ts";

/** The app's own count of its requests. */
export interface Traffic {
  /** How long no request may have come, seconds. */
  readonly quietSeconds: number;
  /**
   * Reads it once. Never throws.
   *
   * @returns when it is due again, milliseconds since the epoch: a second after it began
   */
  read(signal: AbortSignal): Promise<number>;
  /** Whether no request has come for long enough, or the counter is known to be unreadable. */
  isQuiet(): boolean;
  readonly report: TrafficReport;
}

/** The longest a read may take, milliseconds; Spring Boot 3.5 takes 5 to 15. */
const READ_MS = 3_000;

/** The traffic of the app, where the settings say where it is counted. Nothing is done yet. */
export function createTraffic(
  values: TrafficValues,
  { clock, log }: Pick<Context, "clock" | "log">,
  endpoints = createEndpoints,
): Traffic | undefined {
  const { trafficUrl: url, trafficMetric = [], quietSeconds = 0 } = values;
  if (url === undefined) return undefined;
  let state = NOTHING_READ;
  let metrics: ReturnType<typeof createMetrics> | undefined;
  const said = new Set<string>();
  const once = (event: string, message: string) => {
    if (!said.has(event)) log.warn(event, message);
    said.add(event);
  };

  const readOnce = async (startedAt: number, signal: AbortSignal): Promise<void> => {
    using limit = timeout(clock, READ_MS, signal);
    try {
      // Made here: nothing optional stands before the first write to a registry.
      metrics ??= createMetrics(url, values, clock, endpoints);
      const reading = await metrics(limit.signal);
      state = afterRead(state, reading, startedAt, clock.now());
      if (state.counter !== "missing") return;
      once(
        "traffic_missing",
        `There is no ${trafficMetric.join(", ")} in TRAFFIC_URL, so the drain does not wait for ` +
          "requests: check TRAFFIC_METRIC; an app that has had no request yet has none either",
      );
    } catch (thrown) {
      if (signal.aborted) return;
      state = afterFailure(state);
      if (state.counter !== "unreadable") return;
      once(
        "traffic_unreadable",
        `Cannot read TRAFFIC_URL: ${asServiceOfflineError(thrown).message}; ` +
          "until it can be read, the drain does not wait for requests",
      );
    }
  };

  return {
    quietSeconds,
    async read(signal) {
      const startedAt = clock.now();
      await readOnce(startedAt, signal);
      return startedAt + EVERY_MS;
    },
    isQuiet: () => isQuiet(state, quietSeconds, clock.now()),
    get report() {
      return reportOf(state);
    },
  };
}
