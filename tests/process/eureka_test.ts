/** Eureka from start to end: the one-liner, the drain, runs that meet, ids, https, proxies. */

import assert from "node:assert/strict";
import { each, sideBySide } from "../support/at_once.ts";
import { assertWentOn, killInDrain } from "../support/cut_off.ts";
import { assertEnd, assertStatusEnd } from "../support/ends.ts";
import { type Env, type EurekaLabOptions, OUT, startEurekaLab, UP } from "../support/eureka_lab.ts";
import { refusedPort } from "../support/faulty.ts";
import { TLS, tlsFile } from "../support/tls.ts";

const test = sideBySide("Eureka");

test("the one-liner with the program in place of its curl and sleep", async () => {
  await using lab = await startEurekaLab({
    instance: { app: "NAME-service", ip: "127.0.0.1", port: 8016 },
  });
  const settings =
    `APPLICATION=NAME-service APPLICATION_PORT=8016 EUREKA_URL=${lab.env.EUREKA_URL}`;
  const none = Object.fromEntries(Object.keys(lab.env).map((name) => [name, undefined]));
  const launcher = (command: string) => ["/bin/sh", "-c", `export ${settings}; ${command}`];

  const offline = await lab.run("", { ...none, DRAIN_SECONDS: "1" }, {
    launcher: launcher('exec "$0" "$@"'),
  });
  assertEnd(offline, "done", /127\.0\.0\.1:8016 of app NAME-SERVICE, id .*:8016 is out of service/);
  assert.deepEqual(lab.recorded(), OUT);
  assert.equal(offline.writes.length, 1);

  const online = await lab.run("", none, { launcher: launcher('exec "$0" "$@" online') });
  assertEnd(online, "done", /is in service, accepted/);
  assert.deepEqual(lab.recorded(), UP);
});

test("an unknown grace period is warned about with Eureka's numbers", async () => {
  await using lab = await startEurekaLab();
  await using offline = lab.start("offline", { DRAIN_SECONDS: undefined });
  await offline.waitForLine(
    /draining only 30 s .*: 120 and TERMINATION_GRACE_PERIOD_SECONDS=120$/,
  );
});

test("without DRAIN_SECONDS it is 70 s since the instance has left the list", async () => {
  await using lab = await startEurekaLab();
  await using offline = lab.start("offline", {
    DRAIN_SECONDS: undefined,
    TERMINATION_GRACE_PERIOD_SECONDS: "300",
  });
  await offline.waitForLine(/callers no longer get it/);
  const line = await offline.waitForLine(/ s left; eureka: out of service, callers no longer/);
  const left = Number(/(\d+) s left/.exec(line)?.[1]);
  assert.ok(left > 50 && left <= 70, line);
});

test("offline killed in the drain and run again keeps its moments", async () => {
  await using lab = await startEurekaLab({ env: { DRAIN_SECONDS: "6" } });
  await using first = lab.start("offline");
  const cutOff = await killInDrain(first, lab.instance.app.toUpperCase(), 2_000);
  const second = await lab.run("offline");
  assertEnd(second, "done", /is out of service/);
  assert.match(second.stdout, /resuming an interrupted run/);
  assert.deepEqual(second.writes, []);
  assertWentOn(lab.instance.app.toUpperCase(), cutOff, 6_000);
});

test("online ends a running offline", async () => {
  await using lab = await startEurekaLab({ env: { DRAIN_SECONDS: "60" } });
  await using offline = lab.start("offline");
  await offline.waitForLine(/callers no longer get it/);
  assertEnd(await lab.run("online --strict"), "done", /is in service, accepted/);
  assertEnd(await offline.done, "undone", /`online` took the instance back/);
  assert.deepEqual(lab.recorded(), UP);
});

