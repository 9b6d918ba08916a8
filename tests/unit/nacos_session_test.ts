import assert from "node:assert/strict";
import { UnreachableError } from "../../src/errors.ts";
import type { SharedToken } from "../../src/registry/nacos/login.ts";
import { createSession, type SessionOptions } from "../../src/registry/nacos/session.ts";
import { createSecrets } from "../../src/secrets.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createFakeEndpoint, noAnswer, type Said } from "../support/fake_endpoint.ts";
import { createLogEvents } from "../support/log_events.ts";

const { signal } = new AbortController();

const LOGIN = "POST /v1/auth/users/login";
const LOGIN_V3 = "POST /v3/auth/user/login";
const STATE = "GET /v3/admin/core/state";
const LIST = "GET /v1/ns/instance/list";

/** A session of user `app`; `say` answers everything but the state, which is that of a 2.x. */
function prepare(say: (asked: string) => Said, options: Partial<SessionOptions> = {}) {
  const endpoint = createFakeEndpoint((asked) => asked === STATE ? [404] : say(asked));
  const { log, messages } = createLogEvents(createFakeClock());
  const token: SharedToken = { value: undefined };
  const secrets = createSecrets();
  const session = createSession(endpoint, {
    log,
    secrets,
    signal,
    login: { username: "app", password: "password-of-app" },
    loginVariables: "NACOS_USERNAME and NACOS_PASSWORD_FILE",
    loginAdvice: "set NACOS_USERNAME and NACOS_PASSWORD_FILE (or NACOS_PASSWORD)",
    generation: undefined,
    token,
    ...options,
  });
  return {
    endpoint,
    session,
    messages,
    secrets,
    token: options.token ?? token,
    ask: (path = "/v1/ns/instance/list") =>
      session.ask(({ send }) => send({ method: "GET", path }), signal),
    logins: () => endpoint.requests.filter((asked) => asked.includes("/login")),
  };
}

const given = (token: string): Said => [200, JSON.stringify({ accessToken: token })];
const isLogin = (asked: string) => asked.includes("/login");

Deno.test("createSession() logs in before its first question, and once", async () => {
  const { ask, endpoint, logins, secrets } = prepare((asked) =>
    isLogin(asked) ? given("token-one") : [200, "{}"]
  );
  await ask();
  await ask();
  assert.deepEqual(logins(), [LOGIN]);
  const sent = endpoint.requests.map((asked, i) => [asked, endpoint.authorizations[i]]);
  assert.deepEqual(sent.filter(([asked]) => asked === LIST), [
    [LIST, "Bearer token-one"],
    [LIST, "Bearer token-one"],
  ]);
  assert.equal(secrets.mask("the token-one"), "the ***");
});

Deno.test("createSession() logs in once for questions that come together", async () => {
  const login = Promise.withResolvers<readonly [number, string]>();
  const { ask, logins } = prepare((asked) => isLogin(asked) ? login.promise : [200, "{}"]);
  const both = [ask(), ask()];
  login.resolve([200, '{"accessToken":"token-one"}']);
  await Promise.all(both);
  assert.deepEqual(logins(), [LOGIN]);
});

Deno.test("createSession() renews a token that has expired, once for each question", async () => {
  const good = new Set(["Bearer token-1"]);
  let given = 0;
  const { ask, endpoint, logins } = prepare((asked) => {
    if (isLogin(asked)) return [200, `{"accessToken":"token-${++given}"}`];
    return good.has(endpoint.authorizations.at(-1) ?? "") ? [200, "{}"] : [403, "token expired!"];
  });
  assert.equal((await ask()).status, 200);
  good.delete("Bearer token-1");
  good.add("Bearer token-2");
  assert.equal((await ask()).status, 200);
  assert.deepEqual(logins(), [LOGIN, LOGIN]);
  good.clear();
  await assert.rejects(ask(), { outcome: "refused" });
  assert.equal(logins().length, 3, "it logs in without end");
});

Deno.test("createSession() takes the token that another server's session has renewed meanwhile", async () => {
  const token: SharedToken = { value: "token-old" };
  const { ask, endpoint, logins } = prepare((asked) => {
    if (isLogin(asked)) return given("token-of-its-own");
    if (endpoint.authorizations.at(-1) === "Bearer token-new") return [200, "{}"];
    // The other session is given a new one while this request is on its way.
    token.value = "token-new";
    return [403, "token expired!"];
  }, { token });
  assert.equal((await ask()).status, 200);
  assert.deepEqual(logins(), [], "a login costs the server a tenth of a second of its processor");
  assert.equal(endpoint.authorizations.at(-1), "Bearer token-new");
});

