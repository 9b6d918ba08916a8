import assert from "node:assert/strict";
import { createEurekaServer } from "../../src/registry/eureka/server.ts";
import { createEndpoints, type Endpoint } from "../../src/http/endpoint.ts";
import { createSecrets } from "../../src/secrets.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { entry, inJson, type SmallEureka, startSmallEureka } from "./eureka_kit.ts";

const { signal } = new AbortController();
const INSTANCE = {
  id: "pod-1",
  ipAddr: "10.0.0.7",
  ports: [8080],
  status: "UP",
  override: "UNKNOWN",
  renewedAt: undefined,
  dirtyAt: 0,
  metadata: { zone: "a" },
};

function endpointOf({ origin }: SmallEureka): Endpoint {
  const options = { clock: createFakeClock(), secrets: createSecrets(), caCerts: undefined };
  const [endpoint] = createEndpoints([`${origin}/eureka`], options);
  assert.ok(endpoint);
  return endpoint;
}

/** The server as the program talks to it, for a user or nobody. */
const connectTo = (small: SmallEureka, credentials?: { username: string; password: string }) =>
  createEurekaServer(endpointOf(small), credentials, "check this and that");

const answering = (status: number, body: BodyInit | null = null) => () =>
  new Response(body, { status });

Deno.test("createEurekaServer() asks for apps in capitals and encodes names and ids", async () => {
  await using small = startSmallEureka();
  const server = connectTo(small);
  await server.instances("orders", signal);
  await server.instances("My Orders/ü", signal);
  await server.instance("orders", "Host-1:orders:8080", signal);
  await server.instance("orders", "a/b c?d#e", signal);
  await server.apps(signal);
  assert.deepEqual(small.requests, [
    "GET /eureka/apps/ORDERS",
    "GET /eureka/apps/MY%20ORDERS%2F%C3%9C",
    "GET /eureka/apps/ORDERS/Host-1%3Aorders%3A8080",
    "GET /eureka/apps/ORDERS/a%2Fb%20c%3Fd%23e",
    "GET /eureka/apps",
  ]);
});

Deno.test("createEurekaServer() reads instance, app and all apps", async () => {
  await using small = startSmallEureka({}, { id: "pod-2", ip: "10.0.0.8" }, { app: "CARTS" });
  const server = connectTo(small);
  assert.deepEqual(await server.instance("orders", "pod-1", signal), INSTANCE);
  const ids = (await server.instances("orders", signal))?.map(({ id }) => id);
  assert.deepEqual(ids, ["pod-1", "pod-2"]);
  const apps = await server.apps(signal);
  assert.deepEqual(apps?.map(({ name, instances }) => [name, instances.length]), [
    ["ORDERS", 2],
    ["CARTS", 1],
  ]);
});

Deno.test("createEurekaServer() takes 404 to a read for absence", async () => {
  await using small = startSmallEureka();
  const server = connectTo(small);
  assert.equal(await server.instance("orders", "pod-1", signal), undefined);
  assert.equal(await server.instances("orders", signal), undefined);
  // Without Spring a Eureka's 404 has no body.
  small.answer = answering(404);
  const plain = connectTo(small);
  assert.equal(await plain.instance("orders", "pod-1", signal), undefined);
  await assert.rejects(plain.apps(signal), /\/eureka\/apps is a 404: is the path in EUREKA_URL/);
});

Deno.test("createEurekaServer() takes no page and no text of 404 for absence", async () => {
  await using small = startSmallEureka({});
  const server = connectTo(small);
  const kong = JSON.stringify({ message: "no Route matched with those values" });
  const spring = JSON.stringify({ status: 404, error: "Not Found", requestId: "5d1f0c2a-17" });
  const texts = ["default backend - 404", "<html><h1>404 Not Found</h1></html>"];
  for (const body of [...texts, kong, spring]) {
    small.answer = answering(404, body);
    const said = { outcome: "unreachable", message: /404.*not what a Eureka.*EUREKA_URL right/ };
    await assert.rejects(server.instance("orders", "pod-1", signal), said);
    await assert.rejects(server.keepBack("orders", INSTANCE, signal), said);
  }
});

