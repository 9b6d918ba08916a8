/**
 * What is said of a stop that was measured, and what must be.
 *
 * @module
 */

import { FLOOR_SECONDS, PER_SECOND, type Stopped, type Variant } from "./stop.ts";
import { round } from "../measure.ts";

/** One line of the table. */
export interface Row {
  /** Which. */
  readonly registry: string;
  /** How it was stopped. */
  readonly variant: Variant;
  /** When in the cycle of the cache, seconds. */
  readonly at: number;
  /** Requests that failed. */
  readonly failed: number;
  /** All requests, from just before the stop to some time after the last that failed. */
  readonly total: number;
  /** From the start of the hook to the write that the registry accepted, seconds. */
  readonly accepted: number | undefined;
  /** The last request that reached the provider, seconds after the write. */
  readonly lastCall: number | undefined;
  /** The end of the hook, seconds after the write. */
  readonly hookEnd: number | undefined;
  /** The same after the later of the floor's end and the last request. */
  readonly afterLater: number | undefined;
  /** From TERM to the end of the process, seconds. */
  readonly termToGone: number;
  /** When it was measured, as 2026-11-26. */
  readonly day: string;
  /** The load of the machine over a minute about then; it makes everything later. */
  readonly load: number;
  /** Whether it is as it must be. */
  readonly verdict: string;
}

/** What `--json` writes. */
export interface Measurement {
  /** One for each stop, when it was measured last. */
  readonly rows: readonly Row[];
}

/** `traffic` ends at the latest so long after the later of the floor's end and the last request. */
const AFTER_LATER_SECONDS = 12;
/** Less than this part of the requests, and there was not the load that is spoken of. */
const LEAST_LOAD = 0.9;

/** Makes the table's line. */
export function rowOf(registry: string, variant: Variant, at: number, stopped: Stopped): Row {
  const { beganAt, acceptedAt, lastServedAt, termAt, goneAt } = stopped;
  const seconds = (from: number | undefined, to: number) =>
    from === undefined ? undefined : round((to - from) / 1000);
  const later = acceptedAt === undefined
    ? undefined
    : Math.max(acceptedAt + FLOOR_SECONDS * 1000, lastServedAt);
  const afterLater = variant === "traffic" ? seconds(later, termAt) : undefined;
  const missed = shortcomings(variant, stopped, afterLater);
  return {
    registry,
    variant,
    at,
    failed: stopped.failed,
    total: stopped.total,
    accepted: acceptedAt === undefined ? undefined : round((acceptedAt - beganAt) / 1000),
    lastCall: seconds(acceptedAt, lastServedAt),
    hookEnd: seconds(acceptedAt, termAt),
    afterLater,
    termToGone: round((goneAt - termAt) / 1000),
    day: new Date(beganAt).toISOString().slice(0, 10),
    load: round(stopped.load),
    verdict: missed.length > 0 ? `MISSED: ${missed.join("; ")}` : isReference(variant) ? "" : "met",
  };
}

/** Whether it is there to be compared with, and need not be good. */
export function isReference(variant: Variant): boolean {
  return variant !== "traffic" && variant !== "default";
}

function shortcomings(
  variant: Variant,
  { total, failed, countedMs, hook }: Stopped,
  afterLater: number | undefined,
): string[] {
  const found: string[] = [];
  const load = total / countedMs * 1000;
  if (load < PER_SECOND * LEAST_LOAD) found.push(`only ${round(load)} requests a second`);
  if (isReference(variant)) return found;
  if (failed > 0) found.push(`${failed} requests failed`);
  if (hook?.code !== 0) found.push(`the hook ended with ${hook?.code}`);
  if (variant === "traffic" && !((afterLater ?? NaN) <= AFTER_LATER_SECONDS)) {
    found.push(`the hook ended ${afterLater} s after the later of floor and last call`);
  }
  return found;
}
