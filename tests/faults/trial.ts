/** One run of `offline` behind a proxy with one fault, and what is wrong with how it ended. */

import { type End, endOf } from "./end.ts";
import type { FaultKind } from "./kinds.ts";
import { followRun, type Moment } from "./moments.ts";
import { MOST_KIB } from "./program.ts";
import { startFaultProxy } from "./proxy.ts";
import type { Site, Truth } from "./sites.ts";
import { type HookRun, startHook } from "../support/hook.ts";

/** How long a fault lasts: some seconds, or to the end of the run. */
export type Span = "passing" | "lasting";

export interface Trial {
  readonly kind: FaultKind;
  readonly moment: Moment;
  readonly span: Span;
}

export interface TrialResult extends Trial {
  readonly site: string;
  readonly hits: number;
  readonly code: number;
  /** When the registry's record said that it is out, from the start; undefined where it was not seen. */
  readonly acceptedMs: number | undefined;
  readonly ms: number;
  /** Peak memory, KiB. */
  readonly kib: number;
  readonly truth: Truth;
  readonly reason: string;
  /** What is not as it should be; empty where all is. */
  readonly problems: readonly string[];
  readonly output: string;
}

/** How long a passing fault lasts from the first request that gets it, milliseconds. */
export const PASSING_MS = 4_000;
/** DRAIN_SECONDS: a look while draining is among it. */
export const DRAIN_MS = 10_000;
/** How long a run may take, milliseconds. With a passing fault, long enough to be done with it. */
export const DEADLINE_MS: Readonly<Record<Span, number>> = { passing: 50_000, lasting: 16_000 };
const RESERVE_MS = 2_000;
/** An end is late that is later than the deadline by this, after the run's own clock. */
const LATE_MS = 1_500;
/** Kept back from the lower bounds: clocks that are read one after the other. */
const CLOCK_MS = 60;

export async function runTrial(site: Site, trial: Trial): Promise<TrialResult> {
  const { kind, moment, span } = trial;
  await using scene = await site.scene();
  const course = followRun(site.kindOf, scene.isListed);
  let firstHit: number | undefined;
  let hits = 0;
  await using proxy = await startFaultProxy({
    target: Number(site.addr.split(":")[1]),
    answered: course.answered,
    fault(request) {
      if (moment !== "first" && course.momentOf(request) !== moment) return undefined;
      firstHit ??= Date.now();
      if (span === "passing" && Date.now() >= firstHit + PASSING_MS) return undefined;
      hits++;
      return kind;
    },
  });
  const memory = await Deno.makeTempFile({ prefix: "faults-" });
  try {
    const env = {
      ...scene.env(proxy.addr),
      LOG_FORMAT: "json",
      DRAIN_SECONDS: String(DRAIN_MS / 1000),
      STOP_RESERVE_SECONDS: String(RESERVE_MS / 1000),
      TERMINATION_GRACE_PERIOD_SECONDS: String((DEADLINE_MS[span] + RESERVE_MS) / 1000),
    };
    await using hook = startHook([], env, {
      launcher: ["/usr/bin/time", "-f", "%M", "-o", memory],
      timeoutMs: DEADLINE_MS[span] + 30_000,
    });
    const run = await hook.done;
    const truth = await scene.truth();
    const kib = Number((await Deno.readTextFile(memory)).trim().split("\n").at(-1));
    const end = endOf(run.lastLine);
    const seen = { ...trial, run, end, truth, kib, hits, writtenAt: course.writtenAt };
    return {
      ...trial,
      site: site.label,
      hits,
      code: run.code,
      acceptedMs: acceptedOf(end),
      ms: end?.elapsedMs ?? Math.round(run.ms),
      kib,
      truth,
      reason: end?.message ?? run.lastLine,
      problems: problemsOf(seen),
      output: run.stdout + run.stderr,
    };
  } finally {
    await Deno.remove(memory);
  }
}

interface Seen extends Trial {
  readonly run: HookRun;
  readonly end: End | undefined;
  readonly truth: Truth;
  readonly kib: number;
  readonly hits: number;
  readonly writtenAt: number | undefined;
}

function acceptedOf(end: End | undefined): number | undefined {
  return end?.registries?.[0]?.acceptedMs ?? undefined;
}

/** Everything that a run must keep, whatever was answered. */
function problemsOf(seen: Seen): string[] {
  const {
    run: { code, ms: wallMs, stderr, lastLine },
    end,
    truth,
    kib,
    hits,
    span,
    moment,
    writtenAt,
  } = seen;
  if (end === undefined) return [`no line at the end, exit code ${code}`];
  const { elapsedMs, message } = end;
  const deadline = DEADLINE_MS[span];
  const accepted = acceptedOf(end);
  const isOut = truth.record === "out of service";
  const problems: string[] = [];
  const must = (isRight: boolean, problem: string) => {
    if (!isRight) problems.push(problem);
  };
  must(hits > 0, "the fault did not come up");

  // The drain. What is not accepted ends at the deadline only.
  const due = Math.min(accepted === undefined ? deadline : accepted + DRAIN_MS, deadline);
  must(elapsedMs >= due - CLOCK_MS, `the drain is lost: ${elapsedMs} ms, not before ${due}`);
  must(wallMs >= due - CLOCK_MS, `the process ended after ${Math.round(wallMs)} ms, not ${due}`);
  if (accepted !== undefined) {
    const acceptedAt = Date.parse(end.startedAt) + accepted;
    const isSo = writtenAt !== undefined && acceptedAt >= writtenAt - CLOCK_MS;
    must(isSo, "accepted, it says, before the registry has answered a write");
  }
  must(elapsedMs <= deadline + LATE_MS, `too late: ${elapsedMs} ms, the deadline is ${deadline}`);

  // The last line.
  must(truth.record !== "absent", "the registration is gone");
  if (code === 0) must(isOut && !truth.listed, `exit code 0, and it is ${inWords(truth)}`);
  must(!/deregistered/.test(message), "it says deregistered, and the registration is there");
  must(!/never registered/.test(message), "it says never registered, and it is");
  must([0, 69, 75, 77].includes(code), `exit code ${code}`);
  must(code === 0 === (end.outcome === "done"), `exit code ${code} with outcome ${end.outcome}`);
  must(stderr === (code === 0 ? "" : `${lastLine}\n`), `another line on stderr: ${stderr}`);
  const passes = span === "passing" || moment === "drain";
  if (passes) must(isOut && code === 0, `the fault went by: ${inWords(truth)}, exit code ${code}`);
  if (moment === "list") must(isOut, `the list is not needed to write: ${inWords(truth)}`);

  must(kib <= MOST_KIB, `${(kib / 1024).toFixed(0)} MiB of memory`);
  return problems;
}

function inWords({ record, listed }: Truth): string {
  return `${record} there, ${listed ? "given" : "not given"} to callers`;
}
