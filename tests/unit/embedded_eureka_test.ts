/**
 * The stand-in for Eureka keeps the contracts that real servers keep, and what tests need beside them.
 */

import assert from "node:assert/strict";
import { eurekaPeersContract } from "../contract/eureka_peers.ts";
import { eurekaWireContract } from "../contract/eureka_wire.ts";
import {
  type EmbeddedEureka,
  type EmbeddedEurekaOptions,
  startEmbeddedEureka,
  startEmbeddedEurekaPeers,
} from "../embedded/eureka.ts";
import {
  heartbeat,
  instance as record,
  list,
  register,
  send,
  setStatus,
} from "../support/eureka_client.ts";
import { eventually, pause } from "../support/pause.ts";

const cacheMs = 1000;

for (
  const traits of [{ auth: false, csrf: false }, { auth: true, csrf: false }, {
    auth: true,
    csrf: true,
  }]
) {
  const server = await startEmbeddedEureka({ ...traits, cacheMs });
  eurekaWireContract(server.label, traits, () => server);
  Deno.test.afterAll(() => server.shutdown());
}

const peers = await startEmbeddedEurekaPeers({ cacheMs, replicationMs: 20, syncMs: 0 });
eurekaPeersContract("stand-in Eureka peers", () => peers, async () => {
  await peers[1].stop();
  await peers[1].restart();
});
Deno.test.afterAll(async () => {
  for (const peer of peers) await peer.shutdown();
});

const instance = { app: "orders", instanceId: "pod-1:orders:8080", ip: "10.0.0.1", port: 8080 };

embedded(
  "shows changes at once without the read-only level",
  { readOnlyCache: false },
  async (server) => {
    await register(server, instance);
    assert.equal((await list(server, "orders"))[0]?.status, "UP");
    await setStatus(server, instance, "OUT_OF_SERVICE");
    assert.equal((await list(server, "orders"))[0]?.status, "OUT_OF_SERVICE");
  },
);

embedded("lets an instance without heartbeats go", { leaseMs: 1_000 }, async (server) => {
  await register(server, instance);
  await setStatus(server, instance, "OUT_OF_SERVICE");
  assert.equal(await heartbeat(server, instance), true);
  // After a heartbeat it is twice the lease.
  await pause(1_100);
  assert.equal((await record(server, instance))?.status, "OUT_OF_SERVICE");
  await eventually(async () => assert.equal(await record(server, instance), undefined));
  // The override goes with it.
  await register(server, instance);
  assert.equal((await record(server, instance))?.status, "UP");
});

embedded("stops, and is empty after a restart", { cacheMs, syncMs: 0 }, async (server) => {
  await register(server, instance);
  assert.equal((await list(server, "orders")).length, 1);
  await server.stop();
  await assert.rejects(send(server, "GET", "/apps"));
  await server.restart();
  assert.equal(await record(server, instance), undefined);
  assert.deepEqual(await list(server, "orders"), []);
});

embedded("registers past the HTTP where each write is a 401", { csrf: true }, async (server) => {
  server.register(instance);
  assert.equal((await list(server, "orders"))[0]?.instanceId, instance.instanceId);
  assert.equal((await setStatus(server, instance, "OUT_OF_SERVICE")).status, 401);
  assert.equal(server.instances()[0]?.status, "UP");
});

embedded("records requests and lets a test answer instead", {
  contextPath: "/registry/eureka",
  intercept: (req, n) => n === 1 ? new Response(`${req.method} ${n}`, { status: 503 }) : undefined,
}, async (server) => {
  const first = await send(server, "POST", "/apps/A", { body: { a: 1 } });
  assert.deepEqual([first.status, first.body], [503, "POST 1"]);
  assert.equal((await send(server, "GET", "/apps", { query: { c: "d" } })).status, 200);
  assert.deepEqual(
    server.requests.map(({ method, path, search, body }) => [method, path, search, body]),
    [
      ["POST", "/registry/eureka/apps/A", "", '{"a":1}'],
      ["GET", "/registry/eureka/apps", "?c=d", ""],
    ],
  );
});

Deno.test("startEmbeddedEurekaPeers() tells the other late, and syncs late", async () => {
  const [a, b] = await startEmbeddedEurekaPeers({ replicationMs: 1_500, syncMs: 1_500 });
  const known = async () => assert.equal((await record(b, instance))?.status, "UP");
  try {
    await register(a, instance);
    assert.equal(await record(b, instance), undefined);
    await eventually(known);
    await b.stop();
    await b.restart();
    assert.equal(await record(b, instance), undefined);
    await eventually(known);
  } finally {
    await a.shutdown();
    await b.shutdown();
  }
});

function embedded(
  behaviour: string,
  options: EmbeddedEurekaOptions,
  fn: (server: EmbeddedEureka) => Promise<void>,
): void {
  Deno.test(`startEmbeddedEureka() ${behaviour}`, async () => {
    const server = await startEmbeddedEureka(options);
    try {
      await fn(server);
    } finally {
      await server.shutdown();
    }
  });
}
