/** How applications and instances are addressed, and what comes of mistakes. */

import assert from "node:assert/strict";
import * as eureka from "../support/eureka_client.ts";
import type { EurekaUnderTest } from "../support/eureka_under_test.ts";
import { anInstance, assertRecord, assertTaken, type Test, unique } from "./eureka_wire_kit.ts";

export function pathCases(test: Test): void {
  test("applications go by any case, instances by their own", async (server, add) => {
    const { instance } = await add({ ...anInstance("case"), instanceId: unique("Some-Id") });
    const shouted = { ...instance, app: instance.app.toUpperCase() };
    assertTaken(await eureka.setStatus(server, shouted, "OUT_OF_SERVICE"));
    const { app } = await eureka.instance(server, instance) ?? {};
    assert.equal(app, instance.app.toUpperCase());
    const other = { ...instance, instanceId: eureka.idOf(instance).toLowerCase() };
    assert.equal((await eureka.setStatus(server, other, "OUT_OF_SERVICE")).status, 404);
    assert.equal(await eureka.instance(server, other), undefined);
  });

  test("an unknown application and an unknown instance are the same 404", async (server, add) => {
    const instance = anInstance("unknown");
    for (const known of [false, true]) {
      if (known) await add(instance);
      const unknown = { ...instance, instanceId: unique("nobody") };
      for (const [method, path] of requests(eureka.pathOf(unknown))) {
        const { status, type, body } = await eureka.send(server, method, path);
        assert.equal(status, 404, `${method} ${path}`);
        assert.equal(type, "application/json");
        const { status: said, error } = JSON.parse(body);
        assert.deepEqual([said, error], [404, "Not Found"]);
      }
    }
  });

  test("HEAD says whether there is a list, and sends none", async (server, add) => {
    const instance = anInstance("head");
    if (!server.csrf) await add(instance);
    const all = await eureka.send(server, "HEAD", "/apps");
    assert.deepEqual([all.status, all.type, all.body], [200, "application/json", ""]);
    const nobody = await eureka.send(server, "HEAD", `/apps/${unique("nobody")}`);
    assert.deepEqual([nobody.status, nobody.body], [404, ""]);
  }, () => true);

  test("a doubled slash is a 404, or Spring Security's 400 or 401", async (server, add) => {
    const { instance } = await add(anInstance("slashes"));
    const path = `${eureka.pathOf(instance)}/status?value=OUT_OF_SERVICE`;
    const doubled = [`/${path}`, path.replace("/apps/", "/apps//"), path.replace("/pod", "//pod")];
    for (const one of doubled) {
      const { status } = await eureka.send(server, "PUT", one);
      assertStopped(server, status, 404);
    }
    await assertRecord(server, instance, "UP", "UNKNOWN");
  });

  test("a colon may be encoded or not", async (server, add) => {
    const { instance } = await add(anInstance("colon"));
    for (const id of [eureka.idOf(instance), eureka.idOf(instance).replaceAll(":", "%3A")]) {
      const path = `/apps/${instance.app}/${id}`;
      assert.equal((await eureka.send(server, "GET", path)).status, 200);
      assertTaken(await eureka.send(server, "PUT", `${path}/status?value=OUT_OF_SERVICE`));
    }
  });

  test("a value in lower case, or none, or any other is a 500", async (server, add) => {
    const { instance } = await add(anInstance("value"));
    const path = `${eureka.pathOf(instance)}/status`;
    for (const query of ["?value=out_of_service", "?value=OFF", "?value=", ""]) {
      assert.equal((await eureka.send(server, "PUT", path + query)).status, 500, query);
      // Without one it means UNKNOWN.
      const cleared = await eureka.send(server, "DELETE", path + query);
      assert.equal(cleared.status, query === "" ? 200 : 500, query);
    }
    await assertRecord(server, instance, "UP", "UNKNOWN");
  });

  test("methods that are not there are a 405", async (server, add) => {
    const { instance } = await add(anInstance("method"));
    const path = eureka.pathOf(instance);
    const others: [eureka.Method, string][] = [
      ["POST", `${path}/status?value=OUT_OF_SERVICE`],
      ["GET", `${path}/status`],
      ["POST", path],
      ["PATCH", path],
      ["DELETE", `/apps/${instance.app}`],
      ["POST", "/apps"],
    ];
    for (const [method, other] of others) {
      assert.equal((await eureka.send(server, method, other)).status, 405, `${method} ${other}`);
    }
    await assertRecord(server, instance, "UP", "UNKNOWN");
  });

  test("encoded, an id may have nearly anything in it", async (server, add) => {
    for (const odd of ["a b", "ä:日本", "a?b", "a#b", "[::1]:x:80", "a&b=c", "a+b", "a|b", "a@b"]) {
      const { instance } = await add({ ...anInstance("odd"), instanceId: unique("") + odd });
      assertTaken(await eureka.setStatus(server, instance, "OUT_OF_SERVICE"));
      assert.equal((await eureka.instance(server, instance))?.instanceId, instance.instanceId);
    }
  });

  test("an id with a slash is listed, and cannot be addressed", async (server, add) => {
    // Tomcat refuses the encoded one before Eureka sees it, a backslash likewise.
    for (const [odd, encoded] of [["/", "%2F"], ["\\", "%5C"]] as const) {
      const { instance } = await add({
        ...anInstance("slash"),
        ...SHORT,
        instanceId: `${unique("a")}${odd}b`,
      });
      assert.equal((await eureka.list(server, instance.app))[0]?.instanceId, instance.instanceId);
      assert.ok(eureka.pathOf(instance).includes(encoded));
      assert.equal((await eureka.setStatus(server, instance, "OUT_OF_SERVICE")).status, 400);
      const raw = `/apps/${instance.app}/${instance.instanceId}/status?value=OUT_OF_SERVICE`;
      assert.equal((await eureka.send(server, "PUT", raw)).status, 404);
    }
  });

  test("% and ; in an id do not get past Spring Security", async (server, add) => {
    for (const odd of ["a%b", "a;b"]) {
      const { instance } = await add({
        ...anInstance("firewall"),
        ...SHORT,
        instanceId: unique("") + odd,
      });
      const { status } = await eureka.setStatus(server, instance, "OUT_OF_SERVICE");
      assertStopped(server, status, 200);
    }
  });

  test("a registration that lacks what is needed is a 400", async (server) => {
    const instance = anInstance("refused");
    const { instance: whole } = eureka.registrationBody(instance);
    const without = async (changes: Record<string, unknown>) => {
      const body = { instance: { ...whole as Record<string, unknown>, ...changes } };
      const { status, body: why } = await eureka.send(server, "POST", `/apps/${instance.app}`, {
        body,
      });
      assert.equal(status, 400, why);
      return why;
    };
    assert.equal(await without({ ipAddr: undefined }), "Missing ip address");
    assert.equal(await without({ hostName: undefined }), "Missing hostname");
    assert.equal(await without({ dataCenterInfo: undefined }), "Missing dataCenterInfo");
    assert.match(await without({ app: "OTHER" }), /^Mismatched appName, expecting WIRE-REFUSED-/);
    assert.match(await without({ port: 8080 }), /cannot parse request body/);
    await assertRecord(server, instance);
  });
}

/** For what can be registered, but not be taken out again. */
const SHORT = { leaseSeconds: 1 };

/**
 * The firewall of Spring Security answers 400; where the server wants a user, that answer has lost
 * who asked and turns into a 401, for right credentials too.
 * @param without what the server answers without Spring Security
 */
function assertStopped(server: EurekaUnderTest, status: number, without: number): void {
  const expected = server.credentials ? [401] : [400, without];
  assert.ok(expected.includes(status), `HTTP ${status}, not ${expected.join(" or ")}`);
}

function requests(path: string): [eureka.Method, string][] {
  const override = `${path}/status?value=OUT_OF_SERVICE`;
  return [["GET", path], ["PUT", path], ["DELETE", path], ["PUT", override], ["DELETE", override]];
}
