/** Whether the grace period is long enough, for people. */

import type { Line } from "./lines.ts";
import type { TimeReport } from "./report.ts";
import { SCRIPT_SLEEP_SECONDS } from "../lifecycle/plan.ts";

/** @param isCounted whether requests hold up the end of the drain */
export function timeLines(time: TimeReport, isCounted: boolean): Line[] {
  const { gracePeriodSeconds, stopReserveSeconds, available } = time;
  const drain = `${drainInWords(time)}${isCounted ? ", and while requests arrive" : ""}`;
  if (available === null) return ["Time: the grace period is not known", `  ${drain}`];
  return [
    `Time: grace period ${gracePeriodSeconds} s, of which ${stopReserveSeconds} s are the app's ` +
    `own: ${available} s are left for the run`,
    [time.missing === 0 || null, `  ${verdict(time, available)}`, `: ${drain}`],
  ];
}

function drainInWords({ available, needed, drainSeconds }: TimeReport): string {
  const [seconds, why] = drainSeconds !== null
    ? [needed, "for DRAIN_SECONDS and the proof of the write"]
    : available !== null
    ? [needed, "until callers' caches have run out"]
    : [SCRIPT_SLEEP_SECONDS, "as long as the script slept"];
  return `the drain takes up to ${seconds} s, ${why}`;
}

function verdict({ missing, needed }: TimeReport, available: number): string {
  if (missing > 0) return `too short by ${missing} s`;
  return needed > available ? `enough but for ${needed - available} s at worst` : "enough";
}
