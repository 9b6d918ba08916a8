/** The status override that takes an instance out and puts it back, and how long it lasts. */

import assert from "node:assert/strict";
import * as eureka from "../support/eureka_client.ts";
import { pause } from "../support/pause.ts";
import { anInstance, assertRecord, assertTaken, type Test, unique } from "./eureka_wire_kit.ts";

const OUT = "OUT_OF_SERVICE";
const NONE = "UNKNOWN";

export function overrideCases(test: Test): void {
  test("PUT takes it out, again and again, heartbeats or not", async (server, add) => {
    const { instance } = await add(anInstance("out"));
    for (let n = 0; n < 2; n++) {
      assertTaken(await eureka.setStatus(server, instance, OUT));
      await assertRecord(server, instance, OUT, OUT);
      assert.equal(await eureka.heartbeat(server, instance), true);
      await assertRecord(server, instance, OUT, OUT);
    }
  });

  test("DELETE value=UP puts it back, override gone", async (server, add) => {
    const { instance } = await add(anInstance("back"));
    assertTaken(await eureka.setStatus(server, instance, OUT));
    for (let n = 0; n < 2; n++) {
      assertTaken(await eureka.clearStatus(server, instance, "UP"));
      await assertRecord(server, instance, "UP", NONE);
      assert.equal(await eureka.heartbeat(server, instance), true);
      await assertRecord(server, instance, "UP", NONE);
    }
  });

  test("DELETE without a value is UNKNOWN until it registers again", async (server, add) => {
    const { instance } = await add(anInstance("unknown"));
    assertTaken(await eureka.setStatus(server, instance, OUT));
    assertTaken(await eureka.clearStatus(server, instance));
    await assertRecord(server, instance, NONE, NONE);
    // Told so by the 404 of its next heartbeat.
    assert.equal(await eureka.heartbeat(server, instance), false);
    await assertRecord(server, instance, NONE, NONE);
    await add(instance);
    await assertRecord(server, instance, "UP", NONE);
  });

  test("PUT value=UP leaves an override, but none where it is UP", async (server, add) => {
    const { instance } = await add(anInstance("sticky"));
    assertTaken(await eureka.setStatus(server, instance, "UP"));
    await assertRecord(server, instance, "UP", NONE);
    assertTaken(await eureka.setStatus(server, instance, OUT));
    assertTaken(await eureka.setStatus(server, instance, "UP"));
    await assertRecord(server, instance, "UP", "UP");
    assertTaken(await eureka.clearStatus(server, instance, "UP"));
    await assertRecord(server, instance, "UP", NONE);
  });

  test("STARTING and DOWN show through the override, UP does not", async (server, add) => {
    for (const status of ["STARTING", "DOWN"] as const) {
      const { instance } = await add({ ...anInstance("through"), status });
      assertTaken(await eureka.setStatus(server, instance, OUT));
      assert.equal(await eureka.heartbeat(server, instance), true);
      await assertRecord(server, instance, OUT, OUT);
      // Now it says so itself, by registering again.
      await add(instance);
      await assertRecord(server, instance, status, OUT);
      assert.equal(await eureka.heartbeat(server, instance), true);
      await assertRecord(server, instance, status, OUT);
      await add({ ...instance, status: "UP" });
      await assertRecord(server, instance, OUT, OUT);
    }
  });

  test("DELETE value=STARTING or DOWN holds until it registers again", async (server, add) => {
    for (const status of ["STARTING", "DOWN"] as const) {
      const { instance } = await add(anInstance("value"));
      await add({ ...instance, status });
      assertTaken(await eureka.setStatus(server, instance, OUT));
      assertTaken(await eureka.clearStatus(server, instance, status));
      await assertRecord(server, instance, status, NONE);
      assert.equal(await eureka.heartbeat(server, instance), true);
      await assertRecord(server, instance, status, NONE);
      await add(instance);
      await assertRecord(server, instance, "UP", NONE);
    }
  });

  test("DELETE changes nothing where there is no override", async (server, add) => {
    const up = anInstance("none");
    await add(up);
    assertTaken(await eureka.clearStatus(server, up, "DOWN"));
    await assertRecord(server, up, "UP", NONE);

    // So one that says itself that it is out cannot be put back with it, nor by its next UP.
    const out = { ...anInstance("own"), status: OUT } as const;
    await add(out);
    assertTaken(await eureka.setStatus(server, out, OUT));
    await assertRecord(server, out, OUT, NONE);
    assertTaken(await eureka.clearStatus(server, out, "UP"));
    await add({ ...out, status: "UP" });
    await assertRecord(server, out, OUT, NONE);
    // This way it goes.
    assertTaken(await eureka.setStatus(server, out, "UP"));
    assertTaken(await eureka.clearStatus(server, out, "UP"));
    await assertRecord(server, out, "UP", NONE);
  });

  test(
    "a status may move lastDirtyTimestamp up, which a registration overrides",
    async (server, add) => {
      const { instance } = await add(anInstance("dirty"));
      const at = async () => (await eureka.instance(server, instance))?.dirtyAt ?? 0;
      const write = async (method: "PUT" | "DELETE", value: string, dirtyAt: number) => {
        const query = { value, lastDirtyTimestamp: String(dirtyAt) };
        assertTaken(
          await eureka.send(server, method, `${eureka.pathOf(instance)}/status`, { query }),
        );
      };
      const first = await at();
      assert.ok(first > 1e12);
      // With the status it goes, and without a change of it not.
      await write("PUT", "UP", first + 1);
      assert.equal(await at(), first);
      await write("PUT", OUT, first - 1);
      assert.equal(await at(), first);
      await write("DELETE", "UP", first + 2);
      assert.equal(await at(), first + 2);
      await write("PUT", OUT, first + 3);
      assert.equal(await eureka.heartbeat(server, instance), true);
      assert.equal(await at(), first + 3);
      await assertRecord(server, instance, OUT, OUT);
      // All of this may take less than those three milliseconds.
      while (Date.now() <= first + 3) await pause(1);
      // The stand-in has answered all of that within the three milliseconds.
      await pause(10);
      await add({ ...instance, metadata: { start: "2" } });
      assert.ok(await at() > first + 3);
      await assertRecord(server, instance, OUT, OUT);
      // One that lies in the future makes the server ignore what the app registers before.
      await write("DELETE", "UP", Date.now() + 60_000);
      await add({ ...instance, metadata: { start: "3" } });
      assert.deepEqual((await eureka.instance(server, instance))?.metadata, { start: "2" });
    },
  );

  test("the override goes by the id alone, whatever the application", async (server, add) => {
    const instance = anInstance("shared");
    const other = { ...instance, app: unique("shared") };
    await add(instance);
    assertTaken(await eureka.setStatus(server, instance, OUT));
    await add(other);
    await assertRecord(server, other, OUT, OUT);
    assert.equal(await eureka.deregister(server, other), true);
    // Gone for both; what was registered with it stays as it is, out and past any DELETE.
    await add(instance);
    await assertRecord(server, instance, OUT, NONE);
    assertTaken(await eureka.clearStatus(server, instance, "UP"));
    await assertRecord(server, instance, OUT, NONE);
  });
}

