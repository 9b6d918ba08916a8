import assert from "node:assert/strict";
import { createRegistries, KINDS } from "../../src/registry/registries.ts";
import { SETTINGS } from "../support/settings.ts";
import { readSettings } from "../../src/settings/read.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createLogEvents } from "../support/log_events.ts";

const APP = { podip: "10.0.0.7", serviceName: "orders", port: "8080" };
const NACOS = { NACOS_SERVER_ADDR: "n1:8848,n2" };
const EUREKA = { EUREKA_URL: "http://e1:8761/eureka" };

/** The registries for an environment; nothing is asked. */
function assemble(env: Record<string, string>, files: Record<string, string> = {}) {
  const clock = createFakeClock();
  const { log, messages } = createLogEvents(clock);
  const { values, problems, origins } = readSettings(SETTINGS, {
    flags: {},
    env: (name) => env[name],
    readFile: (path) => files[path] ?? assert.fail(`no ${path}`),
  });
  const assembly = createRegistries(KINDS, { values, problems, origins }, {
    clock,
    log,
    signal: new AbortController().signal,
  });
  return {
    registries: assembly.registries,
    names: assembly.registries.map(({ name }) => name),
    keys: assembly.problems.map(({ key }) => key),
    problems: assembly.problems,
    messages,
  };
}

Deno.test("KINDS names the setting that says where each registry is", () => {
  for (const { name, settings, address } of KINDS) assert.ok(settings[address]?.addresses, name);
});

Deno.test("createRegistries() means the Nacos of the script where none is named", () => {
  const { names, keys, registries, messages } = assemble(APP);
  assert.deepEqual([names, keys], [["nacos"], []]);
  assert.deepEqual(messages("default"), [
    "neither NACOS_SERVER_ADDR nor EUREKA_URL is set: using Nacos, the default",
  ]);
  assert.match(registries[0]?.identity ?? "", / http:\/\/nacos:8848\/nacos /);
});

Deno.test("createRegistries() asks for an address where Spring or another registry's settings name the app", () => {
  const said = (env: Record<string, string>) => {
    const { names, problems, messages } = assemble(env);
    assert.deepEqual([names, messages("default")], [[], []]);
    return problems.map(({ message }) => message);
  };
  const both = ["no registry has an address: set NACOS_SERVER_ADDR or EUREKA_URL"];
  const { serviceName: _, ...pod } = APP;
  assert.deepEqual(said({ ...pod, SPRING_APPLICATION_NAME: "orders" }), both);
  assert.deepEqual(said({ ...pod, "spring.application.name": "orders" }), both);
  assert.deepEqual(said({ ...APP, EUREKA_INSTANCE_INSTANCE_ID: "orders-1" }), both);
  assert.deepEqual(said({ podip: "10.0.0.7", APPLICATION: "a", APPLICATION_PORT: "80" }), both);
  assert.deepEqual(said({ APPLICATION: "a" }), both);
});

Deno.test("createRegistries() speaks of the wrapper's registry alone", () => {
  const said = (env: Record<string, string>) => {
    const { names, problems } = assemble(env);
    return [names, problems.map(({ message }) => message.split(": set")[0])];
  };
  const eureka = { SERVICE_OFFLINE_REGISTRY: "eureka" };
  assert.deepEqual(said({ ...APP, ...eureka }), [[], ["Eureka has no address"]]);
  assert.deepEqual(said(eureka), [
    [],
    ["Eureka has no address", "APPLICATION is not set", "APPLICATION_PORT is not set"],
  ]);
  assert.deepEqual(said({ ...APP, ...NACOS, ...eureka }), [["nacos"], []]);
  const nacos = { SERVICE_OFFLINE_REGISTRY: "nacos" };
  assert.deepEqual(said({ ...APP, ...nacos }), [["nacos"], []]);
  assert.deepEqual(said({ ...nacos, APPLICATION: "a", port: "80" }), [["nacos"], []]);
  const spring = { SPRING_APPLICATION_NAME: "orders", SERVER_PORT: "80" };
  assert.deepEqual(said({ ...spring, ...nacos }), [[], ["Nacos has no address"]]);
});

Deno.test("createRegistries() makes the registries that are named, and no other", () => {
  const nacos = assemble({ ...APP, ...NACOS });
  assert.deepEqual([nacos.names, nacos.keys], [["nacos"], []]);
  assert.match(nacos.registries[0]?.identity ?? "", /http:\/\/n1:8848\/nacos http:\/\/n2:8848/);
  const eureka = assemble({ ...APP, ...EUREKA });
  assert.deepEqual([eureka.names, eureka.keys], [["eureka"], []]);
  assert.match(eureka.registries[0]?.identity ?? "", /http:\/\/e1:8761\/eureka/);
  const both = assemble({ ...APP, ...NACOS, ...EUREKA });
  assert.deepEqual([both.names, both.keys], [["nacos", "eureka"], []]);
});

Deno.test("createRegistries() takes Spring's own variables for a name too", () => {
  const { names } = assemble({
    ...APP,
    SPRING_CLOUD_NACOS_DISCOVERY_SERVER_ADDR: "n1",
    EUREKA_CLIENT_SERVICEURL_DEFAULTZONE: "http://e1:8761/eureka/",
  });
  assert.deepEqual(names, ["nacos", "eureka"]);
});