Deno.test("createEurekaServer() proves that a Eureka answers without the body of a list", async () => {
  await using small = startSmallEureka({});
  const server = connectTo(small);
  await server.prove(false, signal);
  await server.prove(false, signal);
  assert.equal(await server.instance("orders", "pod-2", signal), undefined);
  await server.prove(true, signal);
  assert.deepEqual(small.requests, [
    "HEAD /eureka/apps",
    "GET /eureka/apps/ORDERS/pod-2",
    "HEAD /eureka/apps",
  ]);
  // A server that does not know HEAD.
  small.answer = (line) => line.startsWith("HEAD") ? answering(405)() : undefined;
  await server.prove(true, signal);
  assert.equal(small.requests.at(-1), "GET /eureka/apps");
  small.answer = answering(404);
  await assert.rejects(server.prove(true, signal), { outcome: "unreachable" });
  await assert.rejects(server.prove(false, signal), { outcome: "unreachable" });
});

Deno.test("createEurekaServer() asks for the list where a gateway forbids HEAD", async () => {
  for (const status of [401, 403, 405]) {
    await using small = startSmallEureka({});
    const server = connectTo(small);
    small.answer = (line) => line.startsWith("HEAD") ? answering(status)() : undefined;
    await server.prove(false, signal);
    assert.deepEqual(small.requests, ["HEAD /eureka/apps", "GET /eureka/apps"]);
    small.answer = answering(status);
    const outcome = status === 405 ? "unreachable" : "refused";
    await assert.rejects(server.prove(true, signal), { outcome, message: /^GET / });
  }
});

Deno.test("createEurekaServer() proves once that a Eureka without Spring answers itself", async () => {
  await using small = startSmallEureka({});
  const server = connectTo(small);
  const proof = ["HEAD /eureka/apps", "GET /eureka/instances/-"];
  const asked = async (anew: boolean) => {
    assert.equal(await server.instance("orders", "pod-2", signal), undefined);
    small.requests.length = 0;
    await server.prove(anew, signal);
    return small.requests;
  };
  small.answer = (line) => /pod-2|instances/.test(line) ? answering(404)() : undefined;
  await server.apps(signal);
  assert.deepEqual(await asked(false), proof);
  assert.deepEqual(await asked(false), []);
  // Whether it is still there, but not how it answers.
  assert.deepEqual(await asked(true), proof.slice(0, 1));
  assert.deepEqual(await asked(false), []);
  // Whoever answers after a failure may be another.
  small.answer = answering(500);
  await assert.rejects(server.apps(signal), { outcome: "unreachable" });
  small.answer = (line) => /pod-2|instances/.test(line) ? answering(404)() : undefined;
  assert.deepEqual(await asked(false), proof);
});

Deno.test("createEurekaServer() believes no 404 without a body where Spring makes one", async () => {
  await using small = startSmallEureka({});
  const server = connectTo(small);
  const said = { outcome: "unreachable", message: /404 with no body; not what this Eureka/ };
  small.answer = (line) => /ORDERS/.test(line) ? answering(404)() : undefined;
  for (const anew of [false, true]) {
    assert.equal(await server.instance("orders", "pod-1", signal), undefined);
    await assert.rejects(server.prove(anew, signal), said);
  }
  // Nor after an answer of the Eureka itself.
  await server.apps(signal);
  assert.equal(await server.instance("orders", "pod-1", signal), undefined);
  await assert.rejects(server.prove(false, signal), said);
  // Nor where that is known already.
  small.answer = () => undefined;
  assert.equal(await server.instance("orders", "pod-2", signal), undefined);
  small.answer = answering(404);
  await assert.rejects(server.instance("orders", "pod-1", signal), { outcome: "unreachable" });
});

