/** Servers and networks that misbehave: what can pass is waited out, what cannot is said. */

import assert from "node:assert/strict";
import { assertEnd, drained } from "../support/ends.ts";
import { atOnce, each, sideBySide } from "../support/at_once.ts";
import {
  type Fault,
  httpAnswer,
  neverAnswers,
  refusedPort,
  startBlackHole,
  startFaulty,
} from "../support/faulty.ts";
import { type Env, type Lab, startLab } from "../support/lab.ts";
import { json, springError, text } from "../embedded/nacos_answers.ts";
import { eventually, pause } from "../support/pause.ts";
import { room } from "../support/room.ts";

const test = sideBySide("faults");

/** Long enough for a second and a third try. */
const PATIENT: Env = { DRAIN_SECONDS: "20" };

/** Ends the run once callers no longer get the instance: what would follow is the drain. */
async function assertTakesOut(lab: Lab, env: Env = {}): Promise<void> {
  await using offline = lab.start("offline", { ...PATIENT, ...env });
  await offline.waitForLine(/callers no longer get it/);
  assert.deepEqual(await lab.callersGet(), []);
}

test("offline without any server to talk to says why, and that nothing answered", async (t) => {
  await using silent = neverAnswers();
  await using hole = await startBlackHole();
  await using hangsUp = startFaulty({ fault: () => ({ kind: "hang up" }) });
  const unreachable: Record<string, [Env, RegExp]> = {
    "refused port": [{ NACOS_SERVER_ADDR: `127.0.0.1:${refusedPort()}` }, /refused/i],
    "black-holed address": [{ NACOS_SERVER_ADDR: hole.addr }, /unreachable/],
    "a server that never answers": [{ NACOS_SERVER_ADDR: silent.addr }, /no answer/],
    "a server that hangs up": [{ NACOS_SERVER_ADDR: hangsUp.addr }, /127\.0\.0\.1/],
    "a name that does not resolve": [
      { NACOS_SERVER_ADDR: "no-such-host.invalid:8848" },
      /no-such-host\.invalid:8848.*cannot be resolved|no-such-host\.invalid:8848.*lookup/,
    ],
    "https where http is spoken": [{ NACOS_SERVER_ADDR: `https://${silent.addr}` }, /no answer/],
  };
  const grace = room(5);
  const bounded = {
    DRAIN_SECONDS: "1",
    TERMINATION_GRACE_PERIOD_SECONDS: grace,
    STOP_RESERVE_SECONDS: "0",
  };
  await each(t, unreachable, async ([env, why]) => {
    await using lab = await startLab({ env: { ...bounded, ...env } });
    const run = await lab.run("offline");
    assertEnd(run, "unreachable", why, drained(1));
    assert.ok(
      run.elapsedMs > 900 && run.elapsedMs < Number(grace) * 1_000 + 12_000,
      `${run.elapsedMs} ms`,
    );
  });
});

/** A fault of the first answers, with a good server behind it. */
const passing: Record<string, (requestLine: string, n: number) => Fault> = {
  "every answer a few bytes at a time": () => ({ kind: "slow", msPerByte: 1 }),
  "closed early, twice": (_line, n) => ({ kind: n <= 2 ? "cut short" : "pass" }),
  "hung up, twice": (_line, n) => ({ kind: n <= 2 ? "hang up" : "pass" }),
  "no HTTP at first": (_line, n) =>
    n === 1 ? { kind: "answer", bytes: "SSH-2.0-OpenSSH_9.6\r\n" } : { kind: "pass" },
};
for (const generation of ["2.x", "3.1"] as const) {
  test.each(`offline on ${generation} gets through a bad connection`, passing, async (fault) => {
    await using lab = await startLab({ generation });
    await using front = startFaulty({ target: lab.server.port, fault });
    await assertTakesOut(lab, { NACOS_SERVER_ADDR: front.addr });
    assert.ok(front.requests.length > 3, "the bad connection was not used");
  });
}

