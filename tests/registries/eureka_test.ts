/**
 * Real Eureka servers with real callers: the contracts of the wire and of the program, the clients
 * that services use, two peers of which one is stopped, and the cache as it is shipped.
 */

import assert from "node:assert/strict";
import { eurekaPeersContract } from "../contract/eureka_peers.ts";
import { eurekaEnv, eurekaProgramContract } from "../contract/eureka_program.ts";
import { eurekaWireContract } from "../contract/eureka_wire.ts";
import { anInstance } from "../contract/eureka_wire_kit.ts";
import { atOnce } from "../support/at_once.ts";
import { assertEnd, drained } from "../support/ends.ts";
import {
  type EurekaProvider,
  type EurekaProviderOptions,
  startJsCaller,
  startSpringConsumer,
  startSpringProvider,
} from "../support/eureka_callers.ts";
import {
  deregister,
  idOf,
  instance,
  pathOf,
  register,
  send,
  type TestPlace,
} from "../support/eureka_client.ts";
import {
  type RealEureka,
  type RealEurekaPeers,
  realEurekaServers,
  type RealEurekaSpec,
  SEEDED,
  startRealEureka,
  startRealEurekaPeers,
} from "../support/eureka_server.ts";
import type { EurekaUnderTest } from "../support/eureka_under_test.ts";
import { freePort } from "../support/free_port.ts";
import { registerSecret, removeRecords, runHook, startHook } from "../support/hook.ts";
import { eventually } from "../support/pause.ts";

/** The contracts wait for refreshes; as shipped they would take minutes. */
const CACHE_MS = 2_000;
/** The callers' own waits are 30 s and more as shipped. */
const SHORT = { fetchSeconds: 1, loadBalancerSeconds: 1 };
const RENEWAL_SECONDS = 2;
const OUTLIVING = { sanitizeOps: false, sanitizeResources: false };

for (const spec of realEurekaServers({ cacheMs: CACHE_MS })) suite(spec);
peersSuite();
Deno.test({
  name: "real Eureka as shipped: a list has changed when the program says so, and not later",
  ...OUTLIVING,
  fn: asShipped,
});

function suite(spec: RealEurekaSpec): void {
  let started: RealEureka | undefined;
  const server = (): RealEureka => {
    if (started === undefined) throw new Error(`${spec.label} has not started`);
    return started;
  };
  const csrf = spec.mode === "csrf";
  const traits = { auth: spec.mode !== "open", csrf, cacheMs: spec.cacheMs };
  const test = (behaviour: string, fn: (t: Deno.TestContext) => Promise<void>) =>
    Deno.test({ name: `${spec.label}: ${behaviour}`, ...OUTLIVING, fn });

  let begin = 0;
  test("starts", async () => {
    begin = performance.now();
    started = await spec.start();
    if (started.credentials) registerSecret(started.credentials.password);
    console.log(`${spec.label}: ready after ${started.startMs} ms`);
  });
  eurekaWireContract(spec.label, traits, server);
  if (csrf) {
    if (spec.launched) test("a refused write names CSRF", () => refusesWrites(server()));
  } else {
    eurekaProgramContract(spec.label, traits, server);
    test("eureka-js-client loses the instance and gets it back", () => jsClient(server()));
    // Whether there is a password makes no difference to what clients do.
    if (spec.mode === "open") {
      test("Spring Cloud callers lose the instance and get it back", () => springCloud(server()));
    }
  }
  test("ends", async () => {
    await started?.shutdown();
    console.log(`${spec.label}: ${Math.round((performance.now() - begin) / 1000)} s in all`);
  });
}

function envOf(
  server: EurekaUnderTest,
  { service, ip, port }: { service: string; ip: string; port: number },
): Record<string, string> {
  return {
    ...eurekaEnv(server),
    podip: ip,
    APPLICATION: service,
    APPLICATION_PORT: String(port),
    DRAIN_SECONDS: "1",
  };
}

async function refusesWrites(server: RealEureka): Promise<void> {
  const { app, ip, port } = SEEDED;
  // What is not accepted is tried to the deadline.
  const grace = { TERMINATION_GRACE_PERIOD_SECONDS: "8", STOP_RESERVE_SECONDS: "1" };
  const env = { ...envOf(server, { service: app, ip, port }), ...grace };
  const run = await runHook(["offline"], env);
  assertEnd(run, "refused", /answered 401/, /reading is allowed/, /CSRF/, drained(7));
  assert.equal(await statusOf(server, SEEDED), "UP");
  removeRecords(app);
}

