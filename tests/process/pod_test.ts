/** What else the pod has registered, and what it only shares with others. */

import assert from "node:assert/strict";
import { sideBySide } from "../support/at_once.ts";
import { assertEnd, assertStatusEnd } from "../support/ends.ts";
import { startLab } from "../support/lab.ts";
import { room } from "../support/room.ts";

const test = sideBySide("the pod");

test("a Service's name stands for all replicas: nothing is written, callers are drained all the same", async () => {
  for (const generation of ["2.x", "3.1"] as const) {
    const name = "orders.shop.svc";
    await using lab = await startLab({ generation, registered: false });
    const clients = ["1795702453902_10.0.0.7_1", "1795702453902_10.0.0.8_1"];
    lab.server.registerGrpc({ ...lab.instance, ip: name, clients });
    const env = { podip: undefined, SPRING_CLOUD_NACOS_DISCOVERY_IP: name };
    const run = await lab.run("offline", env);
    assertEnd(
      run,
      "done",
      /orders\.shop\.svc:\d+ of .* is left alone: .* stands for 2 pods/,
      /drained/,
    );
    assert.deepEqual(run.writes, []);
    assert.equal((await lab.callersGet()).length, 1);
    assertEnd(await lab.run("online --strict", env), "done", /left alone/);
  }
});

test("one pod that registers a name of its own is taken out", async () => {
  const name = "vm-5.example.com";
  await using lab = await startLab({ registered: false });
  lab.server.registerGrpc({ ...lab.instance, ip: name });
  const env = { podip: undefined, SPRING_CLOUD_NACOS_DISCOVERY_IP: name };
  assertEnd(
    await lab.run("offline", env),
    "done",
    /vm-5\.example\.com:\d+ of .* is out of service/,
  );
  assert.deepEqual(await lab.callersGet(), []);
});

test("a name is left alone where the server cannot tell for how many pods it stands", async () => {
  const name = "orders.shop.svc";
  await using lab = await startLab({ generation: "1.4", registered: false });
  lab.server.registerGrpc({ ...lab.instance, ip: name });
  const env = { podip: undefined, SPRING_CLOUD_NACOS_DISCOVERY_IP: name };
  assertEnd(await lab.run("offline", env), "done", /left alone: .*may be the name of a Service/);
  assert.equal((await lab.callersGet()).length, 1);
  // Who knows better says so.
  assertEnd(
    await lab.run("offline", { ...env, OFFLINE_SCOPE: "named" }),
    "done",
    /is out of service/,
  );
});

test("a pod with one registration costs a few requests more, all after the write", async () => {
  for (const generation of ["2.x", "3.1"] as const) {
    await using lab = await startLab({ generation });
    const requests = async (env: Record<string, string>) => {
      const mark = lab.server.requests.length;
      assertEnd(await lab.run("offline", env), "done");
      const sent = lab.server.requests.slice(mark);
      assertEnd(await lab.run("online --strict", { OFFLINE_SCOPE: "named" }), "done");
      return sent;
    };
    const sent = await requests({});
    const first = sent.findIndex(({ method }) => method === "PATCH" || method === "PUT");
    const isLook = ({ path }: { path: string }) => /client\/|service|services/.test(path);
    assert.ok(!sent.slice(0, first).some(isLook));
    // One look after the write, one at the end: three requests each.
    const looks = sent.filter(isLook).filter(({ path }) => !/instance\/list/.test(path));
    assert.ok(looks.length <= 6, looks.map(({ path }) => path).join("\n"));
  }
});

