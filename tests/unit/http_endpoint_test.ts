import assert from "node:assert/strict";
import { systemClock } from "../../src/clock.ts";
import { createEndpoints, describeAnswer, type Endpoint } from "../../src/http/endpoint.ts";
import { createSecrets } from "../../src/secrets.ts";
import { startCalled } from "../support/called.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { startBlackHole } from "../support/faulty.ts";

const { signal } = new AbortController();

function prepare(root: string): Endpoint & {
  readonly clock: ReturnType<typeof createFakeClock>;
  readonly secrets: ReturnType<typeof createSecrets>;
} {
  const clock = createFakeClock();
  const secrets = createSecrets();
  const [endpoint] = createEndpoints([root], { clock, secrets, caCerts: undefined });
  assert.ok(endpoint);
  return { ...endpoint, clock, secrets };
}

Deno.test("createEndpoints() masks before it cuts: no part of a secret is left at the edge", async () => {
  const secret = "A-very-long-secret-of-forty-characters-!";
  for (const before of [0, 150, 170, 190, 199, 200]) {
    await using server = startCalled(() => new Response("x".repeat(before) + secret + " rest"));
    const { request, secrets } = prepare(server.rootUrl);
    secrets.add(secret);
    const { excerpt = "" } = await request({ method: "GET", path: "/" }, signal);
    assert.doesNotMatch(excerpt, /A-ver|A-|A…/, `${before} characters before it`);
    assert.ok(excerpt.startsWith("x".repeat(Math.min(before, 197))), excerpt);
  }
});

Deno.test("createEndpoints() masks what JSON has escaped, also at the edge", async () => {
  const secret = "pass/word=of=forty/characters/and=more/!";
  const escaped = secret.replaceAll("/", "\\/").replaceAll("=", "\\u003d");
  await using server = startCalled(() =>
    new Response(`{"message":"${"x".repeat(185)} ${escaped}"}`, { status: 400 })
  );
  const { request, secrets } = prepare(server.rootUrl);
  secrets.add(secret);
  const answer = await request({ method: "GET", path: "/" }, signal);
  assert.doesNotMatch(describeAnswer(answer), /pass|word/);
});

Deno.test("createEndpoints() waits 15 s for a connection, as lost SYNs are repeated after 1, 3 and 7 s", async () => {
  await using hole = await startBlackHole();
  const { connect, clock } = prepare(`http://${hole.addr}`);
  const connecting = connect(signal);
  let ended = false;
  connecting.then(() => ended = true, () => ended = true);
  await clock.advance(14_900);
  // Whatever it does at its end it does in real time.
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(ended, false, "given up too early");
  await clock.advance(200);
  await assert.rejects(connecting, { message: /^Cannot connect to .*: no connection in time$/ });
});

Deno.test("an endpoint tells the length of a PUT that has no body, and of none that may have none", async () => {
  const lengths: Record<string, string | null> = {};
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    lengths[request.method] = request.headers.get("content-length");
    return new Response("ok");
  });
  const [endpoint] = createEndpoints([`http://127.0.0.1:${server.addr.port}`], {
    clock: systemClock,
    caCerts: undefined,
    secrets: createSecrets(),
  });
  for (const method of ["GET", "PUT", "PATCH", "POST", "DELETE"] as const) {
    await endpoint!.request({ method, path: "/" }, new AbortController().signal);
  }
  assert.deepEqual(lengths, { GET: null, PUT: "0", PATCH: "0", POST: "0", DELETE: null });
});
