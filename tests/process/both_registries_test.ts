/** Nacos and Eureka at the same time, as during a migration: neither waits for the other. */

import assert from "node:assert/strict";
import type { OutcomeName } from "../../src/errors.ts";
import { runInside } from "../support/inside.ts";
import { atOnce, each, sideBySide } from "../support/at_once.ts";
import { assertWentOn, killInDrain } from "../support/cut_off.ts";
import { assertEnd, assertStatusEnd, drained } from "../support/ends.ts";
import {
  type EurekaLab,
  type EurekaLabOptions,
  OUT,
  startEurekaLab,
  UP,
} from "../support/eureka_lab.ts";
import { neverAnswers, refusedPort } from "../support/faulty.ts";
import { secret } from "../support/hook.ts";
import { type Lab, type LabOptions, startLab } from "../support/lab.ts";
import { createLabRuns, type Env, type LabRuns } from "../support/lab_runs.ts";
import { pause } from "../support/pause.ts";
import { room } from "../support/room.ts";

runInside();
const test = sideBySide("both registries");

interface Both extends LabRuns, AsyncDisposable {
  readonly nacos: Lab;
  readonly eureka: EurekaLab;
  /** Whether callers get it at Nacos, and its status and override at Eureka. */
  stands(): [nacos: boolean | undefined, eureka: string[] | undefined];
}

async function startBoth(
  options: { nacos?: LabOptions; eureka?: EurekaLabOptions; env?: Env } = {},
): Promise<Both> {
  const nacos = await startLab(options.nacos);
  const { ip, port, serviceName: app } = nacos.instance;
  const eureka = await startEurekaLab({
    ...options.eureka,
    instance: { ip, port, app, ...options.eureka?.instance },
  });
  const env = { ...eureka.env, ...nacos.env, ...options.env };
  const received = [nacos.server.requests, eureka.server.requests];
  return {
    nacos,
    eureka,
    ...createLabRuns(
      env,
      received,
      ({ method, path }) => method !== "GET" && method !== "HEAD" && !path.endsWith("/login"),
    ),
    stands: () => [nacos.server.instances()[0]?.enabled, eureka.recorded()],
    async [Symbol.asyncDispose]() {
      await eureka[Symbol.asyncDispose]();
      await nacos[Symbol.asyncDispose]();
    },
  };
}

const BOTH_OUT = [false, [...OUT]];
const BOTH_IN = [true, [...UP]];

test("both go out in one run, and come back in one", async () => {
  await using both = await startBoth();
  const offline = await both.run("offline", { DRAIN_SECONDS: "2" });
  assertEnd(
    offline,
    "done",
    /nacos: \S+ of DEFAULT_GROUP@@\S+ .* is out of service, .*; eureka: \S+ of app .* is out of service, accepted/,
  );
  assert.deepEqual(both.stands(), BOTH_OUT);
  assert.equal(offline.writes.length, 2);
  assert.deepEqual(await both.nacos.callersGet(), []);
  assert.deepEqual(await both.eureka.callersGet(), []);

  const online = await both.run("online --strict");
  assertEnd(online, "done", /nacos: .* is in service, .*; eureka: .* is in service, accepted/);
  assert.deepEqual(both.stands(), BOTH_IN);
});

test("each knows the app by its own name and port", async () => {
  await using both = await startBoth({
    eureka: { instance: { app: `eureka-${crypto.randomUUID().slice(0, 8)}`, port: 8443 } },
  });
  const { app, port } = both.eureka.instance;
  const named = { APPLICATION: app, APPLICATION_PORT: String(port) };
  assertEnd(await both.run("offline", named), "done");
  assert.deepEqual(both.stands(), BOTH_OUT);
  assertEnd(await both.run("online --strict", named), "done");
  assert.deepEqual(both.stands(), BOTH_IN);
});

test("one pair of names is enough where both know the app by the same", async (t) => {
  const pairs: Record<string, (lab: Lab) => Env> = {
    "serviceName and port": () => ({ APPLICATION: undefined, APPLICATION_PORT: undefined }),
    "APPLICATION and APPLICATION_PORT": () => ({ serviceName: undefined, port: undefined }),
    "SPRING_APPLICATION_NAME and SERVER_PORT": ({ instance }) => ({
      APPLICATION: undefined,
      APPLICATION_PORT: undefined,
      serviceName: undefined,
      port: undefined,
      SPRING_APPLICATION_NAME: instance.serviceName,
      SERVER_PORT: String(instance.port),
    }),
  };
  await each(t, pairs, async (env) => {
    await using both = await startBoth();
    assertEnd(await both.run("offline", env(both.nacos)), "done");
    assert.deepEqual(both.stands(), BOTH_OUT);
  });
});

