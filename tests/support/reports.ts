/** What a report has where all is well. */

import type { TimeReport } from "../../src/check/report.ts";

/** A grace period that is just enough for Nacos' callers. */
export const ENOUGH_TIME: TimeReport = {
  gracePeriodSeconds: 65,
  stopReserveSeconds: 15,
  drainSeconds: null,
  available: 50,
  callers: 50,
  needed: 50,
  missing: 0,
  grace: 65,
};

/** What is said of a registration that is found, and has nothing beside it. */
export const NOTHING_MORE = {
  failures: [],
  nearMisses: [],
  further: [],
  reach: null,
  why: null,
  leftAlone: [],
  outcome: "done",
} as const;