Deno.test("createEurekaServer() throws NotFoundError for 404 to a write", async () => {
  await using small = startSmallEureka();
  const server = connectTo(small);
  for (const write of [server.keepBack, server.release, server.remove]) {
    await assert.rejects(write("orders", INSTANCE, signal), {
      outcome: "notFound",
      message: "no instance pod-1",
    });
  }
});

Deno.test("createEurekaServer() writes the override, takes it away and removes", async () => {
  await using small = startSmallEureka({ id: "h:orders:8080" });
  const server = connectTo(small);
  const instance = { ...INSTANCE, id: "h:orders:8080" };
  await server.keepBack("orders", instance, signal);
  assert.equal(small.entries[0]?.override, "OUT_OF_SERVICE");
  const out = { ...instance, status: "OUT_OF_SERVICE", override: "OUT_OF_SERVICE" };
  await server.release("orders", out, signal);
  assert.deepEqual([small.entries[0]?.status, small.entries[0]?.override], ["UP", "UNKNOWN"]);
  await server.remove("orders", instance, signal);
  assert.deepEqual(small.entries, []);
  assert.deepEqual(small.requests, [
    "PUT /eureka/apps/ORDERS/h%3Aorders%3A8080/status?value=OUT_OF_SERVICE",
    "DELETE /eureka/apps/ORDERS/h%3Aorders%3A8080/status?value=UP",
    "DELETE /eureka/apps/ORDERS/h%3Aorders%3A8080",
  ]);
});

Deno.test("createEurekaServer() gets one back that its app has registered OUT_OF_SERVICE", async () => {
  await using small = startSmallEureka({ status: "OUT_OF_SERVICE" });
  const instance = { ...INSTANCE, status: "OUT_OF_SERVICE", override: "UNKNOWN" };
  await connectTo(small).release("orders", instance, signal);
  // DELETE alone is answered with 200 and does nothing there.
  assert.deepEqual(small.requests, [
    "PUT /eureka/apps/ORDERS/pod-1/status?value=UP",
    "DELETE /eureka/apps/ORDERS/pod-1/status?value=UP",
  ]);
});

Deno.test("createEurekaServer() marks what it takes out, and takes the mark away", async () => {
  await using small = startSmallEureka({});
  const server = connectTo(small);
  const dirtyAt = 1_795_704_056_500;
  await server.keepBack("orders", { ...INSTANCE, dirtyAt }, signal);
  const markedAt = Number(/lastDirtyTimestamp=(\d+)$/.exec(small.requests[0] ?? "")?.[1]);
  assert.ok(markedAt > dirtyAt && markedAt <= dirtyAt + 1_024, String(markedAt));
  const out = { ...INSTANCE, status: "OUT_OF_SERVICE", override: "OUT_OF_SERVICE" };
  await server.release("orders", { ...out, dirtyAt: markedAt }, signal);
  assert.match(small.requests[1] ?? "", new RegExp(`lastDirtyTimestamp=${markedAt + 1}$`));
});

Deno.test("createEurekaServer() writes UP where the server knows no DELETE of a status", async () => {
  await using small = startSmallEureka({});
  const server = connectTo(small);
  small.answer = (line) => /^DELETE .*status/.test(line) ? answering(405)() : undefined;
  const out = { ...INSTANCE, status: "OUT_OF_SERVICE", override: "OUT_OF_SERVICE" };
  await server.release("orders", out, signal);
  assert.equal(small.requests.at(-1), "PUT /eureka/apps/ORDERS/pod-1/status?value=UP");
  // Its app says that it is down: UP would be a lie.
  const down = { ...out, status: "DOWN" };
  const said = { outcome: "unreachable", message: /DOWN.*\(405\).*once its app reports UP/ };
  await assert.rejects(server.release("orders", down, signal), said);
  assert.match(small.requests.at(-1) ?? "", /^DELETE/);
});

