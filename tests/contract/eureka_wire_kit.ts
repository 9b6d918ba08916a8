/** What the cases of the contract share. */

import assert from "node:assert/strict";
import * as eureka from "../support/eureka_client.ts";
import type { EurekaStatus, EurekaUnderTest } from "../support/eureka_under_test.ts";
import type { RegisterOptions, Registration } from "../support/registration.ts";
import { pause } from "../support/pause.ts";

/** What is known of a server before it has started. */
export interface ServerTraits {
  readonly auth: boolean;
  readonly csrf: boolean;
}

export type Add = (
  instance: eureka.TestInstance,
  options?: RegisterOptions,
) => Promise<Registration<eureka.TestInstance>>;

/** Adds a case for the servers that `only` lets through; by default for all that take writes. */
export type Test = (
  behaviour: string,
  fn: (server: EurekaUnderTest, add: Add) => Promise<void>,
  only?: (about: ServerTraits) => boolean,
) => void;

export function writable(about: ServerTraits): boolean {
  return !about.csrf;
}

/**
 * For servers that want no password: with one each request takes a real server some 80 ms, too long
 * for what has to happen between two refreshes of its cache.
 */
export function open(about: ServerTraits): boolean {
  return !about.auth;
}

export function guarded(about: ServerTraits): boolean {
  return about.auth;
}

export function csrf(about: ServerTraits): boolean {
  return about.csrf;
}

/** Runs a case, and takes out what it has registered. */
export async function withInstances(
  server: EurekaUnderTest,
  fn: (add: Add) => Promise<void>,
): Promise<void> {
  const added: Registration<eureka.TestInstance>[] = [];
  try {
    await fn(async (instance, options) => {
      const registration = await eureka.register(server, instance, options);
      added.push(registration);
      return registration;
    });
  } finally {
    for (const registration of added) {
      await registration.stop();
      // What cannot be addressed is left to its lease.
      await eureka.deregister(server, registration.instance).catch(() => {});
    }
  }
}

/** An instance with an application and an id that nobody else has. */
export function anInstance(hint: string): eureka.TestInstance {
  const app = unique(hint);
  return { app, instanceId: `pod-1:${app}:8080`, ip: "10.9.0.1", port: 8080 };
}

export function unique(hint: string): string {
  return `wire-${hint}-${crypto.randomUUID().slice(0, 8)}`;
}

/** A write that was taken: 200 and nothing more. */
export function assertTaken({ status, body }: eureka.Answer): void {
  assert.deepEqual({ status, body }, { status: 200, body: "" });
}

/** What the server's own record says: status, then override; nothing where it is unknown. */
export async function assertRecord(
  server: EurekaUnderTest,
  place: eureka.TestPlace,
  ...expected: [] | [EurekaStatus, EurekaStatus]
): Promise<void> {
  const found = await eureka.instance(server, place);
  assert.deepEqual(found ? [found.status, found.overriddenStatus] : [], expected);
}

export const TRIES = 20;

/**
 * Runs what must see one state of the cache from its start to its end; again if a refresh came
 * between. A server that wants a user needs some seconds from one refresh to the next: each request
 * costs it 80 ms of CPU (bcrypt).
 */
export async function betweenRefreshes(
  server: EurekaUnderTest,
  fn: () => Promise<void>,
): Promise<void> {
  const { at, reserve } = await refreshOf(server);
  for (let tried = 1;; tried++) {
    const passed = (Date.now() - at) % server.cacheMs;
    // Begun late, a try that has once been too slow would be so again.
    const wait = tried > 1 ? server.cacheMs - passed + reserve : reserve - passed;
    await pause(Math.max(0, wait));
    const began = Date.now();
    const since = (began - at) % server.cacheMs;
    const [outcome] = await Promise.allSettled([fn()]);
    const inTime = since + Date.now() - began < server.cacheMs - reserve;
    if (inTime && outcome.status === "fulfilled") return;
    if (inTime || tried === TRIES) {
      if (outcome.status === "rejected") throw outcome.reason;
      throw new Error(`Cannot finish within ${server.cacheMs} ms, after ${TRIES} tries`);
    }
  }
}

/** Returns when the next refresh of the cache has happened. */
export async function afterRefresh(server: EurekaUnderTest): Promise<void> {
  const { at, reserve } = await refreshOf(server);
  await pause(server.cacheMs - (Date.now() - at) % server.cacheMs + reserve);
}

/** A refresh that was seen; the others are whole periods away. */
interface Refresh {
  /** When it was seen, milliseconds since 1970. */
  readonly at: number;
  readonly reserve: number;
}

const refreshes = new WeakMap<EurekaUnderTest, Promise<Refresh>>();

async function refreshOf(server: EurekaUnderTest): Promise<Refresh> {
  const known = refreshes.get(server) ?? seeRefresh(server);
  refreshes.set(server, known);
  return await known;
}

/**
 * Waits for a refresh. The first after a start is on a multiple of the period, but from each to the
 * next it is half a millisecond more: 435 ms off after 780 of them (java.util.Timer, fixed delay).
 */
async function seeRefresh(server: EurekaUnderTest): Promise<Refresh> {
  const probe = anInstance("probe");
  await eureka.register(server, probe);
  const status = async () => (await eureka.list(server, probe.app))[0]?.status;
  try {
    assert.equal(await status(), "UP");
    assertTaken(await eureka.setStatus(server, probe, "OUT_OF_SERVICE"));
    const deadline = Date.now() + 2 * server.cacheMs;
    let lastUp = Date.now();
    while (true) {
      const asked = Date.now();
      if (await status() !== "UP") break;
      lastUp = asked;
      assert.ok(asked < deadline, `no refresh within twice ${server.cacheMs} ms`);
      await pause(server.cacheMs / 100);
    }
    const at = Date.now();
    return { at, reserve: at - lastUp + server.cacheMs / 20 };
  } finally {
    await eureka.deregister(server, probe);
  }
}