test("one that hangs or is slow does not delay the other", async (t) => {
  await using silent = neverAnswers();
  const cases: Record<string, [late: "nacos" | "eureka", hangs?: Env]> = {
    "Nacos hangs": ["nacos", { NACOS_SERVER_ADDR: silent.addr }],
    "Eureka hangs": ["eureka", { EUREKA_URL: `http://${silent.addr}/eureka` }],
    "Nacos is slow": ["nacos"],
    "Eureka is slow": ["eureka"],
  };
  await each(t, cases, async ([late, hangs]) => {
    const otherIsOut = Promise.withResolvers<undefined>();
    const intercept = (req: Request) =>
      req.method === "GET" ? Promise.resolve(undefined) : otherIsOut.promise;
    const slow = late === "nacos" ? { nacos: { intercept } } : { eureka: { intercept } };
    await using both = await startBoth(hangs ? { env: hangs } : slow);
    await using offline = both.start("offline", { DRAIN_SECONDS: "20" });
    const other = late === "nacos" ? "eureka" : "nacos";
    await offline.waitForLine(new RegExp(` ${other}: callers no longer get it`));
    assert.doesNotMatch(offline.stdout, new RegExp(` ${late}: (taking|out of service)`));
    assert.deepEqual(both.stands(), late === "nacos" ? [true, OUT] : [false, UP]);
    otherIsOut.resolve(undefined);
    if (hangs) return;
    await offline.waitForLine(new RegExp(` ${late}: callers no longer get it`));
    assert.deepEqual(both.stands(), BOTH_OUT);
  });
});

test("where one fails the other is done, and the end names the one", async (t) => {
  const refused = `127.0.0.1:${refusedPort()}`;
  const user = { username: "app", password: secret() };
  const cases: Record<
    string,
    [options: Parameters<typeof startBoth>[0], outcome: OutcomeName, why: RegExp]
  > = {
    "Nacos refuses the connection": [
      { env: { NACOS_SERVER_ADDR: refused } },
      "unreachable",
      /nacos: Cannot connect to .*refused/,
    ],
    "Eureka refuses the connection": [
      { env: { EUREKA_URL: `http://${refused}/eureka` } },
      "unreachable",
      /eureka: Cannot connect to .*refused/,
    ],
    "Nacos' password is wrong": [
      { nacos: { auth: true }, env: { NACOS_PASSWORD: secret() } },
      "refused",
      /nacos: .*login of user \S+ failed/,
    ],
    "Eureka's password is wrong": [
      { eureka: { user }, env: { EUREKA_USERNAME: "app", EUREKA_PASSWORD: secret() } },
      "refused",
      /eureka: GET .* answered 401.*EUREKA_PASSWORD/,
    ],
    "Nacos does not have it": [
      { nacos: { registered: false } },
      "notFound",
      /nacos: \S+ of DEFAULT_GROUP.* was never registered/,
    ],
    "Eureka does not have it": [
      { eureka: { registered: false } },
      "notFound",
      /eureka: \S+ of app .* was never registered/,
    ],
  };
  await each(t, cases, async ([options, outcome, why], name) => {
    await using both = await startBoth(options);
    const offline = await both.run("offline", { DRAIN_SECONDS: "2" });
    const good = name.startsWith("Nacos") ? "eureka" : "nacos";
    const done = new RegExp(`${good}: [^;]* is out of service, accepted`);
    assertEnd(offline, outcome, why, done, /drained \d/);
    const [nacos, eureka] = both.stands();
    assert.deepEqual(good === "nacos" ? nacos : eureka, good === "nacos" ? false : OUT);

    const online = await both.run("online --strict", { ONLINE_TIMEOUT_SECONDS: room(4) });
    assertEnd(online, outcome, why, new RegExp(`${good}: [^;]* is in service, accepted`));
    const [nacosAfter, eurekaAfter] = both.stands();
    assert.deepEqual(good === "nacos" ? nacosAfter : eurekaAfter, good === "nacos" ? true : UP);
  });
});

test("both fail: the end names both, the worse one decides", async () => {
  await using both = await startBoth({ nacos: { auth: true }, eureka: { registered: false } });
  const run = await both.run("offline", { NACOS_PASSWORD: secret(), DRAIN_SECONDS: "1" });
  assertEnd(run, "refused", /nacos: .*login of user/, /eureka: .* was never registered/);
});

