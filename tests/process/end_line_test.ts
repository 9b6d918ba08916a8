/** The JSON line at the end of each run: from it alone a reader can tell what happened. */

import assert from "node:assert/strict";
import { sideBySide } from "../support/at_once.ts";
import { startCalled } from "../support/called.ts";
import { startEurekaLab } from "../support/eureka_lab.ts";
import { refusedPort } from "../support/faulty.ts";
import type { HookRun } from "../support/hook.ts";
import { type LabOptions, startLab } from "../support/lab.ts";
import { room } from "../support/room.ts";
import type { OutcomeName } from "../../src/errors.ts";
import { OUTCOMES } from "../../src/errors.ts";
import { VERSION } from "../../src/version.ts";

const test = sideBySide("the end line");

// deno-lint-ignore no-explicit-any
type Json = any;

/** The one end line of a run, with what each has to say; on stderr the same, or nothing. */
function endOf(run: HookRun, command: string, outcome: OutcomeName): Json {
  const ends = run.lines.map((line): Json => JSON.parse(line)).filter(({ event }) =>
    event === "end"
  );
  assert.equal(ends.length, 1, run.stdout);
  const [end] = ends;
  assert.equal(run.lastLine, JSON.stringify(end), "it is the last");
  assert.equal(end.version, VERSION);
  assert.equal(end.command, command);
  assert.equal(end.outcome, outcome, run.lastLine);
  assert.equal(end.exitCode, run.code);
  assert.ok(Date.parse(end.startedAt) <= Date.parse(end.endedAt), run.lastLine);
  assert.ok(Array.isArray(end.problems));
  assert.ok(end.message.length > 0);
  assert.equal(run.stderr, outcome === "done" ? "" : `${run.lastLine}\n`);
  return end;
}

function startJson(options: LabOptions = {}) {
  return startLab({ ...options, env: { LOG_FORMAT: "json", ...options.env } });
}

test("offline: what was done, where, when, and who serves now", async () => {
  await using lab = await startJson({ auth: true, generation: "3.1" });
  const { ip, port } = lab.instance;
  lab.server.registerGrpc({ ...lab.instance, ip: "10.9.9.1" });
  await using app = startCalled();
  const run = await lab.run("offline", {
    DRAIN_SECONDS: "1",
    TERMINATION_GRACE_PERIOD_SECONDS: "60",
    APP_OFFLINE_URL: app.rootUrl,
    AFTER_DRAIN_URL: `${app.rootUrl}/after`,
  });
  const end = endOf(run, "offline", "done");
  const [registry] = end.registries;
  assert.equal(registry.registry, "nacos");
  assert.ok(registry.instance.startsWith(`${ip}:${port} of `));
  assert.equal(registry.outcome, "done");
  assert.match(registry.reason, /is out of service, accepted after/);
  assert.equal(registry.server.address, lab.server.rootUrl);
  assert.match(registry.server.version, /^Nacos 3\.1/);
  assert.equal(registry.others, 1);
  const { writtenMs, acceptedMs, listMs } = registry;
  assert.ok(0 < writtenMs && writtenMs <= acceptedMs && acceptedMs <= listMs, run.lastLine);
  assert.equal(Date.parse(end.deadline) - Date.parse(end.startedAt), 45_000);
  assert.equal(end.wantedDrainMs, 1_000);
  assert.ok(end.drainedMs >= 1_000);
  assert.deepEqual([end.missingMs, end.endedBy, end.resumed], [0, "floor", false]);
  assert.deepEqual([end.traffic, end.appToldAt !== null], [null, true]);
  assert.equal(end.firstStartedAt, end.startedAt);
  assert.ok(end.appOffline.ok && end.appOffline.calledMs >= writtenMs, run.lastLine);
  assert.ok(end.afterDrain.ok && end.afterDrain.calledMs >= acceptedMs + 1_000, run.lastLine);
});

test("offline at Eureka: the removal", async () => {
  await using lab = await startEurekaLab({ env: { LOG_FORMAT: "json", REMOVE_AFTER_DRAIN: "1" } });
  const end = endOf(await lab.run("offline"), "offline", "done");
  assert.equal(end.registries[0].server.address, lab.server.rootUrl);
  const [removal] = end.removals;
  assert.deepEqual([removal.registry, removal.outcome], ["eureka", "done"]);
  assert.match(removal.reason, /is removed/);
});

test("offline: each way not to get there", async () => {
  await using lab = await startJson();
  await using absent = await startJson({ registered: false });
  await using closed = await startJson({ auth: true });
  const [gone, unknown, refused] = await Promise.all([
    lab.run("offline", { NACOS_SERVER_ADDR: `127.0.0.1:${refusedPort()}` }),
    absent.run("offline"),
    closed.run("offline", { NACOS_USERNAME: "nobody" }),
  ]);
  const unreachable = endOf(gone, "offline", "unreachable");
  assert.deepEqual(unreachable.registries[0].server, null);
  assert.match(unreachable.registries[0].reason, /refused/);

  const notFound = endOf(unknown, "offline", "notFound");
  assert.equal(notFound.registries[0].server.address, absent.server.rootUrl);
  assert.deepEqual([notFound.registries[0].writtenMs, notFound.registries[0].others], [null, null]);

  assert.match(endOf(refused, "offline", "refused").registries[0].reason, /login of user nobody/);
});

