import assert from "node:assert/strict";
import { createNacos } from "../../src/registry/nacos/nacos.ts";
import { nacosSettings } from "../../src/registry/nacos/settings.ts";
import { commonSettings } from "../../src/settings/common.ts";
import type { Surroundings } from "../../src/registry/pod_addresses.ts";
import type { Others, Registry } from "../../src/registry/registry.ts";
import {
  type EmbeddedNacos,
  type EmbeddedNacosOptions,
  startEmbeddedNacos,
} from "../embedded/nacos.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createLogEvents } from "../support/log_events.ts";
import type { NacosGeneration } from "../support/nacos_under_test.ts";
import { valuesOf } from "../support/settings.ts";

const { signal } = new AbortController();
const SETTINGS = { ...commonSettings, ...nacosSettings };
const IP = "10.0.0.7";
const NAMED = { serviceName: "orders", ip: IP, port: 8080 };
/** All that the pod has registered besides. */
const FURTHER = [
  { ...NAMED, port: 9090 },
  { ...NAMED, groupName: "G2", clusterName: "HZ" },
  { serviceName: "orders.grpc", ip: IP, port: 9000 },
  { serviceName: "providers:com.demo.UserService:1.0.0:g1", ip: IP, port: 20880 },
];
const BEHIND_NAT = "1795702453902_192.168.1.1_60938";

/** In a pod that has not the address on an interface. */
const IN_A_POD = { interfaces: [{ name: "eth0", address: "10.1.1.1" }], isPod: true };

function connectTo(
  server: EmbeddedNacos,
  env: Record<string, string> = {},
  surroundings?: Surroundings,
): Registry {
  const given: Record<string, string> = {
    podip: IP,
    serviceName: "orders",
    port: "8080",
    NACOS_SERVER_ADDR: server.addr,
    ...env,
  };
  const values = valuesOf(SETTINGS, given);
  const clock = createFakeClock();
  const { log } = createLogEvents(clock);
  const deps = { clock, log, signal, ...surroundings && { surroundings } };
  return createNacos(values, deps);
}

async function lookAt(server: EmbeddedNacos, env: Record<string, string> = {}): Promise<Others> {
  const registry = connectTo(server, env);
  await registry.locate(signal);
  assert.ok(registry.others);
  return await registry.others(signal);
}

function start(generation: NacosGeneration, more: Partial<EmbeddedNacosOptions> = {}) {
  return startEmbeddedNacos({ generation, pushDelayMs: 0, ...more });
}

const labels = ({ found }: Others) => found.map(({ label }) => label.split(" in ")[0]).toSorted();
const ALL = [
  "10.0.0.7:20880 of DEFAULT_GROUP@@providers:com.demo.UserService:1.0.0:g1",
  "10.0.0.7:8080 of G2@@orders",
  "10.0.0.7:9000 of DEFAULT_GROUP@@orders.grpc",
  "10.0.0.7:9090 of DEFAULT_GROUP@@orders",
];

function registerAll(server: EmbeddedNacos, clients?: readonly string[]): void {
  for (const one of [NAMED, ...FURTHER]) {
    server.registerGrpc({ ...one, ...clients ? { clients } : {} });
    const other = { ...one, ip: "10.0.0.8", weight: 2 };
    server.registerGrpc({ ...other, ...clients ? { clients: [`${clients[0]}9`] } : {} });
  }
}

for (const generation of ["1.4", "2.x", "3.1", "3.2"] as const) {
  Deno.test(`others() finds all that the pod has registered on ${generation}, each with its own verbs`, async () => {
    const server = await start(generation);
    registerAll(server);
    const seen = await lookAt(server);
    assert.deepEqual(labels(seen), ALL);
    assert.equal(seen.reach, "all");
    assert.deepEqual(seen.leftAlone, []);
    // Without the clients' calls it is the list of all services.
    assert.equal(seen.isLarge, generation === "1.4");
    for (const { registry, label } of seen.found) {
      const sighting = await registry.locate(signal);
      assert.equal(sighting?.label, label);
      await registry.set(sighting, false, signal);
    }
    for (const { ip, port, serviceName, enabled } of server.instances()) {
      const isNamed = port === 8080 && serviceName === "orders";
      if (!isNamed) assert.equal(enabled, ip !== IP, `${ip}:${port} ${serviceName}`);
    }
    await server.shutdown();
  });

  Deno.test(`others() finds it behind NAT on ${generation}, where the list of all services is asked too`, async () => {
    const server = await start(generation);
    registerAll(server, [BEHIND_NAT]);
    server.registerGrpc({ serviceName: "late", ip: IP, port: 7000, clients: [`${BEHIND_NAT}8`] });
    const seen = await lookAt(server);
    assert.deepEqual(labels(seen), [
      ALL[0],
      "10.0.0.7:7000 of DEFAULT_GROUP@@late",
      ...ALL.slice(1),
    ]);
    assert.equal(seen.isLarge, true);
    await server.shutdown();
  });
}

