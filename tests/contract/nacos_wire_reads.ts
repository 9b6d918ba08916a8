/** What lists, records and searches show. */

import assert from "node:assert/strict";
import {
  anInstance,
  assertOk,
  guarded,
  ips,
  overlaid,
  recordRequest,
  registerAndSee,
  searchRequest,
  type Test,
  unique,
  v1,
  v3,
  where,
} from "./nacos_wire_kit.ts";
import * as nacos from "../support/nacos_client.ts";
import { eventually } from "../support/pause.ts";

export function listCases(test: Test): void {
  test("list and record show what was registered", async (server) => {
    const metadata = { version: "1", note: "a=b" };
    const instance = await registerAndSee(server, { ...anInstance("list"), weight: 3.5, metadata });
    const [seen, ...more] = await nacos.list(server, instance);
    assert.ok(seen);
    assert.deepEqual(more, []);
    assert.equal(seen.ip, instance.ip);
    assert.equal(seen.port, instance.port);
    assert.equal(seen.weight, 3.5);
    assert.equal(seen.healthy, true);
    assert.deepEqual(seen.metadata, metadata);
    const recorded = await nacos.record(server, instance);
    assert.equal(recorded?.enabled, true);
    assert.equal(recorded.weight, 3.5);
    assert.equal(recorded.clusterName, "DEFAULT");
  });

  test("list of an unknown service is 200 and empty", async (server) => {
    assert.deepEqual(await nacos.list(server, { serviceName: unique("nobody") }), []);
  });

  test("list without a cluster shows all on v1, only DEFAULT on v3", async (server) => {
    const first = anInstance("clusters");
    const second = { ...first, ip: "10.9.0.2", clusterName: "east" };
    await registerAndSee(server, first);
    await registerAndSee(server, second);
    await eventually(async () => {
      const seen = await nacos.list(server, { serviceName: first.serviceName });
      assert.deepEqual(ips(seen), v3(server) ? [first.ip] : [first.ip, second.ip]);
      assert.deepEqual(ips(await nacos.list(server, second)), [second.ip]);
    });
    assert.equal((await nacos.record(server, second))?.clusterName, "east");
    const { clusterName: _, ...wrongCluster } = second;
    assert.equal(await nacos.record(server, wrongCluster), undefined);
  });

  test("namespace empty, absent and public are the same", async (server) => {
    const instance = await registerAndSee(server, anInstance("public"));
    for (const namespaceId of ["", "public"]) {
      assert.equal((await nacos.list(server, { ...instance, namespaceId })).length, 1);
    }
    const namespaceId = unique("ns");
    assert.equal((await nacos.list(server, { ...instance, namespaceId })).length, 0);
  });

  test("groups and namespaces have services of their own", async (server) => {
    const instance = anInstance("own");
    const other = { ...instance, ip: "10.9.0.2", groupName: "OTHER", namespaceId: unique("ns") };
    await registerAndSee(server, instance);
    await registerAndSee(server, other);
    assert.deepEqual(ips(await nacos.list(server, instance)), [instance.ip]);
    assert.deepEqual(ips(await nacos.list(server, other)), [other.ip]);
    assert.equal((await nacos.record(server, other))?.ip, other.ip);
  });

  test("heartbeat is refused for an unknown instance", async (server) => {
    const instance = anInstance("beat");
    assert.equal(await nacos.beat(server, instance), false);
    await registerAndSee(server, instance);
    assert.equal(await nacos.beat(server, instance), true);
  });

  test("record of an unknown service, cluster or instance is a 404", async (server) => {
    const instance = anInstance("record");
    const ask = async (at: nacos.TestInstance) => {
      const [method, path, options] = recordRequest(server, at);
      return (await nacos.sendAsAdmin(server, method, path, options)).status;
    };
    assert.equal(await ask(instance), 404);
    await registerAndSee(server, instance);
    assert.equal(await ask({ ...instance, clusterName: "nowhere" }), 404);
    assert.equal(await ask(instance), 200);
    assert.equal(await nacos.record(server, { ...instance, port: 81 }), undefined);
  });
}

export function singleCases(test: Test): void {
  test("the single record of v1 has no `enabled`, and is a 404 in words", async (server) => {
    const instance = anInstance("single");
    const ask = async (at: nacos.TestInstance) =>
      await nacos.sendAsAdmin(server, "GET", "/v1/ns/instance", { query: where(at) });
    const unknown = await ask(instance);
    assert.equal(unknown.status, 404);
    assert.match(unknown.body, /^caused: (no ips found for cluster |no matched ip found!)/);
    await registerAndSee(server, instance);
    const wrong = await ask({ ...instance, port: 81 });
    assert.deepEqual([wrong.status, wrong.body], [404, "caused: no matched ip found!;"]);
    await nacos.patch(server, instance, { enabled: "false", weight: "1" });
    const { status, body } = await ask(instance);
    assert.deepEqual([status, "enabled" in JSON.parse(body)], [200, false]);
  }, v1);
}

