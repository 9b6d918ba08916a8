/** The app's own endpoint, with the registry's write, and the one after the drain. */

import assert from "node:assert/strict";
import { runInside } from "../support/inside.ts";
import { each, sideBySide } from "../support/at_once.ts";
import { startCalled } from "../support/called.ts";
import { assertEnd } from "../support/ends.ts";
import { OUT, startEurekaLab } from "../support/eureka_lab.ts";
import { neverAnswers, refusedPort, startFaulty } from "../support/faulty.ts";
import { secret, timeOf } from "../support/hook.ts";
import { type Env, type Lab, startLab } from "../support/lab.ts";
import type { OutcomeName } from "../../src/errors.ts";
import type { LabRun } from "../support/lab_runs.ts";
import { text } from "../embedded/nacos_answers.ts";
import { pause } from "../support/pause.ts";
import { room } from "../support/room.ts";
import { tempFile } from "../support/temp_file.ts";

runInside();
const test = sideBySide("the app's endpoints");

function endOf(run: Pick<LabRun, "lastLine">) {
  return JSON.parse(run.lastLine);
}

/** The app was told after the write, and a good part of the drain was still to come. */
function assertToldWithTheWrite(run: LabRun, [call, ...more]: readonly { readonly at: number }[]) {
  const [write] = run.writes;
  assert.ok(write && call && more.length === 0, run.stdout);
  assert.ok(call.at >= write.at, `told ${write.at - call.at} ms before the write`);
  const left = timeOf(run.lastLine) - call.at;
  assert.ok(left > 1_000, `told ${left} ms before the end`);
}

test.each(
  "the app is told once, with the write and never before it: Nacos",
  ["1.4", "2.x", "3.1"] as const,
  async (generation) => {
    await using lab = await startLab({ generation, auth: true });
    await using app = startCalled();
    const run = await lab.run("offline", {
      APP_OFFLINE_URL: `${app.rootUrl}/actuator/serviceregistry?status=DOWN`,
      DRAIN_SECONDS: "4",
    });
    assertEnd(run, "done");
    assert.deepEqual(app.calls.map(({ method, path }) => [method, path]), [
      ["POST", "/actuator/serviceregistry?status=DOWN"],
    ]);
    assertToldWithTheWrite(run, app.calls);
    assert.match(run.stdout, /_URL: POST \S+\/actuator\/serviceregistry answered 200/);
    assert.doesNotMatch(run.stdout, /status=DOWN/);
  },
);

test("the app is told once, with the write and never before it: Eureka", async () => {
  await using lab = await startEurekaLab({ cacheMs: 1_000 });
  await using app = startCalled();
  const run = await lab.run("offline", { APP_OFFLINE_URL: app.rootUrl, DRAIN_SECONDS: "4" });
  assertEnd(run, "done");
  assert.deepEqual(lab.recorded(), OUT);
  assertToldWithTheWrite(run, app.calls);
});

test("a registry that is only slow is waited for", async () => {
  // As in a rollout: the login takes longer than an unreachable registry is tried.
  await using lab = await startLab({
    auth: true,
    intercept: async (request) => {
      if (new URL(request.url).pathname.endsWith("/login")) await pause(6_500);
      return undefined;
    },
  });
  await using app = startCalled();
  const run = await lab.run("offline", {
    APP_OFFLINE_URL: app.rootUrl,
    TERMINATION_GRACE_PERIOD_SECONDS: "90",
  });
  assertEnd(run, "done");
  assert.equal(app.calls.length, 1);
  assert.ok(app.calls[0]!.at >= run.writes[0]!.at, "told before the write");
});

test("where nothing is written the app is told as soon as that is clear", async (t) => {
  await using out = await startLab();
  await out.run("offline");
  await using absent = await startLab({ registered: false });
  await using closed = await startLab({ auth: true });
  const cases: Record<string, [lab: Lab, env: Env, outcome: OutcomeName]> = {
    "out of service already": [out, {}, "done"],
    "not registered": [absent, {}, "notFound"],
    "a refused login": [closed, { NACOS_PASSWORD: secret() }, "refused"],
    "no name": [absent, { serviceName: undefined }, "settings"],
  };
  await each(t, cases, async ([lab, env, outcome]) => {
    await using app = startCalled();
    const set = { APP_OFFLINE_URL: app.rootUrl, DRAIN_SECONDS: "2", ...env };
    assertEnd(await lab.run("offline", set), outcome);
    assert.equal(app.calls.length, 1);
  });
});

