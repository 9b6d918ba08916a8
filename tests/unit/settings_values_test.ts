/** The table of all settings through `readSettings`: every name of each, and what is wrong with a value. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { SETTINGS, variablesOf } from "../support/settings.ts";
import { flagOf, type Setting } from "../../src/settings/setting.ts";
import { type Problem, readSettings } from "../../src/settings/read.ts";
import { check } from "../support/schema.ts";

type Key = keyof typeof SETTINGS;
type Given = Readonly<Record<string, string | undefined>>;

const tls = (name: string) =>
  Deno.readTextFileSync(fileURLToPath(new URL(`../support/tls/${name}`, import.meta.url)));

const FILES: Readonly<Record<string, string>> = {
  "/right": "right\n",
  "/other": "other\n",
  "/empty": "",
  "/ca.pem": tls("ca.pem"),
  "/server.pem": tls("server.pem"),
  "/server.key": tls("server.key"),
  "/client.key": tls("client.key"),
  "/right-headers": "X-Right: yes\n",
  "/other-headers": "X-Other: yes\n",
};

/** Reads all settings; names that begin with dashes are flags. */
function read(given: Given) {
  const isFlag = (name: string) => name.startsWith("--");
  return readSettings(SETTINGS, {
    flags: Object.fromEntries(Object.entries(given).filter(([name]) => isFlag(name))),
    env: (name) => given[name],
    readFile(path) {
      const content = FILES[path];
      // As Deno 2.9.6 says it.
      if (content === undefined) throw new Error(`No such file (os error 2): stat '${path}'`);
      return content;
    },
  });
}

/** Two values of each setting that are right, and differ. */
const SAMPLES: Readonly<Record<Key, readonly [right: string, other: string]>> = {
  podip: ["10.0.0.1", "10.0.0.2"],
  scope: ["pod", "named"],
  serviceName: ["right", "other"],
  port: ["8080", "8081"],
  caFile: ["/ca.pem", "/server.pem"],
  clientCertFile: ["/ca.pem", "/server.pem"],
  clientKeyFile: ["/client.key", "/server.key"],
  drainSeconds: ["1", "2"],
  gracePeriodSeconds: ["60", "61"],
  stopReserveSeconds: ["10", "11"],
  onlineTimeoutSeconds: ["10", "11"],
  registry: ["right", "other"],
  disabled: ["true", "false"],
  logFormat: ["json", "text"],
  trafficUrl: ["http://127.0.0.1:1/right", "http://127.0.0.1:1/other"],
  trafficMetric: ["right_total", "other_total"],
  trafficExclude: ["/right", "/other"],
  quietSeconds: ["1", "2"],
  nacosServerAddr: ["right:8848", "other:8848"],
  nacosContextPath: ["/right", "/other"],
  nacosUsername: ["right", "other"],
  nacosPassword: ["right", "other"],
  nacosPasswordFile: ["/right", "/other"],
  nacosAccessKey: ["right", "other"],
  nacosSecretKey: ["right", "other"],
  nacosSecretKeyFile: ["/right", "/other"],
  nacosApi: ["v1", "v3"],
  namespaceId: ["right", "other"],
  groupName: ["right", "other"],
  clusterName: ["right", "other"],
  nacosWeight: ["2", "0.5"],
  metadata: ["a=b", "c=d"],
  eurekaUrl: ["http://right:8761/eureka", "http://other:8761/eureka"],
  eurekaUsername: ["right", "other"],
  eurekaPassword: ["right", "other"],
  eurekaPasswordFile: ["/right", "/other"],
  application: ["right", "other"],
  applicationPort: ["8080", "8081"],
  instanceId: ["right", "other"],
  removeAfterDrain: ["true", "false"],
  appOfflineUrl: ["http://127.0.0.1:1/right", "http://127.0.0.1:1/other"],
  appOfflineMethod: ["PUT", "DELETE"],
  appOfflineHeaders: ["/right-headers", "/other-headers"],
  appOfflineTimeout: ["1", "2"],
  afterDrainUrl: ["http://127.0.0.1:1/right", "http://127.0.0.1:1/other"],
  afterDrainMethod: ["PUT", "DELETE"],
  afterDrainHeaders: ["/right-headers", "/other-headers"],
  afterDrainTimeout: ["1", "2"],
};

const settingNames = new Set<string>(Object.values(SETTINGS).map(({ env }) => env));

/** Every name of a setting, the one that goes first in front. */
function waysOf(setting: Setting): string[] {
  const names = variablesOf(setting);
  // What stands in may be another setting, with a flag of its own.
  const hasFlag = (name: string) => !setting.secret && settingNames.has(name);
  return names.flatMap((env) => hasFlag(env) ? [flagOf({ env }), env] : [env]);
}