Deno.test("createEurekaServer() releases an override of DOWN to UP", async () => {
  await using small = startSmallEureka({ status: "DOWN", override: "DOWN" });
  const down = { ...INSTANCE, status: "DOWN", override: "DOWN" };
  await connectTo(small).release("orders", down, signal);
  assert.deepEqual(small.requests, ["DELETE /eureka/apps/ORDERS/pod-1/status?value=UP"]);
});

Deno.test("createEurekaServer() leaves the app's own status when it takes the override away", async () => {
  await using small = startSmallEureka({});
  const server = connectTo(small);
  for (const status of ["STARTING", "DOWN"]) {
    await server.release("orders", { ...INSTANCE, status, override: "OUT_OF_SERVICE" }, signal);
    assert.equal(small.requests.at(-1), `DELETE /eureka/apps/ORDERS/pod-1/status?value=${status}`);
  }
});

Deno.test("createEurekaServer() says who it is in UTF-8, and only where there is anybody", async () => {
  await using small = startSmallEureka({});
  await connectTo(small).instances("orders", signal);
  assert.deepEqual([...small.authorizations], [null]);
  small.authorizations.clear();
  const server = connectTo(small, { username: "me", password: "pä:ss" });
  await server.instances("orders", signal);
  await server.keepBack("orders", INSTANCE, signal);
  assert.deepEqual([...small.authorizations], ["Basic bWU6cMOkOnNz"]);
});

Deno.test("createEurekaServer() says what to set where a read is refused", async () => {
  await using small = startSmallEureka({});
  for (const status of [401, 403]) {
    small.answer = answering(status, "who are you?");
    const nobody = connectTo(small).instances("orders", signal);
    await assert.rejects(nobody, {
      outcome: "refused",
      message: new RegExp(
        `^GET ${small.origin}/eureka/apps/ORDERS answered ${status}: who.*; check this and that$`,
      ),
    });
    const server = connectTo(small, { username: "me", password: "hunter2" });
    await assert.rejects(server.instance("orders", "pod-1", signal), (error: Error) => {
      assert.match(error.message, /; check this and that$/);
      assert.doesNotMatch(error.message, /hunter2|CSRF/);
      return true;
    });
  }
});

Deno.test("createEurekaServer() names CSRF protection where only writes are refused", async () => {
  await using small = startSmallEureka({});
  const server = connectTo(small, { username: "me", password: "hunter2" });
  small.answer = (line) => line.startsWith("GET ") ? undefined : answering(401)();
  const unread = server.keepBack("orders", INSTANCE, signal);
  await assert.rejects(unread, { outcome: "refused", message: /check this/ });
  await server.instance("orders", "pod-1", signal);
  for (const write of [server.keepBack, server.release, server.remove]) {
    await assert.rejects(write("orders", INSTANCE, signal), {
      outcome: "refused",
      message: /answered 401 .*CSRF protection.*\/eureka\/\*\*/,
    });
  }
  small.answer = answering(401);
  await assert.rejects(server.instances("orders", signal), { message: /check this/ });
});

Deno.test("createEurekaServer() names no CSRF protection where nobody has logged in", async () => {
  await using small = startSmallEureka({});
  const server = connectTo(small);
  await server.instance("orders", "pod-1", signal);
  small.answer = answering(401);
  await assert.rejects(server.keepBack("orders", INSTANCE, signal), ({ message }: Error) => {
    assert.match(message, /^PUT .* answered 401 .*check this and that$/);
    assert.doesNotMatch(message, /CSRF/);
    return true;
  });
});

