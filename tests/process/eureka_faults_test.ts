/** Faults on each kind of request to Eureka: what passes is got through, what stays is named. */

import assert from "node:assert/strict";
import { runInside } from "../support/inside.ts";
import { atOnce, each, sideBySide } from "../support/at_once.ts";
import { assertEnd, drained } from "../support/ends.ts";
import { deregister, setStatus } from "../support/eureka_client.ts";
import {
  type Env,
  type EurekaLab,
  isTakingOut,
  OUT,
  startEurekaLab,
  UP,
} from "../support/eureka_lab.ts";
import { type Fault, type FaultyServer, httpAnswer, startFaulty } from "../support/faulty.ts";
import { room } from "../support/room.ts";
import { pause } from "../support/pause.ts";

runInside();
const test = sideBySide("Eureka faults");

/** Long enough for a second and a third try. */
const PATIENT: Env = { DRAIN_SECONDS: "20" };

/** Ends the run once callers no longer get the instance: what would follow is the drain. */
async function assertTakesOut(lab: EurekaLab, env: Env = {}): Promise<string> {
  await using offline = lab.start("offline", { ...PATIENT, ...env });
  await offline.waitForLine(/callers no longer get it/);
  assert.deepEqual(lab.recorded(), OUT);
  return offline.stdout;
}

test("with CSRF protection it is refused for that reason, and the drain is kept", async () => {
  await using lab = await startEurekaLab({ csrf: true });
  const run = await lab.run("offline", { DRAIN_SECONDS: "2" });
  assertEnd(run, "refused", /PUT .*answered 401/, /CSRF/, /\/eureka\/\*\*/, drained(2));
  assert.deepEqual(lab.recorded(), UP);
});

test("404 on the write after a good look: the app has deregistered itself", async () => {
  await using lab: EurekaLab = await startEurekaLab({
    intercept: async (req) => {
      if (isTakingOut(req)) await deregister(lab.server, lab.instance);
      return undefined;
    },
  });
  const run = await lab.run("offline", { DRAIN_SECONDS: "1" });
  assertEnd(run, "done", /has been deregistered/);
});

test("404 of whoever stands where Eureka stood is no sign that the app has gone", async (t) => {
  const answers: Record<string, () => Response> = {
    "an ingress' default backend": () => new Response("default backend - 404", { status: 404 }),
    "an empty one": () => new Response(null, { status: 404 }),
    "another Spring app": () => Response.json({ status: 404, error: "Not Found" }, { status: 404 }),
  };
  await each(t, answers, async (answer) => {
    let gone = false;
    await using lab: EurekaLab = await startEurekaLab({
      intercept(req) {
        gone ||= isTakingOut(req);
        return gone ? answer() : undefined;
      },
    });
    const grace = room(10, 2);
    const run = await lab.run("offline", {
      DRAIN_SECONDS: "2",
      TERMINATION_GRACE_PERIOD_SECONDS: grace,
      STOP_RESERVE_SECONDS: "2",
    });
    assertEnd(run, "unreachable", /404/, /EUREKA_URL right/, drained(Number(grace) - 2));
    assert.doesNotMatch(run.stdout, /deregistered/);
    assert.deepEqual(lab.recorded(), UP);
  });
});

/** The kinds of requests, by their request lines. */
const requests: Record<string, RegExp> = {
  "the list": /^GET \/eureka\/apps\/[^/ ]+ /,
  "the record": /^GET \/eureka\/apps\/[^/ ]+\/[^/ ]+ /,
  "taking out": /^PUT \/eureka\/apps\/[^/ ]+\/[^/ ]+\/status\?value=OUT_OF_SERVICE[& ]/,
  "putting back": /^DELETE \/eureka\/apps\/[^/ ]+\/[^/ ]+\/status\?value=UP[& ]/,
  "removing": /^DELETE \/eureka\/apps\/[^/ ]+\/[^/ ]+ /,
};
const html = { "content-type": "text/html" };
const faults: Record<string, Fault> = {
  "500": { kind: "answer", bytes: httpAnswer("500 Internal Server Error", "boom") },
  "503": { kind: "answer", bytes: httpAnswer("503 Service Unavailable", "no healthy upstream") },
  "half an answer": {
    kind: "answer",
    bytes: httpAnswer("200 OK", `{"application":{"name"`).replace(/(length: )\d+/, "$1999"),
  },
  "HTML with 200": { kind: "answer", bytes: httpAnswer("200 OK", "<html>Sign in</html>", html) },
  "302 to a login page": {
    kind: "answer",
    bytes: httpAnswer("302 Found", "", { location: "http://127.0.0.1:1/login" }),
  },
  "a reset": { kind: "reset" },
  "a hang-up": { kind: "hang up" },
};