Deno.test("createRegistries() names the instance as each registry has it", () => {
  const { registries } = assemble({
    ...APP,
    ...NACOS,
    ...EUREKA,
    serviceName: "shop@@orders",
    APPLICATION: "orders-app",
    APPLICATION_PORT: "8443",
  });
  assert.match(registries[0]?.wanted ?? "", /^10\.0\.0\.7:8080 of .*orders/);
  assert.match(registries[1]?.wanted ?? "", /^10\.0\.0\.7:8443 of app ORDERS-APP$/);
});

Deno.test("createRegistries() leaves out the one whose own setting is wrong, and says so", () => {
  const noNacos = assemble({ ...APP, ...EUREKA, NACOS_SERVER_ADDR: "n1:0" });
  assert.deepEqual([noNacos.names, noNacos.keys], [["eureka"], ["nacosServerAddr"]]);
  const noEureka = assemble({ ...APP, ...NACOS, EUREKA_URL: "http://e1:x/eureka" });
  assert.deepEqual([noEureka.names, noEureka.keys], [["nacos"], ["eurekaUrl"]]);
  assert.match(noEureka.problems[0]?.message ?? "", /EUREKA_URL .*"http:\/\/e1:x\/eureka"/);
});

Deno.test("createRegistries() works with a lenient setting that is wrong, and says so", () => {
  const { names, keys } = assemble({ ...APP, ...NACOS, NACOS_API: "v7", DRAIN_SECONDS: "1m" });
  assert.deepEqual([names, keys], [["nacos"], ["drainSeconds", "nacosApi"]]);
});

Deno.test("createRegistries() asks with what is right beside a wrong value", () => {
  const wrong: [env: Record<string, string>, key: string, wanted: RegExp][] = [
    [{ port: "http", SERVER_PORT: "8081" }, "port", /^10\.0\.0\.7:8081 /],
    [{ podip: "$(POD_IP)", POD_IP: "10.0.0.8" }, "podip", /^10\.0\.0\.8:8080 /],
    [{ podip: "$(POD_IP)" }, "podip", /8080/],
    [{ NACOS_SERVER_ADDR: "n1:8848,n2:none" }, "nacosServerAddr", /8080/],
    [{ NACOS_CONTEXT_PATH: "/a b" }, "nacosContextPath", /8080/],
  ];
  for (const [env, key, wanted] of wrong) {
    const { names, keys, registries } = assemble({ ...APP, ...NACOS, ...env });
    assert.deepEqual([names, keys], [["nacos"], [key]]);
    assert.match(registries[0]?.wanted ?? "", wanted);
  }
});

Deno.test("createRegistries() says nothing of a registry that is not named", () => {
  const eurekaAlone = assemble({ ...APP, ...EUREKA, NACOS_API: "v7", NACOS_CONTEXT_PATH: "a b" });
  assert.deepEqual([eurekaAlone.names, eurekaAlone.keys], [["eureka"], []]);
  const nacosAlone = assemble({ ...APP, ...NACOS, EUREKA_PASSWORD_FILE: "/nowhere" });
  assert.deepEqual([nacosAlone.names, nacosAlone.keys], [["nacos"], []]);
});

Deno.test("createRegistries() asks for the missing name and port once where one is named", () => {
  assert.deepEqual(assemble({}).keys, ["serviceName", "port"]);
  assert.deepEqual(assemble(EUREKA).keys, ["application", "applicationPort"]);
});

Deno.test("createRegistries() does not turn to the default Nacos where EUREKA_URL is wrong", () => {
  const { names, keys } = assemble({ ...APP, EUREKA_URL: "http://e1:0/eureka" });
  assert.deepEqual([names, keys], [[], ["eurekaUrl"]]);
});

Deno.test("createRegistries() reports certificates that are none, and what they keep from work", () => {
  const ca = (content: string, env = {}) =>
    assemble({ ...APP, ...NACOS, ...EUREKA, ...env, CA_FILE: "/run/ca" }, { "/run/ca": content });
  // Seen by the setting, which is lenient: the usual ones are trusted.
  const text = ca("garbage");
  assert.deepEqual([text.names, text.keys], [["nacos", "eureka"], ["caFile"]]);
  // Seen only where they are to be used: nobody asks for them without TLS.
  const broken = "-----BEGIN CERTIFICATE-----\ngarbage\n-----END CERTIFICATE-----\n";
  assert.deepEqual(ca(broken).keys, []);
  const pem = ca(broken, { EUREKA_URL: "https://e1:8761/eureka" });
  assert.deepEqual([pem.names, pem.keys], [["nacos"], ["eureka"]]);
  for (const { message, lenient } of pem.problems) {
    assert.match(message, /^Cannot use CA_FILE: /);
    assert.equal(lenient, false);
  }
});

Deno.test("createRegistries() lets each registry speak under its name", () => {
  const env = { ...APP, ...NACOS, ...EUREKA, NACOS_USERNAME: "n", EUREKA_USERNAME: "e" };
  const { messages } = assemble(env);
  assert.deepEqual(messages("no_password").map((text) => text.split(",")[0]), [
    "NACOS_USERNAME is n",
    "EUREKA_USERNAME is e",
  ]);
});
