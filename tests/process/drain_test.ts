/** How long a run waits, since when, and what it says where that is too short. */

import assert from "node:assert/strict";
import { each, sideBySide } from "../support/at_once.ts";
import { assertEnd } from "../support/ends.ts";
import { refusedPort } from "../support/faulty.ts";
import { elapsedMsOf, type HookRun } from "../support/hook.ts";
import { startLab } from "../support/lab.ts";
import { FAILS_SOON } from "../support/lab_runs.ts";
import { room } from "../support/room.ts";
import { text } from "../embedded/nacos_answers.ts";
import { pause } from "../support/pause.ts";

const test = sideBySide("the drain");

/** The seconds in `drained 1.2 s` of the last line. */
function drainedSeconds(run: HookRun): number {
  const said = /drained (\d+\.\d) s/.exec(run.lastLine)?.[1];
  assert.ok(said, run.stdout);
  return Number(said);
}

/** A busy machine is slow, never fast: the lower bound is exact, the upper one tells 2 s from 40. */
function assertAbout(actual: number, expected: number, what: string): void {
  const fits = actual > expected - 0.2 && actual < expected + 25;
  assert.ok(fits, `${what}: ${actual} s instead of ${expected} s`);
}

test.each(
  "what came back during the drain is taken out again, and the drain starts anew",
  ["2.x", "3.1"] as const,
  async (generation) => {
    // The loop looks every 5 s once all is done.
    await using lab = await startLab({ generation, env: { DRAIN_SECONDS: "7" } });
    const { instance, server } = lab;
    const mark = server.requests.length;
    await using offline = lab.start("offline");
    await offline.waitForLine(/callers no longer get it/);
    server.change(instance, { enabled: true, weight: instance.weight });
    const cameBack = await offline.waitForLine(/came back/);
    const run = await offline.done;
    assertEnd(run, "done", /is out of service/);
    assert.equal(lab.writesSince(mark).length, 2);
    assert.deepEqual(await lab.callersGet(), []);
    const anewMs = run.elapsedMs - elapsedMsOf(cameBack);
    assert.ok(anewMs >= 7_000, `the drain has not started anew: ${anewMs} ms`);
  },
);

test("offline drains DRAIN_SECONDS since the registry has accepted", async () => {
  await using lab = await startLab({
    env: { DRAIN_SECONDS: "2", TERMINATION_GRACE_PERIOD_SECONDS: "60" },
    // So that since the start and since accepted are not the same.
    intercept: async (req) => {
      if (req.method === "PATCH") await pause(1_000);
      return undefined;
    },
  });
  const run = await lab.run("offline");
  assertEnd(run, "done");
  assertAbout(drainedSeconds(run), 2, "drained");
  assert.ok(run.elapsedMs > 2_900, `${run.elapsedMs} ms in all`);
});

test("DRAIN_SECONDS=0 ends as soon as callers no longer get it", async () => {
  await using lab = await startLab({ pushDelayMs: 600, env: { DRAIN_SECONDS: "0" } });
  const run = await lab.run("offline");
  assertEnd(run, "done", /callers no longer get it/);
  assert.deepEqual(await lab.callersGet(), []);
  assert.ok(run.elapsedMs < 20_000, `${run.elapsedMs} ms`);
});

test("the grace period cuts the drain, with a line that names the number to set", async (t) => {
  const cases: Record<string, [drain: string | undefined, needed: RegExp]> = {
    "DRAIN_SECONDS=40": ["40", /terminationGracePeriodSeconds: 60 .*GRACE_PERIOD_SECONDS=60/],
    // The worst case, as the first lines say it: 50 s that callers take, 15 s of reserve.
    "no DRAIN_SECONDS": [undefined, /is cut by .*PeriodSeconds: 65 .*GRACE_PERIOD_SECONDS=65/],
  };
  await each(t, cases, async ([DRAIN_SECONDS, needed]) => {
    const grace = room(5, 15);
    await using lab = await startLab({ env: { TERMINATION_GRACE_PERIOD_SECONDS: grace } });
    const run = await lab.run("offline", { DRAIN_SECONDS });
    assertEnd(run, "done", /too short/);
    const said = run.lines.filter((line) => needed.test(line));
    assert.equal(said.length, 1, run.stdout);
    assert.match(said[0] ?? "", /WARNING/);
    assertAbout(run.elapsedMs / 1000, Number(grace) - 15, "the run");
  });
});

