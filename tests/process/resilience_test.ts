/** What one bad moment of a server must not lead to: giving up, a wrong belief, or a storm. */

import assert from "node:assert/strict";
import { startEmbeddedNacos } from "../embedded/nacos.ts";
import { each, sideBySide } from "../support/at_once.ts";
import { assertEnd } from "../support/ends.ts";
import { startLab } from "../support/lab.ts";
import { room } from "../support/room.ts";

const test = sideBySide("resilience");

test("one request that is never answered does not hold up the run", async () => {
  let lost = 0;
  await using lab = await startLab({
    intercept: (request) => {
      // The first look only; a connection whose other end has gone says nothing for ever.
      if (!request.url.includes("/catalog/instances") || lost++ > 0) return undefined;
      return new Promise<Response>(() => {});
    },
  });
  const env = { DRAIN_SECONDS: "30", TERMINATION_GRACE_PERIOD_SECONDS: "60" };
  await using run = lab.start("offline", env);
  await run.waitForLine(/callers no longer get it/);
  assert.deepEqual(await lab.callersGet(), []);
  run.kill("SIGKILL");
  await run.done;
  assert.ok(lost >= 2);
});

test("a request or login that is never answered is asked anew beside the open one", async (t) => {
  const paths = [
    "/auth/users/login",
    "/core/state",
    "/catalog/instances",
    "PATCH",
    "/instance/list",
  ];
  await each(t, paths, async (path) => {
    let lost = 0;
    await using lab = await startLab({
      auth: true,
      intercept: ({ method, url }) =>
        method !== path && !url.includes(path) || lost++ > 0
          ? undefined
          : new Promise<Response>(() => {}),
    });
    const env = { DRAIN_SECONDS: "0", TERMINATION_GRACE_PERIOD_SECONDS: "60" };
    assertEnd(await lab.run("offline", env), "done");
    assert.deepEqual(await lab.callersGet(), []);
    assert.ok(lost >= 2, `${lost}`);
  });
});

test("trouble that is longer than the drain is waited out while the grace period has time", async (t) => {
  const troubles: Record<string, (request: Request) => Response | undefined> = {
    "an election: writes fail": ({ method }) =>
      method === "PATCH"
        ? new Response("do metadata operation failed", { status: 500 })
        : undefined,
    "a server that is not there yet": () => new Response("busy", { status: 503 }),
    "a login that is refused, as while users are loaded": ({ url }) =>
      url.endsWith("/login") ? new Response("user not found!", { status: 403 }) : undefined,
    "a gateway's login page": () => new Response("<html>log in</html>", { status: 200 }),
  };
  await each(t, troubles, async (trouble) => {
    let until: number | undefined;
    await using lab = await startLab({
      auth: true,
      intercept: (request) => {
        until ??= Date.now() + 9_000;
        return Date.now() < until ? trouble(request) : undefined;
      },
    });
    const env = { DRAIN_SECONDS: "1", TERMINATION_GRACE_PERIOD_SECONDS: "90" };
    assertEnd(await lab.run("offline", env, { timeoutMs: 90_000 }), "done");
    assert.deepEqual(await lab.callersGet(), []);
  });
});

test("a short drain is no reason to give up after one failure", async () => {
  await using lab = await startLab({
    intercept: (_request, n) => n <= 2 ? new Response("busy", { status: 503 }) : undefined,
  });
  assertEnd(await lab.run("offline", { DRAIN_SECONDS: "0" }), "done");
  assert.deepEqual(await lab.callersGet(), []);
});

test("a generation that was guessed wrong is asked for again", async () => {
  await using lab = await startLab({
    generation: "3.2",
    // An ingress whose backend is not there yet.
    intercept: (request, n) =>
      n === 1 && request.url.endsWith("/core/state")
        ? new Response("default backend", { status: 404 })
        : undefined,
  });
  assertEnd(await lab.run("offline", { DRAIN_SECONDS: "2" }), "done");
  assert.deepEqual(await lab.callersGet(), []);
});

test("a node that does not know the instance is no proof that it has gone", async () => {
  await using lab = await startLab({
    intercept: (request) =>
      request.method === "PATCH"
        ? new Response("caused: do metadata operation failed;", { status: 500 })
        : undefined,
  });
  const other = await startEmbeddedNacos({ generation: "2.x" });
  const both = { NACOS_SERVER_ADDR: `${lab.server.addr},${other.addr}`, DRAIN_SECONDS: "2" };
  const run = await lab.run("offline", { ...both, TERMINATION_GRACE_PERIOD_SECONDS: room(10, 15) });
  assertEnd(run, "unreachable", /do metadata operation failed/);
  assert.doesNotMatch(run.stdout, /deregistered/);
  await other.shutdown();
});

test("a permission that is missing costs one login, not one for each look", async () => {
  await using lab = await startLab({ auth: true, instance: { namespaceId: "team-a" } });
  const stranger = await lab.server.createUser("team-b");
  const run = await lab.run("offline", {
    NACOS_USERNAME: stranger.username,
    NACOS_PASSWORD: stranger.password,
    DRAIN_SECONDS: "3",
  });
  assertEnd(run, "refused", /lacks the permission/);
  assert.equal(run.requests.filter(({ path }) => path.endsWith("/login")).length, 1);
});

test("online --background searches nothing in the first half of its time: the app may register", async () => {
  await using lab = await startLab({ registered: false });
  const run = await lab.run("online --background --strict", { ONLINE_TIMEOUT_SECONDS: room(6) });
  assertEnd(run, "notFound");
  assert.doesNotMatch(run.lines.slice(0, -1).join("\n"), /WARNING/);
  const [first] = run.requests;
  const search = run.requests.find(({ path }) => /services|namespaces/.test(path));
  assert.ok(first && search && search.at - first.at > 1_000, `${search?.at} after ${first?.at}`);
});

test("a run that goes on with another's record keeps its own deadline", async () => {
  await using lab = await startLab();
  const env = { DRAIN_SECONDS: "40" };
  await using first = lab.start("offline", { ...env, TERMINATION_GRACE_PERIOD_SECONDS: "90" });
  await first.waitForLine(/callers no longer get it/);
  first.kill("SIGKILL");
  await first.done;
  const second = await lab.run("offline", {
    ...env,
    TERMINATION_GRACE_PERIOD_SECONDS: room(5, 15),
  });
  assertEnd(second, "done", /too short/);
  assert.match(second.stdout, /resuming an interrupted run/);
  assert.ok(second.elapsedMs < 60_000, `${second.elapsedMs} ms`);
});

test("runs for two registries do not take each other's record for their own", async () => {
  await using lab = await startLab();
  const other = await startEmbeddedNacos({ generation: "2.x", pushDelayMs: 50 });
  other.registerGrpc(lab.instance);
  await using first = lab.start("offline", { DRAIN_SECONDS: "5" });
  await first.waitForLine(/callers no longer get it/);
  const second = await lab.run("offline", { NACOS_SERVER_ADDR: other.addr });
  assertEnd(second, "done");
  assert.doesNotMatch(second.stdout, /goes on with|came back/);
  assertEnd(await first.done, "done");
  await other.shutdown();
});

test("a name goes into the Host header as it was written", async () => {
  await using lab = await startLab();
  const addr = lab.server.addr.replace("127.0.0.1", "localhost");
  const run = await lab.run("offline", { NACOS_SERVER_ADDR: addr });
  assertEnd(run, "done");
  assert.deepEqual([...new Set(run.requests.map(({ headers }) => headers.get("host")))], [addr]);
});
