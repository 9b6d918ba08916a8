/** The full update, which the article's script sends and the program never does. */

import assert from "node:assert/strict";
import {
  anInstance,
  assertOk,
  canLogIn,
  ips,
  overlaid,
  put,
  registerAndSee,
  settleMs,
  type Test,
  unique,
  v1,
  v3,
  where,
} from "./nacos_wire_kit.ts";
import { articleScript, list, patch, record, send } from "../support/nacos_client.ts";
import { eventually, pause } from "../support/pause.ts";

export function fullUpdateCases(test: Test): void {
  test("v1 PUT and PATCH are gone on 3.x", async (server) => {
    const instance = await registerAndSee(server, anInstance("gone"));
    const form = { ...where(instance), enabled: "false", weight: "1" };
    for (const method of ["PUT", "PATCH"] as const) {
      // 3.1.0 says so before it looks at the token.
      const answer = await send(server, method, "/v1/ns/instance", { form });
      // 3.2 as announced, not run.
      assert.equal(answer.status, server.generation === "3.1" ? 410 : 404);
    }
    await pause(settleMs(server));
    assert.equal((await list(server, instance)).length, 1);
  }, v3);

  test("the article's script works on 1.x and 2.x, on 3.x it does nothing", async (server) => {
    const instance = await registerAndSee(server, {
      ...anInstance("script"),
      groupName: "kevin-app",
      namespaceId: unique("ns"),
    });
    const outcome = await articleScript(server, {
      serviceName: instance.serviceName,
      groupName: instance.groupName,
      namespaceId: instance.namespaceId,
      metadata: "preserved.register.source=SPRING_CLOUD",
      podip: instance.ip,
      port: String(instance.port),
    });
    const put = v1(server) ? 200 : server.generation === "3.1" ? 410 : 404;
    assert.equal(outcome.put, put);
    if (canLogIn(server)) assert.equal(outcome.login, 200);
    await pause(settleMs(server));
    assert.equal((await list(server, instance)).length, v1(server) ? 0 : 1);
  });

  test("full PUT of an unknown service: upsert on 1.4, else 400", async (server) => {
    const instance = anInstance("typo");
    const answer = await put(server, instance, { enabled: "false" });
    assert.equal(answer.status, overlaid(server) ? 400 : 200);
    if (overlaid(server)) assert.match(answer.body, /service not found/);
    else assert.equal((await record(server, instance))?.enabled, false);
  });

  test("full PUT of an unknown instance disables whoever comes next", async (server) => {
    const instance = anInstance("poison");
    const victim = { ...instance, ip: "10.9.0.2", weight: 2, metadata: { a: "b" } };
    await registerAndSee(server, instance);
    assertOk(server, await put(server, victim, { enabled: "false" }));
    await pause(settleMs(server));
    assert.equal(await record(server, victim), undefined);

    await registerAndSee(server, victim);
    await eventually(async () => assert.ok(await record(server, victim)));
    const recorded = await record(server, victim);
    assert.equal(recorded?.enabled, false);
    assert.equal(recorded.weight, 1);
    assert.deepEqual(recorded.metadata, { a: "b" });
    assert.deepEqual(ips(await list(server, instance)), [instance.ip]);
    // Undone, so that nothing stays behind.
    assertOk(server, await patch(server, victim, { enabled: "true", weight: "2" }));
    await eventually(async () => assert.equal((await list(server, instance)).length, 2));
  }, overlaid);

  test("full PUT is strict on 1.4 for a Java client", async (server) => {
    const headers = { "user-agent": "Nacos-Java-Client:v1.4.8" };
    const answer = await put(server, anInstance("strict"), { enabled: "false" }, { headers });
    assert.equal(answer.status, 400);
  }, (s) => !overlaid(s));

  test("full PUT resets the weight; metadata is replaced or overlaid", async (server) => {
    const instance = await registerAndSee(server, {
      ...anInstance("full"),
      weight: 5,
      metadata: { app: "1" },
    });
    assertOk(server, await put(server, instance, { enabled: "true", metadata: "x=y" }));
    await eventually(async () => assert.equal((await record(server, instance))?.weight, 1));
    const metadata = (await record(server, instance))?.metadata;
    assert.deepEqual({ ...metadata }, overlaid(server) ? { app: "1", x: "y" } : { x: "y" });
    // An overlay goes with the next full PUT.
    assertOk(server, await put(server, instance, { enabled: "true", weight: "4" }));
    await eventually(async () => assert.equal((await record(server, instance))?.weight, 4));
    const later = (await record(server, instance))?.metadata;
    assert.deepEqual({ ...later }, overlaid(server) ? { app: "1" } : {});
  });
}
