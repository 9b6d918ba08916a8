import assert from "node:assert/strict";
import { RefusedError } from "../../src/errors.ts";
import type { Api } from "../../src/registry/nacos/api.ts";
import type { NacosInstance } from "../../src/registry/nacos/instance.ts";
import { findNearMisses } from "../../src/registry/nacos/near_misses.ts";
import type { Place } from "../../src/registry/nacos/place.ts";

const PLACE: Place = {
  namespaceId: "public",
  groupName: "DEFAULT_GROUP",
  serviceName: "orders",
  clusterName: "DEFAULT",
  ip: "10.0.0.7",
  port: 8080,
};

/** What is registered: addresses by `namespace/group/service/cluster`. */
type Registered = Readonly<Record<string, readonly string[]>>;

function createFakeApi(registered: Registered, overrides: Partial<Api> = {}): Api {
  const rows = Object.entries(registered).map(([key, addresses]) => {
    const [namespaceId = "", groupName = "", serviceName = "", clusterName = ""] = key.split("/");
    return { namespaceId, groupName, serviceName, clusterName, addresses };
  });
  const unused = () => Promise.reject(new Error("not a question for near misses"));
  const same = (one: object, other: object) => JSON.stringify(one) === JSON.stringify(other);
  return {
    generation: "v3",
    send: unused,
    find: unused,
    setEnabled: unused,
    remove: unused,
    tryWrite: unused,
    list: unused,
    publishers: unused,
    clients: unused,
    published: unused,
    catalog: unused,
    namespaces: () =>
      Promise.resolve(
        [...new Set(rows.map((row) => row.namespaceId))]
          .map((namespace) => ({ namespace, namespaceShowName: `name of ${namespace}` })),
      ),
    services: (namespaceId) => {
      const found = rows.filter((row) => row.namespaceId === namespaceId)
        .map(({ groupName, serviceName }) => ({ namespaceId, groupName, serviceName }));
      return Promise.resolve(
        found.filter((one, i) => found.findIndex((other) => same(one, other)) === i),
      );
    },
    clusters: ({ namespaceId, groupName, serviceName }) =>
      Promise.resolve(
        rows.filter((row) =>
          row.namespaceId === namespaceId && row.groupName === groupName &&
          row.serviceName === serviceName
        ).map((row) => row.clusterName),
      ),
    instances: ({ namespaceId, groupName, serviceName }, clusterName) => {
      const row = rows.find((row) =>
        row.namespaceId === namespaceId && row.groupName === groupName &&
        row.serviceName === serviceName && row.clusterName === clusterName
      );
      const instances = (row?.addresses ?? []).map((address): NacosInstance => {
        const [ip = "", port = ""] = address.split(/:(?=\d+$)/);
        return {
          ip,
          port: Number(port),
          weight: 1,
          enabled: true,
          clusterName,
          healthy: true,
          ephemeral: true,
          metadata: {},
        };
      });
      return Promise.resolve(instances);
    },
    ...overrides,
  };
}

function find(registered: Registered, overrides?: Partial<Api>, place: Partial<Place> = {}) {
  return findNearMisses(createFakeApi(registered, overrides), { ...PLACE, ...place });
}

Deno.test("findNearMisses() names the setting that differs", async () => {
  const cases = {
    "prod/DEFAULT_GROUP/orders/DEFAULT": "namespaceId=prod",
    "public/SHOP/orders/DEFAULT": "groupName=SHOP",
    "public/DEFAULT_GROUP/orders/HZ": "clusterName=HZ",
    "public/DEFAULT_GROUP/Orders/DEFAULT": "serviceName=Orders",
    "public/DEFAULT_GROUP/orders-service/DEFAULT": "serviceName=orders-service",
    "prod/SHOP/orders/DEFAULT": "groupName=SHOP namespaceId=prod",
  };
  for (const [key, difference] of Object.entries(cases)) {
    assert.deepEqual(
      await find({ [key]: ["10.0.0.7:8080"] }),
      [`10.0.0.7:8080 is registered with ${difference}`],
    );
  }
});

Deno.test("findNearMisses() names the port that is registered instead", async () => {
  assert.deepEqual(
    await find({ "public/DEFAULT_GROUP/orders/DEFAULT": ["10.0.0.7:8081", "10.0.0.8:8080"] }),
    ["10.0.0.7:8081 is registered with port=8081"],
  );
});

Deno.test("findNearMisses() finds a service of another name by the address", async () => {
  assert.deepEqual(
    await find({
      "public/DEFAULT_GROUP/odrers/DEFAULT": ["10.0.0.7:8080"],
      "public/DEFAULT_GROUP/users/DEFAULT": ["10.0.0.9:8080"],
    }),
    ["10.0.0.7:8080 is registered with serviceName=odrers"],
  );
});

Deno.test("findNearMisses() says that a service has only others", async () => {
  const here = await find({
    "public/DEFAULT_GROUP/orders/DEFAULT": ["10.0.0.8:8080", "10.0.0.9:1"],
  });
  assert.equal(here.length, 1);
  assert.match(here[0] ?? "", /2 instance\(s\), none of them at 10\.0\.0\.7.*10\.0\.0\.8:8080/);
  const there = await find({ "prod/DEFAULT_GROUP/orders/DEFAULT": ["10.0.0.8:8080"] });
  assert.match(there[0] ?? "", /namespaceId=prod.*none of them at 10\.0\.0\.7/);
});

