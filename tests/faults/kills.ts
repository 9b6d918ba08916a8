/**
 * A run that is killed at some moment, and a second one that goes on in its place, as after a
 * restart of the kubelet.
 */

import { endOf } from "./end.ts";
import type { Site } from "./sites.ts";
import { runHook, startHook } from "../support/hook.ts";

export interface KillResult {
  readonly site: string;
  /** When the first run was killed, from its start, milliseconds. */
  readonly killedMs: number;
  readonly wasOut: boolean;
  /** From the first moment when a run saw that it is out to the end of the second, milliseconds. */
  readonly drainedMs: number;
  /** What is not as it should be; empty where all is. */
  readonly problems: readonly string[];
}

export const KILL_DRAIN_MS = 8_000;
/** Half of the kills come so early, when most happens. */
const EARLY_MS = 1_500;
const LATEST_MS = KILL_DRAIN_MS - 200;
const PAUSE_MS = 1_000;
/** An end may be later than the drain's by this, for the looks of the second run. */
const LOOK_MS = 2_500;
/** The record is written so often: what was drained since is drained again. */
const RECORD_MS = 1_000;
const CLOCK_MS = 60;

/**
 * Starts a run, kills it, and runs it again with the same environment.
 * @param random gives numbers from 0 to 1
 */
export async function runKill(site: Site, random: () => number): Promise<KillResult> {
  const killedMs = Math.round(random() * (random() < 0.5 ? EARLY_MS : LATEST_MS));
  const pauseMs = random() * PAUSE_MS;
  await using scene = await site.scene();
  const env = {
    ...scene.env(site.addr),
    LOG_FORMAT: "json",
    DRAIN_SECONDS: String(KILL_DRAIN_MS / 1000),
    TERMINATION_GRACE_PERIOD_SECONDS: "75",
  };
  await using hook = startHook([], env);
  await sleep(killedMs);
  hook.kill("SIGKILL");
  const first = await hook.done;
  const killedAt = Date.now();
  await sleep(pauseMs);
  const second = await runHook([], env, { timeoutMs: 90_000 });
  const truth = await scene.truth();

  const end = endOf(second.lastLine);
  const outAt = acceptedAt(first.lines) ?? acceptedAt(second.lines);
  const problems: string[] = [];
  const must = (isRight: boolean, problem: string) => {
    if (!isRight) problems.push(problem);
  };
  must(first.code === 137, `the first run was not killed but ended with ${first.code}`);
  must(second.code === 0, `the second run ended with ${second.code}: ${second.lastLine}`);
  const isOut = truth.record === "out of service" && !truth.listed;
  must(isOut, `at the end it is ${truth.record}, ${truth.listed ? "" : "not "}given to callers`);
  if (end === undefined || outAt === undefined) {
    return {
      site: site.label,
      killedMs,
      wasOut: false,
      drainedMs: NaN,
      problems: [...problems, "no end"],
    };
  }
  const wasOut = acceptedAt(first.lines) !== undefined;
  const endedAt = Date.parse(end.endedAt);
  const drainedMs = endedAt - outAt;
  must(drainedMs >= KILL_DRAIN_MS - CLOCK_MS, `the drain is lost: ${drainedMs} ms in all`);
  // Nor does the second run count the time when neither ran: their clocks may not be the same. And
  // where no record was left, it counts from what it has seen itself.
  const startedAt = Date.parse(end.startedAt);
  const seenAt = killedAt - outAt < RECORD_MS ? acceptedAt(second.lines) ?? outAt : outAt;
  const idleMs = Math.max(0, startedAt - Math.max(killedAt, seenAt));
  const due = Math.max(seenAt + idleMs + KILL_DRAIN_MS + RECORD_MS, startedAt) + LOOK_MS;
  must(endedAt <= due, `more than one drain: ${drainedMs} ms in all, ${idleMs} between the runs`);
  if (problems.length > 0) problems.push(`${first.stdout}\n${second.stdout}`);
  return { site: site.label, killedMs, wasOut, drainedMs, problems };
}

/** Random numbers that a seed repeats (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** When a run has seen that the instance is out, milliseconds since the epoch. */
function acceptedAt(lines: readonly string[]): number | undefined {
  for (const line of lines) {
    // A kill may cut the last line.
    if (!line.endsWith("}")) continue;
    const { event, time } = JSON.parse(line);
    if (event === "accepted") return Date.parse(time);
  }
  return undefined;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
