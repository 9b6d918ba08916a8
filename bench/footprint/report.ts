/**
 * Makes tables of what was measured, and judges it.
 *
 * @module
 */

import type { ProgramName } from "./programs.ts";
import type { OfflineRun } from "./runs.ts";
import { type MeasuredRun, median, quantile, ratio, round } from "../measure.ts";

/** What was measured, by program. */
export type Results<Result> = ReadonlyMap<ProgramName, readonly Result[]>;

/** Loading a program that then does nothing. */
export interface StartUpRow {
  /** The program. */
  readonly program: ProgramName;
  /** Exec to end, median. */
  readonly ms: number;
  /** The same, as a multiple of the empty Deno program. */
  readonly "ms/empty": number;
  /** Peak memory, median. */
  readonly peakMiB: number;
  /** The same, as a multiple of the empty Deno program. */
  readonly "peak/empty": number;
}

/** Taking an instance out; milliseconds count from exec, all but p90 are medians. */
export interface OfflineRow {
  /** The program. */
  readonly program: ProgramName;
  /** The server's 200 to the write. */
  readonly acceptedMs: number;
  /** The same, 90 % of the runs. */
  readonly acceptedP90: number;
  /** As a multiple of the script. */
  readonly "accepted/script": number;
  /** Gone from the list that callers fetch. */
  readonly goneMs: number;
  /** As a multiple of the script. */
  readonly "gone/script": number;
  /** Peak memory of the largest process. */
  readonly peakMiB: number;
  /** As a multiple of the empty Deno program. */
  readonly "peak/empty": number;
}

/** Where the time until the accepted write goes, milliseconds, medians. */
export interface PhasesRow {
  /** The program. */
  readonly program: ProgramName;
  /** Exec to the first connection. */
  readonly toConnect: number;
  /** From there to the login; 0 where there is none. */
  readonly toLogin: number;
  /** The login's answer; the server's own time. */
  readonly login: number;
  /** From there to the write. */
  readonly toWrite: number;
  /** The write's answer. */
  readonly write: number;
  /** Requests up to the write. */
  readonly requests: number;
}

/** A bound and what was measured. */
export interface Bound {
  /** What is bounded. */
  readonly what: string;
  /** The ratio that was measured. */
  readonly measured: number;
  /** The largest that is allowed. */
  readonly most: number;
  /** Whether it is kept. */
  readonly met: boolean;
}

/** @param results of one state of the page cache */
export function startUpRows(results: Results<MeasuredRun>): StartUpRow[] {
  const ms = (program: ProgramName) => medianOf(results, program, (run) => run.ms);
  const kib = (program: ProgramName) => medianOf(results, program, (run) => run.kib);
  return [...results.keys()].map((program) => ({
    program,
    ms: round(ms(program)),
    "ms/empty": ratio(ms(program), ms("empty deno")),
    peakMiB: round(kib(program) / 1024),
    "peak/empty": ratio(kib(program), kib("empty deno")),
  }));
}

/**
 * @param results of one server and one state of the page cache
 * @param emptyMiB the peak memory of the empty Deno program
 */
export function offlineRows(results: Results<OfflineRun>, emptyMiB: number): OfflineRow[] {
  const accepted = (program: ProgramName) => medianOf(results, program, (run) => run.acceptedMs);
  const gone = (program: ProgramName) => medianOf(results, program, (run) => run.goneMs);
  return [...results].map(([program, runs]) => {
    const peakMiB = median(runs.map((run) => run.kib)) / 1024;
    return {
      program,
      acceptedMs: round(accepted(program)),
      acceptedP90: round(quantile(runs.map((run) => run.acceptedMs), 0.9)),
      "accepted/script": ratio(accepted(program), accepted("script")),
      goneMs: round(gone(program)),
      "gone/script": ratio(gone(program), gone("script")),
      peakMiB: round(peakMiB),
      "peak/empty": ratio(peakMiB, emptyMiB),
    };
  });
}

/** @param results of one server and one state of the page cache */
export function phasesRows(results: Results<OfflineRun>): PhasesRow[] {
  return [...results].map(([program, runs]) => {
    const phase = (part: (run: OfflineRun) => number) => round(median(runs.map(part)));
    return {
      program,
      toConnect: phase((run) => run.connectedMs),
      toLogin: phase((run) => (run.loginMs ?? run.connectedMs) - run.connectedMs),
      login: phase((run) => (run.tokenMs ?? 0) - (run.loginMs ?? 0)),
      toWrite: phase((run) => run.writeMs - (run.tokenMs ?? run.connectedMs)),
      write: phase((run) => run.acceptedMs - run.writeMs),
      requests: phase((run) => run.requests),
    };
  });
}

/** @returns the bound, judged */
export function bound(what: string, measured: number | undefined, most: number): Bound {
  return { what, measured: measured ?? NaN, most, met: (measured ?? NaN) <= most };
}

/** @returns the bound in words */
export function boundInWords({ what, measured, most, met }: Bound): string {
  const verdict = met ? "met" : `MISSED by ${round(measured - most, 2)}`;
  return `${verdict}: ${what} ${measured} x, at most ${most} x`;
}

function medianOf<Result>(
  results: Results<Result>,
  program: ProgramName,
  part: (result: Result) => number,
): number {
  return median((results.get(program) ?? []).map(part));
}
