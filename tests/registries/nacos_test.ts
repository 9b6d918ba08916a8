/**
 * Real Nacos servers with real callers: the contracts of the wire and of the program, the clients
 * that services use, and a rollout that stops 200 pods at once.
 */

import assert from "node:assert/strict";
import { loginEnv, nacosProgramContract } from "../contract/nacos_program.ts";
import { nacosWireContract } from "../contract/nacos_wire.ts";
import { assertEnd } from "../support/ends.ts";
import { registerSecret, removeRecords, runHook } from "../support/hook.ts";
import {
  type Caller,
  type CallerOptions,
  startJavaCaller,
  startNpmCaller,
} from "../support/nacos_callers.ts";
import { deregister, record, register } from "../support/nacos_client.ts";
import { type RealNacos, realNacosServers, type RealNacosSpec } from "../support/nacos_server.ts";
import { eventually } from "../support/pause.ts";

const CALLERS: Readonly<Record<string, (options: CallerOptions) => Promise<Caller>>> = {
  "Java client 2.x": (options) => startJavaCaller({ ...options, line: "2.x" }),
  "Java client 3.x": (options) => startJavaCaller({ ...options, line: "3.x" }),
  "npm client": startNpmCaller,
};

const AT_ONCE = 200;

for (const spec of realNacosServers()) suite(spec);

function suite(spec: RealNacosSpec): void {
  let started: RealNacos | undefined;
  const server = (): RealNacos => {
    if (started === undefined) throw new Error(`${spec.label} has not started`);
    return started;
  };
  // The server outlives each case.
  const outliving = { sanitizeOps: false, sanitizeResources: false };

  let begin = 0;
  Deno.test({
    name: `${spec.label}: starts`,
    ...outliving,
    fn: async () => {
      begin = performance.now();
      started = await spec.start();
      if (started.admin) registerSecret(started.admin.password);
      console.log(`${spec.label}: ready after ${started.startMs} ms`);
    },
  });
  nacosWireContract(spec.label, spec, server);
  nacosProgramContract(spec.label, spec, server);
  for (const [name, start] of Object.entries(CALLERS)) {
    // The npm client speaks v1 only.
    if (name === "npm client" && spec.generation === "3.2") continue;
    Deno.test({
      name: `${spec.label}: ${name} loses the instance, online brings it back as it was`,
      ...outliving,
      fn: () => losesAndGetsBack(server(), start),
    });
  }
  Deno.test({
    name: `${spec.label}: callers of each registration of a pod lose it, and of no other pod`,
    ...outliving,
    fn: () => wholePod(server()),
  });
  // Without a login there is nothing that queues.
  if (spec.auth) {
    Deno.test({
      name: `${spec.label}: ${AT_ONCE} runs at once are all out`,
      ...outliving,
      fn: () => allAtOnce(server()),
    });
  }
  Deno.test({
    name: `${spec.label}: ends`,
    ...outliving,
    fn: async () => {
      await started?.shutdown();
      console.log(`${spec.label}: ${Math.round((performance.now() - begin) / 1000)} s in all`);
    },
  });
}

/** One service with a provider of its own kind, and a neighbour that stays. */
async function losesAndGetsBack(
  server: RealNacos,
  start: (options: CallerOptions) => Promise<Caller>,
): Promise<void> {
  const login = await loginEnv(server);
  const options: CallerOptions = {
    server,
    ...(login["NACOS_USERNAME"] && login["NACOS_PASSWORD"]
      ? { credentials: { username: login["NACOS_USERNAME"], password: login["NACOS_PASSWORD"] } }
      : {}),
  };
  const service = `callers-${crypto.randomUUID().slice(0, 8)}`;
  const here = { service, ip: "10.1.2.3", port: 8080, weight: 3, metadata: { a: "b=c" } };
  const address = "10.1.2.3:8080";
  const env = {
    NACOS_SERVER_ADDR: server.addr,
    podip: here.ip,
    serviceName: service,
    port: "8080",
    DRAIN_SECONDS: "0",
    ...login,
  };
  const caller = await start(options);
  let provider = await start(options);
  try {
    // The npm client ignores empty lists: it never loses the last instance of a service.
    await caller.register({ service, ip: "10.1.2.4", port: 8080 });
    await provider.register(here);
    await caller.subscribe(service);
    await caller.waitForInstance(service, address, true, 15_000);
    await caller.waitForInstance(service, "10.1.2.4:8080", true, 15_000);

    assertEnd(await runHook(["offline"], env), "done");
    await caller.waitForInstance(service, address, false, 3_000);
    assert.deepEqual(caller.instances(service), ["10.1.2.4:8080"]);
    assertEnd(await runHook(["offline"], env), "done", /out of service already/);

    const back = () => {
      const [found] = (caller.hosts(service) ?? []).filter(({ ip }) => ip === here.ip);
      assert.equal(found?.weight, 3);
      assert.equal(found.metadata["a"], "b=c");
    };
    assertEnd(await runHook(["online", "--strict"], env), "done", /accepted after/);
    await caller.waitForInstance(service, address, true, 3_000);
    back();
    assertEnd(await runHook(["online", "--strict"], env), "done", /in service already/);

    // The flag outlives the process: a container that restarts in the same pod.
    assertEnd(await runHook(["offline"], env), "done");
    await caller.waitForInstance(service, address, false, 3_000);
    await provider.kill();
    provider = await start(options);
    await provider.register(here);
    const place = { serviceName: service, ip: here.ip, port: here.port };
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    await eventually(async () => assert.equal((await record(server, place))?.enabled, false));
    assert.deepEqual(caller.instances(service), ["10.1.2.4:8080"]);
    assertEnd(await runHook(["online", "--strict"], env), "done", /accepted after/);
    await caller.waitForInstance(service, address, true, 3_000);
    back();
  } finally {
    await provider.close();
    await caller.close();
    removeRecords(service);
  }
}

