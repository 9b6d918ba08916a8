/** What the lists show, and how late: the record of an instance is live, the lists are cached. */

import assert from "node:assert/strict";
import * as eureka from "../support/eureka_client.ts";
import type { EurekaUnderTest } from "../support/eureka_under_test.ts";
import {
  afterRefresh,
  anInstance,
  assertRecord,
  assertTaken,
  betweenRefreshes,
  type Test,
  TRIES,
  unique,
} from "./eureka_wire_kit.ts";

export function cacheCases(test: Test): void {
  test("lists show a change after the next refresh, the record at once", async (server, add) => {
    let instance = anInstance("refresh");
    await betweenRefreshes(server, async () => {
      await add(instance = anInstance("refresh"));
      assert.deepEqual(await listed(server, instance), ["UP"]);
      assertTaken(await eureka.setStatus(server, instance, "OUT_OF_SERVICE"));
      await assertRecord(server, instance, "OUT_OF_SERVICE", "OUT_OF_SERVICE");
      assert.deepEqual(await listed(server, instance), ["UP"]);
    });
    await afterRefresh(server);
    // Not left out: callers have to look at the status.
    assert.deepEqual(await listed(server, instance), ["OUT_OF_SERVICE"]);
    assert.deepEqual(await listedInAll(server, instance), ["OUT_OF_SERVICE"]);
  });

  test("lists show what has deregistered until the next refresh", async (server, add) => {
    let instance = anInstance("gone");
    await betweenRefreshes(server, async () => {
      await add(instance = anInstance("gone"));
      assert.deepEqual(await listed(server, instance), ["UP"]);
      assert.equal(await eureka.deregister(server, instance), true);
      await assertRecord(server, instance);
      assert.deepEqual(await listed(server, instance), ["UP"]);
    });
    await afterRefresh(server);
    assert.equal((await eureka.send(server, "GET", `/apps/${instance.app}`)).status, 404);
  });

  test("a list that nobody has asked for is ahead of all others", async (server, add) => {
    await eureka.listAll(server);
    const instances = Array.from({ length: TRIES }, () => anInstance("first"));
    for (const instance of instances) await add(instance);
    await afterRefresh(server);
    await betweenRefreshes(server, async () => {
      const instance = instances.pop();
      assert.ok(instance, "one for each try");
      assertTaken(await eureka.setStatus(server, instance, "OUT_OF_SERVICE"));
      // Made now, while callers get their list from the last refresh.
      assert.deepEqual(await listed(server, instance), ["OUT_OF_SERVICE"]);
      assert.deepEqual(await listedInAll(server, instance), ["UP"]);
      // From here on it is as late as the others.
      assertTaken(await eureka.clearStatus(server, instance, "UP"));
      assert.deepEqual(await listed(server, instance), ["OUT_OF_SERVICE"]);
      // Another case of the name is the same list, another form is one of its own.
      const { app } = instance;
      assert.deepEqual(await listed(server, { app: app.toUpperCase() }), ["OUT_OF_SERVICE"]);
      const xml = await eureka.send(server, "GET", `/apps/${app}`, { accept: "application/xml" });
      assert.match(xml.body, /<status>UP<\/status>/);
    });
  });

  test("that there is no such application is cached too", async (server, add) => {
    const path = (instance: eureka.TestInstance) => `/apps/${instance.app}`;
    let instance = anInstance("unknown");
    await betweenRefreshes(server, async () => {
      instance = anInstance("unknown");
      assert.equal((await eureka.send(server, "GET", path(instance))).status, 404);
      await add(instance);
      assert.equal((await eureka.send(server, "GET", path(instance))).status, 404);
      assert.equal((await eureka.send(server, "GET", path(instance).toUpperCase())).status, 404);
      await assertRecord(server, instance, "UP", "UNKNOWN");
    });
    await afterRefresh(server);
    assert.deepEqual(await listed(server, instance), ["UP"]);
  });

  test("two ids with the same address and port are two instances", async (server, add) => {
    const instance = anInstance("twice");
    const instanceId = unique("left-behind");
    await add(instance);
    await add({ ...instance, instanceId });
    const all = await eureka.list(server, instance.app);
    assert.deepEqual(all.map((one) => [one.ip, one.port]), [["10.9.0.1", 8080], [
      "10.9.0.1",
      8080,
    ]]);
    assert.deepEqual(
      all.map((one) => one.instanceId).sort(),
      [instance.instanceId, instanceId].sort(),
    );
  });
}

async function listed(
  server: EurekaUnderTest,
  { app }: Pick<eureka.TestInstance, "app">,
): Promise<string[]> {
  return (await eureka.list(server, app)).map(({ status }) => status);
}

async function listedInAll(
  server: EurekaUnderTest,
  { app }: eureka.TestInstance,
): Promise<string[]> {
  return (await eureka.listAll(server))
    .filter((one) => one.app === app.toUpperCase())
    .map(({ status }) => status);
}