test("a wrong setting of one leaves the other its work", async (t) => {
  const password = encodeURIComponent(secret());
  const cases: Record<string, [env: Env, why: RegExp, good: "nacos" | "eureka"]> = {
    "EUREKA_URL of another scheme": [
      { EUREKA_URL: "ftp://x" },
      /Cannot use EUREKA_URL .*not "ftp:\/\/x"/,
      "nacos",
    ],
    "EUREKA_URL of another scheme, with a password": [
      { EUREKA_URL: `ftp://app:${password}@x` },
      /Cannot use EUREKA_URL/,
      "nacos",
    ],
    "NACOS_SERVER_ADDR with a password": [
      { NACOS_SERVER_ADDR: `http://app:${password}@127.0.0.1:8848` },
      /Cannot use NACOS_SERVER_ADDR .*NACOS_USERNAME and NACOS_PASSWORD/,
      "eureka",
    ],
    "NACOS_SERVER_ADDR with a wrong port": [
      { NACOS_SERVER_ADDR: "nacos:99999" },
      /Cannot use NACOS_SERVER_ADDR .*"nacos:99999"/,
      "eureka",
    ],
    "APPLICATION_PORT is none": [{ APPLICATION_PORT: "http" }, /APPLICATION_PORT/, "nacos"],
    "port is none": [{ port: "http" }, /Cannot use port .*"http"/, "eureka"],
    "NACOS_PASSWORD_FILE is not there": [
      { NACOS_PASSWORD_FILE: "/nowhere/password" },
      /NACOS_PASSWORD_FILE.*No such file/,
      "eureka",
    ],
  };
  await each(t, cases, async ([env, why, good]) => {
    await using both = await startBoth({ env });
    const offline = await both.run("offline", { DRAIN_SECONDS: "1" });
    const done = new RegExp(`${good}: [^;]* is out of service, accepted`);
    assertEnd(offline, "settings", why, done, drained(1));
    const [nacos, eureka] = both.stands();
    assert.deepEqual(good === "nacos" ? nacos : eureka, good === "nacos" ? false : OUT);
    const status = await both.run("status");
    assertStatusEnd(status, "settings", why);
    assert.match(status.stdout, new RegExp(`^${good}: .*: out of service`, "m"));
    assertEnd(await both.run("online --strict"), "settings", why, /is in service, accepted/);
  });
});

test("a wrong setting that both need, and another in its place, stops neither", async () => {
  await using both = await startBoth();
  const run = await both.run("offline", { podip: "$(POD_IP)", POD_IP: both.nacos.instance.ip });
  assertEnd(run, "settings", /podip.* POD_IP is used/, /nacos: .* out of/, /eureka: .* out of/);
  assert.deepEqual(both.stands(), BOTH_OUT);
});

test("a wrong setting that both need stops both, and is drained for", async () => {
  const wrong = { port: "http", APPLICATION_PORT: "http", SERVER_PORT: undefined };
  await using both = await startBoth({ env: { ...wrong, DRAIN_SECONDS: "1" } });
  const run = await both.run("offline");
  assertEnd(run, "settings", /port.*"http"/, drained(1));
  assert.deepEqual(run.requests, []);
});

test("where only Eureka is named, Nacos is never asked", async () => {
  await using both = await startBoth({ env: { NACOS_SERVER_ADDR: undefined } });
  // A user for Nacos names no registry.
  const run = await both.run("offline", { NACOS_USERNAME: "app", NACOS_PASSWORD: secret() });
  assertEnd(run, "done", /eureka: /);
  assert.doesNotMatch(run.stdout, /nacos/i);
  assert.deepEqual(both.stands(), [true, OUT]);
  const status = await both.run("status --json");
  assertStatusEnd(status, "done");
  const reports: { registry: string }[] = JSON.parse(status.stdout).registries;
  assert.deepEqual(reports.map(({ registry }) => registry), ["eureka"]);
});

test("where only Nacos is named, Eureka is never asked", async () => {
  await using both = await startBoth({ env: { EUREKA_URL: undefined } });
  const run = await both.run("offline", { EUREKA_USERNAME: "app", REMOVE_AFTER_DRAIN: "true" });
  assertEnd(run, "done", /nacos: /);
  assert.doesNotMatch(run.stdout, /eureka/i);
  assert.deepEqual(both.stands(), [false, UP]);
});

test("where none is named, it is Nacos' default address, and said", async () => {
  await using both = await startBoth({
    env: { NACOS_SERVER_ADDR: undefined, EUREKA_URL: undefined },
  });
  const ofEureka = { APPLICATION: undefined, APPLICATION_PORT: undefined, instanceId: undefined };
  const grace = { TERMINATION_GRACE_PERIOD_SECONDS: room(2, 15) };
  const run = await both.run("offline", { ...grace, ...ofEureka });
  assertEnd(run, "unreachable", /nacos: .*nacos:8848/);
  assert.doesNotMatch(run.stdout, /eureka:/);
  // What names the app for Eureka has an address of Eureka somewhere.
  const unnamed = await both.run("offline", grace);
  const message = /no registry has an address: set NACOS_SERVER_ADDR or EUREKA_URL/;
  assertEnd(unnamed, "settings", message, drained(0));
});