Deno.test("findNearMisses() knows an IPv6 address in another spelling", async () => {
  const registered = { "prod/DEFAULT_GROUP/orders/DEFAULT": ["fd00:0:0::1:8080"] };
  const [line] = await find(registered, {}, { ip: "FD00::1" });
  assert.match(line ?? "", /is registered with namespaceId=prod/);
});

Deno.test("findNearMisses() takes an empty namespace id for public", async () => {
  const namespaces = () =>
    Promise.resolve([
      { namespace: "", namespaceShowName: "public" },
      { namespace: "prod", namespaceShowName: "production" },
    ]);
  const registered = { "public/DEFAULT_GROUP/orders/DEFAULT": ["10.0.0.7:8080"] };
  assert.deepEqual(
    await find(registered, { namespaces }, { namespaceId: "prod" }),
    ["10.0.0.7:8080 is registered with namespaceId=public"],
  );
});

Deno.test("findNearMisses() tells the name of a namespace from its id", async () => {
  const namespaces = () =>
    Promise.resolve([
      { namespace: "", namespaceShowName: "public" },
      { namespace: "5f2a", namespaceShowName: "prod" },
    ]);
  const registered = { "5f2a/DEFAULT_GROUP/orders/DEFAULT": ["10.0.0.7:8080"] };
  assert.deepEqual(await find(registered, { namespaces }, { namespaceId: "prod" }), [
    "namespaceId takes the id: that of the namespace named prod is 5f2a",
    "10.0.0.7:8080 is registered with namespaceId=5f2a",
  ]);
});

Deno.test("findNearMisses() asks for the id where a namespace has nothing", async () => {
  // Who may not list the namespaces.
  const namespaces = () => Promise.reject(new RefusedError("not yours"));
  const hint = ["namespace prod has no service: is it the id, not the name?"];
  assert.deepEqual(await find({}, { namespaces }, { namespaceId: "prod" }), hint);
  assert.deepEqual(await find({}, { namespaces }), []);
  const services = () => Promise.reject(new RefusedError("not yours"));
  assert.deepEqual(await find({}, { namespaces, services }, { namespaceId: "prod" }), []);
});

Deno.test("findNearMisses() gives at most five lines, the most likely first", async () => {
  const names = Array.from({ length: 8 }, (_, i) => `orders${i}`);
  const registered = Object.fromEntries(names.map((name, i) => [
    `public/DEFAULT_GROUP/${name}/DEFAULT`,
    [i === 7 ? "10.0.0.7:8080" : i === 6 ? "10.0.0.7:9999" : "10.0.0.8:8080"],
  ]));
  const lines = await find(registered);
  assert.equal(lines.length, 5);
  assert.equal(lines[0], "10.0.0.7:8080 is registered with serviceName=orders7");
  assert.equal(lines[1], "10.0.0.7:9999 is registered with serviceName=orders6 port=9999");
});

Deno.test("findNearMisses() has nothing to say where nothing is like it", async () => {
  assert.deepEqual(await find({}), []);
  assert.deepEqual(await find({ "public/DEFAULT_GROUP/users/DEFAULT": ["10.0.0.8:8080"] }), []);
});

Deno.test("findNearMisses() says nothing of the instance itself, should it have come meanwhile", async () => {
  assert.deepEqual(await find({ "public/DEFAULT_GROUP/orders/DEFAULT": ["10.0.0.7:8080"] }), []);
});

Deno.test("findNearMisses() is not kept from the rest by what this user may not see", async () => {
  const forbidden = () => Promise.reject(new RefusedError("answered 403"));
  const own = { "public/SHOP/orders/DEFAULT": ["10.0.0.7:8080"] };
  assert.equal((await find(own, { namespaces: forbidden })).length, 1);
  const all = { ...own, "prod/DEFAULT_GROUP/orders/DEFAULT": ["10.0.0.7:8080"] };
  const { services } = createFakeApi(all);
  const lines = await find(all, {
    services: (id) => id === "prod" ? forbidden() : services(id),
  });
  assert.deepEqual(lines, ["10.0.0.7:8080 is registered with groupName=SHOP"]);
  assert.deepEqual(await find(all, { services: forbidden }), []);
});

Deno.test("findNearMisses() stays cheap in a large registry", async () => {
  const registered = Object.fromEntries(
    Array.from({ length: 30 }, (_, n) =>
      Array.from({ length: 100 }, (_, s): [string, string[]] => [
        `${n === 0 ? "public" : `ns${n}`}/DEFAULT_GROUP/service${s}/DEFAULT`,
        ["10.0.0.8:8080"],
      ])).flat(),
  );
  let asked = 0;
  const { instances } = createFakeApi(registered);
  await find(registered, {
    instances: (...args) => {
      asked++;
      return instances(...args);
    },
  });
  assert.ok(asked <= 1_000, String(asked));
});
