/** An app that is configured by Spring's names, however they are written, needs no name of ours. */

import assert from "node:assert/strict";
import { sideBySide } from "../support/at_once.ts";
import { assertEnd, drained } from "../support/ends.ts";
import { OUT, startEurekaLab, UP } from "../support/eureka_lab.ts";
import { type Env, type Lab, startLab } from "../support/lab.ts";
import { room } from "../support/room.ts";

const test = sideBySide("Spring's names");

/** Takes what the lab sets by our own names out of the environment. */
const unset: Env = Object.fromEntries(
  ["NACOS_SERVER_ADDR", "EUREKA_URL", "serviceName", "port", "APPLICATION", "APPLICATION_PORT"]
    .map((name) => [name, undefined]),
);
/** What is taken out ends at once; a busy machine has its time. */
const GRACE: Env = { TERMINATION_GRACE_PERIOD_SECONDS: "300" };

const inNacos: Record<string, (lab: Lab) => Env> = {
  "with the dash kept": ({ server, instance }) => ({
    SPRING_APPLICATION_NAME: instance.serviceName,
    SERVER_PORT: `${instance.port}`,
    "SPRING_CLOUD_NACOS_DISCOVERY_SERVER-ADDR": server.addr,
  }),
  "with dots": ({ server, instance }) => ({
    "spring.application.name": instance.serviceName,
    "server.port": `${instance.port}`,
    "spring.cloud.nacos.discovery.serverAddr": server.addr,
  }),
  "in small letters": ({ server, instance }) => ({
    spring_application_name: instance.serviceName,
    server_port: `${instance.port}`,
    spring_cloud_nacos_server_addr: server.addr,
  }),
  "as JSON, with a port that is none": ({ server, instance }) => ({
    SPRING_APPLICATION_JSON: JSON.stringify({
      spring: {
        application: { name: instance.serviceName },
        cloud: { nacos: { discovery: { port: -1, "server-addr": server.addr } } },
      },
      "server.port": instance.port,
    }),
  }),
  "as Java's options": ({ server, instance }) => ({
    JAVA_TOOL_OPTIONS: `-Xmx1g -Dspring.application.name=${instance.serviceName}`,
    JDK_JAVA_OPTIONS: `"-Dspring.cloud.nacos.discovery.server-addr=${server.addr}"`,
    JAVA_OPTS: `--server.port=${instance.port}`,
  }),
  "with placeholders, beside a Service's link": ({ server, instance }) => ({
    APPLICATION_PORT: "tcp://10.43.0.7:80",
    port: "tcp://10.43.0.8:80",
    SPRING_APPLICATION_NAME: "${APP_NAME}",
    APP_NAME: instance.serviceName,
    SERVER_PORT: `\${PORT:${instance.port}}`,
    SPRING_CLOUD_NACOS_DISCOVERY_SERVER_ADDR: `\${NACOS_HOST:n1}:${server.addr.split(":")[1]}`,
    NACOS_HOST: "127.0.0.1",
  }),
};

test.each("Nacos", inNacos, async (env) => {
  await using lab = await startLab();
  assertEnd(await lab.run("offline", { ...unset, ...GRACE, ...env(lab) }), "done");
  assert.deepEqual(await lab.callersGet(), []);
});

test("Eureka, with a zone's addresses and the port for https", async () => {
  await using lab = await startEurekaLab();
  const run = await lab.run("offline", {
    ...unset,
    ...GRACE,
    EUREKA_INSTANCE_APPNAME: lab.instance.app,
    EUREKA_INSTANCE_SECURE_PORT: `${lab.instance.port}`,
    EUREKA_INSTANCE_SECURE_PORT_ENABLED: "true",
    SERVER_PORT: "1",
    EUREKA_CLIENT_REGION: "r1",
    EUREKA_CLIENT_AVAILABILITYZONES_R1: "zone1",
    EUREKA_CLIENT_SERVICEURL_zone1:
      `http://\${EUREKA_NAME:127.0.0.1}:1/eureka/,\n  ${lab.server.rootUrl}/ ,`,
  });
  assertEnd(run, "done");
  assert.deepEqual(lab.recorded(), OUT);
});

test("a placeholder that only Spring knows counts as not set, and is said", async () => {
  await using lab = await startEurekaLab();
  const run = await lab.run("offline", {
    ...GRACE,
    EUREKA_INSTANCE_INSTANCE_ID: "${spring.cloud.client.ip-address}:${server.port}",
  });
  assertEnd(run, "done");
  assert.match(
    run.stdout,
    /INSTANCE_ID counts as not set: only Spring knows \$\{spring\.cloud\.client\.ip-address\}/,
  );
  assert.deepEqual(lab.recorded(), OUT);
});

test("a placeholder with a name that may not be read is said, and its default is not taken", async () => {
  await using lab = await startLab();
  const run = await lab.run("offline", {
    ...unset,
    SPRING_APPLICATION_NAME: lab.instance.serviceName,
    SERVER_PORT: `${lab.instance.port}`,
    SPRING_CLOUD_NACOS_SERVER_ADDR: "${OTHER_HOST:127.0.0.1}:1",
  });
  assert.match(run.stdout, /SERVER_ADDR counts as not set: this program may not read OTHER_HOST/);
  assertEnd(run, "settings", /no registry has an address: set NACOS_SERVER_ADDR/, drained(0));
});

test("Eureka, with a port that only the registry knows", async () => {
  await using lab = await startEurekaLab();
  const env = { APPLICATION_PORT: undefined, SERVER_PORT: "0", ...GRACE };
  assertEnd(await lab.run("offline", env), "done");
  assert.deepEqual(lab.recorded(), OUT);
  assertEnd(await lab.run("online --strict", env), "done");
  assert.deepEqual(lab.recorded(), UP);
  // Nothing tells which of two is meant.
  lab.server.register({ ...lab.instance, instanceId: "another", port: lab.instance.port + 1 });
  const run = await lab.run("offline", { ...env, TERMINATION_GRACE_PERIOD_SECONDS: room(3, 15) });
  assertEnd(run, "notFound", /is registered with APPLICATION_PORT=/);
  assert.deepEqual(lab.recorded(), UP);
});

test("check says which names do not pass a shell", async () => {
  await using lab = await startLab();
  const env = inNacos["with dots"]?.(lab) ?? {};
  const run = await lab.run("check", { ...unset, ...env });
  assert.equal(run.code, 0);
  assert.match(
    run.stdout,
    /spring\.application\.name is no name for a shell: .*; set serviceName as well/,
  );
  // Nothing that the shell drops is to be pasted.
  assert.match(run.stdout, /- name: serviceName\n/);
  assert.doesNotMatch(run.stdout, /- name: spring\./);
});
