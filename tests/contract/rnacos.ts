/**
 * What r-nacos answers and what the program makes of it: the same cases on a real one and on the
 * stand-in.
 */

import assert from "node:assert/strict";
import { type Register, registerAlone } from "../support/at_once.ts";
import { assertEnd, assertStatusEnd } from "../support/ends.ts";
import { registerSecret, removeRecords, runHook } from "../support/hook.ts";
import { type Method, send, type SendOptions, tryLogin } from "../support/nacos_client.ts";
import type { RNacosUnderTest } from "../support/rnacos_under_test.ts";

/** One instance of a service of its own, and the two ways to look at it. */
async function scene(server: RNacosUnderTest) {
  const place = {
    serviceName: `rnacos-${crypto.randomUUID().slice(0, 8)}`,
    groupName: "DEFAULT_GROUP",
    namespaceId: "public",
    clusterName: "DEFAULT",
  };
  const at = { ...place, ip: "10.9.0.1", port: "8080" };
  const token = server.auth ? await tryLogin(server, server.admin) : undefined;
  const headers: Record<string, string> = token ? { authorization: token } : {};
  const ask = (method: Method, path: string, options: SendOptions = {}) =>
    send(server, method, path, { ...options, headers });
  const body = async (path: string, query: Record<string, string>) =>
    (await ask("GET", path, { query })).body;
  const metadata = JSON.stringify({ zone: "a" });
  await ask("POST", "/v1/ns/instance", { form: { ...at, weight: "3", metadata } });
  registerSecret(server.admin.password);
  const { username, password } = server.admin;
  return {
    at,
    place,
    ask,
    env: {
      NACOS_SERVER_ADDR: server.addr,
      podip: at.ip,
      // All cases have the same address.
      OFFLINE_SCOPE: "named",
      serviceName: at.serviceName,
      port: at.port,
      DRAIN_SECONDS: "1",
      ...(server.auth ? { NACOS_USERNAME: username, NACOS_PASSWORD: password } : {}),
    },
    single: () => body("/v1/ns/instance", at),
    catalog: async () =>
      JSON.parse(
        await body("/v1/ns/catalog/instances", { ...place, pageNo: "1", pageSize: "10" }),
      ).list as { ip: string }[],
    listed: async () =>
      (JSON.parse(await body("/v1/ns/instance/list", place)).hosts as { ip: string }[])
        .map(({ ip }) => ip),
    async [Symbol.asyncDispose]() {
      await ask("DELETE", "/v1/ns/instance", { query: at });
      removeRecords(at.serviceName);
    },
  };
}

