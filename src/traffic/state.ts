/** What one read of the metrics says. */
export interface Reading {
  /** How many requests were counted; undefined where no metric was found. */
  readonly count: number | undefined;
  /** How long the longest running request has been running, seconds; 0 for none. */
  readonly longestSeconds: number;
}

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

/** What all reads so far have shown. Moments are milliseconds since the epoch. */
interface TrafficState
  extends Pick<TrafficReport, "requests" | "lastRequestAt" | "runningSeconds"> {
  /** Whether there is a counter; `missing` and `unreadable` only once it is no passing fault. */
  readonly counter: "unknown" | "readable" | "missing" | "unreadable";
  /** The count at the last good read, and when that began. */
  readonly count: number | undefined;
  readonly readAt: number;
  /** How many reads have found no metric. */
  readonly misses: number;
  /** How many reads have failed. */
  readonly failures: number;
  /** Since when no request is known of. */
  readonly quietSince: number | undefined;
  /** The good reads of the last seconds. */
  readonly reads: readonly { readonly at: number; readonly requests: number }[];
}

/** Before the first read. */
export const NOTHING_READ: TrafficState = {
  counter: "unknown",
  count: undefined,
  readAt: 0,
  misses: 0,
  failures: 0,
  quietSince: undefined,
  lastRequestAt: undefined,
  runningSeconds: undefined,
  requests: 0,
  reads: [],
};

/** From one read to the next, milliseconds. */
export const EVERY_MS = 1_000;
/** What the rate is taken from, milliseconds. */
const RATE_MS = 5_000;
/**
 * After so many reads without the metric there is none: the first read is itself a request that the
 * app counts. After as many failures it cannot be read: a single one may pass.
 */
const ENOUGH_MISSES = 2;

/** Adds a good answer, and when it was asked for and came. */
export function afterRead(
  state: TrafficState,
  reading: Reading,
  startedAt: number,
  endedAt: number,
): TrafficState {
  if (reading.count === undefined && state.count === undefined) {
    // A counter appears with its first request; that of running requests may be earlier.
    const misses = state.misses + 1;
    return { ...state, misses, counter: misses < ENOUGH_MISSES ? state.counter : "missing" };
  }
  const { count = 0, longestSeconds } = reading;
  // The first count is where counting begins, unless there was no counter before.
  const before = state.count ?? (state.misses > 0 ? 0 : count);
  // An app that has restarted counts from zero: then all of it is new.
  const requests = state.requests + (count < before ? count : count - before);
  // Our own read is no longer than it took; what ends within a second shows in the counter.
  const isLong = longestSeconds * 1000 > endedAt - startedAt + EVERY_MS;
  // The request may have come at any time until the answer, which takes a busy app a second.
  const seenAt = count !== before || isLong ? endedAt : undefined;
  const reads = [...state.reads, { at: startedAt, requests }];
  return {
    ...state,
    counter: "readable",
    count,
    readAt: startedAt,
    requests,
    runningSeconds: isLong ? longestSeconds : undefined,
    lastRequestAt: seenAt ?? state.lastRequestAt,
    quietSince: seenAt ?? state.quietSince ?? startedAt,
    reads: reads.filter(({ at }) => at >= startedAt - RATE_MS),
  };
}

/** Adds a read that has failed. */
export function afterFailure(state: TrafficState): TrafficState {
  const failures = state.failures + 1;
  const isKnown = failures >= ENOUGH_MISSES || state.count !== undefined;
  return { ...state, failures, counter: isKnown ? "unreadable" : state.counter };
}

/** Whether no request has come for long enough, or the counter is known to be unreadable. */
export function isQuiet(state: TrafficState, quietSeconds: number, now: number): boolean {
  const { quietSince, readAt, counter } = state;
  const isUnreadable = counter === "missing" || counter === "unreadable";
  if (quietSince === undefined) return isUnreadable;
  // At least a millisecond: the read that has seen a request is not the one that sees none.
  const quietAt = quietSince + Math.max(1, quietSeconds * 1000);
  // Only a read that began later than that can tell.
  return now >= quietAt && (readAt >= quietAt || isUnreadable);
}

/** What is known by now. */
export function reportOf(state: TrafficState): TrafficReport {
  const { requests, lastRequestAt, runningSeconds, counter, reads } = state;
  const [first, last] = [reads.at(0), reads.at(-1)];
  const seconds = first && last ? (last.at - first.at) / 1000 : 0;
  const rate = first && last && seconds > 0 ? (last.requests - first.requests) / seconds : 0;
  return {
    requests,
    lastRequestAt,
    requestsPerSecond: Math.round(rate * 10) / 10,
    runningSeconds,
    readable: counter === "readable",
  };
}

/** How many requests there are, in words. */
export function trafficInWords({ requestsPerSecond, runningSeconds }: TrafficReport): string {
  const rate = `${requestsPerSecond.toFixed(1)} requests/s`;
  return runningSeconds === undefined
    ? rate
    : `${rate}, one running for ${Math.floor(runningSeconds)} s`;
}
