/** Who may read and write. */

import assert from "node:assert/strict";
import { type Method, pathOf, registrationBody, send } from "../support/eureka_client.ts";
import { anInstance, csrf, guarded, type Test, unique } from "./eureka_wire_kit.ts";

export function accessCases(test: Test): void {
  test("without or with wrong credentials all is a 401", async (server) => {
    const wrong = { username: server.credentials?.username ?? "", password: unique("wrong") };
    for (const credentials of [undefined, wrong]) {
      for (const [method, path] of [["GET", "/apps"] as const, ...writes()]) {
        const { status, body, headers } = await send(server, method, path, { credentials });
        assert.deepEqual({ status, body }, { status: 401, body: "" }, `${method} ${path}`);
        assert.equal(headers.get("www-authenticate"), 'Basic realm="Realm"');
      }
    }
  }, guarded);

  test("CSRF protection: each write is a 401, right credentials or not", async (server) => {
    const instance = anInstance("csrf");
    const options = { body: registrationBody(instance) };
    const posted = await send(server, "POST", `/apps/${instance.app}`, options);
    assert.equal(posted.status, 401);
    for (const [method, path] of writes()) {
      const { status, body } = await send(server, method, path);
      assert.deepEqual({ status, body }, { status: 401, body: "" }, `${method} ${path}`);
    }
  }, csrf);

  test("CSRF protection leaves reads alone", async (server) => {
    assert.equal((await send(server, "GET", "/apps")).status, 200);
    assert.equal((await send(server, "GET", `/apps/${unique("csrf")}`)).status, 404);
    assert.equal((await send(server, "GET", pathOf(anInstance("csrf")))).status, 404);
  }, csrf);
}

function writes(): [Method, string][] {
  const path = pathOf(anInstance("access"));
  const override = `${path}/status?value=OUT_OF_SERVICE`;
  return [["PUT", override], ["DELETE", override], ["PUT", path], ["DELETE", path]];
}