Deno.test("others() gives each one once", async () => {
  const server = await start("3.1");
  registerAll(server);
  const registry = connectTo(server);
  await registry.locate(signal);
  assert.equal((await registry.others?.(signal))?.found.length, 4);
  server.registerGrpc({ serviceName: "late", ip: IP, port: 7000 });
  assert.deepEqual(labels(await registry.others!(signal)), [
    "10.0.0.7:7000 of DEFAULT_GROUP@@late",
  ]);
  await server.shutdown();
});

Deno.test("others() reads a batch of 2.2.4, which does not say where it is", async () => {
  const server = await start("2.x");
  server.registerGrpc(NAMED);
  for (const port of [9090, 9091]) {
    server.registerGrpc({ serviceName: "batch", ip: IP, port, batch: true });
    server.registerGrpc({ serviceName: "batch", ip: "10.0.0.8", port, batch: true });
  }
  const expected = [9090, 9091].map((port) => `10.0.0.7:${port} of DEFAULT_GROUP@@batch`);
  assert.deepEqual(labels(await lookAt(server)), expected);
  // The stand-in has an entry for each port, and the service is asked for once.
  const asked = server.requests.filter(({ path, search }) =>
    path.endsWith("/catalog/instances") && search.includes("serviceName=batch")
  );
  assert.equal(asked.length, 1);
  await server.shutdown();
});

Deno.test("others() takes the list of all services where the user may not ask about clients (2.2.4)", async () => {
  const server = await start("2.x", { auth: true });
  registerAll(server);
  const { username, password } = await server.createUser("public");
  const seen = await lookAt(server, { NACOS_USERNAME: username, NACOS_PASSWORD: password });
  assert.deepEqual(labels(seen), ALL);
  assert.deepEqual([seen.reach, seen.isLarge], ["all", true]);
  await server.shutdown();
});

Deno.test("others() says so where nothing may be asked, and finds what the named service has", async () => {
  const forbidden = () =>
    Response.json({ status: 403, message: "authorization failed!" }, { status: 403 });
  const server = await start("3.1", {
    auth: true,
    intercept: (req) => /\/client\/|service\/list/.test(req.url) ? forbidden() : undefined,
  });
  registerAll(server);
  const { username, password } = await server.createUser("public");
  const seen = await lookAt(server, { NACOS_USERNAME: username, NACOS_PASSWORD: password });
  assert.equal(seen.reach, "named");
  assert.match(seen.why ?? "", /403/);
  assert.deepEqual(labels(seen), ["10.0.0.7:9090 of DEFAULT_GROUP@@orders"]);
  await server.shutdown();
});

Deno.test("others() finds an instance once where the server shows it in every cluster (r-nacos)", async () => {
  const server = await start("1.4", {
    intercept: (req) => {
      const { pathname } = new URL(req.url);
      if (pathname.endsWith("/catalog/services")) {
        const serviceList = [{ name: "orders", groupName: "DEFAULT_GROUP" }];
        return Response.json({ count: 1, serviceList });
      }
      if (pathname.endsWith("/ns/service")) {
        return Response.json({ clusters: ["DEFAULT", "HZ", "SH"].map((name) => ({ name })) });
      }
      if (!pathname.endsWith("/catalog/instances")) return undefined;
      const one = { ip: IP, weight: 1, enabled: true, healthy: true };
      const list = [[8080, "DEFAULT"], [9090, "HZ"]].map(([port, clusterName]) => {
        return { ...one, port, clusterName };
      });
      return Response.json({ list, count: list.length });
    },
  });
  const registry = connectTo(server);
  await registry.locate(signal);
  const seen = await registry.others?.(signal);
  const further = "10.0.0.7:9090 of DEFAULT_GROUP@@orders in namespace public, cluster HZ";
  assert.deepEqual(seen?.found.map(({ label }) => label), [further]);
  await server.shutdown();
});