/** A front of the lab's server that spoils the first requests of one kind. */
function spoil(lab: EurekaLab, kind: string, spoilt: readonly string[]): FaultyServer {
  let n = 0;
  const wanted = requests[kind] ?? /^$/;
  return startFaulty({
    target: lab.server.port,
    fault: (line) => faults[wanted.test(line) ? spoilt[n++] ?? "" : ""] ?? { kind: "pass" },
  });
}

/** The run that sends requests of a kind, and how the instance stands if it has done its work. */
const runsOf: Record<string, { args: string; env?: Env; right: readonly string[] | undefined }> = {
  "the list": { args: "offline", right: OUT },
  "the record": { args: "offline", right: OUT },
  "taking out": { args: "offline", right: OUT },
  "putting back": { args: "online --strict --force", right: UP },
  "removing": {
    args: "offline",
    env: { REMOVE_AFTER_DRAIN: "true", DRAIN_SECONDS: "1" },
    right: undefined,
  },
};

/** A lab whose instance is as the run of that kind finds it. */
async function startSpoilt(kind: string, env: Env = {}): Promise<EurekaLab> {
  const lab = await startEurekaLab({ env: { ...PATIENT, ...runsOf[kind]?.env, ...env } });
  if (kind === "putting back") {
    await setStatus(lab.server, lab.instance, "OUT_OF_SERVICE");
  }
  return lab;
}

test("a fault that passes is got through, at each request", async (t) => {
  const pairs = [["500", "half an answer"], ["503", "a reset"], [
    "302 to a login page",
    "a hang-up",
  ]];
  await atOnce(
    t,
    Object.fromEntries(
      Object.entries(runsOf).flatMap(([kind, { args, right }]) =>
        // A write that answers so has not been refused, see below.
        [...pairs, ["HTML with 200"]].map((spoilt) => [
          `${spoilt.join(", then ")} at ${kind}`,
          async () => {
            await using lab = await startSpoilt(kind);
            await using front = spoil(lab, kind, spoilt);
            const EUREKA_URL = `http://${front.addr}/eureka`;
            if (args === "offline" && kind !== "removing") {
              await assertTakesOut(lab, { EUREKA_URL });
            } else {
              assertEnd(await lab.run(args, { EUREKA_URL }), "done");
            }
            assert.deepEqual(lab.recorded(), right);
            const sent = front.requests.filter((line) => requests[kind]?.test(line));
            assert.ok(sent.length > spoilt.length, "the faults did not come up");
          },
        ])
      ),
    ),
  );
});

test.each(
  "a slow connection is used to the end",
  ["offline", "online --strict --force"],
  async (args) => {
    await using lab = await startSpoilt(args === "offline" ? "the list" : "putting back");
    await using front = startFaulty({
      target: lab.server.port,
      fault: () => ({ kind: "slow", msPerByte: 1 }),
    });
    const EUREKA_URL = `http://${front.addr}/eureka`;
    if (args === "offline") await assertTakesOut(lab, { EUREKA_URL });
    else assertEnd(await lab.run(args, { EUREKA_URL }), "done", /callers get it/);
  },
);

test("an answer that comes after seconds is waited for, and its request not sent again", async () => {
  let writes = 0;
  await using lab = await startEurekaLab({
    intercept: async (req) => {
      if (!isTakingOut(req)) return undefined;
      writes++;
      await pause(4_000);
      return undefined;
    },
  });
  await assertTakesOut(lab);
  assert.equal(writes, 1);
});

