/** Logins: what is refused, what expires, and where user, password and token may stand. */

import assert from "node:assert/strict";
import { runInside } from "../support/inside.ts";
import { atOnce, each, sideBySide } from "../support/at_once.ts";
import { assertEnd, assertStatusEnd } from "../support/ends.ts";
import { secret } from "../support/hook.ts";
import { type Lab, startLab } from "../support/lab.ts";
import type { NacosGeneration } from "../support/nacos_under_test.ts";
import { json, springError, text } from "../embedded/nacos_answers.ts";
import type { ReceivedRequest } from "../embedded/nacos.ts";
import { tempFile } from "../support/temp_file.ts";

runInside();
const test = sideBySide("logins");

const GENERATIONS: readonly NacosGeneration[] = ["1.4", "2.x", "3.1", "3.2"];

function onEveryGeneration(
  name: string,
  fn: (generation: NacosGeneration) => Promise<void>,
): void {
  test.each(name, GENERATIONS, fn);
}

const isLogin = ({ path }: { readonly path: string }) => path.endsWith("/login");
const logins = (requests: readonly ReceivedRequest[]) => requests.filter(isLogin).length;

/** Nothing but the body of the login and the Authorization header carries a secret. */
function assertSecretsInTheirPlace(lab: Lab, requests: readonly ReceivedRequest[]): void {
  const password = lab.user?.password ?? "";
  for (const { path, search, body, headers } of requests) {
    const url = path + search;
    assert.doesNotMatch(url, /accessToken|password/i);
    assert.ok(!decodeURIComponent(url).includes(password), `the password is in ${path}`);
    const token = /^Bearer (.+)$/.exec(headers.get("authorization") ?? "")?.[1];
    if (token !== undefined) assert.ok(!url.includes(token) && !body.includes(token), url);
    if (isLogin({ path })) continue;
    assert.notEqual(token, undefined, `${url} was sent without a token`);
    assert.doesNotMatch(body, /accessToken|password/i);
    assert.ok(!new URLSearchParams(body).toString().includes(password), url);
  }
}

onEveryGeneration(
  "the token stands in the Authorization header only, the password in the login's form only",
  async (generation) => {
    // The version endpoint and the first look may run beside the login, so they need no token.
    await using lab = await startLab({ generation, auth: true, env: { DRAIN_SECONDS: "1" } });
    for (const command of ["offline", "online --strict", "status"]) {
      const run = await lab.run(command);
      assert.equal(run.code, 0, run.stderr);
      assert.equal(logins(run.requests), 1);
      const asked = run.requests.filter(({ path }) => !/core\/state|server\/state/.test(path));
      assertSecretsInTheirPlace(lab, asked);
    }
  },
);

onEveryGeneration("a wrong password is refused by name, with what to check", async (generation) => {
  await using lab = await startLab({ generation, auth: true, env: { DRAIN_SECONDS: "1" } });
  const run = await lab.run("offline", { NACOS_PASSWORD: secret() });
  assertEnd(run, "refused", /login of user user-1/, /NACOS_USERNAME and NACOS_PASSWORD/);
  assert.deepEqual(run.writes, []);
  assert.equal((await lab.callersGet()).length, 1);
});

test("a refused login says why first, and names the variables that were read", async (t) => {
  const reasons: Record<NacosGeneration, string> = {
    "1.4": "user or password is wrong",
    "2.x": "the password is wrong",
    "3.1": "user or password is wrong",
    "3.2": "user or password is wrong",
  };
  const file = tempFile(secret());
  await each(t, GENERATIONS, async (generation) => {
    await using lab = await startLab({ generation, auth: true });
    const words = (variables: string) =>
      new RegExp(
        `login of user \\S+ failed: ${reasons[generation]} \\(.*\\); check ${variables}`,
      );
    const wrong = { NACOS_PASSWORD_FILE: file, NACOS_PASSWORD: undefined };
    const inFile = await lab.run("status", wrong);
    assertStatusEnd(inFile, "refused", words("NACOS_USERNAME and NACOS_PASSWORD_FILE"));
    assert.equal(inFile.stderr.split(reasons[generation]).length, 2, inFile.stderr);
    const ofSpring = await lab.run("status", {
      NACOS_USERNAME: undefined,
      NACOS_PASSWORD: undefined,
      SPRING_CLOUD_NACOS_USERNAME: lab.user?.username,
      SPRING_CLOUD_NACOS_PASSWORD: secret(),
    });
    const variables = "SPRING_CLOUD_NACOS_USERNAME and SPRING_CLOUD_NACOS_PASSWORD";
    assertStatusEnd(ofSpring, "refused", words(variables));
  });
});

