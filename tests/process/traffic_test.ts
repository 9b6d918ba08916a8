/** The drain that goes on while the app still gets requests, against an app that counts them. */

import assert from "node:assert/strict";
import { runInside } from "../support/inside.ts";
import { each, sideBySide } from "../support/at_once.ts";
import { assertEnd, drained, messageOf } from "../support/ends.ts";
import { refusedPort } from "../support/faulty.ts";
import { type HookRun, registerSecret } from "../support/hook.ts";
import { type Env, type Lab, startLab } from "../support/lab.ts";
import { type MetricsServer, startMetricsServer } from "../support/metrics_server.ts";
import { room } from "../support/room.ts";
import { TLS, tlsFile } from "../support/tls.ts";
import { pause } from "../support/pause.ts";

runInside();
const test = sideBySide("traffic");

/** One instance, its app's metrics, and a run with a floor of a second and two seconds of silence. */
async function start(
  env: Env = {},
  app: MetricsServer = startMetricsServer(),
): Promise<AsyncDisposable & { readonly lab: Lab; readonly app: MetricsServer }> {
  const lab = await startLab({
    env: {
      DRAIN_SECONDS: "1",
      QUIET_SECONDS: "2",
      TERMINATION_GRACE_PERIOD_SECONDS: "60",
      TRAFFIC_URL: app.url,
      ...env,
    },
  });
  return {
    lab,
    app,
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await lab[Symbol.asyncDispose]();
    },
  };
}

/** The warnings of a run, without those that its end repeats. */
function warnings(run: HookRun): string[] {
  return run.lines.filter((line) => / WARNING: /.test(line)).map(messageOf);
}

/** A busy machine is slow, never fast: the lower bound is exact, the upper one is generous. */
function assertBetween(actual: number, least: number, what: string): void {
  assert.ok(actual > least - 100 && actual < least + 15_000, `${what}: ${actual} ms, not ${least}`);
}

test("the drain goes on while requests arrive, and ends once they have stopped", async () => {
  await using site = await start();
  const { lab, app } = site;
  const calls = app.keepCalling();
  await using offline = lab.start("offline");
  // Past the floor, with a rate of about ten a second.
  const line = await offline.waitForLine(/at most \d+ s left; \d+\.\d requests\/s; nacos: out of/);
  const rate = Number(/([\d.]+) requests/.exec(line)?.[1]);
  assert.ok(rate > 0.5 && rate < 15, line);
  calls.stop();
  const run = await offline.done;
  const endedAt = Date.now();
  assertEnd(run, "done", /callers no longer get it/);
  assert.deepEqual(warnings(run), []);
  assertBetween(endedAt - app.lastCallAt, 2_000, "after the last call");
  assert.deepEqual(await lab.callersGet(), []);
});

test("the counter is not read before the write, and about once a second", async () => {
  await using site = await start({ DRAIN_SECONDS: "4", QUIET_SECONDS: "1" });
  const { lab, app } = site;
  const run = await lab.run("offline");
  assertEnd(run, "done");
  const [write] = run.writes;
  assert.ok(write && app.reads[0] && app.reads[0].at >= write.at, "read before the write");
  const most = run.elapsedMs / 1_000 + 2;
  assert.ok(app.reads.length >= 2 && app.reads.length <= most, `${app.reads.length} reads`);
});

test("requests that stop before the floor hold nothing up", async () => {
  await using site = await start({ DRAIN_SECONDS: "5", QUIET_SECONDS: "2" });
  const { lab, app } = site;
  app.call();
  const run = await lab.run("offline");
  assertEnd(run, "done", drained(5));
  assert.deepEqual(warnings(run), []);
});

test("health and metrics requests hold nothing up", async () => {
  await using site = await start();
  const { lab, app } = site;
  for (const path of ["/actuator/health", "/healthz", "/metrics"]) app.keepCalling(path);
  const run = await lab.run("offline");
  assertEnd(run, "done");
  assertBetween(run.elapsedMs, 2_000, "the run");
});

test("DRAIN_SECONDS=0 waits for the silence", async () => {
  await using site = await start({ DRAIN_SECONDS: "0" });
  const { lab, app } = site;
  const calls = app.keepCalling();
  await using offline = lab.start("offline");
  await offline.waitForLine(/callers no longer get it/);
  await pause(2_500);
  calls.stop();
  const run = await offline.done;
  assertEnd(run, "done");
  assertBetween(Date.now() - app.lastCallAt, 2_000, "after the last call");
});

test("the deadline ends it while requests arrive, with the number to set", async () => {
  const grace = room(5, 15);
  await using site = await start({ TERMINATION_GRACE_PERIOD_SECONDS: grace });
  const { lab, app } = site;
  app.keepCalling();
  const run = await lab.run("offline");
  assertEnd(run, "done");
  assertBetween(run.elapsedMs, (Number(grace) - 15) * 1_000, "the run");
  const [said = "", ...more] = warnings(run).filter((one) => /cut by the deadline/.test(one));
  assert.deepEqual(more, []);
  // 50 s that callers of Nacos take, 2 s of silence, 15 s of reserve.
  assert.match(said, /\d requests\/s.*Seconds: 70 and TERMINATION_GRACE_PERIOD_SECONDS=70$/);
});

