/**
 * What the benches share: one measured run of a program, and what is made of many.
 *
 * @module
 */

/** A run that has ended well. */
export interface MeasuredRun {
  /** From just before the start to the end, milliseconds. */
  readonly ms: number;
  /** Peak memory, KiB: of the largest process of the run, as GNU time has it. */
  readonly kib: number;
}

/** What surrounds a run. */
export interface RunOptions {
  /** Its whole environment; without it, that of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called just before it is started. */
  readonly onStart?: () => void;
  /** After this it is killed, milliseconds. @default {60_000} */
  readonly timeoutMs?: number;
}

/** What makes Deno start quietly and without what it kept of an earlier run. */
export const QUIET: Readonly<Record<string, string>> = {
  DENO_NO_UPDATE_CHECK: "1",
  DENO_DIR: "/dev/null",
  NO_COLOR: "1",
};

/**
 * Runs a program to its end under GNU time, which tells its peak memory and costs every program the
 * same millisecond.
 *
 * @param command the program and its arguments
 * @param options its environment
 * @throws {Error} it failed, with what it said on stderr
 */
export async function measuredRun(
  command: readonly string[],
  { env, onStart, timeoutMs = 60_000 }: RunOptions = {},
): Promise<MeasuredRun> {
  const process = new Deno.Command("/usr/bin/time", {
    args: ["-f", "%M", ...command],
    ...(env ? { env, clearEnv: true } : { env: QUIET }),
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  });
  onStart?.();
  const begin = performance.now();
  const child = process.spawn();
  const bound = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  const { code, stderr } = await child.output().finally(() => clearTimeout(bound));
  const ms = performance.now() - begin;
  const text = new TextDecoder().decode(stderr).trim();
  if (code !== 0) {
    const words = command.filter((word) => !word.startsWith("--")).join(" ");
    throw new Error(`${words} ended with ${code}: ${text}`);
  }
  return { ms, kib: Number(text.split("\n").at(-1)) };
}

/** The middle one of some values; NaN where there are none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which a part of the values lies; NaN where there are none. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)] ?? NaN;
}

/** How many times as much one value is as another, to two digits. */
export function ratio(value: number, of: number): number {
  return round(value / of, 2);
}

/** A value to some digits after the point. */
export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
