import assert from "node:assert/strict";
import { createNacos } from "../../src/registry/nacos/nacos.ts";
import { nacosSettings } from "../../src/registry/nacos/settings.ts";
import { commonSettings } from "../../src/settings/common.ts";
import type { NacosGeneration } from "../support/nacos_under_test.ts";
import {
  type EmbeddedNacos,
  type EmbeddedNacosOptions,
  startEmbeddedNacos,
} from "../embedded/nacos.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createLogEvents } from "../support/log_events.ts";
import { valuesOf } from "../support/settings.ts";

const { signal } = new AbortController();
const SETTINGS = { ...commonSettings, ...nacosSettings };
const INSTANCE = { serviceName: "orders", ip: "10.0.0.7", port: 8080 };
const GENERATIONS: readonly NacosGeneration[] = ["1.4", "2.x", "3.1", "3.2"];

async function start(options: Partial<EmbeddedNacosOptions> = {}) {
  const server = await startEmbeddedNacos({ generation: "2.x", pushDelayMs: 0, ...options });
  return {
    server,
    register: (changes = {}) =>
      server.registerGrpc({ ...INSTANCE, weight: 3, metadata: { zone: "a" }, ...changes }),
    paths: () => server.requests.map(({ method, path }) => `${method} ${path}`),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** The registry for `10.0.0.7:8080 of orders`, as the settings make it, and a clock that stands still. */
function connectTo(
  servers: readonly EmbeddedNacos[],
  changes: Record<string, string | undefined> = {},
) {
  const env: Record<string, string | undefined> = {
    podip: INSTANCE.ip,
    serviceName: INSTANCE.serviceName,
    port: String(INSTANCE.port),
    NACOS_SERVER_ADDR: servers.map(({ addr }) => addr).join(",") || undefined,
    ...changes,
  };
  const values = valuesOf(SETTINGS, env);
  const { log, messages } = createLogEvents(createFakeClock());
  const clock = createFakeClock();
  return {
    messages,
    registry: createNacos(values, { clock, log, signal }),
  };
}

for (const generation of GENERATIONS) {
  Deno.test(`createNacos() takes out and puts back on ${generation}, and changes nothing else`, async () => {
    await using site = await start({ generation });
    const { server } = site;
    site.register();
    site.register({ ip: "10.0.0.8" });
    const before = server.instances();
    const { registry } = connectTo([server]);
    const sighting = await registry.locate(signal);
    assert.ok(sighting);
    assert.equal(sighting.state, "inService");
    assert.equal(sighting.address, server.rootUrl);
    assert.match(sighting.label, /^10\.0\.0\.7:8080 of DEFAULT_GROUP@@orders in namespace public$/);
    const { weight, metadata } = sighting.details;
    assert.deepEqual([weight, metadata], [3, { zone: "a" }]);

    await registry.set(sighting, false, signal);
    const out = await registry.locate(signal);
    assert.equal(out?.state, "outOfService");
    const { answers } = await registry.callersViews(signal);
    assert.deepEqual(answers, [{ address: server.rootUrl, listed: false, others: 1 }]);

    await registry.set(out!, true, signal);
    assert.deepEqual(server.instances(), before);
    assert.deepEqual((await registry.callersViews(signal)).answers.map(({ listed }) => listed), [
      true,
    ]);
  });
}

Deno.test("createNacos() does not find what is in another group, namespace or cluster", async () => {
  await using site = await start();
  site.register({ groupName: "SHOP" });
  site.register({ namespaceId: "team-a" });
  site.register({ clusterName: "c1" });
  site.register({ port: 8081 });
  assert.equal(await connectTo([site.server]).registry.locate(signal), undefined);
  for (const right of [{ groupName: "SHOP" }, { namespaceId: "team-a" }, { clusterName: "c1" }]) {
    const found = await connectTo([site.server], right).registry.locate(signal);
    assert.equal(found?.state, "inService", JSON.stringify(right));
  }
});

Deno.test("createNacos() takes the group from group@@service", async () => {
  await using site = await start();
  site.register({ groupName: "SHOP" });
  const { registry } = connectTo([site.server], { serviceName: "SHOP@@orders", groupName: "X" });
  assert.equal((await registry.locate(signal))?.state, "inService");
  assert.equal(registry.names().service, "orders");
});

Deno.test("createNacos() logs in once for two servers of one cluster", async () => {
  await using site = await start({ auth: true, generation: "3.1" });
  const { server } = site;
  site.register();
  const user = await server.createUser("public");
  const mark = server.requests.length;
  const two = [server, { ...server, addr: server.addr.replace("127.0.0.1", "localhost") }];
  const { registry } = connectTo(two as EmbeddedNacos[], {
    NACOS_USERNAME: user.username,
    NACOS_PASSWORD: user.password,
  });
  const sighting = await registry.locate(signal);
  await registry.set(sighting!, false, signal);
  const { answers, failures } = await registry.callersViews(signal);
  assert.deepEqual([answers.length, failures], [2, []]);
  const logins = server.requests.slice(mark).filter(({ path }) => path.endsWith("/login"));
  assert.equal(logins.length, 1);
});

Deno.test("createNacos() asks for no generation where NACOS_API says it", async () => {
  await using site = await start({ generation: "3.1" });
  site.register();
  await connectTo([site.server], { NACOS_API: "v3" }).registry.locate(signal);
  assert.ok(site.paths().every((path) => !path.endsWith("/core/state")), site.paths().join());
});

Deno.test("createNacos() believes absence at one of two only while it has not seen the instance", async () => {
  let isBroken = true;
  await using broken = await start({
    intercept: () => isBroken ? new Response("boom", { status: 500 }) : undefined,
  });
  await using empty = await start();
  broken.register();
  const { registry } = connectTo([broken.server, empty.server]);
  assert.equal(await registry.locate(signal), undefined);
  isBroken = false;
  // The other one does not have it, so the first is asked again.
  const later = connectTo([broken.server, empty.server]).registry;
  assert.equal((await later.locate(signal))?.state, "inService");
  isBroken = true;
  await assert.rejects(later.locate(signal), { outcome: "unreachable", message: /500: boom/ });
});

Deno.test("createNacos() finds one server by its address, and writes only there", async () => {
  await using one = await start();
  await using other = await start();
  for (const site of [one, other]) site.register();
  const { registry } = connectTo([one.server, other.server]);
  const [, address = ""] = registry.addresses;
  assert.deepEqual(registry.addresses, [one.server.rootUrl, other.server.rootUrl]);
  const sighting = await registry.locateAt(address, signal);
  await registry.set(sighting!, false, signal);
  assert.deepEqual(
    [one, other].map(({ server }) => server.instances()[0]?.enabled),
    [true, false],
  );
  assert.equal(await registry.locateAt("http://nobody:8848/nacos", signal), undefined);
});

Deno.test("createNacos() asks the scripts' address where none is set, and knows its names", () => {
  const { registry } = connectTo([]);
  assert.deepEqual(registry.addresses, ["http://nacos:8848/nacos"]);
  assert.deepEqual(registry.names(), {
    ip: "10.0.0.7",
    port: "8080",
    service: "orders",
    instance: "10.0.0.7:8080",
  });
  assert.equal(registry.wanted, "10.0.0.7:8080 of DEFAULT_GROUP@@orders in namespace public");
});