test("offline gets through answers that mean not now", async (t) => {
  const starting = "server is STARTING now, please try again later!";
  const leaderless = "caused: do metadata operation failed;";
  const passingAnswers: Record<string, () => Response> = {
    "500 and an error page": () => springError("/nacos", 500, "boom"),
    "502 of a gateway": () => new Response("<html>Bad Gateway</html>", { status: 502 }),
    "503 of a gateway": () => new Response("no healthy upstream", { status: 503 }),
    "200 with the text of a starting server": () => text(starting),
    "503 with the text of a starting server": () => text(starting, 503),
    "400 without a leader": () => text(leaderless, 400),
    "500 without a leader": () => text(leaderless, 500),
    "an empty 200": () => new Response(null),
    "a page of HTML with 200": () =>
      new Response("<html>Sign in</html>", { headers: { "content-type": "text/html" } }),
    "JSON that says something else": () => json({ ok: true }),
  };
  await atOnce(
    t,
    Object.fromEntries(
      Object.entries(passingAnswers).flatMap(([name, answer]) =>
        (["2.x", "3.1"] as const).map((generation) =>
          [`${name}, at the first look and at the first write on ${generation}`, async () => {
            let looks = 0;
            let writes = 0;
            const isFirst = ({ method, url }: Request) =>
              method === "PATCH" || method === "PUT"
                ? writes++ === 0
                : /catalog\/instances|\/v3\/admin\/ns\/instance/.test(url) && looks++ === 0;
            await using lab = await startLab({
              generation,
              intercept: (req) => isFirst(req) ? answer() : undefined,
            });
            await assertTakesOut(lab);
            assert.ok(looks > 1 && writes > 1, "one of them was not tried again");
          }] as const
        )
      ),
    ),
  );
});

test("offline does not take a wrong answer for a success", async (t) => {
  const huge = "x".repeat(20 * 1024 * 1024);
  const lies: Record<string, string> = {
    "an empty 200": httpAnswer("200 OK", ""),
    "a page of HTML": httpAnswer("200 OK", "<html>It works!</html>", {
      "content-type": "text/html",
    }),
    "another JSON": httpAnswer("200 OK", `{"status":"UP"}`, { "content-type": "application/json" }),
    "a body without end": httpAnswer("200 OK", huge),
    "a redirect": httpAnswer("302 Found", "", { location: "http://127.0.0.1:1/login" }),
    "404": httpAnswer("404 Not Found", "404 page not found"),
    "a status line that is none": "HTTP/1.1 0 \r\n\r\n",
    "another protocol": "SSH-2.0-OpenSSH_9.6\r\n",
  };
  await each(t, lies, async (bytes) => {
    await using front = startFaulty({ fault: () => ({ kind: "answer", bytes }) });
    await using lab = await startLab({
      env: { NACOS_SERVER_ADDR: front.addr, DRAIN_SECONDS: "1" },
    });
    const run = await lab.run("offline");
    assertEnd(run, "unreachable", new RegExp(front.addr));
    assert.ok(run.stdout.length < 20_000, `${run.stdout.length} characters on stdout`);
  });
});

test("a redirect is not followed, wherever it leads", async () => {
  await using target = startFaulty({
    fault: () => ({ kind: "answer", bytes: httpAnswer("200 OK", "{}") }),
  });
  await using lab = await startLab({
    generation: "3.1",
    auth: true,
    env: { DRAIN_SECONDS: "1" },
    intercept: (req) =>
      /\/ns\/instance/.test(req.url)
        ? new Response(null, { status: 307, headers: { location: `http://${target.addr}/` } })
        : undefined,
  });
  assertEnd(await lab.run("offline"), "unreachable", /307/);
  assert.deepEqual(target.requests, []);
});

test("an empty 200 to every write on 3.1 is not confirmed", async () => {
  await using lab = await startLab({
    generation: "3.1",
    env: { DRAIN_SECONDS: "1" },
    intercept: (req) => req.method === "PUT" ? new Response(null) : undefined,
  });
  const run = await lab.run("offline");
  assert.notEqual(run.code, 0, run.stdout);
  assert.match(run.stderr, /answered 200 with no body/);
  assert.equal((await lab.callersGet()).length, 1);
});

test("the first write is not cut short by a grace period that is over", async () => {
  await using lab = await startLab({
    env: { DRAIN_SECONDS: "0", TERMINATION_GRACE_PERIOD_SECONDS: "1" },
    intercept: async (req) => {
      if (req.method === "PATCH") await pause(700);
      return undefined;
    },
  });
  let run = await lab.run("offline");
  // On a busy machine the second that every run has may be over before there is a write.
  for (let tries = 1; run.writes.length === 0 && tries < 5; tries++) run = await lab.run("offline");
  assert.match(run.stdout, /this run has 1\.0 s, STOP_RESERVE_SECONDS=15 takes all of the grace/);
  // The record follows a write after 50 ms here, when the run may have ended.
  await eventually(() => {
    assert.equal(lab.server.instances()[0]?.enabled, false, run.stdout);
    return Promise.resolve();
  });
});

test("a leader election of several seconds is no failure while time is left", async () => {
  const electedAt = Date.now() + 2_500;
  await using lab = await startLab({
    intercept: (req) =>
      req.method === "PATCH" && Date.now() < electedAt
        ? text("caused: do metadata operation failed;", 500)
        : undefined,
  });
  await assertTakesOut(lab);
});
