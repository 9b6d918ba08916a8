/** Which server is asked: several addresses, spellings of one, IPv6, https, proxies. */

import assert from "node:assert/strict";
import { runInside } from "../support/inside.ts";
import { each, sideBySide } from "../support/at_once.ts";
import { assertEnd, assertStatusEnd } from "../support/ends.ts";
import { neverAnswers, refusedPort, startBlackHole, startFaulty } from "../support/faulty.ts";
import { elapsedMsOf } from "../support/hook.ts";
import { startLab } from "../support/lab.ts";
import { TLS, tlsFile } from "../support/tls.ts";

runInside();
const test = sideBySide("addresses");

test("offline gets to the one good address behind bad ones within seconds", async (t) => {
  await using silent = neverAnswers();
  await using hole = await startBlackHole();
  const bad: Record<string, string[]> = {
    "behind a refused one": [`127.0.0.1:${refusedPort()}`],
    "behind a dead one": [silent.addr],
    "behind a black-holed one": [hole.addr],
    "behind a name that does not resolve": ["no-such-host.invalid"],
    "behind all of them": [
      `127.0.0.1:${refusedPort()}`,
      silent.addr,
      hole.addr,
      "no-such-host.invalid:8848",
    ],
  };
  await each(t, bad, async (addresses) => {
    await using lab = await startLab({ auth: true, env: { DRAIN_SECONDS: "1" } });
    const NACOS_SERVER_ADDR = [...addresses, lab.server.addr].join(", ");
    await using offline = lab.start("offline", { NACOS_SERVER_ADDR });
    const written = await offline.waitForLine(/taking it out of service/);
    const run = await offline.done;
    // A bad one that was waited for costs 15 s, or 20 s.
    assert.ok(elapsedMsOf(written) < 12_000, run.stdout);
    assertEnd(run, "done", /is out of service, accepted/);
    assert.deepEqual(await lab.callersGet(), []);
  });
});

test("a lagging or dead second address is a line in the log, no reason to wait", async () => {
  await using silent = neverAnswers();
  await using lab = await startLab({ env: { DRAIN_SECONDS: "4" } });
  const run = await lab.run("offline", { NACOS_SERVER_ADDR: `${lab.server.addr},${silent.addr}` });
  assertEnd(run, "done", /callers no longer get it/);
  assert.match(run.stdout, new RegExp(`WARNING: .*${silent.addr}`));
});

test("another registry that is slow is waited for, and taken out there too", async () => {
  await using slow = await startLab({
    intercept: async () => void await new Promise((resolve) => setTimeout(resolve, 4_000)),
  });
  await using lab = await startLab({ generation: "3.1", instance: slow.instance });
  const run = await lab.run("offline", {
    NACOS_SERVER_ADDR: `${lab.server.addr},${slow.server.addr}`,
    DRAIN_SECONDS: "1",
    TERMINATION_GRACE_PERIOD_SECONDS: "60",
  });
  assertEnd(run, "done", /is out of service, accepted/);
  assert.ok(slow.server.instances().every(({ enabled }) => !enabled));
});

test("one write for a cluster of two addresses", async () => {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "1" } });
  await using second = startFaulty({ target: lab.server.port, fault: () => ({ kind: "pass" }) });
  const run = await lab.run("offline", { NACOS_SERVER_ADDR: `${lab.server.addr},${second.addr}` });
  assertEnd(run, "done");
  assert.equal(run.writes.length, 1);
  assert.ok(
    second.requests.some((line) => line.includes("/instance/list")),
    "the second address was not asked for its list",
  );
});

const auths = { "auth off": false, "auth on": true };
test.each(
  "two registries that are not one cluster are both written, and put back",
  auths,
  async (auth) => {
    // One user, known to both.
    const userPassword = crypto.randomUUID();
    await using old = await startLab({ auth, userPassword });
    await using next = await startLab({
      generation: "3.1",
      auth,
      userPassword,
      instance: { ...old.instance, weight: 5 },
    });
    const NACOS_SERVER_ADDR = `${old.server.addr},${next.server.addr}`;
    const env = { NACOS_SERVER_ADDR, DRAIN_SECONDS: "3" };
    const run = await old.run("offline", env);
    assertEnd(run, "done", /callers no longer get it/);
    assert.match(run.stdout, /WARNING: \S+ has not followed: taking it out of service there/);
    assert.deepEqual([await old.listed(), await next.listed()], [undefined, undefined]);
    assertEnd(await old.run("online --strict", env), "done", /callers get it/);
    assert.deepEqual([(await old.listed())?.weight, (await next.listed())?.weight], [3, 5]);
  },
);