Deno.test("createEurekaServer() reads long lists, and tells from the others what may be meant", async () => {
  const others = Array.from(
    { length: 3_000 },
    (_, i) => ({
      id: `pod-${i}`,
      ip: `10.1.${i >> 8}.${i & 255}`,
      app: i < 2_000 ? "ORDERS" : "X",
    }),
  );
  await using small = startSmallEureka(...others.slice(0, 1_900), {}, {
    id: "pod-1",
    ip: "10.9.9.9",
    status: "DOWN",
  }, ...others.slice(1_900));
  const mayBeMeant = (one: { ipAddr?: unknown }) => one.ipAddr === "10.0.0.7";
  const server = createEurekaServer(endpointOf(small), undefined, "", mayBeMeant);
  const listed = await server.instances("orders", signal) ?? [];
  assert.equal(listed.length, 2_002);
  assert.deepEqual(listed[1_900], INSTANCE);
  assert.equal(listed.filter(({ status }) => status === "UP").length, 2_001);
  assert.equal(new Set(listed).size, 3, "one for each kind of others");
  const apps = await server.apps(signal);
  assert.deepEqual(apps?.map((one) => [one.name, one.instances.length, one.instances[0]?.id]), [
    ["ORDERS", 2_002, "pod-0"],
    ["X", 1_000, "pod-2000"],
  ]);
});

Deno.test("createEurekaServer() takes no list for one that is cut or broken somewhere", async () => {
  await using small = startSmallEureka();
  const server = connectTo(small);
  const one = JSON.stringify(inJson(entry())) + ",";
  const list = one.repeat(2_000);
  for (const middle of ["{},", "{", '"', `{"x":"${"y".repeat(600_000)}"},`, "[".repeat(200)]) {
    const body = `{"application":{"name":"ORDERS","instance":[${list}${middle}${list}{}]}}`;
    small.answer = () => new Response(body);
    await assert.rejects(server.instances("orders", signal), { outcome: "unreachable" }, middle);
  }
});

Deno.test("createEurekaServer() takes anything else for no answer of Eureka", async () => {
  await using small = startSmallEureka({});
  const server = connectTo(small);
  const answers = [
    answering(200, "<html>welcome</html>"),
    answering(200, "{}"),
    answering(200),
    answering(500, "oops"),
    answering(503),
    () => Response.redirect("http://example.invalid/login"),
  ];
  for (const answer of answers) {
    small.answer = answer;
    for (
      const read of [server.instance("orders", "pod-1", signal), server.instances("orders", signal)]
    ) {
      await assert.rejects(read, { outcome: "unreachable", message: /not what a Eureka server/ });
    }
  }
  small.answer = answering(500);
  const write = server.keepBack("orders", INSTANCE, signal);
  await assert.rejects(write, { outcome: "unreachable", message: /^PUT .* answered 500/ });
});

Deno.test("createEurekaServer() shows of Spring's errors what does not change with the time", async () => {
  await using small = startSmallEureka({});
  const server = connectTo(small);
  const body = { timestamp: "2026-01-01T00:00:00Z", status: 500, error: "Internal Server Error" };
  const shown = async (more: Record<string, string>) => {
    small.answer = () => Response.json({ ...body, ...more }, { status: 500 });
    const error: Error = await server.apps(signal).then(() => new Error("answered"), (e) => e);
    return error.message.split(";")[0];
  };
  const asked = `GET ${small.origin}/eureka/apps answered 500`;
  assert.equal(await shown({}), `${asked}: Internal Server Error`);
  assert.equal(await shown({ message: "no leader" }), `${asked}: no leader`);
});

Deno.test("createEurekaServer() connects anew only after it got no answer", async () => {
  await using small = startSmallEureka({});
  const endpoint = endpointOf(small);
  let connections = 0;
  const connect = (s: AbortSignal) => {
    connections++;
    return endpoint.connect(s);
  };
  const server = createEurekaServer({ ...endpoint, connect }, undefined, "");
  assert.equal(server.ownAddress, undefined);
  await server.connect(signal);
  assert.equal(server.ownAddress, "127.0.0.1");
  await server.instance("orders", "nobody", signal);
  await server.connect(signal);
  assert.equal(connections, 1);
  small.answer = answering(503);
  await assert.rejects(server.apps(signal));
  await server.connect(signal);
  assert.equal(connections, 2);
});