for (const [key, [right, other]] of Object.entries(SAMPLES)) {
  const setting: Setting = SETTINGS[key as Key];
  const ways = waysOf(setting);
  Deno.test(`SETTINGS has ${setting.env} by each of its ${ways.length} names, the earlier first, blanks skipped`, () => {
    const inFile = (text: string) => setting.file ? FILES[text] ?? "" : text;
    const expected = check(setting.schema, inFile(right));
    assert.equal(expected.problem, undefined);
    assert.notDeepEqual(expected.value, check(setting.schema, inFile(other)).value);
    for (const [index, way] of ways.entries()) {
      const blank = ways.slice(0, index).map((name, i) => [name, i % 2 ? "" : " \t "]);
      const later = ways.slice(index + 1).map((name) => [name, other]);
      const { values } = read({ ...Object.fromEntries([...blank, ...later]), [way]: right });
      assert.deepEqual(values[key as Key], expected.value, `${way} did not come through`);
    }
  });
}

function problemsWith(given: Given, key: Key): Problem[] {
  return read(given).problems.filter((problem) => problem.key === key);
}

Deno.test("SETTINGS refuses a wrong value with its name, its source and what it should be", () => {
  const inUrl = "http://app:p%40ss@nacos:8848";
  const wrong: [given: Given, key: Key, message: RegExp][] = [
    [{}, "serviceName", /serviceName is not set: set .*spring\.application\.name/],
    [{ serviceName: " \t" }, "serviceName", /serviceName is not set/],
    [{}, "port", /port is not set: .*--port/],
    [{ port: "0" }, "port", /port is not set \(environment variable port is 0\): set/],
    [{ SERVER_PORT: "-1" }, "port", /\(environment variable SERVER_PORT is -1\): set/],
    [
      { APPLICATION_PORT: "tcp://10.43.0.7:80" },
      "applicationPort",
      /\(environment variable APPLICATION_PORT is tcp:\/\/10\.43\.0\.7:80\): set/,
    ],
    [{ port: "65536" }, "port", /not "65536"/],
    [{ SERVER_PORT: "8080/tcp" }, "port", /environment variable SERVER_PORT\)/],
    [{ "--port": "http" }, "port", /port \(flag --port\).*not "http"/],
    [{ podip: "a b" }, "podip", /podip.*an IP address or a host name.*not "a b"/],
    [{ NACOS_SERVER_ADDR: "nacos:99999" }, "nacosServerAddr", /host:port.*"nacos:99999"/],
    [{ NACOS_SERVER_ADDR: "nacos:eighty" }, "nacosServerAddr", /NACOS_SERVER_ADDR.*host:port/],
    [{ NACOS_SERVER_ADDR: "ftp://nacos" }, "nacosServerAddr", /NACOS_SERVER_ADDR/],
    [{ NACOS_SERVER_ADDR: inUrl }, "nacosServerAddr", /NACOS_SERVER_ADDR.*user and password/],
    [{}, "application", /APPLICATION is not set: set .*spring\.application\.name/],
    [{}, "applicationPort", /APPLICATION_PORT is not set: .*--application-port/],
    [{ APPLICATION_PORT: "http" }, "applicationPort", /APPLICATION_PORT.*1 to 65535, not "http"/],
    [
      { APPLICATION_PORT: " ", "--port": "http" },
      "applicationPort",
      /APPLICATION_PORT \(flag --port\)/,
    ],
    [{ EUREKA_URL: "ftp://eureka" }, "eurekaUrl", /EUREKA_URL.*http\(s\):.*not "ftp:\/\/eureka"/],
    [{ EUREKA_URL: "http://eureka:99999" }, "eurekaUrl", /EUREKA_URL.*"http:\/\/eureka:99999"/],
    [{ EUREKA_URL: "http://$(EUREKA)/eureka" }, "eurekaUrl", /EUREKA_URL/],
    [{ EUREKA_URL: "http://eureka/eureka?a=b" }, "eurekaUrl", /EUREKA_URL/],
  ];
  for (const [given, key, message] of wrong) {
    const [problem, ...more] = problemsWith(given, key);
    assert.deepEqual(more, [], JSON.stringify(given));
    assert.match(problem?.message ?? "", message);
    assert.doesNotMatch(problem?.message ?? "", /p%40ss|p@ss/);
    if (key !== "podip") assert.equal(problem?.lenient, false, "nothing can stand in for it");
  }
});