test("the drain is the longer of the two", async (t) => {
  const leftAfter = async (env: Env): Promise<number> => {
    await using both = await startBoth({ env: { DRAIN_SECONDS: undefined, ...env } });
    await using offline = both.start("offline", { TERMINATION_GRACE_PERIOD_SECONDS: "300" });
    await offline.waitForLine(/callers no longer get it/);
    const line = await offline.waitForLine(
      / s left; (\w+: out of service, callers no[^;]*(; )?)+$/,
    );
    offline.kill("SIGKILL");
    await offline.done;
    return Number(/(\d+) s left/.exec(line)?.[1]);
  };
  await atOnce(t, {
    // 70 s of Eureka's callers, 40 s of Nacos', less what has gone by until the line.
    async "of both it is Eureka's"() {
      const left = await leftAfter({});
      assert.ok(left > 45 && left <= 70, `${left} s`);
    },
    async "of Nacos alone it is Nacos'"() {
      const left = await leftAfter({ EUREKA_URL: undefined });
      assert.ok(left > 15 && left <= 40, `${left} s`);
    },
    async "the advice for an unknown grace period covers both"() {
      await using both = await startBoth({ env: { DRAIN_SECONDS: undefined } });
      await using offline = both.start("offline");
      await offline.waitForLine(/draining only 30 s .* TERMINATION_GRACE_PERIOD_SECONDS=120$/);
    },
    async "DRAIN_SECONDS counts from the later one"() {
      await using both = await startBoth({
        eureka: {
          intercept: async (req) => {
            if (req.method === "PUT") await pause(4_000);
            return undefined;
          },
        },
        env: { LOG_FORMAT: "json", DRAIN_SECONDS: "3", TERMINATION_GRACE_PERIOD_SECONDS: "120" },
      });
      const run = await both.run("offline");
      const end = JSON.parse(run.lastLine);
      assert.equal(end.outcome, "done", run.stdout);
      const accepted: number[] = end.registries.map((one: { acceptedMs: number }) =>
        one.acceptedMs
      );
      const [nacos = 0, eureka = 0] = accepted;
      assert.ok(eureka - nacos > 1_500, `${accepted}`);
      assert.ok(end.elapsedMs >= eureka + 2_950, `${end.elapsedMs} ms, accepted ${accepted}`);
      assert.equal(end.missingMs, 0);
    },
  });
});

test("status shows both, in words and as JSON", async () => {
  await using both = await startBoth();
  const words = await both.run("status");
  assertStatusEnd(words, "done", /^nacos: .*: in service$/m, /^eureka: .*: in service$/m);
  assertEnd(await both.run("offline", { DRAIN_SECONDS: "2" }), "done");
  const run = await both.run("status --json");
  assertStatusEnd(run, "done");
  const { registries, problems, record } = JSON.parse(run.stdout);
  assert.deepEqual(problems, []);
  const seen = registries.map((one: Record<string, unknown>) => [one.registry, one.inService]);
  assert.deepEqual(seen, [["nacos", false], ["eureka", false]]);
  assert.equal(registries[1].details.override, "OUT_OF_SERVICE");
  const names = record.registries.map((one: { name: string }) => one.name);
  assert.deepEqual(names, ["nacos", "eureka"]);
  assert.notEqual(record.finishedAt, 0);
});

test("status names the one that cannot be asked, and shows the other", async () => {
  await using both = await startBoth({
    env: { EUREKA_URL: `http://127.0.0.1:${refusedPort()}/eureka` },
  });
  const run = await both.run("status");
  assertStatusEnd(run, "unreachable", /eureka: .*refused/);
  assert.match(run.stdout, /^nacos: .*: in service$/m);
});

test("offline killed in the drain and run again keeps the moments of both", async () => {
  await using both = await startBoth({
    env: { DRAIN_SECONDS: "6", TERMINATION_GRACE_PERIOD_SECONDS: "120" },
  });
  await using first = both.start("offline");
  const marker = both.nacos.instance.serviceName;
  const cutOff = await killInDrain(first, marker, 2_000);
  const second = await both.run("offline");
  assertEnd(second, "done", /nacos: .* out of service/, /eureka: .* out of service/);
  assert.match(second.stdout, /resuming an interrupted run/);
  assert.deepEqual(second.writes, []);
  assertWentOn(marker, cutOff, 6_000);
});

test("online ends a running offline in both", async () => {
  await using both = await startBoth({ env: { DRAIN_SECONDS: "60" } });
  await using offline = both.start("offline");
  await offline.waitForLine(/ nacos: callers no longer get it/);
  await offline.waitForLine(/ eureka: callers no longer get it/);
  assertEnd(await both.run("online --strict"), "done");
  assertEnd(await offline.done, "undone", /`online` took the instance back/);
  assert.deepEqual(both.stands(), BOTH_IN);
});
