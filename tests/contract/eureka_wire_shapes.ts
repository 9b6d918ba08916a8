/** What answers look like. */

import assert from "node:assert/strict";
import { pathOf, registrationBody, send } from "../support/eureka_client.ts";
import { anInstance, type Test } from "./eureka_wire_kit.ts";

export function shapeCases(test: Test): void {
  test("answers are JSON only where Accept asks for it", async (server, add) => {
    const { instance } = await add(anInstance("accept"));
    const roots = {
      [pathOf(instance)]: "instance",
      [`/apps/${instance.app}`]: "application",
      "/apps": "applications",
    };
    for (const [path, root] of Object.entries(roots)) {
      for (const accept of ["application/json", "application/json, */*"]) {
        const { status, type, body } = await send(server, "GET", path, { accept });
        assert.deepEqual([status, type], [200, "application/json"]);
        assert.deepEqual(Object.keys(JSON.parse(body)), [root]);
      }
      for (const accept of ["*/*", "application/xml"]) {
        const { status, type, body } = await send(server, "GET", path, { accept });
        assert.deepEqual([status, type], [200, "application/xml"]);
        assert.ok(body.startsWith(`<${root}>`), body.slice(0, 40));
      }
    }
    // Spelled otherwise than in JSON.
    const { body } = await send(server, "GET", pathOf(instance), { accept: "*/*" });
    assert.match(body, /<overriddenstatus>UNKNOWN<\/overriddenstatus>/);
  });

  test("an instance has these fields, lists have arrays even of one", async (server, add) => {
    const { instance } = await add({
      ...anInstance("fields"),
      metadata: { "management.port": "8081" },
    });
    const APP = instance.app.toUpperCase();
    const [alone, inApp, inAll] = await Promise.all(
      [pathOf(instance), `/apps/${APP}`, "/apps"].map(async (path) =>
        JSON.parse((await send(server, "GET", path)).body)
      ),
    );
    const { leaseInfo, lastUpdatedTimestamp, lastDirtyTimestamp, ...rest } = alone.instance;
    assert.deepEqual(rest, {
      instanceId: instance.instanceId,
      hostName: `host-of-${instance.app}`,
      app: APP,
      ipAddr: "10.9.0.1",
      status: "UP",
      overriddenStatus: "UNKNOWN",
      port: { $: 8080, "@enabled": "true" },
      securePort: { $: 443, "@enabled": "false" },
      countryId: 1,
      dataCenterInfo: {
        "@class": "com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo",
        name: "MyOwn",
      },
      metadata: instance.metadata,
      vipAddress: instance.app,
      isCoordinatingDiscoveryServer: "false",
      actionType: "ADDED",
    });
    assert.deepEqual(Object.keys(leaseInfo), [
      "renewalIntervalInSecs",
      "durationInSecs",
      "registrationTimestamp",
      "lastRenewalTimestamp",
      "evictionTimestamp",
      "serviceUpTimestamp",
    ]);
    for (const value of Object.values(leaseInfo)) assert.equal(typeof value, "number");
    for (const value of [lastUpdatedTimestamp, lastDirtyTimestamp]) assert.match(value, /^\d{13}$/);

    assert.deepEqual(inApp, { application: { name: APP, instance: [alone.instance] } });
    assert.deepEqual(Object.keys(inAll.applications), [
      "versions__delta",
      "apps__hashcode",
      "application",
    ]);
    assert.ok(Array.isArray(inAll.applications.application));
    for (const one of inAll.applications.application) assert.ok(Array.isArray(one.instance));
  });

  test("a port that was not given is there all the same", async (server, add) => {
    const cases = [
      // What `eureka.instance.secure-port-enabled=true` gives.
      [{ securePort: 8443 }, {}, [8080, "false"], [8443, "true"]],
      [{}, { securePort: undefined }, [8080, "true"], [7002, "false"]],
      [{}, { port: undefined, securePort: undefined }, [7001, "true"], [7002, "false"]],
    ] as const;
    for (const [own, changes, plain, secure] of cases) {
      const { instance } = await add({ ...anInstance("ports"), ...own });
      const { instance: whole } = registrationBody(instance);
      const body = { instance: { ...whole as Record<string, unknown>, ...changes } };
      assert.equal((await send(server, "POST", `/apps/${instance.app}`, { body })).status, 204);
      const { port, securePort } = JSON.parse((await send(server, "GET", pathOf(instance))).body)
        .instance;
      assert.deepEqual([port.$, port["@enabled"]], plain);
      assert.deepEqual([securePort.$, securePort["@enabled"]], secure);
    }
  });

  test("metadata that is empty has a Java class in it", async (server, add) => {
    const { instance } = await add(anInstance("empty"));
    const { body } = await send(server, "GET", pathOf(instance));
    const { metadata } = JSON.parse(body).instance;
    assert.deepEqual(metadata, { "@class": "java.util.Collections$EmptyMap" });
  });
}
