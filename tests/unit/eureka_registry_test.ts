import assert from "node:assert/strict";
import { createEureka } from "../../src/registry/eureka/eureka.ts";
import { eurekaSettings } from "../../src/registry/eureka/settings.ts";
import { commonSettings } from "../../src/settings/common.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createLogEvents } from "../support/log_events.ts";
import { valuesOf } from "../support/settings.ts";
import { entry, type SmallEureka, startSmallEureka } from "./eureka_kit.ts";

const { signal } = new AbortController();
const SETTINGS = { ...commonSettings, ...eurekaSettings };
const OUT = { status: "OUT_OF_SERVICE", override: "OUT_OF_SERVICE" };
const TWIN = { id: "pod-1-again" };

/**
 * The registry for `10.0.0.7:8080 of orders`, as the settings make it. Its clock stands still but
 * for what a test advances, so no server is ever too slow.
 */
function connectTo(
  servers: readonly { origin: string }[],
  changes: Record<string, string | undefined> = {},
) {
  const env: Record<string, string | undefined> = {
    podip: "10.0.0.7",
    APPLICATION: "orders",
    APPLICATION_PORT: "8080",
    EUREKA_URL: servers.map(({ origin }) => `${origin}/eureka`).join(","),
    ...changes,
  };
  const values = valuesOf(SETTINGS, env);
  const clock = createFakeClock();
  const { log, messages } = createLogEvents(clock);
  const registry = createEureka(values, { clock, log, signal });
  const locate = () => registry.locate(signal);
  return {
    clock,
    registry,
    messages,
    locate,
    stateNow: async () => (await locate())?.state,
    isAliveNow: async () => (await locate())?.isAlive,
    async takeOut() {
      const sighting = await locate();
      assert.ok(sighting);
      await registry.set(sighting, false, signal);
    },
    async putBack() {
      const sighting = await locate();
      assert.ok(sighting);
      await registry.set(sighting, true, signal);
    },
    /** Whether each server lists it, in the order of the settings. */
    async listed() {
      const { answers } = await registry.callersViews(signal);
      return servers.map(({ origin }) =>
        answers.find(({ address }) => address.startsWith(origin))?.listed
      );
    },
  };
}

/** An address that refuses connections. */
function closedPort(): { origin: string } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return { origin: `http://127.0.0.1:${port}` };
}