async function springCloud(server: RealEureka): Promise<void> {
  const service = `orders-${crypto.randomUUID().slice(0, 8)}`;
  const options: EurekaProviderOptions = {
    servers: [server],
    service,
    ip: "127.0.0.2",
    port: freePort(),
    renewalSeconds: RENEWAL_SECONDS,
  };
  const env = envOf(server, options);
  const started = await Promise.allSettled([
    startSpringProvider(options),
    startSpringConsumer({ servers: [server], ...SHORT }),
  ]);
  await using all = new AsyncDisposableStack();
  for (const start of started) if (start.status === "fulfilled") all.use(start.value);
  const [first, second] = started;
  if (first.status === "rejected") throw first.reason;
  if (second.status === "rejected") throw second.reason;
  const consumer = second.value;
  let provider: EurekaProvider = first.value;
  const { instanceId } = provider;
  const place = { app: service, instanceId };
  // Default settings make the id of the name as it was spelled, not of the name in capitals.
  assert.ok(instanceId.endsWith(`:${service}:${options.port}`), instanceId);
  const restart = async () => {
    provider = all.use(await startSpringProvider(options));
    assert.equal(provider.instanceId, instanceId);
  };
  const isOut = async () => {
    assert.equal(await statusOf(server, place), "OUT_OF_SERVICE");
    assert.deepEqual(await consumer.instances(service), []);
  };
  const serves = async () => {
    await consumer.waitForInstance(service, instanceId, true, 10_000);
    await eventually(
      async () => assert.equal((await consumer.call(service)).instanceId, instanceId),
      10_000,
    );
  };

  await serves();
  await consumer.startCalls(service, 100);
  const calls = () => consumer.calls(service);
  await consumer.waitForCalls(() => calls().length >= 3, 5_000);
  assertEnd(await runHook(["offline"], env), "done", /is out of service, accepted/);
  await consumer.waitForCalls(() => calls().at(-1)?.error !== undefined, 15_000);
  await consumer.stopCalls(service);
  for (const call of calls()) {
    // It went on answering all the time.
    if (call.error !== undefined) assert.match(call.error, /No instances available/);
    else assert.equal(call.instanceId, instanceId);
  }
  await heartbeats(server, place, 2);
  await isOut();

  assertEnd(await runHook(["online", "--strict"], env), "done", /callers get it after/);
  await serves();

  // The override outlives the process: a container that is killed and starts again in its pod.
  assertEnd(await runHook(["offline"], env), "done");
  await provider.kill();
  await restart();
  await heartbeats(server, place, 2);
  await eventually(isOut, 10_000);
  assertEnd(await runHook(["online", "--strict"], env), "done", /accepted after/);
  await serves();

  // One that is stopped deregisters itself, and the override is gone with it.
  assertEnd(await runHook(["offline"], env), "done");
  await provider.close();
  assert.equal(await instance(server, place), undefined);
  await restart();
  assert.equal(await statusOf(server, place), "UP");
  await serves();

  // A client that lives on registers anew at its next heartbeat.
  const removed = await runHook(["offline"], { ...env, REMOVE_AFTER_DRAIN: "true" });
  assertEnd(removed, "done", /is removed/);
  await eventually(async () => assert.equal(await statusOf(server, place), "UP"), 10_000);
  // One that was killed does not.
  await using hook = startHook(["offline"], {
    ...env,
    REMOVE_AFTER_DRAIN: "true",
    DRAIN_SECONDS: "3",
  });
  await hook.waitForLine(/out of service in the registry's own record/);
  await provider.kill();
  assertEnd(await hook.done, "done", /is removed/);
  assert.equal(await statusOf(server, place), undefined);
  removeRecords(service.toUpperCase());
}

async function jsClient(server: RealEureka): Promise<void> {
  const service = `js-${crypto.randomUUID().slice(0, 8)}`;
  const hostName = `host-of-${service}`;
  const options = { service, ip: "10.1.2.3", port: 8080 };
  const env = envOf(server, options);
  const place = { app: service, hostName };
  await using caller = await startJsCaller({
    servers: [server],
    ...options,
    hostName,
    renewalSeconds: 1,
    fetchSeconds: 1,
  });
  await caller.waitForInstance(service, hostName, true, 10_000);
  assertEnd(await runHook(["offline"], env), "done", new RegExp(`id ${hostName} is out`));
  await caller.waitForInstance(service, hostName, false, 10_000);
  await caller.waitForHeartbeats(caller.heartbeats() + 2, 10_000);
  assert.equal(await statusOf(server, place), "OUT_OF_SERVICE");
  assertEnd(await runHook(["online", "--strict"], env), "done");
  await caller.waitForInstance(service, hostName, true, 10_000);
  assert.equal(await statusOf(server, place), "UP");
  removeRecords(service.toUpperCase());
}

function peersSuite(): void {
  let both: RealEurekaPeers | undefined;
  const peers = () => {
    if (both === undefined) throw new Error("The peers have not started");
    return both.peers;
  };
  const name = "real Eureka peers";
  const test = (behaviour: string, fn: () => Promise<void>) =>
    Deno.test({ name: `${name}: ${behaviour}`, ...OUTLIVING, fn });

  let begin = 0;
  test("start", async () => {
    begin = performance.now();
    both = await startRealEurekaPeers({ mode: "basic auth", cacheMs: CACHE_MS });
    const [one, other] = both.peers;
    if (one.credentials) registerSecret(one.credentials.password);
    console.log(`${name}: ready after ${one.startMs} and ${other.startMs} ms`);
  });
  eurekaPeersContract(name, peers, async () => {
    await peers()[1].kill();
    await peers()[1].start();
  });
  test("the one that lives serves, and both lists count once both live", async () => {
    const [one, other] = peers();
    const place = anInstance("peers-program");
    const env = {
      ...envOf(one, { service: place.app, ip: place.ip, port: place.port }),
      EUREKA_URL: `${other.rootUrl},${one.rootUrl}`,
    };
    const beats = await register(one, place, { heartbeat: true });
    await eventually(async () => assert.equal(await statusOf(other, place), "UP"));
    await other.kill();
    const run = await runHook(["offline"], { ...env, DRAIN_SECONDS: "8" });
    assertEnd(run, "done", /callers no longer get it/);
    assert.match(run.stdout, /WARNING: Cannot connect to http:\/\/127\.0\.0\.1:\d+: /);
    assert.equal(await statusOf(one, place), "OUT_OF_SERVICE");

    // Here it starts without what is not UP, and answers 404 until the next heartbeat.
    await other.start();
    await eventually(
      async () => assert.equal(await statusOf(other, place), "OUT_OF_SERVICE"),
      20_000,
    );
    const online = await runHook(["online", "--strict"], env);
    assertEnd(online, "done", /callers get it/);
    for (const server of [one, other]) {
      await eventually(async () => assert.equal(await statusOf(server, place), "UP"));
    }
    await beats.stop();
    await deregister(one, place);
    removeRecords(place.app.toUpperCase());
  });
  test("end", async () => {
    await both?.shutdown();
    console.log(`${name}: ${Math.round((performance.now() - begin) / 1000)} s in all`);
  });
}

/**
 * With the cache as shipped: a client that fetches every second loses the instance when the program
 * says that callers no longer get it, be it found by its address or by its id.
 */
async function asShipped(t: Deno.TestContext): Promise<void> {
  const server = await startRealEureka({ mode: "open" });
  const begin = performance.now();
  try {
    // With no app at all a client fetches the whole list, and its first delta is ahead of all others.
    const other = anInstance("other");
    const otherBeats = await register(server, other, { heartbeat: true });
    await using consumer = await startSpringConsumer({ servers: [server], ...SHORT });
    await consumer.waitForInstance(other.app, idOf(other), true, 40_000);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const losing = (byId: boolean) => async () => {
      const place = anInstance(byId ? "by-id" : "by-address");
      const beats = await register(server, place, { heartbeat: true });
      await consumer.waitForInstance(place.app, idOf(place), true, 40_000);
      const env = envOf(server, { service: place.app, ip: place.ip, port: place.port });
      await using hook = startHook(["offline"], {
        ...env,
        ...(byId ? { instanceId: idOf(place) } : {}),
        // Both cases have one address.
        OFFLINE_SCOPE: "named",
        DRAIN_SECONDS: "34",
        TERMINATION_GRACE_PERIOD_SECONDS: "60",
      });
      await hook.waitForLine(/out of service in the registry's own record/);
      const accepted = performance.now();
      const left = hook.waitForLine(/callers no longer get it/)
        .then(() => performance.now() - accepted);
      const lost = consumer.waitForInstance(place.app, idOf(place), false, 40_000);
      const [leftMs, lostMs] = await Promise.all([left, lost]);
      console.log(
        `${server.label}, cache of 30 s: off the list ${Math.round(leftMs)} ms after the record, ` +
          `lost by a client that fetches every second after ${lostMs} ms`,
      );
      // Never much before it: a list that nobody has asked for yet would be ahead by up to 30 s.
      assert.ok(leftMs > lostMs - 4_000, `${leftMs} ms, but callers only after ${lostMs} ms`);
      assert.ok(leftMs < 33_000, `${leftMs} ms`);
      await hook.done;
      await beats.stop();
      await deregister(server, place);
      removeRecords(place.app.toUpperCase());
    };
    await atOnce(t, { "by address": losing(false), "by id": losing(true) });
    await otherBeats.stop();
  } finally {
    await server.shutdown();
    console.log(
      `${server.label}, cache of 30 s: ${Math.round((performance.now() - begin) / 1000)} s`,
    );
  }
}

async function statusOf(server: EurekaUnderTest, place: TestPlace): Promise<string | undefined> {
  return (await instance(server, place))?.status;
}

/** Waits until the server has seen so many more heartbeats of an instance. */
async function heartbeats(
  server: EurekaUnderTest,
  place: TestPlace,
  count: number,
): Promise<void> {
  const last = async () =>
    JSON.parse((await send(server, "GET", pathOf(place))).body)
      .instance.leaseInfo.lastRenewalTimestamp as number;
  for (let seen = 0; seen < count; seen++) {
    const before = await last();
    await eventually(
      async () => assert.ok(await last() > before, `no heartbeat of ${idOf(place)}`),
      30_000,
    );
  }
}
