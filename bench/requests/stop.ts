/**
 * One provider of a service under load is stopped, and what its callers see of it.
 *
 * @module
 */

import { setTimeout as pause } from "node:timers/promises";
import { type Consumers, type Seen, startProvider } from "./apps.ts";
import type { Registry } from "./registry.ts";
import { freePort } from "../../tests/support/free_port.ts";
import { type HookRun, startHook } from "../../tests/support/hook.ts";

/** The ways to stop it; see bench/requests.ts. */
export const VARIANTS = ["traffic", "default", "script", "published", "none"] as const;
/** One of them. */
export type Variant = typeof VARIANTS[number];

/** The pod's terminationGracePeriodSeconds. */
export const GRACE_SECONDS = 130;
/** DRAIN_SECONDS of `traffic`, and how long the script sleeps. */
export const FLOOR_SECONDS = 30;
/** Requests to a service, of all its consumers together. */
export const PER_SECOND = 50;
/** How many consumers there are. */
export const CONSUMERS = 6;

/** The load goes on so long after the end of the provider and the last request that failed. */
const LOAD_AFTER_MS = 20_000;
/** Longer than any cache keeps a provider that has deregistered. */
const LONGEST_AFTER_MS = 130_000;
const EVEN_TIMEOUT_MS = 240_000;
const EVEN_POLL_MS = 2_000;
/** Each consumer's LoadBalancer is then at another place of its 35 s. */
const APART_MS = 35_000 / CONSUMERS;

/** A stop that was measured; moments are milliseconds since 1970. */
export interface Stopped {
  /** Requests that ended from just before the stop to 20 s after the provider and the last failure. */
  readonly total: number;
  /** Those of them that failed. */
  readonly failed: number;
  /** The first of those. */
  readonly failures: readonly { readonly at: number; readonly error: string }[];
  /** How long they were counted. */
  readonly countedMs: number;
  /** When the hook, or whatever stands for it, was started. */
  readonly beganAt: number;
  /** When the registry had accepted; undefined where nothing was written. */
  readonly acceptedAt: number | undefined;
  /** When the last request reached the provider. */
  readonly lastServedAt: number;
  /** When TERM was sent: at the end of the hook. */
  readonly termAt: number;
  /** The load of the machine over the minute before TERM. */
  readonly load: number;
  /** When the provider had gone. */
  readonly goneAt: number;
  /** The hook's run; undefined where there was none. */
  readonly hook: HookRun | undefined;
}

/** A service with two providers. */
export interface Service {
  /**
   * Begins to call it, and returns when both providers answer every consumer and nothing fails.
   *
   * @returns when the first consumer began, milliseconds since 1970
   */
  load(): Promise<number>;
  /**
   * Stops one of the providers.
   *
   * @param at when to begin, milliseconds since 1970
   */
  stop(variant: Variant, at: number): Promise<Stopped>;
}

/** What a service is made of. */
export interface ServiceOptions {
  /** Whom its providers register with. */
  readonly registry: Registry;
  /** Who calls it. */
  readonly consumers: Consumers;
  /** Its name. */
  readonly name: string;
  /** Tells its addresses from those of others: 127.0.`number`.1 and .2. */
  readonly number: number;
  /** Ends its providers, one day. */
  readonly running: AsyncDisposableStack;
  /** Ends the waits. */
  readonly signal: AbortSignal;
}

/**
 * Starts both providers.
 *
 * @param options its name and its callers
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { registry, consumers, name, signal } = options;
  const startOne = async (answer: string, host: number) => {
    const address = { ip: `127.0.${options.number}.${host}`, port: freePort() };
    return options.running.use(await startProvider(registry, name, answer, address));
  };
  const provider = await startOne("stopped", 1);
  await startOne("other", 2);
  return { load, stop };

  async function load(): Promise<number> {
    const beganAt = Date.now();
    await consumers.start(name, 1000 * CONSUMERS / PER_SECOND, APART_MS);
    while (true) {
      await pause(EVEN_POLL_MS, undefined, { signal });
      const all = await consumers.seen(name, true);
      const served = all.every((one) => one.failed === 0 && Object.keys(one.answers).length === 2);
      if (served) return beganAt;
      if (Date.now() > beganAt + EVEN_TIMEOUT_MS) {
        throw new Error(`${name} is not called evenly: ${JSON.stringify(all)}`);
      }
    }
  }

  async function stop(variant: Variant, at: number): Promise<Stopped> {
    await pause(at - Date.now(), undefined, { signal });
    await consumers.seen(name, true);
    const beganAt = Date.now();
    const { acceptedAt, hook } = await preStop(variant);
    const termAt = Date.now();
    const [load = NaN] = Deno.loadavg();
    await provider.terminate(beganAt + GRACE_SECONDS * 1000 - termAt);
    const goneAt = Date.now();
    const all = await seenToItsEnd(goneAt);
    const countedMs = Date.now() - beganAt;
    await consumers.stop(name);
    return {
      total: sum(all, "total"),
      failed: sum(all, "failed"),
      failures: all.flatMap(({ failures }) => failures).sort((a, b) => a.at - b.at),
      countedMs,
      beganAt,
      acceptedAt,
      lastServedAt: provider.lastServedAt(),
      termAt,
      load,
      goneAt,
      hook,
    };
  }

  /** Until nothing has failed for some time since the provider had gone. */
  async function seenToItsEnd(goneAt: number): Promise<readonly Seen[]> {
    let failed = 0;
    let failedAt = goneAt;
    while (true) {
      await pause(1_000, undefined, { signal });
      const all = await consumers.seen(name);
      const now = Date.now();
      if (sum(all, "failed") > failed) failedAt = now;
      failed = sum(all, "failed");
      if (now - failedAt > LOAD_AFTER_MS || now - goneAt > LONGEST_AFTER_MS) return all;
    }
  }

  /** What happens before TERM. */
  async function preStop(variant: Variant): Promise<Pick<Stopped, "acceptedAt" | "hook">> {
    const { address } = provider;
    if (variant === "none") return { acceptedAt: undefined, hook: undefined };
    if (variant === "script" || variant === "published") {
      await (variant === "script" ? registry.takeOut : registry.published)?.(name, address);
      const acceptedAt = Date.now();
      await pause(FLOOR_SECONDS * 1000, undefined, { signal });
      return { acceptedAt, hook: undefined };
    }
    const metrics = `http://${address.ip}:${address.port}/actuator/prometheus`;
    await using run = startHook(["offline"], {
      ...registry.hook(name, address),
      TERMINATION_GRACE_PERIOD_SECONDS: String(GRACE_SECONDS),
      LOG_FORMAT: "json",
      ...(variant === "traffic"
        ? { DRAIN_SECONDS: String(FLOOR_SECONDS), TRAFFIC_URL: metrics }
        : {}),
    }, { timeoutMs: GRACE_SECONDS * 1000 });
    const interrupt = () => run.kill("SIGKILL");
    signal.addEventListener("abort", interrupt);
    const hook = await run.done.finally(() => signal.removeEventListener("abort", interrupt));
    signal.throwIfAborted();
    const accepted = hook.lines.find((line) => JSON.parse(line).event === "accepted");
    const acceptedAt = accepted === undefined ? undefined : Date.parse(JSON.parse(accepted).time);
    return { acceptedAt, hook };
  }
}

function sum(all: readonly Seen[], part: "total" | "failed"): number {
  return all.reduce((sum, one) => sum + one[part], 0);
}