test("an open 2.2.4 refuses every login, and is not said to know a wrong password", async () => {
  await using lab = await startLab({ generation: "2.x" });
  const run = await lab.run("check", { NACOS_USERNAME: "nacos", NACOS_PASSWORD: secret() });
  assertStatusEnd(run, "done", /the password is wrong, or the server's auth is off/);
});

onEveryGeneration("an unknown user is refused", async (generation) => {
  await using lab = await startLab({ generation, auth: true, env: { DRAIN_SECONDS: "1" } });
  const run = await lab.run("offline", { NACOS_USERNAME: "ghost", NACOS_PASSWORD: secret() });
  assertEnd(run, "refused", /ghost/);
  assert.deepEqual(run.writes, []);
});

onEveryGeneration(
  "a user of another namespace is refused for the missing permission",
  async (generation) => {
    await using lab = await startLab({ generation, auth: true, env: { DRAIN_SECONDS: "1" } });
    const other = await lab.server.createUser("team-b");
    const run = await lab.run("offline", {
      NACOS_USERNAME: other.username,
      NACOS_PASSWORD: other.password,
    });
    assertEnd(run, "refused", /authorization failed!/, /permission/);
    assert.equal((await lab.callersGet()).length, 1);
  },
);

onEveryGeneration(
  "a token that expires between look and write is renewed once",
  async (generation) => {
    let dropped = false;
    await using lab = await startLab({
      generation,
      auth: true,
      env: { DRAIN_SECONDS: "1" },
      intercept: (req) => {
        if (/PATCH|PUT/.test(req.method) && !dropped) {
          dropped = true;
          lab.server.dropTokens();
        }
        return undefined;
      },
    });
    const run = await lab.run("offline");
    assertEnd(run, "done", /callers no longer get it/);
    assert.ok(dropped);
    assert.equal(logins(run.requests), 2);
    assert.equal(run.writes.length, 2);
  },
);

onEveryGeneration(
  "a user where the server wants none is no reason to fail",
  async (generation) => {
    await using lab = await startLab({ generation, env: { DRAIN_SECONDS: "1" } });
    const run = await lab.run("offline", { NACOS_USERNAME: "ghost", NACOS_PASSWORD: secret() });
    assertEnd(run, "done", /callers no longer get it/);
    const warnings = run.lines.filter((line) => /WARNING.*token/.test(line));
    assert.equal(warnings.length, 1, run.stdout);
    assert.deepEqual(await lab.callersGet(), []);
  },
);

test("a login path that is gone sends the login to the other one", async () => {
  await using lab = await startLab({
    generation: "3.2",
    auth: true,
    env: { DRAIN_SECONDS: "1" },
    intercept: (req) =>
      req.url.endsWith("/v1/auth/users/login")
        ? springError("/nacos/v1/auth/users/login", 404, "gone")
        : undefined,
  });
  assertEnd(await lab.run("offline"), "done");
});

test("a login that the server is not ready for is tried again", async (t) => {
  const notReady: Record<string, () => Response> = {
    "503": () => new Response("", { status: 503 }),
    "starting": () => text("server is STARTING now, please try again later!"),
  };
  await each(t, notReady, async (answer) => {
    let left = 2;
    await using lab = await startLab({
      auth: true,
      env: { DRAIN_SECONDS: "20" },
      intercept: (req) => req.url.endsWith("/login") && left-- > 0 ? answer() : undefined,
    });
    await using offline = lab.start("offline");
    await offline.waitForLine(/callers no longer get it/);
    assert.ok(left < 0);
  });
});

test("a slow login is waited for, and not sent twice", async () => {
  await using lab = await startLab({
    auth: true,
    loginDelayMs: 3_500,
    env: { DRAIN_SECONDS: "1", TERMINATION_GRACE_PERIOD_SECONDS: "60" },
  });
  const run = await lab.run("offline");
  assertEnd(run, "done", /callers no longer get it/);
  assert.equal(logins(run.requests), 1);
});

test("a password that the server repeats in its error is not shown", async (t) => {
  const password = secret();
  const echoes: Record<string, () => Response> = {
    plain: () => text(`caused: password ${password} is wrong;`, 403),
    JSON: () => json({ status: 403, message: `wrong: ${password}` }, 403),
    form: () => text(new URLSearchParams({ password }).toString(), 403),
    "URL-encoded": () => text(`?password=${encodeURIComponent(password)}`, 403),
    base64: () => text(new TextEncoder().encode(password).toBase64(), 403),
  };
  await atOnce(
    t,
    Object.fromEntries(
      Object.entries(echoes).flatMap(([name, echo]) =>
        ["text", "json"].map((LOG_FORMAT) => [`${name}, log as ${LOG_FORMAT}`, async () => {
          await using lab = await startLab({ intercept: echo });
          // That it is not printed is what the harness looks for.
          const run = await lab.run("offline", {
            NACOS_USERNAME: "app",
            NACOS_PASSWORD: password,
            LOG_FORMAT,
          });
          assert.equal(run.code, 77, run.stdout);
          assert.match(run.stderr, /no token was given \(POST .* answered 403\)/);
        }])
      ),
    ),
  );
});

test("a token that the server repeats in its error is masked", async () => {
  await using lab = await startLab({
    auth: true,
    intercept: (req) =>
      /catalog/.test(req.url)
        ? text(`token ${req.headers.get("authorization") ?? "none"} is wrong`, 500)
        : undefined,
  });
  const run = await lab.run("offline");
  assertEnd(run, "unreachable", /token Bearer \*\*\* is wrong/);
});