test("STOP_RESERVE_SECONDS is left to the app", async () => {
  const grace = room(4, 26);
  await using lab = await startLab({
    env: {
      DRAIN_SECONDS: "40",
      TERMINATION_GRACE_PERIOD_SECONDS: grace,
      STOP_RESERVE_SECONDS: "26",
    },
  });
  const run = await lab.run("offline");
  assertEnd(run, "done", /too short/);
  assertAbout(run.elapsedMs / 1000, Number(grace) - 26, "the run");
  assert.match(run.stdout, /this run has \d+\.\d s, the grace period less STOP_RESERVE_SECONDS\n/);
});

test("an unknown grace period is warned about with the numbers to set", async () => {
  await using lab = await startLab();
  const neither = lab.start("offline", { DRAIN_SECONDS: undefined });
  await neither.waitForLine(/draining only 30 s .*: 65 and TERMINATION_GRACE_PERIOD_SECONDS=65$/);
  await neither.waitForLine(/callers no longer get it/);
  neither.kill("SIGKILL");
  await neither.done;
  for (const known of [{ DRAIN_SECONDS: "1" }, { TERMINATION_GRACE_PERIOD_SECONDS: "60" }]) {
    const run = await lab.run("offline", { DRAIN_SECONDS: "0", ...known });
    assertEnd(run, "done");
    assert.doesNotMatch(run.stdout, /TERMINATION_GRACE_PERIOD_SECONDS=/);
  }
});

test("offline holds on to the deadline while nothing is accepted, however short the drain", async (t) => {
  const never = {
    "no server": { env: { NACOS_SERVER_ADDR: `127.0.0.1:${refusedPort()}` } },
    "not registered": { registered: false },
    "refused login": { auth: true, env: { NACOS_USERNAME: undefined } },
    "never written": {
      intercept: (req: Request) => req.method === "PATCH" ? text("no", 500) : undefined,
    },
  };
  await each(t, never, async (options) => {
    await using lab = await startLab(options);
    const env = { ...FAILS_SOON, DRAIN_SECONDS: "1" };
    const run = await lab.run("offline", env);
    assert.notEqual(run.code, 0);
    assertAbout(drainedSeconds(run), Number(env.TERMINATION_GRACE_PERIOD_SECONDS), "drained");
  });
});

test("mistakes in flags and settings drain first, where nobody is looking on", async (t) => {
  const mistakes: Record<string, [args: string, env: Record<string, string>, code: number]> = {
    "an unknown flag": ["offline --nonsense", {}, 64],
    "an unknown command": ["ofline", {}, 64],
    "a wrong port": ["offline", { port: "x" }, 78],
    "no service name": ["", { serviceName: "" }, 78],
  };
  await each(t, mistakes, async ([args, env, code]) => {
    await using lab = await startLab();
    const run = await lab.run(args, { DRAIN_SECONDS: "2", ...env });
    assert.equal(run.code, code, run.stdout);
    assertAbout(drainedSeconds(run), 2, "drained");
    assert.ok(run.elapsedMs > 1_900, `${run.elapsedMs} ms`);
  });
});

test("mistakes in flags and settings end at once on a terminal", async (t) => {
  const mistakes: Record<string, [args: string, env: Record<string, string>, code: number]> = {
    "an unknown flag": ["offline --nonsense", {}, 64],
    "a wrong port": ["offline", { port: "x" }, 78],
  };
  await each(t, mistakes, async ([args, env, code]) => {
    await using lab = await startLab();
    const run = await lab.run(args, { DRAIN_SECONDS: "300", ...env }, { terminal: true });
    assert.equal(run.code, code, run.stdout);
    // Both outputs are this terminal.
    assert.equal(run.stdout.match(new RegExp(`exit code ${code}`, "g"))?.length, 1, run.stdout);
    assert.ok(run.ms < 200_000, `${run.ms} ms`);
  });
});

test("offline on a terminal takes out and drains as everywhere", async () => {
  await using lab = await startLab();
  const run = await lab.run("offline", { DRAIN_SECONDS: "1" }, { terminal: true });
  assert.equal(run.code, 0, run.stdout);
  assertAbout(drainedSeconds(run), 1, "drained");
  assert.deepEqual(await lab.callersGet(), []);
});

test("a long drain says every 5 s how much is left", async () => {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "6" } });
  const run = await lab.run("offline");
  const said = run.lines.filter((line) => / s left; nacos: /.test(line));
  assert.equal(said.length, 1, run.stdout);
});

test.each("--help, status and online never drain", [
  "--help",
  "status",
  "online",
  "status --nonsense",
], async (args) => {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "300" } });
  const run = await lab.run(args);
  assert.ok(run.ms < 200_000, `${run.ms} ms`);
});
