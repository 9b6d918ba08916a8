import assert from "node:assert/strict";
import { type CallOptions, createCall } from "../../src/app/call.ts";
import { createAppCalls } from "../../src/app/calls.ts";
import { appSettings } from "../../src/app/settings.ts";
import { systemClock } from "../../src/clock.ts";
import { check } from "../support/schema.ts";
import { startCalled } from "../support/called.ts";
import { refusedPort } from "../support/faulty.ts";

function prepare(url: string, options: Partial<CallOptions> = {}) {
  return createCall({
    clock: systemClock,
    url,
    method: "POST",
    headers: {},
    timeoutMs: 5_000,
    caCerts: undefined,
    ...options,
  });
}

Deno.test("createCall() takes any answer of the 200s for a good one, and no other", async () => {
  let status = 200;
  await using app = startCalled(() => new Response(null, { status }));
  for (status of [200, 202, 204, 299]) {
    assert.equal((await prepare(app.rootUrl)({}, 5_000)).ok, true, `${status}`);
  }
  for (status of [301, 304, 400, 404, 503]) {
    const { ok, reason } = await prepare(app.rootUrl)({}, 5_000);
    assert.equal(ok, false, `${status}`);
    assert.match(reason, new RegExp(`^POST ${app.rootUrl}/ answered ${status}`));
  }
});

Deno.test("createCall() says scheme, host and path, and nothing that may repeat a secret", async () => {
  const secrets = { authorization: "Bearer abc-secret", "x-key": "key-secret" };
  await using app = startCalled((request) =>
    new Response([...request.headers.values(), "abc-secret", request.url].join(" "), {
      status: 400,
    })
  );
  const root = app.rootUrl;
  const reasonOf = async (path: string, headers: Record<string, string> = {}) =>
    (await prepare(root + path, { headers })({}, 5_000)).reason;
  assert.equal(await reasonOf("/path?token=url-secret"), `POST ${root}/path answered 400`);
  assert.equal(await reasonOf("/path", secrets), `POST ${root}/path answered 400`);
  for (const token of ["aBcDeFgHiJkLmNoPqRsTuVwX", "a1b2c3d4-e5f6-7890-abcd-ef1234567890"]) {
    const reason = await reasonOf(`/hook/${token}`);
    assert.ok(reason.startsWith(`POST ${root}/hook/*** answered 400`) && !reason.includes(token));
  }
  // Nothing was sent that is one.
  assert.match(await reasonOf("/path"), /answered 400: .*abc-secret/);
});

Deno.test("createCall() ends with its signal", async () => {
  const answers: (() => void)[] = [];
  await using app = startCalled(() =>
    new Promise((resolve) => answers.push(() => resolve(new Response())))
  );
  const hangUp = new AbortController();
  const calling = prepare(app.rootUrl, { timeoutMs: 20_000 })({}, 20_000, hangUp.signal);
  while (app.calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  hangUp.abort();
  const { ok, tookMs } = await calling;
  for (const answer of answers) answer();
  assert.equal(ok, false);
  assert.ok(tookMs < 15_000, `${tookMs} ms`);
});

Deno.test("createCall() keeps to the shorter of its own time and what is left", async () => {
  const answers: (() => void)[] = [];
  await using app = startCalled(() =>
    new Promise((resolve) => answers.push(() => resolve(new Response())))
  );
  for (const [own, left] of [[200, 60_000], [60_000, 200]] as const) {
    const { ok, reason, tookMs } = await prepare(app.rootUrl, { timeoutMs: own })({}, left);
    assert.equal(ok, false);
    assert.match(reason, /no answer in time/);
    assert.ok(tookMs >= 200 && tookMs < 30_000, `${tookMs} ms`);
  }
  for (const answer of answers) answer();
  assert.equal(app.calls.length, 2);
});

Deno.test("createCall() tries again only where there is no connection", async () => {
  const port = refusedPort();
  const calling = prepare(`http://127.0.0.1:${port}/`)({}, 10_000);
  const { ok, reason, tookMs } = await calling;
  assert.equal(ok, false);
  assert.match(reason, /refused/);
  assert.ok(tookMs >= 500, "it has waited between its tries");
});

Deno.test("createCall() says so where nothing is sent", async () => {
  const { ok, reason } = await prepare("http://127.0.0.1/{ip}")({}, 1_000);
  assert.deepEqual([ok, reason], [false, "not called: {ip} is not known"]);
  const noHost = await prepare("http://{service}/x?token=very-secret")({ service: "a b" }, 1_000);
  assert.equal(noHost.reason, "not called: Invalid URL: 'http://a b'");
  const badCa = prepare("https://127.0.0.1/", { caCerts: "-----BEGIN CERTIFICATE-----\nx" });
  assert.match((await badCa({}, 1_000)).reason, /CA_FILE/);
});

Deno.test("createAppCalls() prepares what has an address, and nothing whose settings are wrong", () => {
  const values = { appOfflineUrl: "http://h/", afterDrainUrl: "http://h/" };
  const problem = (key: string) => [{ key, message: "", lenient: true }];
  const prepared = (key: string) => {
    const { appOffline, afterDrain } = createAppCalls(values, problem(key), systemClock);
    return [appOffline !== undefined, afterDrain !== undefined];
  };
  assert.deepEqual(prepared("drainSeconds"), [true, true]);
  assert.deepEqual(prepared("appOfflineMethod"), [false, true]);
  assert.deepEqual(prepared("afterDrainHeaders"), [true, false]);
  assert.deepEqual(prepared("afterDrainTimeout"), [true, true], "the default does");
  const none = createAppCalls({}, [], systemClock);
  assert.deepEqual(none, { appOffline: undefined, afterDrain: undefined });
});

Deno.test("the method is taken in any case, and only one that HTTP has", () => {
  const { schema } = appSettings.appOfflineMethod;
  assert.equal(check(schema, "put").value, "PUT");
  assert.match(check(schema, "OFFLINE").problem ?? "", /expected GET, POST, PUT, PATCH, DELETE/);
});

Deno.test("a call that may take no time is none", () => {
  const { schema } = appSettings.appOfflineTimeout;
  assert.match(check(schema, "0").problem ?? "", /from 1 to 86400/);
  assert.equal(check(schema, "1").value, 1);
});

Deno.test("headers are lines; what is none is refused without being repeated", () => {
  const { schema } = appSettings.appOfflineHeaders;
  const value = check(schema, "Authorization: Basic YTpi\r\n\nX-Empty:\nX-Colon: a:b\n").value;
  assert.deepEqual(value, { authorization: "Basic YTpi", "x-empty": "", "x-colon": "a:b" });
  for (const wrong of ["secret", ": secret", "a b: secret", "a: sec\u0000ret"]) {
    const { problem = "" } = check(schema, wrong);
    assert.match(problem, /expected one header a line/, wrong);
    assert.doesNotMatch(problem, /secret/);
  }
  // 20,000 took over a minute.
  for (const wrong of ["a: b\n".repeat(101), `a: ${"x".repeat(32_768)}`]) {
    assert.match(check(schema, wrong).problem ?? "", /at most 100 in 32768 characters/);
  }
});