Deno.test("SETTINGS says what is wrong with a lenient setting, and the work goes on without it", () => {
  const wrong: [name: string, value: string, message: RegExp][] = [
    ["DRAIN_SECONDS", "40s", /not "40s"/],
    ["TERMINATION_GRACE_PERIOD_SECONDS", "1m", /not "1m"/],
    ["STOP_RESERVE_SECONDS", "-5", /not "-5"/],
    ["ONLINE_TIMEOUT_SECONDS", "1.5", /not "1.5"/],
    ["ONLINE_TIMEOUT_SECONDS", "0", /from 1 to 86400.* not "0"/],
    ["SERVICE_OFFLINE_DISABLED", "maybe", /not "maybe"/],
    ["LOG_FORMAT", "xml", /not "xml"/],
    ["OFFLINE_SCOPE", "all", /pod or named.*not "all"/],
    ["podip", "$(POD_IP)", /not "\$\(POD_IP\)"/],
    ["NACOS_CONTEXT_PATH", "/a b", /not "\/a b"/],
    ["NACOS_API", "v2", /v1 or v3.*not "v2"/],
    ["NACOS_WEIGHT", "heavy", /from 0 to 10000.*not "heavy"/],
    ["NACOS_PASSWORD_FILE", "/nowhere/password", /No such file/],
    ["NACOS_SECRET_KEY_FILE", "/nowhere/secret", /No such file/],
    ["CLIENT_CERT_FILE", "/client.key", /BEGIN CERTIFICATE/],
    ["CLIENT_KEY_FILE", "/ca.pem", /BEGIN PRIVATE KEY.* without a passphrase/],
    ["NACOS_PASSWORD_FILE", "/empty", /is empty/],
    ["CA_FILE", "/nowhere/ca.pem", /nowhere\/ca\.pem.*No such file/],
    ["CA_FILE", "/empty", /PEM/],
    ["CA_FILE", "/server.key", /BEGIN CERTIFICATE/],
    ["EUREKA_PASSWORD_FILE", "/nowhere/password", /No such file/],
    ["REMOVE_AFTER_DRAIN", "later", /true or false, not "later"/],
    ["TRAFFIC_URL", "localhost:8080/metrics", /http\(s\):.* not "localhost:8080\/metrics"/],
    ["TRAFFIC_METRIC", "http requests", /names of metrics.* not "http requests"/],
    ["TRAFFIC_EXCLUDE", "actuator", /slash.* not "actuator"/],
    ["QUIET_SECONDS", "10s", /not "10s"/],
    ...["APP_OFFLINE", "AFTER_DRAIN"].flatMap((prefix): typeof wrong => [
      [`${prefix}_URL`, "localhost:8080/offline", /http\(s\):.* not "localhost:8080\/offline"/],
      [`${prefix}_METHOD`, "OFFLINE", /GET, POST.* not "OFFLINE"/],
      [`${prefix}_HEADERS_FILE`, "/nowhere/headers", /No such file/],
      [`${prefix}_TIMEOUT`, "5s", /not "5s"/],
    ]),
  ];
  const entries: [string, Setting][] = Object.entries(SETTINGS);
  const lenient = entries.filter(([, one]) => one.lenient).map(([, { env }]) => env);
  assert.deepEqual([...new Set(wrong.map(([name]) => name))].sort(), lenient.sort());
  for (const [name, value, message] of wrong) {
    const [key = ""] = entries.find(([, { env }]) => env === name) ?? [];
    const [problem, ...more] = problemsWith({ [name]: value }, key as Key);
    assert.deepEqual(more, [], name);
    assert.match(problem?.message ?? "", message);
    assert.match(problem?.message ?? "", new RegExp(name));
    assert.equal(problem?.lenient, true, name);
  }
});

Deno.test("SETTINGS takes 0 for a port of Eureka's that only the registry knows, where nothing else is set", () => {
  const port = (given: Given) => read({ APPLICATION: "a", ...given }).values.applicationPort;
  const problems = (given: Given) => problemsWith(given, "applicationPort").length;
  assert.equal(port({ SERVER_PORT: "0" }), 0);
  assert.equal(problems({ SERVER_PORT: "0" }), 0);
  assert.equal(port({ EUREKA_INSTANCE_NON_SECURE_PORT: "0", SERVER_PORT: "8080" }), 8080);
  assert.equal(port({ SERVER_PORT: "-1" }), undefined);
  assert.equal(problems({ SERVER_PORT: "-1" }), 1);
  assert.equal(problems({ APPLICATION_PORT: "tcp://10.43.0.7:80" }), 1);
  // Nacos is asked with the port.
  assert.equal(read({ SERVER_PORT: "0" }).values.port, undefined);
});

Deno.test("SETTINGS wants no port of Eureka's beside an id", () => {
  assert.deepEqual(problemsWith({ instanceId: "a" }, "applicationPort"), []);
  assert.equal(
    problemsWith({ instanceId: "a", APPLICATION_PORT: "x" }, "applicationPort").length,
    1,
  );
});