Deno.test("others() takes a page that was cut, or a login page, for no list without instances", async () => {
  for (const body of ['[{"serviceName":"a","clusterMap":{', "<html>please log in</html>"]) {
    const server = await start("1.4", {
      intercept: (req) => /catalog\/services/.test(req.url) ? new Response(body) : undefined,
    });
    registerAll(server);
    await assert.rejects(lookAt(server), /not what a Nacos server answers|cut|JSON/);
    await server.shutdown();
  }
});

Deno.test("others() takes a gateway that lets no call about clients through for a server without them", async () => {
  for (const [generation, status] of [["2.x", 405], ["3.1", 501]] as const) {
    const server = await start(generation, {
      intercept: (req) => /\/client\//.test(req.url) ? new Response("no", { status }) : undefined,
    });
    registerAll(server);
    assert.deepEqual(labels(await lookAt(server)), ALL);
    await server.shutdown();
  }
});

Deno.test("others() leaves alone what no port proves at an address that others may share", async () => {
  const server = await start("3.1");
  const two = (name: string) => [`1795702453902_192.168.1.1_${name}`];
  // One process by its connection, one more by its port, another pod of the same node.
  server.registerGrpc({ ...NAMED, clients: two("1") });
  server.registerGrpc({ serviceName: "orders.grpc", ip: IP, port: 9000, clients: two("1") });
  server.registerGrpc({ serviceName: "providers:X", ip: IP, port: 8080, clients: two("2") });
  server.registerGrpc({ serviceName: "stock", ip: IP, port: 8081, clients: two("3") });
  const shared = connectTo(server, {}, IN_A_POD);
  await shared.locate(signal);
  const seen = await shared.others!(signal);
  assert.deepEqual(labels(seen), [
    "10.0.0.7:8080 of DEFAULT_GROUP@@providers:X",
    "10.0.0.7:9000 of DEFAULT_GROUP@@orders.grpc",
  ]);
  assert.match(seen.leftAlone.join(), /^10\.0\.0\.7:8081 of DEFAULT_GROUP@@stock/);
  await server.shutdown();
});

Deno.test("what another pod publishes at a shared address meanwhile is not taken out again", async () => {
  const server = await start("3.1");
  const from = (...ports: number[]) => ports.map((port) => `1795702453902_192.168.1.1_${port}`);
  const grpc = { serviceName: "orders.grpc", ip: IP, port: 9000 };
  server.registerGrpc({ ...NAMED, clients: from(1) });
  server.registerGrpc({ ...grpc, clients: from(1) });
  const registry = connectTo(server, {}, IN_A_POD);
  await registry.locate(signal);
  const [further] = (await registry.others!(signal)).found;
  assert.equal((await further?.registry.locate(signal))?.shared, undefined);
  for (const one of [NAMED, grpc]) server.registerGrpc({ ...one, clients: from(1, 2) });
  for (const one of [registry, further?.registry]) {
    assert.match((await one?.locate(signal))?.shared ?? "", /stands for 2 pods/);
  }
  await server.shutdown();
});

Deno.test("others() reads a list of thousands of services in pages, item by item", async () => {
  const server = await start("1.4");
  registerAll(server);
  for (let i = 0; i < 2_500; i++) {
    server.registerGrpc({
      serviceName: `s${i}`,
      ip: "10.9.9.9",
      port: 1,
      metadata: { m: "x".repeat(300) },
    });
  }
  server.registerGrpc({ serviceName: "last", ip: IP, port: 7000 });
  const seen = await lookAt(server);
  assert.deepEqual(labels(seen), [ALL[0], "10.0.0.7:7000 of DEFAULT_GROUP@@last", ...ALL.slice(1)]);
  assert.equal(seen.reach, "all");
  await server.shutdown();
});
