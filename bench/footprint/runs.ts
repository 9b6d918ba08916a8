/**
 * One run of one program, and all that is noted of it.
 *
 * @module
 */

import type { Kit, Program } from "./programs.ts";
import { type Site, until } from "./site.ts";
import type { Exchange, Tap } from "./tap.ts";
import { measuredRun } from "../measure.ts";

/** What one run gave; moments are milliseconds since just before the start. */
export interface OfflineRun {
  /** When the first connection came. */
  readonly connectedMs: number;
  /** When the login was sent; undefined where there is none. */
  readonly loginMs: number | undefined;
  /** When it was answered. */
  readonly tokenMs: number | undefined;
  /** When the write was sent. */
  readonly writeMs: number;
  /** When its 200 came. */
  readonly acceptedMs: number;
  /** When the list that callers fetch no longer had the instance. */
  readonly goneMs: number;
  /** How many requests had gone by up to the write, itself included. */
  readonly requests: number;
  /** Peak memory of the largest process, KiB. */
  readonly kib: number;
}

/** Where programs are run. */
export interface Stage {
  /** The programs. */
  readonly kit: Kit;
  /** The server. */
  readonly site: Site;
  /** What all requests go through. */
  readonly tap: Tap;
}

const isLogin = (exchange: Exchange) => exchange.path.endsWith("/login");

/**
 * Runs one program to its end and puts the instance back.
 *
 * The list is polled from the answer to the write on, so that nothing competes with the program
 * before it.
 */
export async function offlineRun(program: Program, stage: Stage): Promise<OfflineRun> {
  const { site, tap } = stage;
  tap.clear();
  let startedAt = 0;
  const accepted = tap.answered((one) => site.isWrite(one) && one.status === 200);
  const process = start(program, stage, () => startedAt = performance.now());
  const early = process.then(() => new Promise((resolve) => setTimeout(resolve, 100)));
  const write = await Promise.race([accepted, early]) as Exchange | undefined;
  if (write?.answeredAt === undefined) {
    const seen = tap.exchanges.map((one) => `${one.method} ${one.path} ${one.status}`).join(", ");
    throw new Error(`${program.name} ended without an accepted write on ${site.label}: ${seen}`);
  }
  const requests = tap.exchanges.indexOf(write) + 1;
  const goneAt = await until(site.listed, false);
  const { kib } = await process;
  const login = tap.exchanges.find(isLogin);
  const since = (moment: number | undefined) =>
    moment === undefined ? undefined : moment - startedAt;
  const run: OfflineRun = {
    connectedMs: (tap.connections[0] ?? NaN) - startedAt,
    loginMs: since(login?.sentAt),
    tokenMs: since(login?.answeredAt),
    writeMs: write.sentAt - startedAt,
    acceptedMs: write.answeredAt - startedAt,
    goneMs: goneAt - startedAt,
    requests,
    kib,
  };
  await putBack(site);
  return run;
}

/**
 * Runs one program and adds up the peak memory of all its processes that live while the login or the
 * write is under way: of a script, the shells, curl and sed.
 *
 * @returns KiB
 */
export async function summedPeak(program: Program, stage: Stage): Promise<number> {
  const { site, tap } = stage;
  let sum = 0;
  tap.clear();
  tap.hold = async (exchange) => {
    if (!isLogin(exchange) && !site.isWrite(exchange)) return;
    // A moment for the client to settle; this run is not timed.
    await new Promise((resolve) => setTimeout(resolve, 50));
    sum = Math.max(sum, peakOfTree(Deno.pid));
  };
  try {
    await start(program, stage);
  } finally {
    tap.hold = undefined;
  }
  await until(site.listed, false);
  await putBack(site);
  return sum;
}

function start(program: Program, { kit, site, tap }: Stage, onStart?: () => void) {
  if (program.offline === undefined) throw new Error(`${program.name} takes nothing out`);
  const env = { ...kit.env, ...program.env, ...site.env(tap.addr), DRAIN_SECONDS: "0" };
  return measuredRun(program.offline, { env, ...(onStart ? { onStart } : {}) });
}

async function putBack(site: Site): Promise<void> {
  await site.putBack();
  await until(site.listed, true);
}

/** The sum of VmHWM of all grandchildren of a process and what they have started, KiB. */
function peakOfTree(root: number): number {
  const children = new Map<number, { pid: number; kib: number }[]>();
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    let status: string;
    try {
      status = Deno.readTextFileSync(`/proc/${name}/status`);
    } catch {
      continue; // It has ended.
    }
    const field = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+)`, "m").exec(status)?.[1]);
    const one = { pid: Number(name), kib: field("VmHWM") || 0 };
    children.set(field("PPid"), [...children.get(field("PPid")) ?? [], one]);
  }
  const below = (pid: number): number =>
    (children.get(pid) ?? []).reduce((sum, one) => sum + one.kib + below(one.pid), 0);
  // The children of the bench are GNU time, which is no part of the program, and the server.
  const launchers = (children.get(root) ?? []).filter(({ pid }) => commandOf(pid) === "time");
  return launchers.reduce((sum, { pid }) => sum + below(pid), 0);
}

function commandOf(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/comm`).trim();
  } catch {
    return "";
  }
}