Deno.test("createSession() keeps a token of its own where those of the other servers are refused", async () => {
  const token: SharedToken = { value: undefined };
  // Two registries: each takes what its own logins give.
  const registry = (name: string) => {
    const { ask, endpoint, logins } = prepare((asked) => {
      if (isLogin(asked)) return given(`token-of-${name}-${logins().length}`);
      const isOwn = endpoint.authorizations.at(-1)?.includes(`token-of-${name}`);
      return isOwn ? [200, "{}"] : [403, "token invalid!"];
    }, { token });
    return { ask, logins };
  };
  const [old, next] = [registry("old"), registry("next")];
  for (let n = 0; n < 5; n++) {
    assert.equal((await old.ask()).status, 200);
    assert.equal((await next.ask()).status, 200);
  }
  assert.deepEqual([old.logins().length, next.logins().length], [2, 1]);
});

Deno.test("createSession() does not log in again where the user may not", async () => {
  const { ask, logins } = prepare((asked) =>
    isLogin(asked) ? given("token-one") : [403, "authorization failed!"]
  );
  await ask().catch(() => {});
  await assert.rejects(ask(), { outcome: "refused", message: /user app lacks the permission/ });
  assert.deepEqual(logins(), [LOGIN]);
});

Deno.test("createSession() goes on without a token where the login is refused, and says so once", async () => {
  const { ask, logins, messages, session } = prepare((asked) =>
    isLogin(asked) ? [403, "user not found!"] : [200, "{}"]
  );
  assert.equal((await ask()).status, 200);
  assert.equal((await ask()).status, 200);
  assert.equal(logins().length, 1);
  assert.equal(messages("login_refused").length, 1);
  assert.match(session.refusal(true) ?? "", /answered 403/);
});

Deno.test("createSession() names what to set where a server wants a user", async () => {
  const { ask } = prepare(() => [403, "user not found!"], { login: undefined });
  await assert.rejects(ask(), { outcome: "refused", message: /set NACOS_USERNAME and / });
});

Deno.test("createSession() logs in by the other path where the first is gone", async () => {
  const { ask, logins } = prepare((asked) =>
    asked === LOGIN ? [404] : isLogin(asked) ? given("token-one") : [200, "{}"]
  );
  await ask();
  assert.deepEqual(logins(), [LOGIN, LOGIN_V3]);
});

Deno.test("createSession() connects and asks for the generation anew after no answer", async () => {
  let fails = 1;
  const { ask, endpoint, session } = prepare(() => fails-- > 0 ? noAnswer() : [200, "{}"], {
    login: undefined,
  });
  await session.connect(signal);
  await assert.rejects(ask(), { outcome: "unreachable" });
  // Another address of the same name may live.
  await session.connect(signal);
  assert.equal(endpoint.connects(), 2, "it trusts a connection that has failed");
  assert.equal((await ask()).status, 200);
  await session.connect(signal);
  assert.equal(endpoint.connects(), 2);
  assert.equal(endpoint.requests.filter((asked) => asked === STATE).length, 2);
});

Deno.test("createSession() keeps its connection after an answer that is a refusal", async () => {
  const { ask, endpoint, session } = prepare(() => [403, "no"], { login: undefined });
  await session.connect(signal);
  await assert.rejects(ask(), { outcome: "refused" });
  await session.connect(signal);
  assert.equal(endpoint.connects(), 1);
});

Deno.test("createSession() does not ask for a generation that is set", async () => {
  const apis: string[] = [];
  const { endpoint, session } = prepare(() => [200, "{}"], { login: undefined, generation: "v3" });
  await session.ask(({ generation, send }) => {
    apis.push(generation);
    return send({ method: "GET", path: "/v3/client/ns/instance/list" });
  }, signal);
  assert.deepEqual([apis, endpoint.requests], [["v3"], ["GET /v3/client/ns/instance/list"]]);
});

Deno.test("createSession() names NACOS_API where the server has no such path", async () => {
  for (const [status, body] of [[404, "No endpoint"], [410, "use /v3/"]] as const) {
    const { session } = prepare(() => [status, body], { login: undefined, generation: "v1" });
    const question = session.ask(async ({ send }) => {
      await send({ method: "GET", path: "/v1/ns/instance/list" });
      throw new UnreachableError("no list");
    }, signal);
    await assert.rejects(question, {
      outcome: "unreachable",
      message: /^no list; is NACOS_API=v1 /,
    });
  }
});

Deno.test("createSession() takes `not now` for no answer", async () => {
  const passing: [number, string][] = [
    [503, ""],
    [502, "<html>"],
    [429, ""],
    [200, "server is STARTING now, please try again later!"],
    [500, "caused: do metadata operation failed;"],
  ];
  for (const said of passing) {
    const { ask } = prepare(() => said, { login: undefined });
    await assert.rejects(ask(), { outcome: "unreachable" }, String(said));
  }
  const metadata = '{"metadata":{"note":"server is STARTING"}}';
  assert.equal((await prepare(() => [200, metadata], { login: undefined }).ask()).status, 200);
});
