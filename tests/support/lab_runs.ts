/**
 * What all labs have in common: the program run beside an instance, and what its servers received
 * meanwhile.
 */

import type { ReceivedRequest } from "../embedded/nacos.ts";
import { type HookOptions, type HookRun, runHook, type RunningHook, startHook } from "./hook.ts";
import { room } from "./room.ts";

/** Variables to add to an environment; undefined takes one out. */
export type Env = Readonly<Record<string, string | undefined>>;

export interface LabRun extends HookRun {
  /** Everything that the servers received meanwhile, oldest first. */
  readonly requests: readonly ReceivedRequest[];
  readonly writes: readonly ReceivedRequest[];
}

export interface LabRuns {
  /** Runs the program with the lab's environment and more; arguments as words, or as one text. */
  run(args: string | readonly string[], more?: Env, options?: HookOptions): Promise<LabRun>;
  start(args: string | readonly string[], more?: Env, options?: HookOptions): RunningHook;
}

/**
 * Makes the ways to run the program.
 * @param servers what each server has received so far; they go on filling these
 */
export function createLabRuns(
  env: Env,
  servers: readonly (readonly ReceivedRequest[])[],
  isWrite: (request: ReceivedRequest) => boolean,
): LabRuns {
  const withMore = (words: readonly string[], more: Env) =>
    Object.fromEntries(
      Object.entries({ ...graceOf(words, { ...env, ...more }), ...env, ...more }).flatMap((
        [name, value],
      ) => value === undefined ? [] : [[name, value]]),
    );
  const words = (args: string | readonly string[]) =>
    typeof args === "string" ? args.split(" ").filter((word) => word !== "") : args;
  return {
    async run(args, more = {}, options) {
      const marks = servers.map((requests) => requests.length);
      const run = await runHook(words(args), withMore(words(args), more), options);
      const requests = servers.flatMap((all, i) => all.slice(marks[i]))
        .toSorted((one, other) => one.at - other.at);
      return { ...run, requests, writes: requests.filter(isWrite) };
    },
    start: (args, more = {}, options) =>
      startHook(words(args), withMore(words(args), more), options),
  };
}

/** What a run that takes nothing out lasts on a quiet machine: the deadline alone ends it. Seconds. */
export const FAILING_S = 8;

/**
 * For a run that takes nothing out: its deadline alone ends it, and with an unknown grace period that
 * is half a minute.
 */
export const FAILS_SOON = {
  get TERMINATION_GRACE_PERIOD_SECONDS(): string {
    return room(FAILING_S);
  },
  STOP_RESERVE_SECONDS: "0",
};

/** The same, where the test says nothing of it (`undefined` leaves it out), beside a longer drain. */
function graceOf([command = "offline"]: readonly string[], { DRAIN_SECONDS }: Env): Env {
  const drain = Number(DRAIN_SECONDS ?? NaN);
  if (command !== "offline" || !Number.isInteger(drain)) return {};
  return { TERMINATION_GRACE_PERIOD_SECONDS: room(FAILING_S, drain + 15) };
}

let made = 0;

/** A name of an app that no other test uses. */
export function uniqueName(): string {
  return `svc-${crypto.randomUUID().slice(0, 13)}-${++made}`;
}

/** An address and a port of a pod that hardly any other test uses. */
export function randomPlace(): { readonly ip: string; readonly port: number } {
  return {
    ip: `10.${random(256)}.${random(256)}.${1 + random(254)}`,
    port: 1024 + random(60_000),
  };
}

function random(below: number): number {
  return Math.floor(Math.random() * below);
}
