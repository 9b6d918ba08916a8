/**
 * What `check` relies on: the partial update without an address tells whether the user may write, and
 * can change nothing. And what is refused of an instance that is not there.
 */

import assert from "node:assert/strict";
import {
  anInstance,
  guarded,
  guardedRead,
  guardedWrite,
  ips,
  recordRequest,
  registerAndSee,
  searchRequest,
  type Test,
  unique,
  v3,
} from "./nacos_wire_kit.ts";
import * as nacos from "../support/nacos_client.ts";
import type { Credentials } from "../support/nacos_under_test.ts";
import { eventually } from "../support/pause.ts";

/** An address for documentation (RFC 5737) and a port that nobody can listen on. */
const NOBODY = { ip: "192.0.2.1", port: 0 };

export function checkCases(test: Test): void {
  test("an update of nobody is not found, and leaves nothing behind", async (server) => {
    const known = anInstance("nobody");
    await registerAndSee(server, known);
    const unknown = unique("nobody");
    for (const serviceName of [known.serviceName, unknown]) {
      for (const enabled of ["true", "false"]) {
        const nobody = { ...NOBODY, serviceName, clusterName: "DEFAULT" };
        const { status, body } = await nacos.patch(server, nobody, { enabled, weight: "1" });
        assert.equal(status, server.generation === "1.4" ? 400 : 404, body);
        assert.match(body, /instance not found|no ips found|no matched ip found/);
        if (v3(server)) assert.equal(JSON.parse(body).code, 20004);
      }
    }
    assert.deepEqual(ips(await nacos.list(server, known)), [known.ip]);
    const [method, path, options] = searchRequest(server, {});
    const services = await nacos.sendAsAdmin(server, method, path, options);
    assert.ok(services.body.includes(known.serviceName));
    assert.ok(!services.body.includes(unknown), "a service has come of it");
    // Who registers there later is in service, with its own weight.
    for (const serviceName of [known.serviceName, unknown]) {
      const late: nacos.TestInstance = { ...NOBODY, serviceName, weight: 4 };
      await registerAndSee(server, late);
      await eventually(async () => {
        const { enabled, weight } = await nacos.record(server, late) ?? {};
        assert.deepEqual({ enabled, weight }, { enabled: true, weight: 4 });
      });
      await nacos.deregister(server, late);
    }
    await nacos.deregister(server, known);
  });

  test("an update without an address is refused by its form", async (server) => {
    const known = anInstance("no-address");
    await registerAndSee(server, known);
    const unknown = unique("no-address");
    for (const serviceName of [known.serviceName, unknown]) {
      const [method, path] = guardedWrite(server);
      const form = { serviceName, groupName: "DEFAULT_GROUP", clusterName: "DEFAULT" };
      const { status, body } = await nacos.sendAsAdmin(server, method, path, { form });
      assert.equal(status, 400, body);
      if (!v3(server)) assert.equal(body, "caused: Param 'ip' is required.;");
      else {
        const { code, data } = JSON.parse(body);
        const missing = "Required parameter 'ip' type String is not present";
        assert.deepEqual([code, data], [10000, missing]);
      }
    }
    assert.deepEqual(ips(await nacos.list(server, known)), [known.ip]);
    assert.deepEqual(await nacos.list(server, { serviceName: unknown }), []);
    const services = await nacos.sendAsAdmin(server, ...searchRequest(server, {}));
    assert.ok(!services.body.includes(unknown), "a service has come of it");
    await nacos.deregister(server, known);
  });

  test("an update without an address needs the permission to write", async (server) => {
    const serviceName = unique("no-address");
    const [method, path] = guardedWrite(server);
    const form = { serviceName };
    const update = async (user: Credentials) => {
      const token = await nacos.login(server, user);
      return { token, answer: await nacos.send(server, method, path, { form, token }) };
    };
    const writer = await update(await server.createUser("public"));
    assert.equal(writer.answer.status, 400);
    const reader = await update(await server.createUser("public", "r"));
    const others = [
      reader,
      await update(await server.createUser(undefined)),
      await update(await server.createUser(unique("ns"))),
    ];
    for (const { answer } of others) {
      assert.equal(answer.status, 403);
      assert.match(JSON.parse(answer.body).message, /authorization failed!/);
    }
    assert.equal((await nacos.send(server, method, path, { form })).status, 403);
    // The reader may read.
    const instance = await registerAndSee(server, anInstance("reader"));
    const [readMethod, readPath] = guardedRead(server);
    const query = { serviceName: instance.serviceName };
    const { token } = reader;
    assert.equal((await nacos.send(server, readMethod, readPath, { query, token })).status, 200);
    const look = async ([method, path, options]: ReturnType<typeof recordRequest>) =>
      (await nacos.send(server, method, path, { ...options, token })).status;
    assert.equal(await look(searchRequest(server, {})), 200);
    // 3.1.0 shows the record of one instance only to who may write it, that of all to readers, too.
    assert.equal(await look(recordRequest(server, instance)), v3(server) ? 403 : 200);
  }, guarded);
}