/** Waits for what goes on beside a question. */
async function until(condition: () => boolean): Promise<void> {
  for (let turns = 0; !condition(); turns++) {
    assert.ok(turns < 1_000, "it never comes to that");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

const fails = (status: number, part: string) => (request: string) =>
  request.includes(part) ? new Response(null, { status }) : undefined;
const LIST = "GET /eureka/apps/ORDERS";
const asksList = (small: SmallEureka) => small.requests.includes(LIST);

Deno.test("createEureka() finds the API behind every way to write an address", async () => {
  await using small = startSmallEureka({});
  const ways = ["", "/", "/eureka", "/eureka/", "/eureka//", "/eureka/apps", "/eureka/apps/"];
  for (const path of ways) {
    for (const origin of [small.origin, small.origin.replace("http://", "me:pw@")]) {
      small.requests.length = 0;
      const { stateNow } = connectTo([], { EUREKA_URL: origin + path });
      assert.equal(await stateNow(), "inService", origin + path);
      assert.deepEqual(small.requests, [LIST, "GET /eureka/apps/ORDERS/pod-1"]);
    }
  }
});

Deno.test("createEureka() asks below the path that is written, and at the root for /apps", async () => {
  await using small = startSmallEureka({});
  for (const path of ["/registry/v2/", "/apps"]) {
    const { locate } = connectTo([], { EUREKA_URL: small.origin + path });
    await assert.rejects(locate(), /\/apps is a 404: is the path in EUREKA_URL right\?$/);
  }
  const asked = small.requests.filter((line) => line.endsWith("/ORDERS"));
  assert.deepEqual(asked, ["GET /registry/v2/apps/ORDERS", "GET /apps/ORDERS"]);
});

Deno.test("createEureka() asks a server that was written twice once", async () => {
  await using small = startSmallEureka({});
  const { registry } = connectTo([], { EUREKA_URL: `${small.origin},${small.origin}/eureka/apps` });
  assert.equal((await registry.callersViews(signal)).answers.length, 1);
});

Deno.test("createEureka() takes the user of an address before the one of the settings", async () => {
  await using first = startSmallEureka({});
  await using second = startSmallEureka({});
  const urls = [first.origin.replace("//", "//url%40user:url%3Apw@"), second.origin];
  const { registry } = connectTo([], {
    EUREKA_URL: urls.join(","),
    EUREKA_USERNAME: "me",
    EUREKA_PASSWORD: "pw",
  });
  const { answers } = await registry.callersViews(signal);
  assert.deepEqual([...first.authorizations], [`Basic ${btoa("url@user:url:pw")}`]);
  assert.deepEqual([...second.authorizations], [`Basic ${btoa("me:pw")}`]);
  const shown = JSON.stringify([answers, registry.identity, registry.wanted, registry.describe()]);
  assert.doesNotMatch(shown, /pw|@/);
});

Deno.test("createEureka() takes the password's file before its variable", async () => {
  await using small = startSmallEureka({});
  const login = { EUREKA_USERNAME: "me", EUREKA_PASSWORD: "pw", EUREKA_PASSWORD_FILE: "/run/pw" };
  await connectTo([small], login).locate();
  assert.deepEqual([...small.authorizations], [`Basic ${btoa("me:content of /run/pw")}`]);
});

Deno.test("createEureka() goes without a login where the password is missing, and says so", async () => {
  await using small = startSmallEureka({});
  const { locate, messages } = connectTo([small], { EUREKA_USERNAME: "me" });
  await locate();
  assert.deepEqual([...small.authorizations], [null]);
  assert.match(messages("no_password")[0] ?? "", /EUREKA_USERNAME is me/);
});

Deno.test("createEureka() shows no password that a server sends back", async () => {
  await using small = startSmallEureka({});
  small.answer = () => new Response("wrong: hunter2", { status: 500 });
  const login = { EUREKA_USERNAME: "me", EUREKA_PASSWORD: "hunter2" };
  await assert.rejects(connectTo([small], login).locate(), { message: /wrong: \*\*\*/ });
});

Deno.test("createEureka() finds the instance by address and port, whatever its id", async () => {
  await using small = startSmallEureka(
    { id: "other-port", port: 8081 },
    { id: "other-ip", ip: "10.0.0.8" },
    { id: "Host-1:orders:8080" },
  );
  const { locate } = connectTo([small]);
  const sighting = await locate();
  assert.equal(sighting?.label, "10.0.0.7:8080 of app ORDERS, id Host-1:orders:8080");
  assert.equal(sighting?.state, "inService");
  assert.deepEqual(sighting?.details, {
    status: "UP",
    override: "UNKNOWN",
    metadata: { zone: "a" },
  });
});

Deno.test("createEureka() believes the record, the list only names ids", async () => {
  await using small = startSmallEureka(OUT);
  small.listed = [entry(), entry(TWIN)];
  const { locate } = connectTo([small]);
  const sighting = await locate();
  assert.equal(sighting?.state, "outOfService");
  assert.match(sighting?.label ?? "", /id pod-1$/);
});

Deno.test("createEureka() goes on asking for an id that has left the list", async () => {
  await using small = startSmallEureka({});
  const { stateNow } = connectTo([small]);
  assert.equal(await stateNow(), "inService");
  small.listed = [];
  assert.equal(await stateNow(), "inService");
  small.entries = [];
  assert.equal(await stateNow(), undefined);
});

Deno.test("createEureka() takes an id that now has another address for absent", async () => {
  for (const env of [{}, { instanceId: "pod-1" }]) {
    await using small = startSmallEureka({});
    const { stateNow } = connectTo([small], env);
    assert.equal(await stateNow(), "inService");
    // A successor with the same id, as a StatefulSet has it.
    small.entries = [entry({ ip: "10.0.0.9" })];
    assert.equal(await stateNow(), undefined);
  }
});

Deno.test("createEureka() with an id looks at id and address, not at the port", async () => {
  await using small = startSmallEureka({ port: 9090 }, TWIN, { id: "POD-1" });
  const { locate, takeOut, listed } = connectTo([small], { instanceId: "pod-1" });
  assert.equal((await locate())?.label, "10.0.0.7:9090 of app ORDERS, id pod-1");
  assert.deepEqual(await listed(), [true]);
  await takeOut();
  assert.deepEqual(small.entries.map(({ status }) => status), ["OUT_OF_SERVICE", "UP", "UP"]);
  assert.deepEqual(await listed(), [false]);
});

Deno.test("createEureka() uses its own address where none is set, and says so once", async () => {
  await using small = startSmallEureka({ ip: "127.0.0.1" });
  const { registry, stateNow, listed, messages } = connectTo([small], { podip: undefined });
  assert.match(registry.wanted, /^this host:8080 of app ORDERS$/);
  assert.equal(await stateNow(), "inService");
  assert.deepEqual(await listed(), [true]);
  assert.match(registry.wanted, /^127\.0\.0\.1:8080 /);
  assert.match(messages("own_address").join(), /^podip is not known: using 127\.0\.0\.1/);
});

Deno.test("createEureka() asks the next server where one does not know the instance", async () => {
  await using restarted = startSmallEureka();
  await using peer = startSmallEureka({});
  const { registry, stateNow, takeOut } = connectTo([restarted, peer]);
  assert.equal(await stateNow(), "inService");
  assert.deepEqual(registry.describe(), { address: `${peer.origin}/eureka` });
  await takeOut();
  assert.deepEqual([restarted.writes().length, peer.writes().length], [0, 1]);
});

Deno.test("createEureka() sends a write that one server answers with 404 to the next", async () => {
  await using first = startSmallEureka({});
  await using second = startSmallEureka({});
  const { takeOut } = connectTo([first, second]);
  first.answer = fails(404, "/status");
  await takeOut();
  assert.equal(first.writes().length, 1);
  assert.equal(second.entries[0]?.status, "OUT_OF_SERVICE");
});

Deno.test("createEureka() believes one server's absence only until it has seen the instance", async () => {
  await using small = startSmallEureka();
  const before = connectTo([small, closedPort()]);
  assert.equal(await before.stateNow(), undefined);
  small.entries = [entry()];
  const after = connectTo([small, closedPort()]);
  assert.equal(await after.stateNow(), "inService");
  small.entries = [];
  await assert.rejects(after.stateNow(), { outcome: "unreachable" });
});

Deno.test("createEureka() believes only a Eureka that the instance has gone", async () => {
  const spring = () => Response.json({ status: 404, error: "Not Found" }, { status: 404 });
  const empty = () => new Response(null, { status: 404 });
  const page = () => new Response("<html>404 Not Found</html>", { status: 404 });
  const text = () => new Response("default backend - 404", { status: 404 });
  const gateway = () => Response.json({ message: "no Route matched" }, { status: 404 });
  for (const answer of [spring, empty, page, text, gateway]) {
    await using small = startSmallEureka({});
    const { registry, locate } = connectTo([small]);
    assert.ok(await locate());
    // Whoever it is answers so to everything.
    small.answer = answer;
    await assert.rejects(locate(), { outcome: "unreachable" });
    await assert.rejects(registry.callersViews(signal), { outcome: "unreachable" });
    // Only to the instance and its app.
    small.answer = (line) => /ORDERS/.test(line) ? answer() : undefined;
    if (answer === spring) assert.equal(await locate(), undefined);
    else await assert.rejects(locate(), { outcome: "unreachable" });
  }
});

Deno.test("createEureka() asks nothing more of a Eureka that has answered, before it has seen it", async () => {
  await using small = startSmallEureka({ ip: "10.0.0.8" });
  const { locate } = connectTo([small]);
  assert.equal(await locate(), undefined);
  small.entries = [];
  assert.equal(await locate(), undefined);
  assert.deepEqual(small.requests, [LIST, LIST]);
});

Deno.test("createEureka() takes out and puts back, each once where it has to", async () => {
  await using small = startSmallEureka({});
  const { stateNow, takeOut, putBack } = connectTo([small]);
  await takeOut();
  assert.equal(await stateNow(), "outOfService");
  await takeOut();
  await putBack();
  assert.equal(await stateNow(), "inService");
  await putBack();
  assert.deepEqual(small.writes(), [
    "PUT /eureka/apps/ORDERS/pod-1/status?value=OUT_OF_SERVICE",
    "DELETE /eureka/apps/ORDERS/pod-1/status?value=UP",
  ]);
});

Deno.test("createEureka() puts back an app that reports it is not ready, as it reports", async () => {
  for (const status of ["STARTING", "DOWN"]) {
    await using small = startSmallEureka({ status, override: "OUT_OF_SERVICE" });
    const { stateNow, putBack } = connectTo([small]);
    assert.equal(await stateNow(), "outOfService");
    await putBack();
    assert.deepEqual(small.entries, [entry({ status })]);
    assert.equal(await stateNow(), "notReady");
  }
});

Deno.test("createEureka() takes out every registration of the address", async () => {
  await using small = startSmallEureka({}, TWIN, { id: "pod-2", ip: "10.0.0.8" });
  const { locate, takeOut } = connectTo([small]);
  await takeOut();
  assert.deepEqual(small.entries.map(({ status }) => status), [
    "OUT_OF_SERVICE",
    "OUT_OF_SERVICE",
    "UP",
  ]);
  assert.match((await locate())?.label ?? "", /id pod-1, pod-1-again$/);
});

Deno.test("createEureka() writes only to the registrations that want it", async () => {
  await using small = startSmallEureka(OUT, TWIN);
  const { stateNow, takeOut, putBack } = connectTo([small]);
  assert.equal(await stateNow(), "partlyOut");
  await takeOut();
  small.entries = [entry(), entry({ ...TWIN, ...OUT })];
  await putBack();
  assert.deepEqual(small.writes(), [
    "PUT /eureka/apps/ORDERS/pod-1-again/status?value=OUT_OF_SERVICE",
    "DELETE /eureka/apps/ORDERS/pod-1-again/status?value=UP",
  ]);
});

Deno.test("createEureka() takes one of two registrations that has gone for no failure", async () => {
  await using small = startSmallEureka({}, TWIN);
  const { locate, registry } = connectTo([small]);
  const sighting = await locate();
  assert.ok(sighting);
  small.entries = [entry(TWIN)];
  await registry.set(sighting, false, signal);
  assert.equal(small.entries[0]?.status, "OUT_OF_SERVICE");
  small.entries = [];
  await assert.rejects(registry.set(sighting, false, signal), { outcome: "notFound" });
});

Deno.test("createEureka() fails where one of two registrations cannot be written", async () => {
  await using small = startSmallEureka({}, TWIN);
  const { takeOut } = connectTo([small], { EUREKA_USERNAME: "me", EUREKA_PASSWORD: "pw" });
  small.answer = fails(500, "/pod-1/status");
  await assert.rejects(takeOut(), {
    outcome: "unreachable",
    message: /pod-1\/status answered 500/,
  });
  small.entries = [entry(), entry(TWIN)];
  small.answer = fails(401, "/pod-1-again/status");
  await assert.rejects(takeOut(), { outcome: "refused", message: /CSRF/ });
});

Deno.test("createEureka() counts what callers get at every server", async () => {
  const others = [{ id: "pod-2", ip: "10.0.0.8" }, { id: "pod-3", ip: "10.0.0.9", status: "DOWN" }];
  await using first = startSmallEureka({}, TWIN, ...others);
  await using second = startSmallEureka({ ...OUT }, ...others);
  await using third = startSmallEureka();
  const dead = closedPort();
  const { registry } = connectTo([first, second, third, dead]);
  const { answers, failures } = await registry.callersViews(signal);
  assert.deepEqual(answers, [
    { address: `${first.origin}/eureka`, listed: true, others: 1 },
    { address: `${second.origin}/eureka`, listed: false, others: 1 },
  ]);
  assert.equal(failures[0], `${third.origin}/eureka knows no app ORDERS`);
  assert.match(failures[1] ?? "", new RegExp(`^Cannot connect to ${dead.origin}`));
});

Deno.test("createEureka() takes an app that no list has for one that callers do not get", async () => {
  await using first = startSmallEureka();
  await using second = startSmallEureka();
  const { registry } = connectTo([first, second]);
  assert.deepEqual(await registry.callersViews(signal), {
    answers: [{ address: `${first.origin}/eureka`, listed: false, others: 0 }],
    failures: [],
  });
});

Deno.test("createEureka() goes by the known record where the list fails", async () => {
  await using small = startSmallEureka({});
  const { clock, stateNow } = connectTo([small]);
  assert.equal(await stateNow(), "inService");
  await clock.advance(10_000);
  small.requests.length = 0;
  small.answer = (line) => line === LIST ? new Response(null, { status: 503 }) : undefined;
  assert.equal(await stateNow(), "inService");
  assert.ok(asksList(small));
  small.entries = [];
  await assert.rejects(stateNow(), { outcome: "unreachable" });
});

Deno.test("createEureka() sees the other registration where one record cannot be read", async () => {
  await using small = startSmallEureka({}, TWIN);
  const { locate, takeOut } = connectTo([small]);
  small.answer = fails(500, "ORDERS/pod-1-again");
  assert.match((await locate())?.label ?? "", /id pod-1$/);
  await takeOut();
  assert.deepEqual(small.entries.map(({ status }) => status), ["OUT_OF_SERVICE", "UP"]);
  small.answer = fails(500, "ORDERS/pod-1");
  await assert.rejects(locate(), { outcome: "unreachable", message: /answered 500/ });
});

Deno.test("createEureka() looks whether the id is still ours before it writes once more", async () => {
  await using small = startSmallEureka({});
  await using other = startSmallEureka({});
  const { clock, locate, registry } = connectTo([small, other]);
  const sighting = await locate();
  assert.ok(sighting);
  // The other one stays open, so the first is asked again.
  const silent = Promise.withResolvers<void>();
  let tries = 0;
  small.answer = (line) => {
    if (!line.startsWith("PUT ") || ++tries > 1) return undefined;
    small.entries = [entry({ ip: "10.0.0.9" })];
    return new Response(null, { status: 503 });
  };
  other.answer = (line) =>
    line.startsWith("PUT ")
      ? new Response(ReadableStream.from(async function* () {
        await silent.promise;
        yield new Uint8Array();
      }()))
      : undefined;
  const write = registry.set(sighting, false, signal);
  write.catch(() => {});
  await until(() => other.writes().length === 1);
  small.requests.length = 0;
  await clock.advance(1_000);
  await until(() => small.requests.length > 0);
  silent.resolve();
  await write;
  assert.deepEqual(small.requests, ["GET /eureka/apps/ORDERS/pod-1"]);
  assert.equal(small.entries[0]?.status, "UP");
});

Deno.test("createEureka() says that an app lives once one of its registrations has renewed", async () => {
  await using small = startSmallEureka({ renewedAt: 1 }, { ...TWIN, renewedAt: 2 });
  const { isAliveNow } = connectTo([small]);
  assert.deepEqual([await isAliveNow(), await isAliveNow()], [false, false]);
  for (const one of small.entries) if (one.id === TWIN.id) one.renewedAt = 3;
  assert.deepEqual([await isAliveNow(), await isAliveNow()], [true, true]);
});

Deno.test("createEureka() takes an app for alive where the server says nothing of renewals", async () => {
  await using silent = startSmallEureka({});
  assert.equal(await connectTo([silent]).isAliveNow(), true);
});

Deno.test("createEureka() takes an app for alive that callers get in part already", async () => {
  await using small = startSmallEureka({ ...OUT, renewedAt: 1 }, { ...TWIN, renewedAt: 2 });
  const { stateNow, isAliveNow } = connectTo([small]);
  assert.deepEqual([await stateNow(), await isAliveNow()], ["partlyOut", true]);
});

Deno.test("createEureka() takes for alive what registers after a look that has found nothing", async () => {
  await using small = startSmallEureka({ ...OUT, renewedAt: 1 });
  const late = connectTo([small]);
  const all = small.entries;
  small.entries = [];
  assert.equal(await late.isAliveNow(), undefined);
  small.entries = all;
  assert.equal(await late.isAliveNow(), true);
});

Deno.test("createEureka() compares no peer's clock with that of another", async () => {
  await using first = startSmallEureka({ ...OUT, renewedAt: 1_000 });
  await using second = startSmallEureka({ ...OUT, renewedAt: 1_007 });
  const { locate, isAliveNow } = connectTo([first, second]);
  assert.equal((await locate())?.address, `${first.origin}/eureka`);
  first.answer = () => new Response(null, { status: 503 });
  assert.equal((await locate())?.address, `${second.origin}/eureka`);
  assert.equal(await isAliveNow(), false);
  for (const one of second.entries) one.renewedAt = 1_008;
  assert.equal(await isAliveNow(), true);
});

Deno.test("createEureka() asks for every list before the write", async () => {
  await using first = startSmallEureka({});
  await using second = startSmallEureka({});
  const several = connectTo([first, second]);
  await several.locate();
  await until(() => asksList(first) && asksList(second));
  assert.deepEqual([...first.writes(), ...second.writes()], []);
  await using third = startSmallEureka({});
  const withId = connectTo([third], { instanceId: "pod-1" });
  await withId.locate();
  await until(() => asksList(third));
  const asked = third.requests.length;
  await withId.locate();
  assert.deepEqual(third.requests.slice(asked), ["GET /eureka/apps/ORDERS/pod-1"]);
});

Deno.test("createEureka() believes a list it has asked for before the write", async () => {
  await using small = startSmallEureka({});
  const { takeOut, listed } = connectTo([small]);
  await takeOut();
  small.listed = [entry()];
  assert.deepEqual(await listed(), [true]);
  small.listed = undefined;
  assert.deepEqual(await listed(), [false]);
});

Deno.test("createEureka() does not believe a list made after the write until it is renewed", async () => {
  await using first = startSmallEureka({});
  await using late = startSmallEureka({});
  late.answer = fails(503, "/apps");
  const { clock, takeOut, listed } = connectTo([first, late]);
  assert.deepEqual(await listed(), [true, undefined]);
  await takeOut();
  assert.deepEqual(await listed(), [false, undefined]);
  await clock.advance(5_000);
  late.answer = () => undefined;
  late.entries = [entry(OUT)];
  assert.deepEqual(await listed(), [false, true]);
  await clock.advance(29_999);
  assert.deepEqual(await listed(), [false, true]);
  await clock.advance(1);
  assert.deepEqual(await listed(), [false, false]);
});

Deno.test("createEureka() believes a list at once where it has not taken out anything", async () => {
  await using small = startSmallEureka(OUT);
  const { stateNow, listed } = connectTo([small], { instanceId: "pod-1" });
  assert.deepEqual(await listed(), [false]);
  assert.equal(await stateNow(), "outOfService");
});

Deno.test("createEureka() can remove only with REMOVE_AFTER_DRAIN", async () => {
  await using small = startSmallEureka(OUT, { ...TWIN, ...OUT }, { id: "pod-2", ip: "10.0.0.8" });
  assert.equal("remove" in connectTo([small]).registry, false);
  const { registry } = connectTo([small], { REMOVE_AFTER_DRAIN: "true" });
  const said = await registry.remove?.(signal);
  assert.equal(said, "pod-1, pod-1-again is removed");
  assert.deepEqual(small.entries.map(({ id }) => id), ["pod-2"]);
  assert.deepEqual(small.writes().toSorted(), [
    "DELETE /eureka/apps/ORDERS/pod-1",
    "DELETE /eureka/apps/ORDERS/pod-1-again",
  ]);
});

Deno.test("createEureka() looks before it removes, and never removes a successor", async () => {
  await using small = startSmallEureka({ ip: "10.0.0.9" });
  const env = { REMOVE_AFTER_DRAIN: "true", instanceId: "pod-1" };
  const { registry } = connectTo([small], env);
  assert.match(await registry.remove?.(signal) ?? "", /deregistered already/);
  assert.deepEqual(small.writes(), []);
});

Deno.test("createEureka() fails where a removal is refused", async () => {
  await using small = startSmallEureka(OUT);
  const { registry, stateNow } = connectTo([small], { REMOVE_AFTER_DRAIN: "true" });
  await stateNow();
  small.answer = (line) => line.startsWith("DELETE") ? fails(401, "")(line) : undefined;
  await assert.rejects(async () => await registry.remove?.(signal), { outcome: "refused" });
});

Deno.test("createEureka() finds near misses in what any server has", async () => {
  await using small = startSmallEureka({ port: 8081 }, { app: "CARTS", id: "carts-1" });
  const { registry } = connectTo([closedPort(), small]);
  assert.deepEqual(await registry.nearMisses(signal), [
    "10.0.0.7:8080 (id carts-1) is registered with APPLICATION=CARTS",
    "10.0.0.7:8081 (id pod-1) is registered with APPLICATION_PORT=8081",
  ]);
});

Deno.test("createEureka() tells instances apart that one program may be told to stop", async () => {
  await using small = startSmallEureka();
  const identityOf = (env: Record<string, string>) => connectTo([small], env).registry.identity;
  const own = identityOf({});
  assert.equal(identityOf({ APPLICATION: "ORDERS" }), own);
  const different = [{ APPLICATION: "carts" }, { APPLICATION_PORT: "1" }, { instanceId: "a" }];
  for (const env of different) assert.notEqual(identityOf(env), own);
  assert.notEqual(connectTo([closedPort()]).registry.identity, own);
});

Deno.test("createEureka() prints neither a password nor its Basic form", async () => {
  await using small = startSmallEureka({});
  const token = btoa("eureka:hunter2");
  small.answer = () => new Response(`authorization: Basic ${token}, hunter2`, { status: 500 });
  const login = { EUREKA_USERNAME: "eureka", EUREKA_PASSWORD: "hunter2" };
  await assert.rejects(connectTo([small], login).locate(), ({ message }: Error) => {
    assert.match(message, /answered 500: authorization: Basic \*\*\*, \*\*\*/);
    return true;
  });
});

Deno.test("createEureka() logs in at an address that is written with a user and without", async () => {
  await using small = startSmallEureka({});
  const url = `${small.origin.replace("//", "//me:pw@")},${small.origin}`;
  await connectTo([], { EUREKA_URL: url }).locate();
  assert.deepEqual([...small.authorizations], [`Basic ${btoa("me:pw")}`]);
});

const REMOVES = { REMOVE_AFTER_DRAIN: "true" };

Deno.test("createEureka() has removed what deregisters meanwhile", async () => {
  await using small = startSmallEureka(OUT);
  const { registry } = connectTo([small], REMOVES);
  small.answer = (line) => {
    if (line.startsWith("DELETE ")) small.entries = [];
    return undefined;
  };
  assert.equal(await registry.remove?.(signal), "pod-1 is removed");
  assert.match(await registry.remove?.(signal) ?? "", /has been deregistered already/);
});

Deno.test("createEureka() does not believe a removal whose record stays", async () => {
  await using small = startSmallEureka(OUT);
  for (const status of [200, 404]) {
    small.answer = fails(status, "DELETE");
    const { registry } = connectTo([small], REMOVES);
    await assert.rejects(async () => await registry.remove?.(signal), {
      outcome: "unreachable",
      message: /is still there after the removal/,
    });
  }
});

Deno.test("createEureka() removes only what is kept back", async () => {
  await using small = startSmallEureka(OUT, TWIN);
  const { registry } = connectTo([small], REMOVES);
  assert.equal(await registry.remove?.(signal), "pod-1 is removed");
  assert.match(await registry.remove?.(signal) ?? "", /back in service, so it is not removed/);
  assert.deepEqual(small.entries.map(({ id }) => id), ["pod-1-again"]);
});

Deno.test("createEureka() takes what has registered anew since the removal for removed", async () => {
  await using small = startSmallEureka(OUT);
  const { registry } = connectTo([small], REMOVES);
  small.answer = (line) => {
    if (!line.startsWith("DELETE ")) return undefined;
    // The next heartbeat of a live app.
    small.entries = [entry()];
    return new Response();
  };
  assert.equal(await registry.remove?.(signal), "pod-1 is removed");
});

Deno.test("createEureka() asks and checks a removal at one server", async () => {
  await using first = startSmallEureka(OUT);
  await using second = startSmallEureka(OUT);
  const { registry } = connectTo([first, second], REMOVES);
  assert.equal(await registry.remove?.(signal), "pod-1 is removed");
  assert.deepEqual(second.requests, []);
  await using third = startSmallEureka();
  const after = connectTo([third, second], REMOVES);
  assert.equal(await after.registry.remove?.(signal), "pod-1 is removed");
  assert.deepEqual([third.writes(), second.entries], [[], []]);
});

Deno.test("createEureka() asks for further registrations now and then, not at every look", async () => {
  await using small = startSmallEureka({});
  const { clock, locate } = connectTo([small]);
  await locate();
  small.requests.length = 0;
  await locate();
  assert.equal(asksList(small), false);
  await clock.advance(10_000);
  await locate();
  assert.equal(asksList(small), true);
});

Deno.test("createEureka() looks and writes at one of several servers by itself", async () => {
  await using first = startSmallEureka({});
  await using second = startSmallEureka({});
  await using third = startSmallEureka();
  const { registry, takeOut } = connectTo([first, second, third]);
  assert.deepEqual(
    registry.addresses,
    [first, second, third].map(({ origin }) => `${origin}/eureka`),
  );
  await takeOut();
  const address = `${second.origin}/eureka`;
  const sighting = await registry.locateAt(address, signal);
  assert.ok(sighting);
  assert.deepEqual([sighting.address, sighting.state], [address, "inService"]);
  await registry.set(sighting, false, signal);
  assert.deepEqual([first, second, third].map((one) => one.writes().length), [1, 1, 0]);
  assert.equal((await registry.locateAt(address, signal))?.state, "outOfService");
  assert.equal(await registry.locateAt(`${third.origin}/eureka`, signal), undefined);
});

Deno.test("createEureka() takes the list of all apps for a proof of the path, and nothing else", async () => {
  await using small = startSmallEureka();
  const { registry } = connectTo([small]);
  const says = async (answer: () => Response) => {
    small.answer = (request) => request === "GET /eureka/apps" ? answer() : undefined;
    const [found] = await registry.check(signal);
    return found?.findings.find(({ about }) => about === "server")?.ok ?? "login";
  };
  assert.equal(await says(() => Response.json({ applications: { application: [] } })), true);
  assert.equal(await says(() => new Response("x".repeat(2 * 1024 * 1024))), false);
  assert.equal(await says(() => new Response("<html>hello</html>")), false);
  assert.equal(await says(() => new Response(null, { status: 500 })), false);
  assert.equal(await says(() => new Response(null, { status: 404 })), false);
  assert.equal(await says(() => new Response(null, { status: 401 })), "login");
});

Deno.test("createEureka() takes out at once what has just changed, and marks it a second later", async () => {
  await using small = startSmallEureka({ renewedAt: 1 });
  const { clock, registry, takeOut, locate } = connectTo([small]);
  const [instance] = small.entries;
  assert.ok(instance);
  instance.dirtyAt = clock.now();
  await takeOut();
  const status = "PUT /eureka/apps/ORDERS/pod-1/status?value=";
  assert.deepEqual(small.writes(), [`${status}OUT_OF_SERVICE`]);
  const sighting = await locate();
  assert.match(sighting?.othersWish ?? "", /somebody else has written OUT_OF_SERVICE/);
  assert.ok(sighting);
  const marking = registry.set(sighting, false, signal);
  let isPending = true;
  marking.finally(() => void (isPending = false));
  await until(() => {
    void clock.advance(10);
    return !isPending;
  });
  const at = /&lastDirtyTimestamp=(\d+)$/.exec(small.writes().at(-1) ?? "")?.[1];
  assert.ok(Number(at) >= instance.dirtyAt && Number(at) <= clock.now(), at);
  assert.deepEqual(small.writes().slice(1), [
    `${status}DOWN`,
    `${status}OUT_OF_SERVICE&lastDirtyTimestamp=${at}`,
  ]);
  // The answer to the first of the two was lost: the next look sees it, and writes the second.
  small.entries = [
    entry({ status: "DOWN", override: "DOWN", dirtyAt: clock.now() - 5_000, renewedAt: 1 }),
  ];
  const half = await locate();
  assert.match(half?.othersWish ?? "", /somebody else has written DOWN/);
  await registry.set(half!, false, signal);
  assert.match(small.writes()[3] ?? "", /OUT_OF_SERVICE&lastDirtyTimestamp=/);
  assert.equal(small.writes().length, 4);
});

Deno.test("createEureka() finds the pod's others where only the registry knows the port", async () => {
  await using small = startSmallEureka({});
  const whole = { OFFLINE_SCOPE: "pod", APPLICATION_PORT: undefined, SERVER_PORT: "0" };
  const { registry, locate } = connectTo([small], whole);
  assert.match((await locate())?.label ?? "", /id pod-1$/);
  small.entries.push(
    entry({ id: "pod-1-admin", port: 9090 }),
    entry({ app: "PAY", port: 9091 }),
    entry({ id: "pod-2", ip: "10.0.0.8" }),
  );
  const { found = [] } = await registry.others?.(signal) ?? {};
  const labels = found.map(({ label }) => label);
  assert.deepEqual(labels, [
    "10.0.0.7:9090 of app ORDERS, id pod-1-admin",
    "10.0.0.7:9091 of app PAY, id pod-1",
  ]);
});