test("a fault that stays is named, with the request and what came back", async (t) => {
  const words: Record<string, string> = {
    "500": "answered 500: boom; not what a Eureka server answers",
    "half an answer": "(end of file|closed|body|incomplete|was cut)",
    "HTML with 200": "answered 200: <html>Sign in</html>; not what a Eureka server answers",
    "302 to a login page":
      "answered 302: a redirect to http://127.0.0.1:1/login; not what a Eureka server answers",
    "a reset": "(reset|closed|broken)",
  };
  const all = Object.keys(words);
  const [error = "", half = "", lie = ""] = all;
  // The others go the same ways.
  const kinds: Record<string, [name: string, faults: readonly string[]]> = {
    "the list": ["GET http\\S+/eureka/apps/[^/ ]+", [error, lie]],
    "the record": ["GET http\\S+/eureka/apps/[^/ ]+/[^/ ]+", all],
    "taking out": ["PUT http\\S+/status", all],
    "putting back": ["DELETE http\\S+/status", [error, lie]],
    "removing": ["not removed: DELETE http\\S+", [error, half, lie]],
  };
  const steps = Object.entries(kinds).flatMap(([kind, [name, stays]]) =>
    stays.map((fault) =>
      [`${fault} at ${kind}`, async () => {
        await using lab = await startSpoilt(kind, {
          DRAIN_SECONDS: "1",
          TERMINATION_GRACE_PERIOD_SECONDS: room(6, 15),
          ONLINE_TIMEOUT_SECONDS: room(3),
        });
        await using front = spoil(lab, kind, Array(100).fill(fault));
        const EUREKA_URL = `http://${front.addr}/eureka`;
        const run = await lab.run(runsOf[kind]?.args ?? "", { EUREKA_URL });
        const lied = fault === "HTML with 200" && !kind.startsWith("the ");
        if (lied && kind !== "removing") {
          assertEnd(run, "notConfirmed", /written, but the registry's own record does not show it/);
        } else if (lied) {
          // Nothing has been removed, so that must not be said.
          assert.doesNotMatch(run.lastLine, /is removed/);
        } else {
          assertEnd(run, "unreachable", new RegExp(`${name}.*${words[fault]}`, "i"));
        }
        assert.notDeepEqual(lab.recorded(), runsOf[kind]?.right);
      }] as const
    )
  );
  await atOnce(t, Object.fromEntries(steps));
});

test("a removal that is never answered is given up within seconds", async () => {
  await using lab = await startSpoilt("removing", { TERMINATION_GRACE_PERIOD_SECONDS: "300" });
  await using front = startFaulty({
    target: lab.server.port,
    fault: (line) => ({ kind: requests["removing"]?.test(line) ? "silence" : "pass" }),
  });
  const run = await lab.run("offline", { EUREKA_URL: `http://${front.addr}/eureka` });
  assertEnd(run, "unreachable", /is out of service, .*; not removed: .*no answer in time/);
  assert.deepEqual(lab.recorded(), OUT);
  assert.ok(run.elapsedMs < 60_000, `${run.elapsedMs} ms`);
});

test("a write that is answered with 200 and does nothing is written again", async () => {
  let lies = 2;
  await using lab = await startEurekaLab({
    intercept: (req) => isTakingOut(req) && lies-- > 0 ? new Response(null) : undefined,
  });
  await assertTakesOut(lab);
  assert.ok(lies < 0, "it was not written again");
});

test("with an id, a list that cannot be had does not keep it in service", async () => {
  await using lab = await startEurekaLab({ env: { DRAIN_SECONDS: "3" } });
  await using front = spoil(lab, "the list", Array(100).fill("503"));
  const run = await lab.run("offline", {
    EUREKA_URL: `http://${front.addr}/eureka`,
    instanceId: lab.instance.instanceId,
  });
  assertEnd(run, "done", /is out of service, accepted .*; the callers' list was not seen/);
  assert.match(run.stdout, /WARNING: GET \S+ answered 503: no healthy upstream/);
  assert.deepEqual(lab.recorded(), OUT);
});
