import assert from "node:assert/strict";
import { appSettings } from "../../src/app/settings.ts";
import { trafficSettings } from "../../src/traffic/settings.ts";
import { eurekaSettings } from "../../src/registry/eureka/settings.ts";
import { nacosSettings } from "../../src/registry/nacos/settings.ts";
import { environmentNames } from "../../scripts/environment.ts";
import { SETTINGS } from "../support/settings.ts";
import { commonSettings } from "../../src/settings/common.ts";
import { flagOf, namesOf, type Setting, type SettingsTable } from "../../src/settings/setting.ts";
import { readSettings } from "../../src/settings/read.ts";
import { check } from "../support/schema.ts";

const TABLE: SettingsTable = SETTINGS;

function valuesFor(env: Record<string, string>, flags: Record<string, string> = {}) {
  const readFile = (path: string): string => {
    throw new Error(path);
  };
  return readSettings(SETTINGS, { flags, env: (name) => env[name], readFile }).values;
}

Deno.test("SETTINGS explains every setting in whole sentences", () => {
  for (const [key, { help }] of Object.entries(TABLE)) {
    assert.match(help, /^\S.*\.$/, key);
    assert.doesNotMatch(help, /\n/, key);
  }
});

function repeated(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

Deno.test("SETTINGS has a variable and a flag of its own for every setting", () => {
  const settings = [commonSettings, nacosSettings, eurekaSettings, appSettings, trafficSettings]
    .flatMap((table): Setting[] => Object.values(table));
  assert.deepEqual(repeated(settings.map(({ env }) => env)), []);
  assert.deepEqual(repeated(settings.map(flagOf)), []);
  assert.equal(Object.keys(TABLE).length, settings.length, "no key of one table hides another's");
});

Deno.test("SETTINGS reads no variable for two settings of one registry", () => {
  for (const own of [nacosSettings, eurekaSettings]) {
    assert.deepEqual(repeated(environmentNames({ ...commonSettings, ...own })), []);
  }
});

Deno.test("SETTINGS reads only the app's name and port for both registries", () => {
  const names = (table: SettingsTable) => Object.values(table).flatMap(namesOf);
  const nacos = names(nacosSettings);
  assert.deepEqual(names(eurekaSettings).filter((name) => nacos.includes(name)), [
    "APPLICATION",
    "serviceName",
    "spring.application.name",
    "APPLICATION_PORT",
    "port",
    "server.port",
  ]);
});

Deno.test("SETTINGS has fallbacks that can be read", () => {
  for (const [key, { fallback, schema }] of Object.entries(TABLE)) {
    if (fallback !== undefined) assert.equal(check(schema, fallback).problem, undefined, key);
  }
});

Deno.test("SETTINGS keeps the names of the scripts", () => {
  const names = environmentNames(TABLE);
  const script = ["podip", "serviceName", "port", "groupName", "namespaceId", "clusterName"];
  for (const name of [...script, "metadata", "APPLICATION", "APPLICATION_PORT"]) {
    assert.ok(names.includes(name), name);
  }
});

Deno.test("SETTINGS has the defaults of the script", () => {
  const { groupName, namespaceId, clusterName, nacosContextPath, disabled } = valuesFor({});
  assert.deepEqual({ groupName, namespaceId, clusterName, nacosContextPath, disabled }, {
    groupName: "DEFAULT_GROUP",
    namespaceId: "public",
    clusterName: "DEFAULT",
    nacosContextPath: "/nacos",
    disabled: false,
  });
});

Deno.test("SETTINGS has no default address, user and password", () => {
  const values = valuesFor({});
  for (const registry of ["nacos", "eureka"] as const) {
    for (const what of ["Username", "Password", "PasswordFile"] as const) {
      assert.equal(values[`${registry}${what}`], undefined, registry + what);
    }
  }
  // Else each registry would count as named.
  assert.deepEqual([values.nacosServerAddr, values.eurekaUrl], [undefined, undefined]);
});

Deno.test("SETTINGS lets an app that is set up by Spring's variables do without any of ours", () => {
  const values = valuesFor({
    SPRING_APPLICATION_NAME: "orders",
    SERVER_PORT: "8080",
    SPRING_CLOUD_NACOS_DISCOVERY_IP: "10.0.0.7",
    SPRING_CLOUD_NACOS_DISCOVERY_SERVER_ADDR: "nacos.prod:8849",
    SPRING_CLOUD_NACOS_DISCOVERY_NAMESPACE: "prod",
    SPRING_CLOUD_NACOS_DISCOVERY_GROUP: "SHOP",
    SPRING_CLOUD_NACOS_DISCOVERY_CLUSTER_NAME: "HZ",
    SPRING_CLOUD_NACOS_USERNAME: "app",
    SPRING_CLOUD_NACOS_PASSWORD: "app pw",
  });
  const { serviceName, port, podip, namespaceId, groupName, clusterName } = values;
  assert.deepEqual({ serviceName, port, podip, namespaceId, groupName, clusterName }, {
    serviceName: "orders",
    port: 8080,
    podip: "10.0.0.7",
    namespaceId: "prod",
    groupName: "SHOP",
    clusterName: "HZ",
  });
  assert.deepEqual(values.nacosServerAddr?.map((one) => one.origin), ["http://nacos.prod:8849"]);
  assert.deepEqual([values.nacosUsername, values.nacosPassword], ["app", "app pw"]);
});

Deno.test("SETTINGS lets an app that is set up by Spring's variables for Eureka do so too", () => {
  const { application, applicationPort, podip, instanceId, eurekaUrl } = valuesFor({
    SPRING_APPLICATION_NAME: "orders",
    SERVER_PORT: "8080",
    EUREKA_INSTANCE_IPADDRESS: "10.0.0.7",
    EUREKA_INSTANCE_INSTANCEID: "orders-1",
    EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: "http://app:pw@eureka.prod:8761/eureka/",
  });
  assert.deepEqual([application, applicationPort, podip, instanceId], [
    "orders",
    8080,
    "10.0.0.7",
    "orders-1",
  ]);
  assert.deepEqual(eurekaUrl, [{
    origin: "http://eureka.prod:8761",
    path: "/eureka",
    credentials: { username: "app", password: "pw" },
  }]);
});

Deno.test("SETTINGS takes the names of both scripts for each other", () => {
  const { serviceName, port } = valuesFor({ APPLICATION: "orders", APPLICATION_PORT: "8081" });
  assert.deepEqual([serviceName, port], ["orders", 8081]);
  const { application, applicationPort } = valuesFor({ serviceName: "orders", port: "8081" });
  assert.deepEqual([application, applicationPort], ["orders", 8081]);
});

Deno.test("SETTINGS lets the app have another name and port in each registry", () => {
  const values = valuesFor({
    serviceName: "shop@@orders",
    APPLICATION: "ORDERS",
    port: "8080",
    APPLICATION_PORT: "8443",
  });
  assert.deepEqual([values.serviceName, values.application], ["shop@@orders", "ORDERS"]);
  assert.deepEqual([values.port, values.applicationPort], [8080, 8443]);
});

Deno.test("SETTINGS lets a flag stand in for the other registry only where that has no name", () => {
  const namesFor = (env: Record<string, string>, flags: Record<string, string>) => {
    const { serviceName, application } = valuesFor(env, flags);
    return [serviceName, application];
  };
  const both = { serviceName: "b", APPLICATION: "c" };
  assert.deepEqual(namesFor({}, { "--service-name": "a" }), ["a", "a"]);
  assert.deepEqual(namesFor({}, { "--application": "a" }), ["a", "a"]);
  assert.deepEqual(namesFor(both, { "--service-name": "a" }), ["a", "c"]);
  assert.deepEqual(namesFor(both, { "--application": "a" }), ["b", "a"]);
});

Deno.test("SETTINGS is strict about what nothing can stand in for, and lenient else", () => {
  const lenient = Object.entries(TABLE).flatMap(([key, one]) => one.lenient ? [key] : []);
  const nacos = ["serviceName", "port", "nacosServerAddr"];
  const eureka = ["application", "applicationPort", "instanceId", "eurekaUrl"];
  for (const key of [...nacos, ...eureka]) assert.ok(!lenient.includes(key), key);
  const how = [
    "podip",
    "nacosContextPath",
    "drainSeconds",
    "logFormat",
    "disabled",
    "removeAfterDrain",
  ];
  const files = [
    "caFile",
    "clientCertFile",
    "clientKeyFile",
    "nacosPasswordFile",
    "nacosSecretKeyFile",
    "eurekaPasswordFile",
  ];
  for (const key of [...how, ...files]) assert.ok(lenient.includes(key), key);
});
