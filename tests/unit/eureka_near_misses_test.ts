import assert from "node:assert/strict";
import type { EurekaApp, Wanted } from "../../src/registry/eureka/instance.ts";
import { nearMissesOf } from "../../src/registry/eureka/near_misses.ts";

const WANTED = { app: "orders", ip: "10.0.0.7", port: 8080, id: undefined };

/** What is registered: by app, instances as `address:port,port id`. */
function find(
  registered: Readonly<Record<string, readonly string[]>>,
  changes: Partial<Wanted & { ip: string }> = {},
): string[] {
  const apps = Object.entries(registered).map(([name, instances]): EurekaApp => ({
    name,
    instances: instances.map((text) => {
      const [place = "", id = "a"] = text.split(" ");
      const [ipAddr = "", ports = ""] = place.split(/:(?=[\d,]*$)/);
      return {
        id,
        ipAddr,
        ports: ports.split(",").filter((port) => port !== "").map(Number),
        status: "UP",
        override: "UNKNOWN",
        renewedAt: undefined,
        dirtyAt: 0,
        metadata: {},
      };
    }),
  }));
  const { ip, ...wanted } = { ...WANTED, ...changes };
  return nearMissesOf(apps, wanted, ip);
}

Deno.test("nearMissesOf() names the app that has the address and port", () => {
  assert.deepEqual(find({ CHECKOUT: ["10.0.0.7:8080 h:checkout:8080"] }), [
    "10.0.0.7:8080 (id h:checkout:8080) is registered with APPLICATION=CHECKOUT",
  ]);
});

Deno.test("nearMissesOf() names the port that the app has at the address", () => {
  assert.deepEqual(find({ ORDERS: ["10.0.0.7:8081 h"] }), [
    "10.0.0.7:8081 (id h) is registered with APPLICATION_PORT=8081",
  ]);
  assert.match(find({ ORDERS: ["10.0.0.7:8081,8443"] })[0] ?? "", /APPLICATION_PORT=8081$/);
});

Deno.test("nearMissesOf() says that no port of the app is on", () => {
  assert.match(find({ ORDERS: ["10.0.0.7: h"] })[0] ?? "", /APPLICATION_PORT=\(none is on\)$/);
});

Deno.test("nearMissesOf() names the id where another one was set", () => {
  const [line] = find({ ORDERS: ["10.0.0.7:8080 Host:orders:8080"] }, { id: "host:orders:8080" });
  assert.match(line ?? "", /is registered with instanceId=Host:orders:8080$/);
  const [other] = find({ ORDERS: ["10.0.0.7:8080 pod-1"] }, { id: "pod-2" });
  assert.match(other ?? "", /is registered with instanceId=pod-1$/);
});

Deno.test("nearMissesOf() names the address under which the id stands", () => {
  const [line] = find({ ORDERS: ["10.0.0.9:8080 pod-1"] }, { id: "pod-1" });
  assert.equal(line, "10.0.0.9:8080 (id pod-1) is registered with podip=10.0.0.9");
});

Deno.test("nearMissesOf() names all that is different", () => {
  const [line] = find({ CHECKOUT: ["10.0.0.9:81 POD-1"] }, { id: "pod-1" });
  assert.match(
    line ?? "",
    / APPLICATION=CHECKOUT podip=10\.0\.0\.9 APPLICATION_PORT=81 instanceId=POD-1$/,
  );
});

Deno.test("nearMissesOf() says that the app is there, but not at the address", () => {
  assert.deepEqual(find({ ORDERS: ["10.0.0.8:8080 h8", "10.0.0.9:8080 h9"] }), [
    "the app has 2 instance(s), none of them at 10.0.0.7, for example 10.0.0.8:8080 (id h8)",
  ]);
  assert.deepEqual(find({ ORDERS: [] }), ["the app has 0 instance(s), none of them at 10.0.0.7"]);
});

Deno.test("nearMissesOf() names apps that are called alike", () => {
  const found = find({ "SHOP-ORDERS": ["10.0.0.8:8080"], ORDER: [], CARTS: ["10.0.0.9:8080"] });
  assert.deepEqual(found, [
    "there is an app with APPLICATION=SHOP-ORDERS",
    "there is an app with APPLICATION=ORDER",
  ]);
});

Deno.test("nearMissesOf() compares names in any case and addresses in any spelling", () => {
  const [line] = find({ Orders: ["fd00:0::1:81"] }, { app: "oRDERS", ip: "FD00::1" });
  assert.match(line ?? "", /is registered with APPLICATION_PORT=81$/);
});

Deno.test("nearMissesOf() finds nothing where nothing is like it", () => {
  assert.deepEqual(find({}), []);
  assert.deepEqual(find({ CARTS: ["10.0.0.8:8080", "10.0.0.7:9090"] }), []);
});

Deno.test("nearMissesOf() gives five lines at most, the most likely first", () => {
  const found = find({
    "ORDERS-A": [],
    "ORDERS-B": [],
    "ORDERS-C": [],
    ORDERS: ["10.0.0.7:81"],
    CHECKOUT: ["10.0.0.7:8080"],
    CARTS: ["10.0.0.9:8080 pod-1"],
  }, { id: "pod-1" });
  assert.equal(found.length, 5);
  const expected = [
    /^10\.0\.0\.9:8080 /,
    /APPLICATION=CHECKOUT/,
    /APPLICATION_PORT=81/,
    /ORDERS-A/,
  ];
  for (const [i, pattern] of expected.entries()) assert.match(found[i] ?? "", pattern);
});

Deno.test("nearMissesOf() says nothing where the list only lags behind the record", () => {
  assert.deepEqual(find({ ORDERS: ["10.0.0.7:8080"] }), []);
});
