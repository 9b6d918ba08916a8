import assert from "node:assert/strict";
import { accessKeyOf, createSign } from "../../src/registry/nacos/access_key.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createLogEvents } from "../support/log_events.ts";

/** A clock that stands. */
const at = (ms: number) => ({ ...createFakeClock(), now: () => ms });

Deno.test("createSign() signs as nacos-client 3.0.3 does", async () => {
  // What its own `SignUtil.sign` gave.
  const cases = [
    [
      "test-secret",
      { groupName: "DEFAULT_GROUP", serviceName: "orders" },
      "1764167640000@@DEFAULT_GROUP@@orders",
      "FGMOFGRcrOlKIZGS5Oyq7UVB4Tg=",
    ],
    [
      "sécret/+&=%",
      { groupName: "订单", serviceName: "orders ü" },
      "1764167640000@@订单@@orders ü",
      "nXgj/wLf3PrpnEJqIwWC9T77tNA=",
    ],
  ] as const;
  for (const [secret, service, data, signature] of cases) {
    const sign = createSign({ id: "LTAI-test", secret }, at(1_764_167_640_000));
    const signed = { ak: "LTAI-test", data, signature };
    assert.deepEqual(await sign({ method: "GET", path: "/x", query: { ...service, a: "b" } }), {
      method: "GET",
      path: "/x",
      query: { ...service, a: "b", ...signed },
    });
    // The client has all parameters in the URL; ours go where they went before.
    assert.deepEqual(await sign({ method: "PATCH", path: "/x", form: service }), {
      method: "PATCH",
      path: "/x",
      form: service,
      query: signed,
    });
  }
});

Deno.test("createSign() signs the time alone where a request is about no service", async () => {
  const sign = createSign({ id: "ak", secret: "s" }, at(1_764_167_640_000));
  const { query } = await sign({ method: "GET", path: "/x", query: { namespaceId: "public" } });
  assert.equal(query?.["data"], "1764167640000");
});

Deno.test("accessKeyOf() takes both or none, and says which is missing", () => {
  const { log, messages } = createLogEvents(createFakeClock());
  assert.deepEqual(accessKeyOf("ak", "s", log), { id: "ak", secret: "s" });
  assert.equal(accessKeyOf(undefined, undefined, log), undefined);
  assert.deepEqual(messages("no_access_key"), []);
  assert.equal(accessKeyOf("ak", undefined, log), undefined);
  assert.equal(accessKeyOf(undefined, "s", log), undefined);
  assert.deepEqual(messages("no_access_key"), [
    "NACOS_ACCESS_KEY is set, but NACOS_SECRET_KEY is not: requests are not signed",
    "NACOS_SECRET_KEY is set, but NACOS_ACCESS_KEY is not: requests are not signed",
  ]);
});
