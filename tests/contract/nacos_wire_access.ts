/** Version, login and permission. */

import assert from "node:assert/strict";
import {
  adminOf,
  adminOnly,
  anInstance,
  canLogIn,
  guarded,
  guardedRead,
  guardedWrite,
  loginPaths,
  open,
  recordRequest,
  registerAndSee,
  searchRequest,
  type Test,
  unique,
  v3,
  where,
} from "./nacos_wire_kit.ts";
import { type Answer, login, send } from "../support/nacos_client.ts";
import { eventually } from "../support/pause.ts";

export function stateCases(test: Test): void {
  test("version is told without a token, or the path is a 404", async (server) => {
    const v3State = await send(server, "GET", "/v3/admin/core/state");
    if (v3(server)) {
      assert.equal(v3State.status, 200);
      assert.match(JSON.parse(v3State.body).data.version, /^3\./);
      // 3.1.0 says 410 here, though 404 in the first moments after its start; 3.2 has nothing.
      await eventually(async () => {
        const v1State = await send(server, "GET", "/v1/console/server/state");
        assert.equal(v1State.status, server.generation === "3.1" ? 410 : 404);
      });
      return;
    }
    assert.equal(v3State.status, 404);
    assert.equal(JSON.parse(v3State.body).status, 404);
    // The 2.2.4 of Maven Central has no console, so no version.
    const v1State = await send(server, "GET", "/v1/console/server/state");
    if (v1State.status !== 404) assert.match(JSON.parse(v1State.body).version, /^[12]\./);
  });

  test("readiness needs no token", async (server) => {
    const path = v3(server) ? "/v3/admin/core/state/readiness" : "/v1/ns/operator/metrics";
    const answer = await send(server, "GET", path);
    assert.equal(answer.status, 200);
    assert.ok(!answer.body.includes("STARTING"));
  });
}

export function loginCases(test: Test): void {
  test("login takes a form at v1 on every version", async (server) => {
    const admin = adminOf(server);
    const form = { username: admin.username, password: admin.password };
    const answer = await send(server, "POST", "/v1/auth/users/login", { form });
    const body = JSON.parse(answer.body);
    assert.equal(answer.status, 200);
    assert.ok(body.accessToken.length > 0);
    assert.ok(body.tokenTtl > 0);
    assert.equal(body.globalAdmin, true);
    assert.equal(body.username, admin.username);
  }, canLogIn);

  test("login fails on 2.2.4 with auth off, whatever the password", async (server) => {
    const { username, password } = server.admin ?? { username: "nacos", password: "nacos" };
    const form = { username, password };
    // A status line without a status, again; a newer 2.x may give a token.
    const answer = await send(server, "POST", "/v1/auth/users/login", { form }).catch(() =>
      undefined
    );
    if (answer) assert.ok([200, 403, 500].includes(answer.status), `HTTP ${answer.status}`);
  }, (s) => !canLogIn(s));

  test("login at v3 is there on 3.x only", async (server) => {
    const { username, password } = server.admin ?? { username: "nacos", password: "nacos" };
    const form = { username, password };
    const answer = await send(server, "POST", "/v3/auth/user/login", { form });
    assert.equal(answer.status, v3(server) ? 200 : 404);
    if (v3(server)) assert.ok(JSON.parse(answer.body).accessToken.length > 0);
  });

  test("login never gives a token to a wrong password", async (server) => {
    const username = server.admin?.username ?? "nacos";
    const form = { username, password: crypto.randomUUID() };
    for (const path of loginPaths(server)) {
      // 2.2.4 sends a status line without a status: what comes of it is an error of the client's.
      const answer = await send(server, "POST", path, { form }).catch(() => undefined);
      if (server.generation !== "2.x") assert.ok(answer, "an answer that can be parsed");
      if (!answer) continue;
      assert.ok([403, 500].includes(answer.status), `HTTP ${answer.status}`);
      assert.ok(!answer.body.includes("accessToken"));
    }
  });

  test("login with an unknown user is 403 or 500", async (server) => {
    const form = { username: unique("nobody"), password: crypto.randomUUID() };
    for (const path of loginPaths(server)) {
      const { status, body } = await send(server, "POST", path, { form });
      assert.ok([403, 500].includes(status), `HTTP ${status}`);
      assert.ok(!body.includes("accessToken"));
    }
  });
}

