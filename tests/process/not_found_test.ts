/** Instances that are not there, not there yet, no longer there, or somewhere else. */

import assert from "node:assert/strict";
import { runInside } from "../support/inside.ts";
import { atOnce, sideBySide } from "../support/at_once.ts";
import { assertEnd, assertStatusEnd, drained } from "../support/ends.ts";
import { type Env, startLab } from "../support/lab.ts";
import type { NacosGeneration } from "../support/nacos_under_test.ts";
import { room } from "../support/room.ts";

runInside();
const test = sideBySide("not found");

const GENERATIONS: readonly NacosGeneration[] = ["1.4", "2.x", "3.1", "3.2"];

/** What is wrong in the settings, and what the near miss says instead. */
const nearMisses: Record<string, [wrong: Env, hint: RegExp]> = {
  "another group": [{ groupName: "OTHER" }, /is registered with groupName=DEFAULT_GROUP/],
  "another namespace": [{ namespaceId: "team-b" }, /is registered with namespaceId=public/],
  "another cluster": [{ clusterName: "c9" }, /is registered with clusterName=DEFAULT/],
  "another port": [{ port: "1" }, /is registered with port=\d{4,5}/],
  "another spelling of the name": [
    { serviceName: "misspelt" },
    /is registered with serviceName=svc-/,
  ],
  "another address": [{ podip: "10.255.255.254" }, /none of them at 10\.255\.255\.254/],
};

test("offline names the near miss and writes nothing", async (t) => {
  await atOnce(
    t,
    Object.fromEntries(
      GENERATIONS.flatMap((generation) =>
        Object.entries(nearMisses).map(([name, [wrong, hint]]) => [
          `${name} on ${generation}`,
          async () => {
            await using lab = await startLab({ generation });
            const run = await lab.run("offline", { DRAIN_SECONDS: "1", ...wrong });
            assertEnd(run, "notFound", hint);
            assert.deepEqual(run.writes, []);
            // Nothing was poisoned: the one instance there is stands as it was.
            assert.deepEqual(
              lab.server.instances().map(({ enabled, weight }) => [enabled, weight]),
              [[true, lab.instance.weight]],
            );
          },
        ])
      ),
    ),
  );
});

test.each("status names the near miss", nearMisses, async ([wrong, hint]) => {
  await using lab = await startLab({ generation: "3.1" });
  const run = await lab.run("status", wrong);
  assertStatusEnd(run, "notFound");
  assert.match(run.stdout + run.stderr, hint);
});

test("online names the near miss and writes nothing", async () => {
  await using lab = await startLab({ generation: "3.1" });
  const env = { ONLINE_TIMEOUT_SECONDS: room(2), groupName: "OTHER" };
  const run = await lab.run("online --strict", env);
  assertEnd(run, "notFound", /never registered; .*is registered with groupName=DEFAULT_GROUP/);
  assert.deepEqual(run.writes, []);
});

test("offline names no near miss where there is none", async () => {
  await using lab = await startLab({ registered: false });
  const run = await lab.run("offline", { DRAIN_SECONDS: "1" });
  assertEnd(run, "notFound");
  assert.doesNotMatch(run.stdout, /is registered with|none of them/);
});

test.each(
  "a user who may see one namespace only still learns the near miss in it",
  ["2.x", "3.1"] as const,
  async (generation) => {
    await using lab = await startLab({ generation, auth: true });
    const run = await lab.run("offline", { DRAIN_SECONDS: "1", groupName: "OTHER" });
    assertEnd(run, "notFound", /is registered with groupName=DEFAULT_GROUP/);
  },
);

test.each(
  "an instance that appears during the drain is taken out, and drained for",
  GENERATIONS,
  async (generation) => {
    await using lab = await startLab({
      generation,
      registered: false,
      env: { DRAIN_SECONDS: "3" },
    });
    await using offline = lab.start("offline");
    await offline.waitForLine(/is not registered/);
    lab.register();
    await offline.waitForLine(/registered now/);
    const run = await offline.done;
    assertEnd(run, "done", /callers no longer get it/, drained(3));
    assert.deepEqual(await lab.callersGet(), []);
  },
);

test.each(
  "an instance that was seen and then deregisters itself is done",
  GENERATIONS,
  async (generation) => {
    await using lab = await startLab({
      generation,
      env: { DRAIN_SECONDS: "1" },
      // Right before the write, so that the write finds nobody.
      intercept: (req) => {
        if (/PATCH|PUT/.test(req.method)) lab.server.disconnectGrpc(lab.instance);
        return undefined;
      },
    });
    const run = await lab.run("offline");
    assertEnd(run, "done", /deregistered|out of service/);
    assert.equal(run.code, 0);
    assert.deepEqual(await lab.callersGet(), []);
  },
);

test("an instance that deregisters itself during the drain is not written to again", async () => {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "7" } });
  const mark = lab.server.requests.length;
  await using offline = lab.start("offline");
  await offline.waitForLine(/callers no longer get it/);
  lab.server.disconnectGrpc(lab.instance);
  assertEnd(await offline.done, "done");
  assert.equal(lab.writesSince(mark).length, 1);
});