test("an unreachable registry is tried for five seconds first", async () => {
  await using lab = await startLab();
  await using app = startCalled();
  const startedAt = Date.now();
  const run = await lab.run("offline", {
    NACOS_SERVER_ADDR: `127.0.0.1:${refusedPort()}`,
    APP_OFFLINE_URL: app.rootUrl,
    LOG_FORMAT: "json",
    DRAIN_SECONDS: "9",
  });
  assert.equal(run.code, 69);
  assert.equal(app.calls.length, 1);
  assert.ok(app.calls[0]!.at - startedAt >= 5_000);
  assert.ok(endOf(run).appOffline.calledMs < run.elapsedMs - 1_000, run.lastLine);
});

test("a registry that never answers: the app is told at the end, nothing is written after", async () => {
  await using lab = await startLab();
  await using silent = neverAnswers();
  await using app = startCalled();
  const run = await lab.run("offline", {
    NACOS_SERVER_ADDR: silent.addr,
    APP_OFFLINE_URL: app.rootUrl,
    TERMINATION_GRACE_PERIOD_SECONDS: room(3, 7),
    STOP_RESERVE_SECONDS: "7",
  });
  assertEnd(run, "unreachable");
  assert.equal(app.calls.length, 1);
});

test("whatever the app answers, the run goes on and the code stays", async (t) => {
  const token = secret();
  const path = tempFile(`Authorization: Bearer ${token.replace(/[^ -~]/g, "x")}\n`);
  await using moved = startCalled();
  const answers: Record<string, [() => Response | Promise<Response>, RegExp]> = {
    "500": [() => new Response("it broke", { status: 500 }), /answered 500[;.]/],
    "404": [() => new Response(null, { status: 404 }), /answered 404 with no body/],
    "a redirect": [
      () => Response.redirect(`${moved.rootUrl}/login`),
      /answered 302: a redirect to \S+\/login/,
    ],
    "all of the request": [() => new Response(token, { status: 403 }), /answered 403/],
    "nothing": [() => new Promise(() => {}), /no answer in time/],
  };
  await each(t, answers, async ([answer, reason]) => {
    await using lab = await startLab();
    const app = startCalled(answer);
    const run = await lab.run("offline", {
      APP_OFFLINE_URL: `${app.rootUrl}/offline?token=${encodeURIComponent(token)}`,
      APP_OFFLINE_HEADERS_FILE: path,
      APP_OFFLINE_TIMEOUT: "4",
    });
    assertEnd(run, "done", /APP_OFFLINE_URL: POST http:\S+\/offline[ :]/, reason);
    assert.equal(app.calls.length, 1, "what may have arrived is not sent twice");
    assert.deepEqual(await lab.callersGet(), []);
    assert.deepEqual(moved.calls, []);
    app[Symbol.asyncDispose]();
  });
});

test("an endpoint that does not listen, hangs up, or has no name", async () => {
  await using lab = await startLab();
  await using rude = startFaulty({ fault: () => ({ kind: "hang up" }) });
  const cases: [url: string, reason: RegExp][] = [
    [`http://127.0.0.1:${refusedPort()}/x`, /POST \S+\/x: .*refused/],
    [`http://${rude.addr}/x`, /POST \S+\/x: /],
    ["http://no-such-host.invalid/x", /cannot be resolved/],
    ["http://127.0.0.1/{instance}", /\{instance\} is not known/],
  ];
  for (const [url, reason] of cases) {
    const named = !url.includes("{");
    const env = named ? {} : { serviceName: undefined };
    const run = await lab.run("offline", { APP_OFFLINE_URL: url, ...env });
    assertEnd(run, named ? "done" : "settings", /APP_OFFLINE_URL: /, reason);
  }
  assert.equal(rude.requests.length, 1, "what may have arrived is not sent twice");
});

test("an endpoint that begins to listen in a moment is reached", async () => {
  await using lab = await startLab();
  const port = refusedPort();
  let calls = 0;
  await using offline = lab.start("offline", {
    APP_OFFLINE_URL: `http://127.0.0.1:${port}/`,
    DRAIN_SECONDS: "3",
  });
  await offline.waitForLine(/out of service in the registry's own record/);
  const server = Deno.serve({ hostname: "127.0.0.1", port, onListen() {} }, () => {
    calls++;
    return new Response();
  });
  assertEnd(await offline.done, "done");
  assert.equal(calls, 1);
  await server.shutdown();
});

test("a run that goes on after a kill does not tell the app twice", async () => {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "4" } });
  await using app = startCalled();
  const env = { APP_OFFLINE_URL: app.rootUrl };
  await using first = lab.start("offline", env);
  await first.waitForLine(/APP_OFFLINE_URL: .* answered 200/);
  await pause(200);
  first.kill("SIGKILL");
  await first.done;
  const second = await lab.run("offline", { ...env, LOG_FORMAT: "json" });
  assert.equal(endOf(second).resumed, true);
  assert.equal(endOf(second).appOffline, null);
  assert.ok(Date.parse(endOf(second).appToldAt) <= Date.parse(endOf(second).startedAt));
  assert.equal(app.calls.length, 1);
});

