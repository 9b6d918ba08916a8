import assert from "node:assert/strict";
import {
  type EurekaInstance,
  isAt,
  isKeptBack,
  stateOf,
} from "../../src/registry/eureka/instance.ts";
import {
  createList,
  readApps,
  readInstance,
  readInstances,
} from "../../src/registry/eureka/read.ts";

/** As Spring Cloud Netflix Eureka 4.3.1 gives it; `undefined` leaves a field out. */
function answered(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const fields = {
    instanceId: "host-1:orders:8080",
    hostName: "host-1",
    app: "ORDERS",
    ipAddr: "10.0.0.7",
    status: "UP",
    overriddenStatus: "UNKNOWN",
    port: { "$": 8080, "@enabled": "true" },
    securePort: { "$": 443, "@enabled": "false" },
    countryId: 1,
    metadata: { zone: "a" },
    ...changes,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

const read = (changes: Record<string, unknown> = {}) =>
  readInstance({ instance: answered(changes) });

const INSTANCE: EurekaInstance = {
  id: "host-1:orders:8080",
  ipAddr: "10.0.0.7",
  ports: [8080],
  status: "UP",
  override: "UNKNOWN",
  renewedAt: undefined,
  dirtyAt: 0,
  metadata: { zone: "a" },
};

const LIST = createList(() => true);

const having = (status: string, override = "UNKNOWN") => ({ ...INSTANCE, status, override });

const GARBAGE = [undefined, null, "", "<instance/>", 7, [], {}, { instance: null }, {
  timestamp: 1,
  status: 404,
  error: "Not Found",
}];

Deno.test("readInstance() reads what tells instances apart", () => {
  assert.deepEqual(read(), INSTANCE);
});

Deno.test("readInstance() reads when the last heartbeat came, where the server says so", () => {
  const leaseInfo = { registrationTimestamp: 1, lastRenewalTimestamp: 1767225600000 };
  assert.equal(read({ leaseInfo })?.renewedAt, 1767225600000);
  for (const other of [{}, null, "soon", 7]) {
    assert.deepEqual(read({ leaseInfo: other }), INSTANCE);
  }
});

Deno.test("readInstance() takes the host name for the id where there is none", () => {
  assert.equal(read({ instanceId: undefined })?.id, "host-1");
  assert.equal(read({ instanceId: null })?.id, "host-1");
});

Deno.test("readInstance() reads the ports that are switched on", () => {
  const off = { "$": 8080, "@enabled": "false" };
  const on = { "$": 8443, "@enabled": "true" };
  assert.deepEqual(read({ securePort: on })?.ports, [8080, 8443]);
  assert.deepEqual(read({ port: off, securePort: on })?.ports, [8443]);
  assert.deepEqual(read({ port: off })?.ports, []);
  assert.deepEqual(read({ port: { "$": 8080, "@enabled": false } })?.ports, []);
  assert.deepEqual(read({ port: { "$": 8080, "@enabled": true } })?.ports, [8080]);
  assert.deepEqual(read({ port: { "$": 8080 } })?.ports, [8080]);
  assert.deepEqual(read({ port: { "$": "8080", "@enabled": "true" } })?.ports, [8080]);
  assert.deepEqual(read({ port: undefined, securePort: undefined })?.ports, []);
});

Deno.test("readInstance() reads the override in both spellings", () => {
  assert.equal(read({ overriddenStatus: "OUT_OF_SERVICE" })?.override, "OUT_OF_SERVICE");
  const lower = { overriddenStatus: undefined, overriddenstatus: "OUT_OF_SERVICE" };
  assert.equal(read(lower)?.override, "OUT_OF_SERVICE");
});

Deno.test("readInstance() does not need what is only shown", () => {
  const bare = read({ metadata: undefined, overriddenStatus: undefined });
  assert.equal(bare?.metadata, undefined);
  assert.ok(bare && !isKeptBack(bare));
});

Deno.test("readInstance() gives undefined for anything else", () => {
  for (const body of GARBAGE) assert.equal(readInstance(body), undefined, JSON.stringify(body));
  for (const field of ["hostName", "ipAddr", "status"]) {
    assert.equal(read({ [field]: undefined }), undefined, field);
  }
});

Deno.test("readInstances() reads all instances of an app", () => {
  const other = answered({ instanceId: "host-2:orders:8080", ipAddr: "10.0.0.8" });
  const instances = readInstances({ application: { instance: [answered(), other] } }, LIST);
  assert.deepEqual(instances?.map(({ id }) => id), ["host-1:orders:8080", "host-2:orders:8080"]);
  assert.deepEqual(readInstances({ application: { name: "ORDERS", instance: [] } }, LIST), []);
});

Deno.test("readInstances() does not pass over an instance it cannot read", () => {
  assert.equal(readInstances({ application: { instance: [answered(), {}] } }, LIST), undefined);
  for (const body of [...GARBAGE, { application: {} }]) {
    assert.equal(readInstances(body, LIST), undefined, JSON.stringify(body));
  }
});

Deno.test("readApps() reads all apps", () => {
  const application = [{ name: "ORDERS", instance: [answered()] }, { name: "CARTS", instance: [] }];
  const apps = readApps({ applications: { versions__delta: "1", application } }, LIST);
  assert.deepEqual(apps, [{ name: "ORDERS", instances: [INSTANCE] }, {
    name: "CARTS",
    instances: [],
  }]);
});

Deno.test("readApps() keeps an app whose instances it cannot read, and nothing else like it", () => {
  const application = [{ name: "ORDERS", instance: [{}] }];
  assert.deepEqual(readApps({ applications: { application } }, LIST), [{
    name: "ORDERS",
    instances: [],
  }]);
  for (const body of [...GARBAGE, { applications: {} }]) {
    assert.equal(readApps(body, LIST), undefined, JSON.stringify(body));
  }
});

Deno.test("isAt() looks at the address in any spelling and at every port that is on", () => {
  const instance = { ...INSTANCE, ipAddr: "fd00::1", ports: [8080, 8443] };
  assert.ok(isAt(instance, ["10.0.0.1", "fd00:0:0::1"], 8080));
  assert.ok(isAt(instance, ["fd00::1"], 8443));
  assert.ok(!isAt(instance, ["fd00::1"], 443));
  assert.ok(!isAt(instance, ["fd00::2"], 8080));
});

Deno.test("isKeptBack() sees an override through what the app itself reports", () => {
  assert.ok(isKeptBack(having("OUT_OF_SERVICE", "OUT_OF_SERVICE")));
  assert.ok(isKeptBack(having("OUT_OF_SERVICE")));
  assert.ok(isKeptBack(having("STARTING", "OUT_OF_SERVICE")));
  assert.ok(isKeptBack(having("DOWN", "OUT_OF_SERVICE")));
});

Deno.test("isKeptBack() does not take an app that is not ready for one that is kept back", () => {
  for (const status of ["STARTING", "DOWN", "UNKNOWN"]) assert.ok(!isKeptBack(having(status)));
  assert.ok(!isKeptBack(having("UP")));
  // A list that shows both is one in which callers still get it.
  assert.ok(!isKeptBack(having("UP", "OUT_OF_SERVICE")));
});

Deno.test("stateOf() is that of the only registration", () => {
  assert.equal(stateOf([having("UP")]), "inService");
  assert.equal(stateOf([having("OUT_OF_SERVICE", "OUT_OF_SERVICE")]), "outOfService");
  assert.equal(stateOf([having("DOWN", "OUT_OF_SERVICE")]), "outOfService");
  for (const status of ["STARTING", "DOWN", "UNKNOWN"]) {
    assert.equal(stateOf([having(status)]), "notReady");
  }
});

Deno.test("stateOf() of several counts every registration", () => {
  const [up, out, down] = [having("UP"), having("OUT_OF_SERVICE"), having("DOWN")];
  assert.equal(stateOf([up, up]), "inService");
  assert.equal(stateOf([out, out]), "outOfService");
  assert.equal(stateOf([up, out]), "partlyOut");
  assert.equal(stateOf([out, down]), "partlyOut");
  assert.equal(stateOf([up, down]), "notReady");
});