test("status finds the server by every spelling of its address", async (t) => {
  await using lab = await startLab({ generation: "3.1" });
  await using six = await startLab({ generation: "3.1", hostname: "::1" });
  const { port } = lab.server;
  const spellings: Record<string, string> = {
    "host:port": `127.0.0.1:${port}`,
    "a name": `localhost:${port}`,
    "a URL": `http://127.0.0.1:${port}`,
    "a URL with the context path": `http://127.0.0.1:${port}/nacos/`,
    "spaces and an empty part": ` , 127.0.0.1:${port} ,`,
    "the same twice": `127.0.0.1:${port},http://127.0.0.1:${port}/nacos`,
    "upper case": `HTTP://LOCALHOST:${port}`,
  };
  await each(t, spellings, async (NACOS_SERVER_ADDR) => {
    assertStatusEnd(await lab.run("status", { NACOS_SERVER_ADDR }), "done", /in service/);
  });
  for (const NACOS_SERVER_ADDR of [`[::1]:${six.server.port}`, `http://[::1]:${six.server.port}`]) {
    await t.step(`IPv6, ${NACOS_SERVER_ADDR.replace(/\d+$/, "port")}`, async () => {
      assertStatusEnd(await six.run("status", { NACOS_SERVER_ADDR }), "done", /in service/);
    });
  }
});

test.each(
  "an address of IPv6 is found in another spelling and written in the server's",
  ["1.4", "2.x", "3.1"] as const,
  async (generation) => {
    const registered = "fd00:0:0:0:0:0:0:a1";
    await using lab = await startLab({ generation, instance: { ip: registered } });
    const podip = "FD00::00A1";
    const env = { podip, DRAIN_SECONDS: "1" };
    assertEnd(await lab.run("offline", env), "done", /callers no longer get it/);
    assert.deepEqual(await lab.callersGet(), []);
    // A write in the wrong spelling would have made a second instance, or poisoned one.
    assert.deepEqual(
      lab.server.instances().map(({ ip, enabled }) => [ip, enabled]),
      [[registered, false]],
    );
    assertEnd(await lab.run("online --strict", env), "done");
    assert.equal((await lab.listed())?.weight, lab.instance.weight);
  },
);

test.each(
  "https with CA_FILE takes out, without it the certificate is what is wrong",
  ["2.x", "3.1"] as const,
  async (generation) => {
    await using lab = await startLab({
      generation,
      tls: TLS,
      auth: true,
      env: { DRAIN_SECONDS: "1" },
    });
    const addresses = { NACOS_SERVER_ADDR: `https://${lab.server.addr}` };
    const untrusted = await lab.run("offline", addresses);
    assertEnd(untrusted, "unreachable", /certificate/i);
    assert.deepEqual(untrusted.writes, []);
    const trusted = await lab.run("offline", { ...addresses, CA_FILE: tlsFile("ca.pem") });
    assertEnd(trusted, "done", /callers no longer get it/);
  },
);

test("proxies in the environment are ignored, for http and https alike", async (t) => {
  const trap = `http://127.0.0.1:${refusedPort()}`;
  const proxies = Object.fromEntries(
    ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"]
      .map((name) => [name, trap]),
  );
  await t.step("http", async () => {
    await using lab = await startLab();
    assertStatusEnd(await lab.run("status", proxies), "done", /in service/);
  });
  await t.step("http by name", async () => {
    await using lab = await startLab();
    const NACOS_SERVER_ADDR = `localhost:${lab.server.port}`;
    assertStatusEnd(
      await lab.run("status", { ...proxies, NACOS_SERVER_ADDR }),
      "done",
      /in service/,
    );
  });
  await t.step("https", async () => {
    await using lab = await startLab({ generation: "3.1", tls: TLS });
    const env = {
      ...proxies,
      NACOS_SERVER_ADDR: `https://${lab.server.addr}`,
      CA_FILE: tlsFile("ca.pem"),
    };
    assertStatusEnd(await lab.run("status", env), "done", /in service/);
  });
  await t.step("NO_PROXY of the environment does not bring them back", async () => {
    await using lab = await startLab();
    const env = { ...proxies, NO_PROXY: "example.com", no_proxy: "example.com" };
    assertStatusEnd(await lab.run("status", env), "done", /in service/);
  });
});

test("what Deno reads of whom to trust is ignored, by the hook and by check alike", async () => {
  await using lab = await startLab({ generation: "3.1", tls: TLS });
  const env = { NACOS_SERVER_ADDR: `https://${lab.server.addr}`, CA_FILE: tlsFile("ca.pem") };
  const wrong = { DENO_CERT: "/no/such/file", DENO_TLS_CA_STORE: "nonsense" };
  const checked = await lab.run("check", { ...env, ...wrong });
  assert.equal(checked.code, 0, checked.stdout);
  assertEnd(await lab.run("offline", { ...env, ...wrong }), "done", /callers no longer get it/);
  // Nor is it trusted: the wrappers take these variables away.
  const { CA_FILE, ...rest } = env;
  const trusting = await lab.run("offline", { ...rest, DENO_CERT: CA_FILE });
  assertEnd(trusting, "unreachable", /certificate/i);
});