test("https is read with CA_FILE", async () => {
  await using site = await start({}, startMetricsServer(TLS));
  const { lab, app } = site;
  const untrusted = await lab.run("offline");
  assert.match(warnings(untrusted).join(), /Cannot read TRAFFIC_URL: .*certificate/i);
  assert.deepEqual(app.reads, []);
  const trusted = await lab.run("offline", { CA_FILE: tlsFile("ca.pem") });
  assertEnd(trusted, "done");
  assert.deepEqual(warnings(trusted), []);
  assertBetween(trusted.elapsedMs, 2_000, "the run");
});

test("an app that restarts has traffic", async () => {
  await using site = await start({ QUIET_SECONDS: "4" });
  const { lab, app } = site;
  await using offline = lab.start("offline");
  await offline.waitForLine(/callers no longer get it/);
  while (app.reads.length < 2) await pause(50);
  const restartedAt = Date.now();
  app.restart();
  assertEnd(await offline.done, "done");
  assert.ok(Date.now() - restartedAt > 3_900, "it has not waited for the restarted app");
});

test("an unreadable counter is said once, and then the drain is the fixed one", async (t) => {
  const never = () =>
    new Promise<Response>((resolve) => setTimeout(resolve, 8_000, new Response()));
  const cases: Record<
    string,
    [env: (url: string) => Env, how: (request: Request) => Response | Promise<Response>, RegExp]
  > = {
    "refused": [
      () => ({ TRAFFIC_URL: `http://127.0.0.1:${refusedPort()}/metrics` }),
      () => new Response(),
      /GET http:\/\/127\.0\.0\.1:\d+\/metrics: .*refused/i,
    ],
    "404": [
      (url) => ({ TRAFFIC_URL: `${url}x?token=secret-in-url` }),
      ({ url }) => new Response(`no such page: ${url}`, { status: 404 }),
      /prometheusx answered 404; check the path.*exposure\.include/,
    ],
    "a login that knows where to go on": [
      (url) => ({ TRAFFIC_URL: `${url}?token=secret-in-url` }),
      ({ url }) => {
        const location = `/login?from=${encodeURIComponent(url)}`;
        return new Response("", { status: 302, headers: { location } });
      },
      /answered 302: a redirect to \/login;/,
    ],
    "401": [() => ({}), () => new Response("", { status: 401 }), /answered 401.*TRAFFIC_URL/],
    "500": [() => ({}), () => new Response("oh", { status: 500 }), /answered 500: oh; no metrics/],
    "a page": [
      () => ({}),
      () => new Response("<html>"),
      /answered 200: <html>; this is no Prometheus/,
    ],
    "a redirect": [
      () => ({}),
      () => new Response("", { status: 302, headers: { location: "/login" } }),
      /answered 302: a redirect to \/login/,
    ],
    "no answer": [() => ({}), never, /no answer in time/],
    "an endless answer": [
      () => ({}),
      () => new Response(new Blob([`${"m 1\n".repeat(300_000)}`])),
      /answered 200 with a body that is too long: .*; metrics are read up to 1 MiB/,
    ],
  };
  registerSecret("secret-in-url");
  await each(t, cases, async ([env, how, reason]) => {
    await using site = await start();
    const { lab, app } = site;
    app.respond(how);
    app.keepCalling();
    const run = await lab.run("offline", { DRAIN_SECONDS: "7", ...env(app.url) });
    assertEnd(run, "done", drained(7));
    const [said = "", ...more] = warnings(run).filter((one) => /TRAFFIC/.test(one));
    assert.deepEqual(more, []);
    assert.match(said, /^Cannot read TRAFFIC_URL: .* the drain does not wait for requests$/);
    assert.match(said, reason);
  });
});

test("an app that ends during the drain is said once", async () => {
  await using site = await start({ DRAIN_SECONDS: "4" });
  const { lab, app } = site;
  await using offline = lab.start("offline");
  while (app.reads.length < 2) await pause(50);
  await app.shutdown();
  const run = await offline.done;
  assertEnd(run, "done", drained(4));
  assert.equal(warnings(run).length, 1, run.stdout);
  assert.match(warnings(run)[0] ?? "", /Cannot read TRAFFIC_URL/);
});

test("a metric that is nowhere is said once", async () => {
  await using site = await start({ TRAFFIC_METRIC: "typo_total", DRAIN_SECONDS: "3" });
  const { lab, app } = site;
  app.keepCalling();
  const run = await lab.run("offline");
  assertEnd(run, "done", drained(3));
  assert.equal(warnings(run).length, 1, run.stdout);
  assert.match(warnings(run)[0] ?? "", /no typo_total .*check TRAFFIC_METRIC/);
});

test("the user in TRAFFIC_URL goes into the header, is never shown, and not into the flag", async () => {
  await using site = await start();
  const { lab, app } = site;
  registerSecret("s3cret@word");
  const TRAFFIC_URL = app.url.replace("127", "app:s3cret%40word@127");
  app.respond(() => new Response("you are app:s3cret@word", { status: 401 }));
  const run = await lab.run("offline", { TRAFFIC_URL, LOG_FORMAT: "text" });
  assertEnd(run, "done");
  assert.equal(
    app.reads[0]?.headers.get("authorization"),
    `Basic ${btoa("app:s3cret@word")}`,
  );
  assert.match(warnings(run)[0] ?? "", /answered 401; allow reading it/);
  // The address of the environment counts, without a user: what the app says then is no secret.
  app.respond(() => new Response(null, { status: 401 }));
  const flag = await lab.run(["offline", "--traffic-url", TRAFFIC_URL]);
  assertEnd(flag, "settings", /--traffic-url is not taken from the command line/);
  assert.deepEqual(await lab.callersGet(), [], "the work is done all the same");
  assert.deepEqual(flag.requests.length > 0, true);
});
