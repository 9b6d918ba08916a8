/** Two Eurekas that replicate to each other, and one of them is not at its best. */

import assert from "node:assert/strict";
import { runInside } from "../support/inside.ts";
import { atOnce, sideBySide } from "../support/at_once.ts";
import { assertEnd, drained } from "../support/ends.ts";
import { isTakingOut, OUT, startEurekaLab, UP } from "../support/eureka_lab.ts";
import { neverAnswers, refusedPort } from "../support/faulty.ts";
import { pause } from "../support/pause.ts";

runInside();
const test = sideBySide("Eureka peers");

/** Lists are made anew at multiples of this since the epoch: an hour's would be at each full hour. */
const NEVER_MS = 1e15;

test("a write to one of two peers reaches the other, and comes back so", async () => {
  await using lab = await startEurekaLab({ peer: {} });
  const [first, second] = lab.servers;
  const run = await lab.run("offline", { DRAIN_SECONDS: "8" });
  assertEnd(run, "done", /callers no longer get it/);
  assert.equal(run.writes.length, 1);
  assert.deepEqual([lab.recorded(first), lab.recorded(second)], [OUT, OUT]);
  assert.deepEqual([await lab.callersGet(first), await lab.callersGet(second)], [[], []]);
  assertEnd(await lab.run("online --strict"), "done", /callers get it/);
  assert.deepEqual([lab.recorded(first), lab.recorded(second)], [UP, UP]);
});

test("a dead peer is a line in the log, and the other one serves", async (t) => {
  await using silent = neverAnswers();
  const refused = `http://127.0.0.1:${refusedPort()}/eureka`;
  const hanging = `http://${silent.addr}/eureka`;
  const dead: Record<string, [url: string, drain: string, line: RegExp]> = {
    refused: [refused, "2", /WARNING: Cannot connect to http:\/\/127\.0\.0\.1:\d+: .*refused/],
    hanging: [hanging, "6", /WARNING: http:\/\/127\.0\.0\.1:\d+\/eureka: no list in time/],
  };
  await atOnce(
    t,
    Object.fromEntries(
      Object.entries(dead).flatMap(([name, [url, drain, line]]) =>
        ["first", "second"].map((where) => [`${name}, as the ${where}`, async () => {
          // A list takes 2 s where one of two does not answer.
          await using lab = await startEurekaLab({ env: { DRAIN_SECONDS: drain } });
          const live = lab.server.rootUrl;
          const both = { EUREKA_URL: where === "first" ? `${url},${live}` : `${live}, ${url}` };
          const run = await lab.run("offline", both);
          // Waiting for the dead one's list, the write would come after 20 s.
          assertEnd(
            run,
            "done",
            /is out of service, accepted after 1?\d{1,4} ms/,
            /no longer get it/,
          );
          assert.match(run.stdout, line);
          assert.match(run.stdout, new RegExp(`WARNING: .*${new URL(url).host}`));
          assert.deepEqual(lab.recorded(), OUT);
          assertEnd(await lab.run("online --strict", both), "done", /callers get it/);
          assert.deepEqual(lab.recorded(), UP);
        }])
      ),
    ),
  );
});

test("the last line does not take back what the log has said", async () => {
  await using silent = neverAnswers();
  await using lab = await startEurekaLab();
  // Ends while the look at the lists is waiting for the hanging one.
  const env = { DRAIN_SECONDS: "5", TERMINATION_GRACE_PERIOD_SECONDS: "16" };
  const EUREKA_URL = `${lab.server.rootUrl},http://${silent.addr}/eureka`;
  const run = await lab.run("offline", { ...env, EUREKA_URL });
  const said = run.lines.slice(0, -1).some((line) => /callers no longer get it/.test(line));
  assert.equal(/callers no longer get it/.test(run.lastLine), said, run.stdout);
});

test("a peer that has restarted and does not know the instance is passed over", async () => {
  await using lab = await startEurekaLab({ syncMs: 60_000, peer: { syncMs: 60_000 } });
  const [first, second] = lab.servers;
  await first?.stop();
  await first?.restart();
  assert.equal(lab.recorded(first), undefined);
  const run = await lab.run("offline", { DRAIN_SECONDS: "2" });
  assertEnd(run, "done", /is out of service, accepted/);
  assert.deepEqual(lab.recorded(second), OUT);
  assert.doesNotMatch(run.stdout, /not registered|deregistered/);
});

test("a peer that restarts during the drain is no sign that the app has gone", async () => {
  await using lab = await startEurekaLab({ syncMs: 60_000, peer: { syncMs: 60_000 } });
  const [first, second] = lab.servers;
  await using offline = lab.start("offline", { DRAIN_SECONDS: "8" });
  await offline.waitForLine(/callers no longer get it/);
  await first?.stop();
  await first?.restart();
  const run = await offline.done;
  assertEnd(run, "done", /is out of service, accepted/);
  assert.doesNotMatch(run.stdout, /deregistered/);
  assert.deepEqual(lab.recorded(second), OUT);
});