/** Dubbo's interfaces and a gRPC server, as a real client registers them by its connection. */
async function wholePod(server: RealNacos): Promise<void> {
  const login = await loginEnv(server);
  const { NACOS_USERNAME: username, NACOS_PASSWORD: password } = login;
  const options: Parameters<typeof startJavaCaller>[0] = {
    server,
    line: server.generation.startsWith("3") ? "3.x" : "2.x",
    ...username && password ? { credentials: { username, password } } : {},
  };
  const name = `pod-${crypto.randomUUID().slice(0, 8)}`;
  const ip = "10.1.2.5";
  const places = [
    { service: name, port: 8080 },
    { service: `${name}.grpc`, port: 9090 },
    { service: `providers:com.demo.${name}.UserService:1.0.0:g1`, port: 20880 },
    { service: `providers:com.demo.${name}.PayService::`, port: 20880 },
  ];
  const env = {
    NACOS_SERVER_ADDR: server.addr,
    podip: ip,
    serviceName: name,
    port: "8080",
    DRAIN_SECONDS: "0",
    ...login,
  };
  const [caller, provider] = [await startJavaCaller(options), await startJavaCaller(options)];
  const other = await startJavaCaller(options);
  const seen = async (isThere: boolean) => {
    for (const { service, port } of places) {
      await caller.waitForInstance(service, `${ip}:${port}`, isThere, 15_000);
      await caller.waitForInstance(service, `10.1.2.6:${port}`, true, 15_000);
    }
  };
  try {
    for (const place of places) {
      await other.register({ ...place, ip: "10.1.2.6" });
      await provider.register({ ...place, ip });
      await caller.subscribe(place.service);
    }
    await seen(true);
    const offline = await runHook(["offline"], env);
    assertEnd(offline, "done", /3 further registrations of the pod are out of service/);
    await seen(false);
    const online = await runHook(["online", "--strict"], env);
    assertEnd(online, "done", /3 further registrations of the pod are in service/);
    await seen(true);
  } finally {
    for (const one of [provider, other, caller]) await one.close();
    removeRecords(name);
  }
}

/** A rollout: every hook logs in, and the logins queue on the server for many seconds. */
async function allAtOnce(server: RealNacos): Promise<void> {
  const login = await loginEnv(server);
  const serviceName = `rollout-${crypto.randomUUID().slice(0, 8)}`;
  // Heartbeats may queue behind the logins: a real client's are a connection of their own.
  const metadata = {
    "preserved.heart.beat.timeout": "120000",
    "preserved.ip.delete.timeout": "180000",
  };
  const instances = Array.from({ length: AT_ONCE }, (_, index) => ({
    serviceName,
    ip: `10.7.${Math.floor(index / 100)}.${index % 100 + 1}`,
    port: 8080,
    weight: 2,
    metadata,
  }));
  for (const instance of instances) await register(server, instance);
  const last = instances.at(-1);
  assert.ok(last);
  await eventually(async () => assert.ok(await record(server, last)));

  const begin = performance.now();
  const runs = await Promise.all(instances.map((instance) =>
    runHook(["offline"], {
      NACOS_SERVER_ADDR: server.addr,
      podip: instance.ip,
      serviceName,
      port: "8080",
      DRAIN_SECONDS: "5",
      TERMINATION_GRACE_PERIOD_SECONDS: "180",
      LOG_FORMAT: "json",
      ...login,
    }, { timeoutMs: 180_000 })
  ));
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  const accepted = runs.map((run) => {
    assert.equal(run.code, 0, run.stdout + run.stderr);
    return Number(JSON.parse(run.lastLine).registries[0].acceptedMs);
  }).sort((a, b) => a - b);
  const p50 = accepted[AT_ONCE / 2];
  console.log(
    `${server.label}: ${AT_ONCE} at once, ${seconds} s in all, accepted after ` +
      `${p50} ms (median), ${accepted.at(-1)} ms (last)`,
  );
  for (const instance of instances) {
    const found = await record(server, instance);
    // But for the mark of `offline`.
    const weight = Number(found?.weight.toPrecision(8));
    assert.deepEqual([found?.enabled, weight], [false, 2], instance.ip);
  }
  for (const instance of instances) await deregister(server, instance);
  removeRecords(serviceName);
}