test("after the drain the other endpoint is told, with the names of the instance", async () => {
  await using lab = await startLab();
  await using app = startCalled();
  const { ip, port, serviceName } = lab.instance;
  const startedAt = Date.now();
  const run = await lab.run("offline", {
    AFTER_DRAIN_URL: `${app.rootUrl}/{ip}/{port}?of={service}&id={instance}&again={ip}`,
    AFTER_DRAIN_METHOD: "delete",
    DRAIN_SECONDS: "2",
  });
  assertEnd(run, "done");
  assert.deepEqual(app.calls.map(({ method, path }) => [method, path]), [[
    "DELETE",
    `/${ip}/${port}?of=${serviceName}&id=${ip}%3A${port}&again=${ip}`,
  ]]);
  assert.ok(app.calls[0]!.at - startedAt >= 2_000, "told before the drain was over");
});

test("the names of an instance at Eureka, encoded", async () => {
  await using lab = await startEurekaLab({
    instance: { app: "my app&b", instanceId: "pod 1:a/b?c", ip: "fd00::7" },
    env: { instanceId: "pod 1:a/b?c" },
  });
  await using app = startCalled();
  await lab.run("offline", { AFTER_DRAIN_URL: `${app.rootUrl}/{service}/{instance}/{ip}` });
  assert.deepEqual(app.calls.map(({ path }) => path), [
    "/my%20app%26b/pod%201%3Aa%2Fb%3Fc/fd00%3A%3A7",
  ]);
});

test("the removal comes before the call after the drain", async () => {
  await using lab = await startEurekaLab();
  await using app = startCalled();
  const run = await lab.run("offline", {
    AFTER_DRAIN_URL: app.rootUrl,
    REMOVE_AFTER_DRAIN: "true",
  });
  assertEnd(run, "done", /is removed/);
  assert.ok(app.calls[0]!.at >= run.writes.at(-1)!.at);
});

test("a call after the drain that fails changes no code; one that hangs is cut", async () => {
  await using lab = await startLab();
  await using silent = neverAnswers();
  const run = await lab.run("offline", {
    AFTER_DRAIN_URL: `http://${silent.addr}/clean`,
    AFTER_DRAIN_TIMEOUT: "60",
    TERMINATION_GRACE_PERIOD_SECONDS: room(5, 1),
    STOP_RESERVE_SECONDS: "1",
    LOG_FORMAT: "json",
  });
  assert.equal(run.code, 0);
  const { afterDrain, message } = endOf(run);
  assert.equal(afterDrain.ok, false);
  assert.match(afterDrain.reason, /POST \S+\/clean: no answer in time/);
  assert.match(message, /AFTER_DRAIN_URL: POST/);
  assert.ok(afterDrain.calledMs + afterDrain.tookMs < 30_000, JSON.stringify(afterDrain));
});

test("a run that `online` has undone tells nobody after the drain", async () => {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "20" } });
  await using app = startCalled();
  await using offline = lab.start("offline", { AFTER_DRAIN_URL: app.rootUrl, LOG_FORMAT: "json" });
  await offline.waitForLine(/"event":"accepted"/);
  assertEnd(await lab.run("online"), "done");
  const run = await offline.done;
  assert.equal(run.code, 79);
  assert.deepEqual(app.calls, []);
  const end = endOf(run);
  assert.equal(end.endedBy, "undone");
  assert.equal(end.registries[0].registry, "nacos");
});

test("headers come from the file, and method and headers can be anything that HTTP has", async () => {
  const token = crypto.randomUUID();
  const path = tempFile(`Authorization: Bearer ${token}\r\n\r\naccept:text/plain\nX-A: b: c\n`);
  await using lab = await startLab();
  await using app = startCalled();
  const run = await lab.run("offline", {
    APP_OFFLINE_URL: app.rootUrl,
    APP_OFFLINE_METHOD: "PUT",
    APP_OFFLINE_HEADERS_FILE: path,
  });
  assertEnd(run, "done");
  const [call] = app.calls;
  assert.equal(call?.method, "PUT");
  const sent = ["authorization", "accept", "x-a"].map((name) => call?.headers.get(name));
  assert.deepEqual(sent, [`Bearer ${token}`, "text/plain", "b: c"]);
  // Spring's actuator answers 415 to a POST without it (Boot 3.5.16).
  assert.equal(call?.headers.get("content-type"), "application/json");
  assert.ok(!run.stdout.includes(token));
});

