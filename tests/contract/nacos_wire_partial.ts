/** The update that takes an instance out and puts it back, and what a server remembers of it. */

import assert from "node:assert/strict";
import {
  anInstance,
  assertOk,
  overlaid,
  registerAndSee,
  settleMs,
  type Test,
  v3,
} from "./nacos_wire_kit.ts";
import { beat, deregister, list, patch, record, register } from "../support/nacos_client.ts";
import { eventually, pause } from "../support/pause.ts";

export function partialUpdateCases(test: Test): void {
  test("partial update takes out, changing nothing else", async (server) => {
    const metadata = { version: "1", note: "a=b" };
    const instance = await registerAndSee(server, { ...anInstance("out"), weight: 3.5, metadata });
    assertOk(server, await patch(server, instance, { enabled: "false", weight: "3.5" }));
    await eventually(async () => assert.deepEqual(await list(server, instance), []));
    // 2.2.4 and 3.1.0 make list and record from one view: the record is not sooner.
    const recorded = await record(server, instance);
    assert.equal(recorded?.enabled, false);
    assert.equal(recorded.weight, 3.5);
    assert.deepEqual(recorded.metadata, metadata);

    assertOk(server, await patch(server, instance, { enabled: "true", weight: "3.5" }));
    await eventually(async () => assert.equal((await list(server, instance)).length, 1));
    assert.deepEqual((await list(server, instance))[0]?.metadata, metadata);
  });

  test("partial update needs the cluster, and nothing says ephemeral", async (server) => {
    const instance = await registerAndSee(server, {
      ...anInstance("cluster"),
      clusterName: "east",
    });
    const { clusterName: _, ...without } = instance;
    const refused = await patch(server, without, { enabled: "false", weight: "1" });
    assert.equal(refused.status, server.generation === "1.4" ? 400 : 404);
    assertOk(server, await patch(server, instance, { enabled: "false", weight: "1" }));
    await eventually(async () => assert.equal((await record(server, instance))?.enabled, false));
  });

  test("partial update without weight makes it 1.0 (2.x, 3.x)", async (server) => {
    const instance = await registerAndSee(server, { ...anInstance("weight"), weight: 5 });
    assertOk(server, await patch(server, instance, { enabled: "false" }));
    await eventually(async () => assert.equal((await record(server, instance))?.enabled, false));
    const after = await record(server, instance);
    assert.equal(after?.weight, overlaid(server) ? 1 : 5);

    // Where an earlier update is remembered 2.2.4 keeps its weight; 3.1.0 forgets it all the same.
    assertOk(server, await patch(server, instance, { enabled: "false", weight: "5" }));
    await eventually(async () => assert.equal((await record(server, instance))?.weight, 5));
    assertOk(server, await patch(server, instance, { enabled: "true" }));
    await eventually(async () => assert.equal((await record(server, instance))?.enabled, true));
    assert.equal((await record(server, instance))?.weight, v3(server) ? 1 : 5);
  });

  test("partial update without enabled brings it back on 3.x", async (server) => {
    const instance = await registerAndSee(server, { ...anInstance("enabled"), weight: 2 });
    assertOk(server, await patch(server, instance, { enabled: "false", weight: "2" }));
    await eventually(async () => assert.equal((await record(server, instance))?.enabled, false));
    assertOk(server, await patch(server, instance, { weight: "7" }));
    await eventually(async () => assert.equal((await record(server, instance))?.weight, 7));
    assert.equal((await record(server, instance))?.enabled, v3(server));
  });

  test("partial update refuses an unknown service or instance", async (server) => {
    const instance = anInstance("unknown");
    const off = { enabled: "false", weight: "1" };
    for (const known of [false, true]) {
      if (known) await registerAndSee(server, instance);
      const { status, body } = await patch(server, { ...instance, ip: "10.9.0.9" }, off);
      if (server.generation === "1.4") {
        assert.deepEqual({ status, body }, { status: 400, body: "caused: instance not found;" });
        continue;
      }
      const why = known
        ? "no matched ip found!"
        : `no ips found for cluster DEFAULT in service DEFAULT_GROUP@@${instance.serviceName}`;
      assert.equal(status, 404);
      if (v3(server)) {
        const refusal = { code: 20004, message: "resource not found", data: why };
        assert.deepEqual(JSON.parse(body), refusal);
      } else {
        assert.equal(body, `caused: ${why};`);
      }
    }
  });

  test("metadata that is neither k=v nor JSON changes nothing", async (server) => {
    const instance = await registerAndSee(server, anInstance("metadata"));
    for (const metadata of ["bad", "a=b=c"]) {
      const changes = { enabled: "false", weight: "1", metadata };
      const { status, type, body } = await patch(server, instance, changes);
      if (v3(server) && server.adminAuth) {
        // 3.1.0 answers 200 all the same, with nothing in it, where its auth filter is on.
        assert.deepEqual({ status, type, body }, { status: 200, type: "", body: "" });
      } else {
        assert.equal(status, v3(server) ? 500 : 400);
      }
    }
    await pause(settleMs(server));
    assert.equal((await record(server, instance))?.enabled, true);
  });

  test("heartbeats do not bring it back", async (server) => {
    const instance = await registerAndSee(server, anInstance("beats"));
    assertOk(server, await patch(server, instance, { enabled: "false", weight: "1" }));
    await eventually(async () => assert.deepEqual(await list(server, instance), []));
    assert.equal(await beat(server, instance), true);
    await pause(settleMs(server));
    assert.deepEqual(await list(server, instance), []);
  });

  test("registering again brings it back on 1.4 only", async (server) => {
    const instance = await registerAndSee(server, anInstance("again"));
    assertOk(server, await patch(server, instance, { enabled: "false", weight: "1" }));
    await eventually(async () => assert.deepEqual(await list(server, instance), []));
    await register(server, { ...instance, metadata: { start: "2" } });
    await eventually(async () => {
      assert.deepEqual((await record(server, instance))?.metadata, { start: "2" });
    });
    assert.equal((await list(server, instance)).length, overlaid(server) ? 0 : 1);
  });
}

export function rememberedFlagCases(test: Test): void {
  test("the flag outlives a deregistration on 2.x and 3.x", async (server) => {
    const instance = await registerAndSee(server, anInstance("restart"));
    assertOk(server, await patch(server, instance, { enabled: "false", weight: "1" }));
    await eventually(async () => assert.equal((await record(server, instance))?.enabled, false));
    await deregister(server, instance);
    await eventually(async () => assert.equal(await record(server, instance), undefined));

    await registerAndSee(server, instance);
    await eventually(async () => assert.ok(await record(server, instance)));
    assert.equal((await record(server, instance))?.enabled, !overlaid(server));
    if (!overlaid(server)) return;
    assertOk(server, await patch(server, instance, { enabled: "true", weight: "1" }));
    await eventually(async () => assert.equal((await list(server, instance)).length, 1));
  });

  test("DELETE is ok for what is not there", async (server) => {
    const instance = anInstance("delete");
    await deregister(server, instance);
    await registerAndSee(server, instance);
    await deregister(server, instance);
    await deregister(server, instance);
    await eventually(async () => assert.deepEqual(await list(server, instance), []));
  });

  test("DELETE is undone by a client that beats", async (server) => {
    const instance = anInstance("undone");
    const registration = await register(server, instance, { heartbeat: true, heartbeatMs: 40 });
    try {
      await deregister(server, instance);
      await pause(settleMs(server) + 60);
      await eventually(async () => assert.equal((await list(server, instance)).length, 1));
    } finally {
      await registration.stop();
    }
  });
}
