/** From another machine: a CI job takes out what runs on a VM, or a systemd unit does it itself. */

import assert from "node:assert/strict";
import { sideBySide } from "../support/at_once.ts";
import { startCalled } from "../support/called.ts";
import { assertEnd } from "../support/ends.ts";
import { OUT, startEurekaLab, UP } from "../support/eureka_lab.ts";
import { refusedPort } from "../support/faulty.ts";
import { startLab } from "../support/lab.ts";
import { room } from "../support/room.ts";

const test = sideBySide("VMs and CI");

test("one command takes out the instance it names, and no other of the service", async () => {
  for (const generation of ["1.4", "2.x", "3.1"] as const) {
    await using lab = await startLab({ generation, auth: true });
    const { serviceName, ip, port } = lab.instance;
    lab.server.registerGrpc({ ...lab.instance, ip: "10.8.8.1" });
    const { NACOS_SERVER_ADDR, NACOS_USERNAME, NACOS_PASSWORD } = lab.env;
    // What a job sets, and nothing that a pod's manifest sets besides.
    const none = Object.fromEntries(Object.keys(lab.env).map((name) => [name, undefined]));
    const job = {
      ...none,
      ...{ NACOS_SERVER_ADDR, NACOS_USERNAME, NACOS_PASSWORD },
      podip: ip,
      port: String(port),
      serviceName,
      DRAIN_SECONDS: "0",
    };
    const run = await lab.run("offline", job);
    assertEnd(run, "done", new RegExp(`${ip}:${port} of .* is out of service`));
    assert.deepEqual(await lab.callersGet(), [`10.8.8.1:${port}`]);
    assert.equal(run.writes.length, 1);
    assertEnd(await lab.run("online --strict", job), "done", /is in service, accepted/);
    assert.equal((await lab.callersGet()).length, 2);
  }
});

test("the same at Eureka", async () => {
  await using lab = await startEurekaLab();
  const { podip, APPLICATION, APPLICATION_PORT } = lab.env;
  const job = { podip, serviceName: APPLICATION, port: APPLICATION_PORT };
  const own = { APPLICATION: undefined, APPLICATION_PORT: undefined };
  assertEnd(await lab.run("offline", { ...own, ...job }), "done", /is out of service/);
  assert.deepEqual(lab.recorded(), OUT);
  assertEnd(await lab.run("online --strict", { ...own, ...job }), "done");
  assert.deepEqual(lab.recorded(), UP);
});

test("without podip it is this machine's own address, which is not the instance's", async () => {
  await using lab = await startLab();
  const run = await lab.run("offline", { podip: undefined });
  assertEnd(run, "notFound", /127\.0\.0\.1:\d+ .* was never registered/);
  assert.match(run.stdout, /podip is not known: using 127\.0\.0\.1/);
  assert.deepEqual(run.writes, []);
});

test("jobs for several instances side by side do not get in each other's way", async () => {
  await using lab = await startLab();
  const ips = ["10.8.8.1", "10.8.8.2", "10.8.8.3"];
  for (const ip of ips) lab.server.registerGrpc({ ...lab.instance, ip });
  const runs = await Promise.all(
    ips.map((podip) => lab.run("offline", { podip, DRAIN_SECONDS: "1", LOG_FORMAT: "json" })),
  );
  for (const [i, run] of runs.entries()) {
    assert.equal(run.code, 0, run.stdout);
    const end = JSON.parse(run.lastLine);
    assert.equal(end.resumed, false);
    assert.ok(end.registries[0].instance.startsWith(`${ips[i]}:`));
  }
  assert.deepEqual(await lab.callersGet(), [`${lab.instance.ip}:${lab.instance.port}`]);
  // And back, one of them.
  assertEnd(await lab.run("online --strict", { podip: ips[1] }), "done");
  assert.equal((await lab.callersGet()).length, 2);
});

test("the remote app's own endpoint is named by the same settings", async () => {
  await using app = startCalled();
  const port = Number(new URL(app.rootUrl).port);
  await using lab = await startLab({ instance: { ip: "127.0.0.1", port } });
  const run = await lab.run("offline", {
    APP_OFFLINE_URL: "http://{ip}:{port}/actuator/serviceregistry?status=DOWN",
  });
  assertEnd(run, "done");
  assert.deepEqual(app.calls.map(({ path }) => path), ["/actuator/serviceregistry?status=DOWN"]);
});

test("a job that cannot do it says so by its exit code and does not take long", async () => {
  await using lab = await startLab();
  const away = { NACOS_SERVER_ADDR: `127.0.0.1:${refusedPort()}` };
  const runs = [away, { serviceName: "typo" }].map((env) => lab.run("offline", env));
  const [unreachable, unknown] = await Promise.all(runs);
  assertEnd(unreachable!, "unreachable");
  assertEnd(unknown!, "notFound");
  assert.deepEqual(
    await lab.callersGet(),
    [`${lab.instance.ip}:${lab.instance.port}`],
    "nothing was written",
  );
});

test("a systemd unit: TimeoutStopSec is the grace period", async () => {
  const grace = room(5, 15);
  await using lab = await startLab({ env: { DRAIN_SECONDS: undefined } });
  const run = await lab.run("offline", {
    TERMINATION_GRACE_PERIOD_SECONDS: grace,
    LOG_FORMAT: "json",
  });
  const end = JSON.parse(run.lastLine);
  assert.equal(run.code, 0);
  assert.equal(end.endedBy, "deadline");
  assert.ok(run.elapsedMs < Number(grace) * 1000, `${run.elapsedMs} ms`);
  assert.match(run.stdout, /set terminationGracePeriodSeconds: \d+/);
});