test("a mistake in these settings is said, the work is done, and nothing wrong is called", async () => {
  await using lab = await startLab();
  await using app = startCalled();
  const hidden = "very-secret-token";
  const wrongFile = tempFile(`Authorization Bearer ${hidden}\n`);
  const url = { APP_OFFLINE_URL: app.rootUrl };
  const cases: [Record<string, string>, RegExp][] = [
    [{ APP_OFFLINE_URL: `http://u:${hidden}@127.0.0.1/` }, /APP_OFFLINE_URL .*headers file/],
    [{ APP_OFFLINE_URL: `ftp://127.0.0.1/?t=${hidden}` }, /APP_OFFLINE_URL .*expected http/],
    [{ APP_OFFLINE_URL: "http://127.0.0.1/{host}" }, /other braces are written/],
    [{ ...url, APP_OFFLINE_METHOD: "DELTE" }, /APP_OFFLINE_METHOD .* not "DELTE"/],
    [
      { ...url, APP_OFFLINE_HEADERS_FILE: "/etc/no-such-folder/file" },
      /Cannot read \/etc\/no-such-folder\/file of .*HEADERS_FILE/,
    ],
    [{ ...url, APP_OFFLINE_HEADERS_FILE: wrongFile }, /APP_OFFLINE_HEADERS_FILE .*"Name: value"/],
    [{ ...url, APP_OFFLINE_HEADERS_FILE: `Authorization: ${hidden}` }, /Cannot read the file/],
  ];
  for (const [env, reason] of cases) {
    const run = await lab.run("offline", env);
    assertEnd(run, "settings", reason);
    assert.ok(!(run.stdout + run.stderr).includes(hidden), run.stdout);
    assert.deepEqual(await lab.callersGet(), []);
    assertEnd(await lab.run("online"), "done");
  }
  assert.deepEqual(app.calls, []);
});

test("a password in the flag is not taken, and the work is done", async () => {
  await using lab = await startLab();
  const run = await lab.run(["offline", "--after-drain-url", "http://u:very-secret@h/"]);
  assertEnd(run, "settings", /--after-drain-url.*headers file/);
  assert.doesNotMatch(run.stdout, /very-secret/);
  assert.deepEqual(await lab.callersGet(), []);
});

test("a flag may have an @ in its parameters", async () => {
  await using lab = await startLab();
  await using app = startCalled();
  const url = `${app.rootUrl}/mail?to=a@b.example`;
  assertEnd(await lab.run(["offline", "--app-offline-url", url]), "done");
  assert.deepEqual(app.calls.map(({ path }) => path), ["/mail?to=a@b.example"]);
  assert.deepEqual(await lab.callersGet(), []);
});

test("`online` is not kept waiting by a call that hangs", async () => {
  await using lab = await startLab({ env: { TERMINATION_GRACE_PERIOD_SECONDS: "60" } });
  await using silent = neverAnswers();
  await using offline = lab.start("offline", {
    APP_OFFLINE_URL: `http://${silent.addr}/offline`,
    APP_OFFLINE_TIMEOUT: "40",
    DRAIN_SECONDS: "20",
    LOG_FORMAT: "json",
  });
  await offline.waitForLine(/"event":"list_agrees"/);
  assertEnd(await lab.run("online"), "done");
  const run = await offline.done;
  assert.equal(run.code, 79);
  const { appOffline, appToldAt } = endOf(run);
  assert.ok(appOffline.tookMs < 30_000, JSON.stringify(appOffline));
  assert.equal(appToldAt, null);
});

test("of two registries the app waits for the slower one's write", async () => {
  await using lab = await startLab();
  await using other = await startEurekaLab({ instance: { ip: lab.instance.ip } });
  const { APPLICATION, APPLICATION_PORT, EUREKA_URL = "" } = other.env;
  const eureka = new URL(EUREKA_URL);
  await using slow = startFaulty({
    target: Number(eureka.port),
    fault: () => ({ kind: "slow", msPerByte: 2 }),
  });
  eureka.host = slow.addr;
  await using app = startCalled();
  const run = await lab.run("offline", {
    APPLICATION,
    APPLICATION_PORT,
    EUREKA_URL: eureka.href,
    APP_OFFLINE_URL: app.rootUrl,
    LOG_FORMAT: "json",
    DRAIN_SECONDS: "3",
    TERMINATION_GRACE_PERIOD_SECONDS: "90",
  });
  assert.equal(run.code, 0, run.stdout);
  // Its answer is slow as well, and not waited for longer than a second.
  const write = other.server.requests.find(({ method }) => method === "PUT");
  const [call, ...more] = app.calls;
  assert.deepEqual(more, []);
  assert.ok(write && call && call.at >= write.at, run.stdout);
});

test("a registry that answers nonsense keeps nobody from telling the app", async () => {
  await using lab = await startLab({ intercept: () => text("no idea", 500) });
  await using app = startCalled();
  assertEnd(await lab.run("offline", { APP_OFFLINE_URL: app.rootUrl }), "unreachable");
  assert.equal(app.calls.length, 1);
});