export function nameCases(test: Test): void {
  test("group@@service is split by v1 and taken literally by v3", async (server) => {
    const instance = await registerAndSee(server, { ...anInstance("grouped"), groupName: "G9" });
    const serviceName = `G9@@${instance.serviceName}`;
    // 3.1.0 refuses nothing, it looks for a service of that name in DEFAULT_GROUP.
    const seen = await nacos.list(server, { serviceName });
    assert.equal(seen.length, v3(server) ? 0 : 1);
    const { groupName: _, ...place } = { ...instance, serviceName };
    const answer = await nacos.patch(server, place, { enabled: "true", weight: "1" });
    assert.equal(answer.status, v3(server) ? 404 : 200);
  });

  test("IPv6 addresses are taken as they are written", async (server) => {
    for (const ip of ["::1", "fd00::1", "fd00:0:0:0:0:0:0:1"]) {
      const instance = await registerAndSee(server, { ...anInstance("ipv6"), ip });
      assert.deepEqual(ips(await nacos.list(server, instance)), [ip]);
      assertOk(server, await nacos.patch(server, instance, { enabled: "false", weight: "1" }));
      await eventually(async () => assert.deepEqual(await nacos.list(server, instance), []));
      assert.equal((await nacos.record(server, instance))?.enabled, false);
    }
  });

  test("service names with % + & quotes and : go through", async (server) => {
    const instance = await registerAndSee(
      server,
      anInstance(`it's "100%" a+b&c:d/e`.replaceAll(" ", "_")),
    );
    assert.equal((await nacos.list(server, instance)).length, 1);
    assertOk(server, await nacos.patch(server, instance, { enabled: "false", weight: "1" }));
    await eventually(async () =>
      assert.equal((await nacos.record(server, instance))?.enabled, false)
    );
  });

  test("service names with a space or Chinese are refused by 3.x", async (server) => {
    for (const odd of ["a b", "服务"]) {
      const instance = anInstance(odd);
      const path = v3(server) ? "/v3/client/ns/instance" : "/v1/ns/instance";
      const form = where(instance);
      const { status, type, body } = await nacos.sendAsAdmin(server, "POST", path, { form });
      if (v3(server)) {
        const refusal = "Param 'serviceName' is illegal, " +
          "illegal characters should not appear in the param.\r\n";
        assert.deepEqual({ status, type, body }, { status: 400, type: "", body: refusal });
      } else {
        assert.equal(status, 200);
        await eventually(async () => assert.equal((await nacos.list(server, instance)).length, 1));
      }
    }
  }, overlaid);
}

export function searchCases(test: Test): void {
  test("search finds the services of all groups of a namespace", async (server) => {
    const instance = { ...anInstance("search"), namespaceId: unique("ns") };
    const other = { ...instance, serviceName: unique("search"), groupName: "OTHER" };
    await registerAndSee(server, instance);
    await registerAndSee(server, other);
    const find = async (extra: Record<string, string>) => {
      const { namespaceId } = instance;
      const [method, path, options] = searchRequest(server, { namespaceId, ...extra });
      const answer = await nacos.sendAsAdmin(server, method, path, options);
      assert.equal(answer.status, 200, answer.body);
      const body = JSON.parse(answer.body);
      const found: { name: string; groupName: string; ipCount: number }[] = v3(server)
        ? body.data.pageItems
        : body.serviceList;
      return found.map(({ name, groupName, ipCount }) => `${groupName}@@${name} ${ipCount}`).sort();
    };
    const both = [`DEFAULT_GROUP@@${instance.serviceName} 1`, `OTHER@@${other.serviceName} 1`];
    assert.deepEqual(await find({}), both.sort());
    const part = instance.serviceName.slice(2);
    assert.deepEqual(await find({ serviceNameParam: part }), [
      `DEFAULT_GROUP@@${instance.serviceName} 1`,
    ]);
    assert.deepEqual(await find({ namespaceId: unique("ns") }), []);
  });

  test("namespaces are listed for the administrator only", async (server) => {
    const path = v3(server) ? "/v3/admin/core/namespace/list" : "/v1/console/namespaces";
    const answer = await nacos.sendAsAdmin(server, "GET", path);
    // The 2.2.4 of Maven Central has no console.
    if (v1(server) && answer.status === 404) return;
    assert.equal(answer.status, 200);
    const shown: { namespaceShowName: string }[] = JSON.parse(answer.body).data;
    assert.ok(shown.some(({ namespaceShowName }) => namespaceShowName === "public"));
    if (v1(server)) return;
    const token = await nacos.login(server, await server.createUser("public"));
    assert.equal((await nacos.send(server, "GET", path, { token })).status, 403);
  }, (s) => guarded(s));
}