test("a write that one peer answers with 404 goes to the next", async () => {
  await using lab = await startEurekaLab({
    peer: {},
    intercept: (req) => isTakingOut(req) ? new Response(null, { status: 404 }) : undefined,
  });
  const run = await lab.run("offline", { DRAIN_SECONDS: "3" });
  assertEnd(run, "done", /is out of service, accepted/);
  assert.deepEqual(lab.servers.map((one) => lab.recorded(one)), [OUT, OUT]);
});

test("neither of two peers knows it: not found, and nothing is written", async () => {
  await using lab = await startEurekaLab({ peer: {}, registered: false });
  const run = await lab.run("offline", { DRAIN_SECONDS: "1" });
  assertEnd(run, "notFound", /was never registered/, drained(1));
  assert.deepEqual(run.writes, []);
});

test("callers no longer get it once the lists of both peers say so", async () => {
  const cacheMs = 6_000;
  await using lab = await startEurekaLab({ peer: { cacheMs } });
  const [first, second] = lab.servers;
  // Just renewed, so that the write falls well before the next renewal.
  await pause(cacheMs - Date.now() % cacheMs + 50);
  assert.equal((await lab.callersGet(second)).length, 1);
  await using offline = lab.start("offline", { DRAIN_SECONDS: "20" });
  await offline.waitForLine(/out of service in the registry's own record/);
  await offline.waitForLine(/callers no longer get it/);
  assert.deepEqual([await lab.callersGet(first), await lab.callersGet(second)], [[], []]);
  const at = (said: RegExp) => {
    const line = offline.stdout.split("\n").find((one) => said.test(one)) ?? "";
    return Date.parse(line.split(" ")[0] ?? "");
  };
  const renewal = Math.ceil(at(/registry's own record/) / cacheMs) * cacheMs;
  assert.ok(at(/callers no longer get it/) >= renewal, offline.stdout);
});

test("a peer whose list lags is said at the end, and not waited for", async () => {
  await using lab = await startEurekaLab({ peer: { cacheMs: NEVER_MS } });
  const [, second] = lab.servers;
  assert.equal((await lab.callersGet(second)).length, 1);
  const run = await lab.run("offline", {
    DRAIN_SECONDS: "6",
    TERMINATION_GRACE_PERIOD_SECONDS: "300",
  });
  assertEnd(
    run,
    "done",
    new RegExp(`is out of service, accepted after \\d+ ms; still listed at ${second?.rootUrl}`),
  );
  assert.ok(run.elapsedMs < 60_000, `${run.elapsedMs} ms`);
});

test("a removal asks one peer only, and believes it", async (t) => {
  const dead = `http://127.0.0.1:${refusedPort()}/eureka`;
  await t.step("with the other one dead", async () => {
    await using lab = await startEurekaLab({ env: { REMOVE_AFTER_DRAIN: "true" } });
    const run = await lab.run("offline", { EUREKA_URL: `${dead},${lab.server.rootUrl}` });
    assertEnd(run, "done", /is removed/);
    assert.equal(lab.recorded(), undefined);
  });
  await t.step("with the other one behind", async () => {
    await using lab = await startEurekaLab({ peer: {}, env: { REMOVE_AFTER_DRAIN: "true" } });
    const run = await lab.run("offline");
    assertEnd(run, "done", /is removed/);
    const removals = run.requests.filter(({ method, path }) =>
      method === "DELETE" && !path.endsWith("/status")
    );
    assert.equal(removals.length, 1);
  });
});

test("two servers that do not replicate are both written, and put back", async () => {
  await using lab = await startEurekaLab();
  let isAsked = false;
  await using other = await startEurekaLab({
    instance: lab.instance,
    // It takes no write before it is asked about one. Where the first server is slow the program
    // writes to both at a time, and then this one has nothing to follow.
    intercept(req) {
      isAsked ||= req.method === "GET" && lab.recorded()?.[0] === OUT[0];
      return isTakingOut(req) && !isAsked ? new Response(null, { status: 503 }) : undefined;
    },
  });
  const env = { EUREKA_URL: `${lab.server.rootUrl},${other.server.rootUrl}`, DRAIN_SECONDS: "3" };
  const run = await lab.run("offline", env);
  assertEnd(run, "done", /callers no longer get it/);
  assert.match(run.stdout, /WARNING: \S+ has not followed: taking it out of service there too/);
  assert.deepEqual([lab.recorded(), other.recorded()], [OUT, OUT]);
  assertEnd(await lab.run("online --strict", env), "done", /callers get it/);
  assert.deepEqual([lab.recorded(), other.recorded()], [UP, UP]);
});

test("a server that does not replicate and takes no write is named", async () => {
  await using lab = await startEurekaLab();
  await using other = await startEurekaLab({
    instance: lab.instance,
    csrf: false,
    intercept: (req) => req.method === "PUT" ? new Response(null, { status: 403 }) : undefined,
  });
  const env = { EUREKA_URL: `${lab.server.rootUrl},${other.server.rootUrl}`, DRAIN_SECONDS: "3" };
  const run = await lab.run("offline", env);
  const { host } = new URL(other.server.rootUrl);
  assertEnd(run, "notConfirmed", new RegExp(`but not at http://${host}/eureka .*403`));
  assert.deepEqual([lab.recorded(), other.recorded()], [OUT, UP]);
});