test("without the named one nothing confirms an address that is only said to be the pod's", async () => {
  await using lab = await startLab({ registered: false });
  const { ip } = lab.instance;
  lab.server.registerGrpc({ serviceName: "other", ip, port: 9090 });
  const env = { TERMINATION_GRACE_PERIOD_SECONDS: room(3), STOP_RESERVE_SECONDS: "0" };
  assertEnd(await lab.run("offline", env), "notFound", /was never registered/);
  assert.ok(lab.server.instances().every(({ enabled }) => enabled));
  assertStatusEnd(await lab.run("check", env), "notFound");
  // OFFLINE_SCOPE says it: then the wrong name is no reason to leave the pod among those that callers get.
  const check = await lab.run("check", { ...env, OFFLINE_SCOPE: "pod" });
  assertStatusEnd(
    check,
    "done",
    /would take out: 1 registration\n/,
    /WARNING: nacos: .* is not registered; the rest of the pod would be taken out\n/,
  );
  const more = { OFFLINE_SCOPE: "pod", TERMINATION_GRACE_PERIOD_SECONDS: room(10) };
  const whole = await lab.run("offline", { ...env, ...more });
  assertEnd(
    whole,
    "done",
    /was never registered/,
    /1 further registration of the pod is out of service/,
  );
  assert.ok(lab.server.instances().every(({ enabled }) => !enabled));
});

test("what is exported late is taken out too, and the end waits for it", async () => {
  await using lab = await startLab();
  const { ip } = lab.instance;
  await using hook = lab.start("offline", { DRAIN_SECONDS: "3" });
  await hook.waitForLine(/callers no longer get it/);
  lab.server.registerGrpc({ serviceName: "late", ip, port: 20880 });
  assertEnd(await hook.done, "done", /1 further registration of the pod is out of service .*late/);
  const late = lab.server.instances().find(({ serviceName }) => serviceName === "late");
  assert.equal(late?.enabled, false);
});

test("a search that is not answered is sent once in a drain, and the last line says what is not known", async () => {
  let looks = 0;
  const { promise: never, resolve: end } = Promise.withResolvers<undefined>();
  const intercept = (req: Request) => {
    if (!req.url.includes("/service/publisher/list")) return undefined;
    looks++;
    return never;
  };
  await using lab = await startLab({ intercept });
  const run = await lab.run("offline", { DRAIN_SECONDS: "8" });
  end(undefined);
  assertEnd(
    run,
    "done",
    /is out of service.*; nacos: only the named registration is known; drained/,
  );
  assert.match(run.stdout, /cannot look for what else the pod has registered: .*no answer in time/);
  assert.equal(looks, 2, "one after the write, one at the end");
});

test("a further one that may not be written is named, and the exit code says it", async () => {
  const intercept = async (req: Request) => {
    if (req.method !== "PUT") return undefined;
    const isForbidden = new URLSearchParams(await req.text()).get("groupName") === "G2";
    if (!isForbidden) return undefined;
    return Response.json({ status: 403, message: "authorization failed!" }, { status: 403 });
  };
  await using lab = await startLab({ generation: "3.1", auth: true, intercept });
  lab.server.registerGrpc({ ...lab.instance, groupName: "G2" });
  const env = { TERMINATION_GRACE_PERIOD_SECONDS: room(5), STOP_RESERVE_SECONDS: "0" };
  const run = await lab.run("offline", env);
  assertEnd(run, "refused", /nacos: .* is out of service/, /nacos: .*403/);
  assert.deepEqual(await lab.callersGet(), []);
});

test("a second run after a kill goes on with each registration where the first one was", async () => {
  await using lab = await startLab();
  lab.server.registerGrpc({ ...lab.instance, groupName: "G2" });
  const env = { DRAIN_SECONDS: "8", LOG_FORMAT: "json" };
  {
    await using hook = lab.start("offline", env);
    await hook.waitForLine(/also registered/);
    await hook.waitForLine(/draining/);
    hook.kill("SIGKILL");
    await hook.done;
  }
  const run = await lab.run("offline", env);
  const end = JSON.parse(run.lastLine);
  assert.equal(end.exitCode, 0, run.stdout);
  assert.equal(end.resumed, true);
  assert.equal(end.registries.length, 2);
  assert.equal(end.registries[1].further, true);
  assert.ok(end.registries[1].acceptedMs < 0, "taken over from the record");
});
