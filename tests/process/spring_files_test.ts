/** An app that has its settings in mounted files needs none of ours. */

import assert from "node:assert/strict";
import { sideBySide } from "../support/at_once.ts";
import { assertEnd, drained } from "../support/ends.ts";
import { OUT, startEurekaLab } from "../support/eureka_lab.ts";
import type { HookOptions } from "../support/hook.ts";
import { type Env, type Lab, startLab } from "../support/lab.ts";
import { secret } from "../support/secrets.ts";

const test = sideBySide("Spring's files");

const unset: Env = Object.fromEntries(
  ["NACOS_SERVER_ADDR", "EUREKA_URL", "serviceName", "port", "APPLICATION", "APPLICATION_PORT"]
    .concat("podip", "namespaceId", "groupName", "clusterName", "NACOS_USERNAME", "NACOS_PASSWORD")
    .map((name) => [name, undefined]),
);
const GRACE: Env = { TERMINATION_GRACE_PERIOD_SECONDS: "300" };

/** A folder with files; it is removed in the end. */
async function mounted(files: Readonly<Record<string, string>>) {
  const folder = await Deno.makeTempDir();
  for (const [path, text] of Object.entries(files)) {
    const name = `${folder}/${path}`;
    await Deno.mkdir(name.slice(0, name.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(name, text);
  }
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

/** As in a container whose working folder is this. */
const inFolder = (folder: string): HookOptions => ({
  launcher: ["/bin/sh", "-c", 'cd "$0" && exec "$@"', folder],
});

const application = ({ server, instance }: Lab, more = "") => `
spring:
  application: {name: ${instance.serviceName}}
  cloud.nacos.discovery:
    server-addr: ${server.addr}
    ip: ${instance.ip}
${more}
server:
  port: 1
`;

test("Nacos, with nothing but files in the working folder", async () => {
  await using lab = await startLab({ generation: "2.x", auth: true });
  const { user, instance } = lab;
  await using disk = await mounted({
    "config/application.yml": application(
      lab,
      `    username: ${user?.username}\n    password: \${nacos.password}\n`,
    ),
    "config/application-prod.properties": `server.port=${instance.port}\n`,
    "application.yaml": `nacos.password: ${user?.password}\nspring.profiles.active: prod\n`,
  });
  const run = await lab.run("offline", { ...unset, ...GRACE }, inFolder(disk.folder));
  assertEnd(run, "done");
  assert.match(run.stdout, /settings are read from .*\.\/config\/application-prod\.properties/);
  assert.deepEqual(await lab.callersGet(), []);
});

test("Eureka, with a location, a tree of secrets, and the switch of Nacos", async () => {
  await using lab = await startEurekaLab({ auth: true });
  const { server: { credentials, rootUrl }, instance } = lab;
  const url = new URL(rootUrl);
  await using disk = await mounted({
    "etc/orders.yml": `
spring.application.name: ${instance.app}
spring.cloud.nacos.discovery:
  register-enabled: off
  server-addr: 127.0.0.1:1
eureka:
  instance:
    ip-address: ${instance.ip}
    instance-id: \${spring.cloud.client.ip-address}:\${server.port}
    non-secure-port: ${instance.port}
  client:
    serviceUrl:
      defaultZone: http://\${eureka.user}:\${eureka.password}@${url.host}${url.pathname}
`,
    "secrets/eureka.user": `${credentials?.username}\n`,
    "secrets/eureka/password": encodeURIComponent(credentials?.password ?? ""),
  });
  const run = await lab.run("offline", {
    ...unset,
    ...GRACE,
    EUREKA_USERNAME: undefined,
    EUREKA_PASSWORD: undefined,
    SPRING_CONFIG_LOCATION: `classpath:/,file:${disk.folder}/etc/orders.yml`,
    SPRING_CONFIG_IMPORT: `optional:configtree:${disk.folder}/secrets/`,
  });
  assertEnd(run, "done");
  assert.match(run.stdout, /eureka\.instance\.instance-id of .*orders\.yml counts as not set/);
  assert.match(run.stdout, /not seen here: classpath:\//);
  assert.match(run.stdout, /nacos: the app does not register/);
  assert.deepEqual(lab.recorded(), OUT);
});

test("variables and our own settings count before files", async () => {
  await using lab = await startLab();
  const { instance, server } = lab;
  await using disk = await mounted({
    "application.properties": [
      "spring.application.name=another",
      "spring.cloud.nacos.discovery.server-addr=127.0.0.1:1",
      "spring.cloud.nacos.discovery.namespace=",
      `spring.cloud.nacos.discovery.ip=${instance.ip}`,
    ].join("\n"),
  });
  const run = await lab.run("offline", {
    ...unset,
    ...GRACE,
    SPRING_APPLICATION_NAME: instance.serviceName,
    port: `${instance.port}`,
    NACOS_SERVER_ADDR: server.addr,
  }, inFolder(disk.folder));
  assertEnd(run, "done");
  assert.deepEqual(await lab.callersGet(), []);
});

test("what is wrong with a file costs no drain, and the others are read", async () => {
  await using lab = await startLab();
  const { instance, server } = lab;
  await using disk = await mounted({
    "application.yml": application(lab),
    "application.properties": `server.port=${instance.port}`,
    "config/application.yml": "a: [1\nspring: {",
    "config/big/application.yml": "#".repeat(1024 * 1024 + 1),
    "config/xml/application.xml": "<a/>",
  });
  const broken = await lab.run("offline", { ...unset, ...GRACE }, inFolder(disk.folder));
  assertEnd(broken, "done");
  assert.match(
    broken.stdout,
    / WARNING: Cannot read Spring's \.\/config\/application\.yml: line \d is not understood; what other/,
  );
  assert.match(broken.stdout, /config\/big\/application\.yml: it has over 1 MiB/);
  assert.match(broken.stdout, /config\/xml\/application\.xml: xml is not understood/);
  assert.deepEqual(await lab.callersGet(), []);
  // Without the rest nothing can be done, but to drain.
  await Deno.remove(`${disk.folder}/application.yml`);
  const none = await lab.run("offline", { ...unset, TERMINATION_GRACE_PERIOD_SECONDS: "16" }, {
    ...inFolder(disk.folder),
  });
  assertEnd(none, "settings", /set NACOS_SERVER_ADDR or EUREKA_URL/, drained(0));
  assert.equal(server.requests.length > 0, true);
});

test("check says which file a value comes from, and nothing of its secrets", async () => {
  await using lab = await startLab();
  const password = secret();
  await using disk = await mounted({
    "config/application.yml": application(lab).replace("port: 1", `port: ${lab.instance.port}`),
    "config/application-dev.yml": "server.port: 1",
    "bootstrap.yml": `spring:
  cloud.nacos.discovery.namespace: public
  config.import: ${JSON.stringify(`nacos:orders.yml?password=${password}`)}
`,
  });
  const run = await lab.run("check --all", { ...unset, ...GRACE }, inFolder(disk.folder));
  assert.equal(run.code, 0, run.stdout);
  assert.match(
    run.stdout,
    /serviceName +\S+ +\(spring\.application\.name of \.\/config\/application\.yml\)/,
  );
  assert.match(run.stdout, /namespaceId +public +\(\S+namespace of \.\/bootstrap\.yml\)/);
  assert.match(run.stdout, /not seen here: nacos:…/);
  assert.match(
    run.stdout,
    /not read: \.\/config\/application-dev\.yml; set SPRING_PROFILES_ACTIVE/,
  );
  // The pod has them already.
  assert.doesNotMatch(run.stdout, /- name: (serviceName|port|NACOS_SERVER_ADDR|podip)\n/);
});

test("check warns of a file that is not understood, and says what is not known", async () => {
  await using lab = await startLab();
  await using disk = await mounted({
    "application.yml": application(
      lab,
      "    namespace: other\n    group: ${registry.group}\nregistry.group: DEFAULT_GROUP\n",
    )
      .replace("port: 1", `port: ${lab.instance.port}`) +
      "spring.profiles.active: ${APP_ENV}\n---\n" +
      "spring.config.activate.on-profile: '!prod'\nserver.port: 1\n",
    "config/application.yml": "? a\n: b",
  });
  const run = await lab.run("check", {
    ...unset,
    ...GRACE,
    REGISTRY_GROUP: "another",
    SPRING_CLOUD_NACOS_DISCOVERY_NAMESPACE: "",
  }, inFolder(disk.folder));
  assert.equal(run.code, 0, run.stdout);
  assert.match(run.stdout, / of DEFAULT_GROUP@@\S+ in namespace public/);
  const [notes = ""] = /^Notes\n(?: .*\n)+/m.exec(run.stdout) ?? [];
  assert.match(
    run.stdout,
    /^WARNING: Cannot read Spring's \.\/config\/application\.yml: line 1 is not/m,
  );
  assert.match(notes, /spring\.profiles\.active of .* counts as not set: .* may not read APP_ENV/);
  assert.match(notes, /documents with on-profile in \.\/application\.yml do not count where/);
  assert.match(notes, /\$\{registry\.group\} is taken from a file: .* may not read REGISTRY_GROUP/);
  assert.doesNotMatch(notes, /Cannot read Spring's/);
});

test("a sidecar goes by the files as they were at its start, as the app does", async () => {
  await using lab = await startLab();
  const { instance } = lab;
  await using disk = await mounted({
    "application.yml": application(lab).replace("port: 1", `port: ${instance.port}`),
  });
  await using sidecar = lab.start("sidecar", { ...unset, ...GRACE }, inFolder(disk.folder));
  await sidecar.waitForLine(/waiting for TERM/);
  await Deno.writeTextFile(`${disk.folder}/application.yml`, "spring.application.name: another");
  // The launcher has become the program.
  sidecar.kill("SIGTERM");
  assertEnd(await sidecar.done, "done", /is out of service/);
  assert.deepEqual(await lab.callersGet(), []);
});