export function checkCases(test: Test): void {
  test("the status of nobody is a 404, and leaves nothing behind", async (server, add) => {
    const known = anInstance("nobody");
    await add(known);
    const unknown = anInstance("nobody");
    for (const { app } of [known, unknown]) {
      const nobody = { ...unknown, app, instanceId: unique("nobody") };
      for (const status of [OUT, "UP"] as const) {
        assert.equal((await eureka.setStatus(server, nobody, status)).status, 404);
      }
      await assertRecord(server, nobody);
      // Who registers with this id later is in service.
      await add(nobody);
      await assertRecord(server, nobody, "UP", NONE);
    }
    await assertRecord(server, known, "UP", NONE);
  });
}

export function lifetimeCases(test: Test): void {
  test("the override outlives a kill and a start with the same id", async (server, add) => {
    const instance = anInstance("kill");
    const first = await add(instance, { heartbeat: true, heartbeatMs: 50 });
    assertTaken(await eureka.setStatus(server, instance, OUT));
    await first.stop();
    await add({ ...instance, metadata: { start: "2" } });
    await assertRecord(server, instance, OUT, OUT);
    assert.deepEqual((await eureka.instance(server, instance))?.metadata, { start: "2" });
    // A start with another id is another instance.
    const successor = { ...instance, instanceId: unique("successor") };
    await add(successor);
    await assertRecord(server, successor, "UP", NONE);
  });

  test("deregistration takes the override with it", async (server, add) => {
    const { instance } = await add(anInstance("graceful"));
    assertTaken(await eureka.setStatus(server, instance, OUT));
    assert.equal(await eureka.deregister(server, instance), true);
    await assertRecord(server, instance);
    assert.equal(await eureka.deregister(server, instance), false);
    await add(instance);
    await assertRecord(server, instance, "UP", NONE);
  });

  test(
    "deregistered while it lives, it is back UP with its next heartbeat",
    async (server, add) => {
      const { instance } = await add(anInstance("alive"));
      assertTaken(await eureka.setStatus(server, instance, OUT));
      assert.equal(await eureka.deregister(server, instance), true);
      assert.equal(await eureka.heartbeat(server, instance), false);
      await assertRecord(server, instance);

      const alive = anInstance("alive");
      await add(alive, { heartbeat: true, heartbeatMs: 30 });
      assertTaken(await eureka.setStatus(server, alive, OUT));
      assert.equal(await eureka.deregister(server, alive), true);
      const deadline = performance.now() + 60_000;
      while (!(await eureka.instance(server, alive)) && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await assertRecord(server, alive, "UP", NONE);
    },
  );

  test("without an instanceId the host name is the id", async (server, add) => {
    const { instance } = await add({
      ...anInstance("host"),
      instanceId: undefined,
      hostName: unique("pod"),
    });
    const found = await eureka.instance(server, instance);
    assert.deepEqual([found?.instanceId, found?.hostName], [undefined, instance.hostName]);
    assertTaken(await eureka.setStatus(server, instance, OUT));
    await assertRecord(server, instance, OUT, OUT);
  });
}