export function rnacosContract(
  name: string,
  auth: boolean,
  server: () => RNacosUnderTest,
  register: Register = registerAlone,
): void {
  const test = (behaviour: string, fn: (server: RNacosUnderTest) => Promise<void>) =>
    register(`${name}: ${behaviour}`, () => fn(server()));

  test("what is out of service is only in the single record, with `enabled`", async (server) => {
    await using it = await scene(server);
    assert.equal((await it.catalog()).length, 1);
    const form = { ...it.at, weight: "3", enabled: "false" };
    assert.equal((await it.ask("PATCH", "/v1/ns/instance", { form })).body, "ok");
    assert.deepEqual([await it.catalog(), await it.listed()], [[], []]);
    const { enabled, weight, metadata } = JSON.parse(await it.single());
    assert.deepEqual([enabled, weight, metadata], [false, 3, { zone: "a" }]);
    await it.ask("DELETE", "/v1/ns/instance", { query: it.at });
    const gone = await it.ask("GET", "/v1/ns/instance", { query: it.at });
    assert.deepEqual([gone.status, gone.body], [500, "error"]);
  });

  test("an update of what is not there registers it, one without an address does not", async (server) => {
    await using it = await scene(server);
    const nobody = { ...it.place, ip: "192.0.2.1", port: "0", weight: "1", enabled: "true" };
    await it.ask("PATCH", "/v1/ns/instance", { form: nobody });
    assert.deepEqual((await it.listed()).sort(), [it.at.ip, nobody.ip]);
    await it.ask("DELETE", "/v1/ns/instance", { query: nobody });
    const { status, body } = await it.ask("PATCH", "/v1/ns/instance", { form: it.place });
    assert.deepEqual([status, body], [500, "the instance ip is None"]);
    assert.deepEqual(await it.listed(), [it.at.ip]);
  });

  test("it has no v3 API, and with auth on forbids even to ask", async (server) => {
    await using it = await scene(server);
    const path = "/v3/admin/core/state";
    assert.equal((await send(server, "GET", path)).status, auth ? 403 : 404);
    assert.equal((await it.ask("GET", path)).status, 404);
  });

  test("offline, offline again, online: what is hidden is not gone", async (server) => {
    await using it = await scene(server);
    const offline = await runHook(["offline"], it.env);
    assertEnd(offline, "done", /is out of service, accepted after/, /callers no longer get it/);
    assert.deepEqual(await it.listed(), []);
    const status = await runHook(["status"], it.env);
    assertStatusEnd(status, "done", /: out of service\n/, /weight: 3\n/);
    assertEnd(await runHook(["offline"], it.env), "done", /out of service already/);
    assertEnd(await runHook(["online", "--strict"], it.env), "done", /accepted after/);
    assert.deepEqual(await it.listed(), [it.at.ip]);
    const { enabled, weight, metadata } = JSON.parse(await it.single());
    assert.deepEqual([enabled, weight, metadata], [true, 3, { zone: "a" }]);
  });

  test("a wrong cluster finds nothing, and moves nothing into it", async (server) => {
    await using it = await scene(server);
    // A look in any cluster shows it, and a write moves it.
    const elsewhere = { ...it.at, clusterName: "HZ" };
    const seen = await it.ask("GET", "/v1/ns/instance", { query: elsewhere });
    assert.equal(JSON.parse(seen.body).clusterName, "DEFAULT");
    await it.ask("PATCH", "/v1/ns/instance", { form: elsewhere });
    assert.equal(JSON.parse(await it.single()).clusterName, "HZ");
    await it.ask("PATCH", "/v1/ns/instance", { form: it.at });
    const env = { ...it.env, clusterName: "HZ", TERMINATION_GRACE_PERIOD_SECONDS: "20" };
    assertEnd(await runHook(["offline"], env), "notFound", /never registered/);
    const { clusterName, enabled } = JSON.parse(await it.single());
    assert.deepEqual([clusterName, enabled], ["DEFAULT", true]);
  });

  test("what has deregistered is told as that", async (server) => {
    await using it = await scene(server);
    await it.ask("DELETE", "/v1/ns/instance", { query: it.at });
    assertStatusEnd(await runHook(["status"], it.env), "notFound", /not registered/);
  });

  test("check finds it right, and callers get nobody else", async (server) => {
    await using it = await scene(server);
    const run = await runHook(["check", "--all"], {
      ...it.env,
      TERMINATION_GRACE_PERIOD_SECONDS: "90",
    });
    assertStatusEnd(
      run,
      "done",
      /its API is v1/,
      /permission to read: allowed/,
      /permission to write: allowed/,
    );
    assert.deepEqual(await it.listed(), [it.at.ip]);
    assert.equal((await it.catalog()).length, 1);
  });

  if (!auth) return;
  test("a wrong password is told as one, and nothing is written", async (server) => {
    await using it = await scene(server);
    const env = { ...it.env, NACOS_PASSWORD: crypto.randomUUID() };
    const run = await runHook(["offline"], { ...env, TERMINATION_GRACE_PERIOD_SECONDS: "20" });
    assertEnd(run, "refused", /login of user nacos failed: user or password is wrong/);
    const { weight, enabled } = JSON.parse(await it.single());
    assert.deepEqual([weight, enabled], [3, true]);
  });
}
