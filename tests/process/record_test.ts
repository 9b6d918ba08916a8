/** Runs that meet: one after a kill, two at once, `online` during `offline` and the reverse. */

import assert from "node:assert/strict";
import { sideBySide } from "../support/at_once.ts";
import { assertWentOn, killInDrain } from "../support/cut_off.ts";
import { assertEnd, assertStatusEnd, drained } from "../support/ends.ts";
import { recordPath } from "../support/hook.ts";
import { startLab } from "../support/lab.ts";
import { eventually, pause } from "../support/pause.ts";

const test = sideBySide("runs that meet");

test("offline killed in the drain and run again: one drain in total, one write", async () => {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "6" } });
  const mark = lab.server.requests.length;
  await using first = lab.start("offline");
  const cutOff = await killInDrain(first, lab.instance.serviceName, 2_000);
  const second = await lab.run("offline");
  assertEnd(second, "done", /is out of service/);
  assert.match(second.stdout, /resuming an interrupted run/);
  assertWentOn(lab.instance.serviceName, cutOff, 6_000);
  assert.equal(lab.writesSince(mark).length, 1);
});

test("offline killed in the drain and run again once it is in service: a whole drain anew", async () => {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "5" } });
  await using first = lab.start("offline");
  await killInDrain(first, lab.instance.serviceName, 2_000);
  lab.server.change(lab.instance, { enabled: true, weight: lab.instance.weight });
  // The answers follow after 50 ms.
  await eventually(async () => assert.equal((await lab.callersGet()).length, 1));
  const second = await lab.run("offline");
  assertEnd(second, "done", /is out of service, accepted after/, drained(5));
  assert.match(second.stdout, /it came back into service/);
  assert.deepEqual(await lab.callersGet(), []);
});

test("offline killed before its write and run again takes out", async () => {
  let hold = true;
  await using lab = await startLab({
    env: { DRAIN_SECONDS: "2" },
    intercept: async (req) => {
      while (hold && req.method === "PATCH") await pause(50);
      return undefined;
    },
  });
  await using first = lab.start("offline");
  await first.waitForLine(/looking for/);
  await pause(300);
  first.kill("SIGKILL");
  await first.done;
  hold = false;
  assertEnd(await lab.run("offline"), "done", /callers no longer get it/);
  assert.deepEqual(await lab.callersGet(), []);
});

test("a run after a finished one drains in full", async () => {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "1" } });
  assertEnd(await lab.run("offline"), "done");
  const again = await lab.run("offline", { DRAIN_SECONDS: "2" });
  assertEnd(again, "done", drained(2));
  assert.doesNotMatch(again.stdout, /goes on with/);
});

test("a record that cannot be read is as none", async () => {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "1" } });
  await lab.run("offline");
  const path = recordPath(lab.instance.serviceName);
  for (const garbage of ["", "{", `{"startedAt":"yesterday"}`, "null"]) {
    Deno.writeTextFileSync(path, garbage);
    assertEnd(await lab.run("offline", { DRAIN_SECONDS: "0" }), "done");
  }
  Deno.removeSync(path);
  Deno.symlinkSync("/etc/hostname", path);
  const before = Deno.readTextFileSync("/etc/hostname");
  assertEnd(await lab.run("offline", { DRAIN_SECONDS: "0" }), "done");
  assert.equal(Deno.readTextFileSync("/etc/hostname"), before);
});

test("the record holds no secret and is for its owner only", async () => {
  await using lab = await startLab({ auth: true, env: { DRAIN_SECONDS: "1" } });
  await lab.run("offline");
  const path = recordPath(lab.instance.serviceName);
  assert.ok(!Deno.readTextFileSync(path).includes(lab.user?.password ?? ""));
  assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
});

test("two offlines at once: both are done, callers lose the instance once", async () => {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "2" } });
  const [one, other] = await Promise.all([lab.run("offline"), lab.run("offline")]);
  assertEnd(one, "done", /is out of service/);
  assertEnd(other, "done", /is out of service/);
  assert.deepEqual(await lab.callersGet(), []);
  assertStatusEnd(await lab.run("status"), "done", /out of service/, /, ended /);
});

test("offlines of two instances do not see each other", async () => {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "3" } });
  const neighbour = { ...lab.instance, port: lab.instance.port + 1 };
  lab.server.registerGrpc(neighbour);
  await using first = lab.start("offline");
  await first.waitForLine(/callers no longer get it/);
  const second = await lab.run("offline", { port: String(neighbour.port), DRAIN_SECONDS: "1" });
  assertEnd(second, "done");
  assert.doesNotMatch(second.stdout, /goes on with/);
  assertEnd(await first.done, "done");
  assert.deepEqual(await lab.callersGet(), []);
});

for (const generation of ["2.x", "3.1"] as const) {
  test(`online by hand ends offline on ${generation}, and the instance stays in service`, async () => {
    await using lab = await startLab({ generation, env: { DRAIN_SECONDS: "120" } });
    await using offline = lab.start("offline");
    await offline.waitForLine(/callers no longer get it/);
    const online = await lab.run("online --strict");
    assertEnd(online, "done", /is in service/);
    const ended = await offline.done;
    assertEnd(ended, "undone", /`online` took the instance back/);
    assert.ok(ended.elapsedMs < 100_000, `${ended.elapsedMs} ms`);
    await pause(700);
    assert.equal((await lab.listed())?.weight, lab.instance.weight);
    assertStatusEnd(await lab.run("status"), "done", /undone/);
    // What was undone is over: the next one drains in full.
    const next = await lab.run("offline", { DRAIN_SECONDS: "1" });
    assertEnd(next, "done", drained(1));
  });
}

test("online by hand while the server is away still ends offline", async () => {
  let away = true;
  await using lab = await startLab({
    env: { DRAIN_SECONDS: "30" },
    intercept: () => away ? new Response(null, { status: 503 }) : undefined,
  });
  await using offline = lab.start("offline");
  await offline.waitForLine(/trying again/);
  await using online = lab.start("online --strict");
  assertEnd(await offline.done, "undone");
  away = false;
  assertEnd(await online.done, "done");
  assert.equal((await lab.callersGet()).length, 1);
});

test("online --background gives way to an offline that begins later", async () => {
  await using lab = await startLab({ registered: false, env: { DRAIN_SECONDS: "2" } });
  const { instance, server } = lab;
  await using online = lab.start("online --background --strict");
  await online.waitForLine(/looking for/);
  await using offline = lab.start("offline");
  await offline.waitForLine(/looking for/);
  assertEnd(await online.done, "done", /an `offline` has begun/);
  lab.register();
  assertEnd(await offline.done, "done", /callers no longer get it/);
  await pause(300);
  assert.equal(server.instances().find(({ ip }) => ip === instance.ip)?.enabled, false);
});

test("no disk is no failure: offline says so and drains", async () => {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "1" } });
  // A folder in the place of the record cannot be renamed over, not even by root.
  assertEnd(await lab.run("offline"), "done");
  const path = recordPath(lab.instance.serviceName);
  Deno.removeSync(path);
  Deno.mkdirSync(path);
  try {
    const run = await lab.run("offline");
    assertEnd(run, "done", /is out of service/, drained(1));
    assert.match(run.stdout, /no record can be kept/);
    const leftovers = [...Deno.readDirSync("/tmp")].filter(({ name }) =>
      `/tmp/${name}`.startsWith(`${path}.`)
    );
    assert.deepEqual(leftovers, []);
  } finally {
    Deno.removeSync(path);
  }
});