test("ids in any characters are found, written and shown", async (t) => {
  const ids: Record<string, string> = {
    "a colon": "pod-7:orders:8080",
    "spaces": "pod 7 of orders",
    "other alphabets": "größe-订单-🚀",
    "what has a meaning in a URL": "a?b=c&d#e+f",
    "an escape": "50%25 off%2",
    "quotes and brackets": `a"b'c<d>[e]{f}`,
  };
  await each(t, ids, async (instanceId) => {
    const id = `${instanceId}-${crypto.randomUUID().slice(0, 4)}`;
    await using lab = await startEurekaLab({ instance: { instanceId: id } });
    const found = await lab.run("offline", { DRAIN_SECONDS: "1" });
    assertEnd(found, "done", /is out of service, accepted/);
    assert.ok(found.lastLine.includes(`id ${id} is out`), found.lastLine);
    assert.deepEqual(lab.recorded(), OUT);
    const named = { instanceId: id, APPLICATION_PORT: "1" };
    assertEnd(await lab.run("online --strict", named), "done", /is in service, accepted/);
    assert.deepEqual(lab.recorded(), UP);
  });
});

test("an app with a name in any characters is found", async () => {
  const app = `größe 订单-${crypto.randomUUID().slice(0, 4)}`;
  await using lab = await startEurekaLab({ instance: { app, instanceId: `id-of-${app}` } });
  assertEnd(await lab.run("offline"), "done", /is out of service, accepted/);
  assert.deepEqual(lab.recorded(), OUT);
});

test("addresses of IPv6 are found in any spelling, the server's and the app's", async () => {
  await using lab = await startEurekaLab({
    hostname: "::1",
    instance: { ip: "fd00:0:0:0:0:0:0:a1" },
  });
  const env = { podip: "FD00::00A1" };
  assertEnd(await lab.run("offline", env), "done", /callers no longer get it/);
  assert.deepEqual(lab.recorded(), OUT);
  assertEnd(await lab.run("online --strict", env), "done", /callers get it/);
});

test("a path that is not Eureka's is said, not taken for an unknown app", async (t) => {
  await using lab = await startEurekaLab();
  const { origin } = new URL(lab.server.rootUrl);
  for (const path of ["/registry", "//eureka"]) {
    await t.step(path, async () => {
      const run = await lab.run("status", { EUREKA_URL: origin + path });
      const said = run.code === 0 ? run.stdout : run.stderr;
      assert.match(said, /: in service|answered 404|EUREKA_URL/, run.stdout);
    });
  }
});

test("an id with a slash, which Eureka cannot address, is said", async () => {
  await using lab = await startEurekaLab({ instance: { instanceId: "a/b" } });
  assertEnd(await lab.run("offline"), "unreachable", /GET \S+\/a%2Fb answered 400/);
});

test("https with CA_FILE takes out, without it the certificate is what is wrong", async () => {
  await using lab = await startEurekaLab({ tls: TLS, env: { DRAIN_SECONDS: "1" } });
  const untrusted = await lab.run("offline");
  assertEnd(untrusted, "unreachable", /certificate/i);
  assert.deepEqual(untrusted.writes, []);
  const trusted = await lab.run("offline", { CA_FILE: tlsFile("ca.pem") });
  assertEnd(trusted, "done", /is out of service, accepted/);
  assert.deepEqual(lab.recorded(), OUT);
});

test("proxies in the environment are ignored", async (t) => {
  const trap = `http://127.0.0.1:${refusedPort()}`;
  const proxies = Object.fromEntries(
    ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"]
      .map((name) => [name, trap]),
  );
  const labs: Record<string, [EurekaLabOptions, Env]> = {
    http: [{}, {}],
    https: [{ tls: TLS }, { CA_FILE: tlsFile("ca.pem") }],
    "http, with a NO_PROXY of the environment": [{}, { NO_PROXY: "example.com" }],
  };
  await each(t, labs, async ([options, env]) => {
    await using lab = await startEurekaLab(options);
    const by = (host: string) => lab.server.rootUrl.replace("127.0.0.1", host);
    for (const host of ["127.0.0.1", "localhost"]) {
      const run = await lab.run("status", { ...proxies, ...env, EUREKA_URL: by(host) });
      assertStatusEnd(run, "done", /in service/);
    }
  });
});