test("offline: problems, with the work done all the same or not at all", async () => {
  await using lab = await startJson();
  const lenient = endOf(
    await lab.run("offline", { STOP_RESERVE_SECONDS: "x" }),
    "offline",
    "settings",
  );
  assert.match(lenient.problems.join(), /STOP_RESERVE_SECONDS/);
  assert.equal(lenient.registries[0].outcome, "done");

  const blind = endOf(await lab.run("offline", { port: "x" }), "offline", "settings");
  assert.match(blind.problems.join(), /port/);
  assert.deepEqual(blind.registries, []);
  assert.equal(blind.endedBy, "floor");

  const usage = endOf(await lab.run("offline --bogus"), "offline", "usage");
  assert.match(usage.problems.join(), /--bogus/);
});

test("offline on a terminal, refused at once", async () => {
  await using lab = await startJson({ env: { port: "x" } });
  const run = await lab.run("offline", {}, { terminal: true });
  const [line = ""] = run.lines.filter((one) => one.includes('"event":"end"'));
  const end = JSON.parse(line);
  assert.deepEqual([end.command, end.outcome, run.code], ["offline", "settings", 78]);
  assert.match(end.problems.join(), /port/);
});

test("offline that was killed, resumed and undone", async () => {
  await using lab = await startJson({ env: { DRAIN_SECONDS: "20" } });
  await using first = lab.start("offline");
  await first.waitForLine(/"event":"list_agrees"/);
  first.kill("SIGKILL");
  await first.done;
  await using second = lab.start("offline");
  await second.waitForLine(/"event":"resumed"/);
  const online = endOf(await lab.run("online"), "online", "done");
  assert.equal(online.endedOffline, true);
  const end = endOf(await second.done, "offline", "undone");
  assert.deepEqual([end.resumed, end.endedBy], [true, "undone"]);
  assert.ok(Date.parse(end.firstStartedAt) < Date.parse(end.startedAt));
  assert.equal(end.registries[0].registry, "nacos");
});

test("online: put back, nothing to do, and failed without failing", async () => {
  await using lab = await startJson();
  await lab.run("offline");
  const back = endOf(await lab.run("online"), "online", "done");
  assert.match(back.registries[0].reason, /is in service, accepted after/);
  assert.ok(back.registries[0].writtenMs > 0);
  assert.deepEqual([back.gaveWay, back.endedOffline], [false, false]);

  const nothing = endOf(await lab.run("online"), "online", "done");
  assert.match(nothing.registries[0].reason, /in service already/);

  await using absent = await startJson({
    registered: false,
    env: { ONLINE_TIMEOUT_SECONDS: room(1) },
  });
  const forgiven = endOf(await absent.run("online"), "online", "notFound");
  assert.equal(forgiven.exitCode, 0);
  const strict = endOf(await absent.run("online --strict"), "online", "notFound");
  assert.equal(strict.exitCode, OUTCOMES.notFound.code);
});

test("sidecar: both of its runs", async () => {
  // Of the whole pod it would look half a minute later once more.
  await using lab = await startJson({ env: { OFFLINE_SCOPE: "named", DRAIN_SECONDS: "1" } });
  await lab.run("offline", { DRAIN_SECONDS: "0" });
  await using sidecar = lab.start("sidecar");
  await sidecar.waitForLine(/standing_by/);
  sidecar.kill("SIGTERM");
  const end = endOf(await sidecar.done, "sidecar", "done");
  assert.equal(end.online.outcome, "done");
  assert.match(end.online.reason, /is in service/);
  assert.match(end.online.registries[0].reason, /is in service/);
  assert.match(end.offline.registries[0].reason, /is out of service/);
  assert.ok(end.offline.drainedMs >= 1_000);
  assert.equal(end.startedAt, end.online.startedAt);
  assert.ok(Date.parse(end.online.endedAt) <= Date.parse(end.offline.startedAt));
  assert.ok(Date.parse(end.offline.endedAt) <= Date.parse(end.endedAt));
});

test("sidecar: its preStop has done the work, or nothing was right", async () => {
  await using lab = await startJson();
  await using sidecar = lab.start("sidecar");
  await sidecar.waitForLine(/standing_by/);
  await lab.run("offline");
  sidecar.kill("SIGTERM");
  const ended = endOf(await sidecar.done, "sidecar", "done");
  assert.equal(ended.offline.resumed, true);
  assert.match(ended.message, /has ended already.*is out of service already/);
  assert.equal(ended.online.outcome, "done");

  await using wrong = lab.start("sidecar", { serviceName: undefined });
  await wrong.waitForLine(/standing_by/);
  wrong.kill("SIGTERM");
  const settings = endOf(await wrong.done, "sidecar", "settings");
  assert.equal(settings.online.outcome, "settings");
  assert.equal(settings.offline.outcome, "settings");
});

test("switched off", async () => {
  await using lab = await startJson({ env: { SERVICE_OFFLINE_DISABLED: "true" } });
  for (const command of ["offline", "online"]) {
    const end = endOf(await lab.run(command), command, "done");
    assert.match(end.message, /SERVICE_OFFLINE_DISABLED/);
    assert.equal(end.disabled, true);
  }
  await using sidecar = lab.start("sidecar");
  await sidecar.waitForLine(/nothing is done/);
  sidecar.kill("SIGTERM");
  endOf(await sidecar.done, "sidecar", "done");
});

test("install", async () => {
  await using lab = await startJson();
  // Not in the kit's image, or without its volume: on this machine it may be either.
  const run = await lab.run("install --bogus");
  endOf(run, "install", "usage");
});