export function tokenCases(test: Test): void {
  test("token is taken from header, query and form", async (server) => {
    const token = await login(server);
    const service = { serviceName: unique("token"), ip: "10.9.0.1", port: "80" };
    const [method, path] = guardedRead(server);
    const good = (answer: Answer) => assert.notEqual(answer.status, 403, answer.body);
    good(await send(server, method, path, { query: service, token }));
    good(await send(server, method, path, { query: { ...service, accessToken: token } }));
    const [writeMethod, writePath] = guardedWrite(server);
    const form = { ...service, enabled: "true", weight: "1", accessToken: token };
    good(await send(server, writeMethod, writePath, { form }));
  }, guarded);

  test("token missing or unknown is a 403 with a reason in JSON", async (server) => {
    for (const [method, path] of [guardedRead(server), guardedWrite(server)]) {
      for (const token of [undefined, crypto.randomUUID()]) {
        const query = { serviceName: unique("token"), ip: "10.9.0.1", port: "80" };
        const answer = await send(server, method, path, { query, token });
        const { status, message } = JSON.parse(answer.body);
        assert.equal(answer.status, 403);
        assert.equal(status, 403);
        assert.match(message, token ? /token invalid!/ : /user not found!/i);
      }
    }
  }, guarded);

  test("a user without permission gets 403 authorization failed!", async (server) => {
    const token = await login(server, await server.createUser(undefined));
    for (const [method, path] of [guardedRead(server), guardedWrite(server)]) {
      const query = { serviceName: unique("denied"), ip: "10.9.0.1", port: "80" };
      const answer = await send(server, method, path, { query, token });
      assert.equal(answer.status, 403);
      assert.match(JSON.parse(answer.body).message, /authorization failed!/);
    }
  }, guarded);

  test("a role for one namespace is enough for it, and for no other", async (server) => {
    const token = await login(server, await server.createUser("public"));
    const instance = await registerAndSee(server, anInstance("role"));
    const form = { ...where(instance), enabled: "false", weight: "1" };
    const [method, path] = guardedWrite(server);
    assert.equal((await send(server, method, path, { form, token })).status, 200);
    const elsewhere = { form: { ...form, namespaceId: unique("ns") }, token };
    assert.equal((await send(server, method, path, elsewhere)).status, 403);
    for (const look of [recordRequest(server, instance), searchRequest(server, {})]) {
      const [m, p, options] = look;
      assert.equal((await send(server, m, p, { ...options, token })).status, 200, p);
      const query = { ...options.query, namespaceId: unique("ns") };
      assert.equal((await send(server, m, p, { query, token })).status, 403, p);
    }
  }, guarded);

  test("the admin API wants a token with auth off, callers do not", async (server) => {
    const instance = await registerAndSee(server, anInstance("shipped"));
    const [method, path, options] = recordRequest(server, instance);
    assert.equal((await send(server, method, path, options)).status, 403);
    const form = { ...where(instance), enabled: "false", weight: "1" };
    const write = await send(server, "PUT", "/v3/admin/ns/instance/partial", { form });
    assert.equal(write.status, 403);
    const query = where(instance);
    const seen = await send(server, "GET", "/v3/client/ns/instance/list", { query });
    assert.equal(JSON.parse(seen.body).data.length, 1);
  }, adminOnly);

  test("no token is wanted with auth off, and a bad one does not matter", async (server) => {
    const instance = await registerAndSee(server, anInstance("open"));
    const form = { ...where(instance), enabled: "true", weight: "1" };
    const [method, path] = guardedWrite(server);
    for (const token of [undefined, crypto.randomUUID()]) {
      assert.equal((await send(server, method, path, { form, token })).status, 200);
    }
  }, open);
}
