/** The program as a container of its own: it waits for TERM, and its preStop may come first. */

import assert from "node:assert/strict";
import { sideBySide } from "../support/at_once.ts";
import { assertEnd } from "../support/ends.ts";
import { startLab } from "../support/lab.ts";

const test = sideBySide("sidecar");

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} takes the instance out and drains`, async () => {
    await using lab = await startLab({ auth: true, env: { DRAIN_SECONDS: "2" } });
    await lab.run("offline", { DRAIN_SECONDS: "0" });
    await using sidecar = lab.start("sidecar");
    await sidecar.waitForLine(/is in service, accepted after .*; waiting for TERM/);
    assert.equal((await lab.callersGet()).length, 1);
    sidecar.kill(signal);
    assertEnd(await sidecar.done, "done", /is out of service/, /drained 2\.\d s/);
    assert.deepEqual(await lab.callersGet(), []);
  });
}

test("TERM while the app has not registered yet", async () => {
  await using lab = await startLab({ registered: false, env: { DRAIN_SECONDS: "1" } });
  await using sidecar = lab.start("sidecar");
  await sidecar.waitForLine(/is not registered/);
  sidecar.kill("SIGTERM");
  assertEnd(await sidecar.done, "notFound", /was never registered/, /drained 1\.\d s/);
});

test("TERM after its own preStop ends it at once", async () => {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "3" } });
  await using sidecar = lab.start("sidecar");
  await sidecar.waitForLine(/waiting for TERM/);
  assertEnd(await lab.run("offline"), "done");
  const mark = lab.server.requests.length;
  sidecar.kill("SIGTERM");
  assertEnd(await sidecar.done, "done", /has ended already/);
  assert.deepEqual(lab.writesSince(mark), []);
});

test("wrong settings do not end it, and it drains when it is told to end", async () => {
  await using lab = await startLab({ env: { serviceName: undefined } });
  await using sidecar = lab.start("sidecar");
  await sidecar.waitForLine(/serviceName is not set.*waiting for TERM/);
  sidecar.kill("SIGTERM");
  assertEnd(await sidecar.done, "settings", /serviceName is not set/);
});

test("switched off it waits all the same, else it would be started again and again", async () => {
  await using lab = await startLab({ env: { SERVICE_OFFLINE_DISABLED: "true" } });
  await using sidecar = lab.start("sidecar");
  await sidecar.waitForLine(/nothing is done/);
  await new Promise((resolve) => setTimeout(resolve, 300));
  sidecar.kill("SIGTERM");
  assertEnd(await sidecar.done, "done", /nothing is done/);
  assert.equal((await lab.callersGet()).length, 1);
});
