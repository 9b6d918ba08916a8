import assert from "node:assert/strict";
import { SETTINGS } from "../../src/registry/registries.ts";
import { settingsForReadme, settingsForTerminal } from "../../src/settings/help.ts";
import { environmentNames, flagOf, readSettings } from "../../src/settings/read.ts";
import { check, type SettingsTable } from "../../src/settings/setting.ts";

const TABLE: SettingsTable = SETTINGS;

function valuesFor(env: Record<string, string>) {
  const readFile = (path: string): string => {
    throw new Error(path);
  };
  return readSettings(SETTINGS, { flags: {}, env: (name) => env[name], readFile }).values;
}

Deno.test("SETTINGS explains every setting in whole sentences", () => {
  for (const [key, { help }] of Object.entries(TABLE)) {
    assert.match(help, /^\S.*\.$/, key);
    assert.doesNotMatch(help, /\n/, key);
  }
});

Deno.test("SETTINGS reads no variable and no flag for two settings", () => {
  const names = environmentNames(TABLE);
  assert.deepEqual(names.filter((name, index) => names.indexOf(name) !== index), []);
  const flags = Object.values(TABLE).map(flagOf);
  assert.deepEqual(flags.filter((flag, index) => flags.indexOf(flag) !== index), []);
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
  const { groupName, namespaceId, clusterName, nacosServerAddr, nacosContextPath, disabled } =
    valuesFor({});
  assert.deepEqual({ groupName, namespaceId, clusterName, nacosContextPath, disabled }, {
    groupName: "DEFAULT_GROUP",
    namespaceId: "public",
    clusterName: "DEFAULT",
    nacosContextPath: "/nacos",
    disabled: false,
  });
  assert.deepEqual(nacosServerAddr, [{ origin: "http://nacos:8848", path: undefined }]);
});

Deno.test("SETTINGS has no default user and password", () => {
  const { nacosUsername, nacosPassword, nacosPasswordFile } = valuesFor({});
  assert.deepEqual([nacosUsername, nacosPassword, nacosPasswordFile], [
    undefined,
    undefined,
    undefined,
  ]);
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
  assert.deepEqual(values.nacosServerAddr, [{ origin: "http://nacos.prod:8849", path: undefined }]);
  assert.deepEqual([values.nacosUsername, values.nacosPassword], ["app", "app pw"]);
});

Deno.test("SETTINGS takes the names of both scripts for each other", () => {
  const { serviceName, port } = valuesFor({ APPLICATION: "orders", APPLICATION_PORT: "8081" });
  assert.deepEqual([serviceName, port], ["orders", 8081]);
});

Deno.test("SETTINGS is strict about who and where the instance is, and lenient else", () => {
  const lenient = Object.entries(TABLE).flatMap(([key, one]) => one.lenient ? [key] : []);
  for (const key of ["serviceName", "port", "podip", "nacosServerAddr"]) {
    assert.ok(!lenient.includes(key), key);
  }
  for (const key of ["drainSeconds", "logFormat", "disabled", "caFile", "nacosPasswordFile"]) {
    assert.ok(lenient.includes(key), key);
  }
});

Deno.test("settingsForTerminal() names every variable, flag and default", () => {
  const text = settingsForTerminal(TABLE);
  for (const setting of Object.values(TABLE)) {
    for (const name of environmentNames({ setting })) assert.ok(text.includes(name), name);
    const flag = new RegExp(`${flagOf(setting)}\\b(?!-)`);
    assert.equal(flag.test(text), !setting.secret, setting.env);
    assert.ok(text.includes(`(default ${setting.fallback ?? ""}`), setting.env);
    assert.ok(text.includes(setting.help), setting.env);
  }
});

Deno.test("settingsForReadme() has one row of five cells for every setting", () => {
  const [head, rule, ...rows] = settingsForReadme(TABLE).split("\n");
  for (const line of [head, rule, ...rows]) assert.equal(line?.split("|").length, 7, line);
  assert.deepEqual(
    rows.map((row) => row.split("`")[1]),
    Object.values(TABLE).map((setting) => setting.env),
  );
});

Deno.test("settingsForReadme() says which settings are required and which are secret", () => {
  const rows = settingsForReadme(TABLE).split("\n");
  const row = (name: string) => rows.find((line) => line.startsWith(`| \`${name}\``)) ?? "";
  assert.match(row("serviceName"), /required/);
  assert.match(row("NACOS_PASSWORD"), /secret/);
  assert.doesNotMatch(row("podip"), /required|secret/);
});
