/** Who asks Eureka: users in URLs, variables and files; and none of it is ever printed. */

import assert from "node:assert/strict";
import { runInside } from "../support/inside.ts";
import { each, sideBySide } from "../support/at_once.ts";
import { assertEnd, assertStatusEnd } from "../support/ends.ts";
import { OUT, startEurekaLab } from "../support/eureka_lab.ts";
import { refusedPort } from "../support/faulty.ts";
import { recordPath, registerSecret, secret } from "../support/hook.ts";
import { room } from "../support/room.ts";
import { tempFile } from "../support/temp_file.ts";

runInside();
const test = sideBySide("Eureka credentials");

/** The end of what fails. */
const SOON = { TERMINATION_GRACE_PERIOD_SECONDS: room(2), STOP_RESERVE_SECONDS: "0" };

test("a user in the URL comes through in any characters", async (t) => {
  const made: Record<string, [username: string, password: string]> = {
    "every character that has a meaning in a URL": ["app@home:8080", secret()],
    "UTF-8": ["Größe", `pässwörd-密码-🔑-${secret()}`],
    "a percent sign that escapes nothing": ["app", `100%-${secret()}`],
    "commas, semicolons and space": ["app", `a,b;c d ${secret()}`],
  };
  await each(t, made, async ([username, password]) => {
    // A colon in a name cannot be sent in basic auth.
    const user = { username: username.replaceAll(":", "."), password };
    await using lab = await startEurekaLab({ user });
    const url = new URL(lab.server.rootUrl);
    const login = `${encodeURIComponent(user.username)}:${encodeURIComponent(password)}`;
    const EUREKA_URL = `http://${login}@${url.host}${url.pathname}`;
    assertEnd(await lab.run("offline", { EUREKA_URL }), "done", /is out of service/);
    assert.deepEqual(lab.recorded(), OUT);
    const run = await lab.run("status --json", { EUREKA_URL });
    assertStatusEnd(run, "done");
    assert.equal(JSON.parse(run.stdout).registries[0].server.address, lab.server.rootUrl);
    assert.doesNotMatch(run.stdout, /@/);
  });
});

test("each of two peers gets its own user", async () => {
  const users = [secret(), secret()].map((password, i) => ({ username: `user${i}`, password }));
  const [one, other] = users;
  if (!one || !other) throw new Error("there are two users");
  await using lab = await startEurekaLab({ user: one, peer: { user: other } });
  const urls = lab.servers.map(({ rootUrl }, i) =>
    rootUrl.replace("://", `://user${i}:${encodeURIComponent(users[i]?.password ?? "")}@`)
  );
  const run = await lab.run("offline", { EUREKA_URL: urls.join(","), DRAIN_SECONDS: "3" });
  assertEnd(run, "done", /is out of service, accepted/);
  assert.doesNotMatch(run.stdout, /WARNING: .*(401|@)/);

  // The variables are for the address without one.
  const env = {
    EUREKA_URL: `${lab.servers[0]?.rootUrl},${urls[1]}`,
    EUREKA_USERNAME: one.username,
    EUREKA_PASSWORD: one.password,
    DRAIN_SECONDS: "3",
  };
  const mixed = await lab.run("offline", env);
  assertEnd(mixed, "done", /is out of service already/);
  assert.doesNotMatch(mixed.stdout, /WARNING: .*(401|@)/);
});

test("one of two peers with a wrong password does not keep the other from it, and is named", async () => {
  const user = { username: "app", password: secret() };
  await using lab = await startEurekaLab({ user, peer: { user } });
  const [first, second] = lab.servers.map(({ rootUrl }) => rootUrl);
  const login = (password: string) => `://app:${encodeURIComponent(password)}@`;
  const EUREKA_URL = [
    first?.replace("://", login(secret())),
    second?.replace("://", login(user.password)),
  ].join(",");
  const run = await lab.run("offline", { EUREKA_URL, DRAIN_SECONDS: "3" });
  const unknown = /is out of service.*; what \S+ has is not known \(GET \S+ answered 401.*; check /;
  assertEnd(run, "refused", unknown, /check the password of user app \(EUREKA_URL\)/);
  assert.deepEqual(lab.servers.map((one) => lab.recorded(one)), [OUT, OUT]);
  const check = await lab.run("check", { EUREKA_URL });
  assertStatusEnd(check, "refused", /what \S+ has is not known: .*\(EUREKA_URL\)/);
});

test("a password file goes before the variable", async () => {
  const user = { username: "app", password: secret() };
  await using lab = await startEurekaLab({ user });
  const path = tempFile(`${user.password}\n`);
  const env = { EUREKA_USERNAME: "app", EUREKA_PASSWORD: secret(), EUREKA_PASSWORD_FILE: path };
  assertEnd(await lab.run("offline", env), "done", /is out of service/);
});

test("no credentials are printed, whatever else is wrong", async (t) => {
  const password = secret();
  const coded = encodeURIComponent(password);
  const [head = ""] = password.split("-");
  registerSecret(head);
  const user = { username: "app", password: secret() };
  const dead = `127.0.0.1:${refusedPort()}`;
  const urls: Record<string, string> = {
    "a server that is away": `http://app:${coded}@${dead}/eureka`,
    "a name that does not resolve": `http://app:${coded}@no-such-host.invalid:8761/eureka`,
    "a wrong password": "", // The lab's own address, see below.
    "not encoded": `http://app:${password}@${dead}/eureka`,
    "a wrong escape": `http://app:${password.replace(/\s.*/, "")}%zz@${dead}/eureka`,
    "a wrong scheme": `htttp://app:${coded}@${dead}/eureka`,
    "a wrong port": `http://app:${coded}@127.0.0.1:99999/eureka`,
    "a query": `http://app:${coded}@${dead}/eureka?a=b`,
    "the @ encoded too": `http://app:${coded}%40${dead}/eureka`,
    "a slash in it": `http://app:${head}/${coded}@${dead}/eureka`,
    "a comma in it": `http://app:${head},${coded}@${dead}/eureka`,
    "no scheme": `app:${coded}@${dead}/eureka`,
    "twice": `http://app:${coded}@${dead}/eureka,http://app:${coded}@${dead}/eureka`,
  };
  await each(t, urls, async (url) => {
    await using lab = await startEurekaLab({ user });
    const own = lab.server.rootUrl.replace("://", `://app:${coded}@`);
    const env = { ...SOON, EUREKA_URL: url || own };
    // The harness looks for the secrets.
    for (const args of ["offline", "status", "status --json"]) {
      const run = await lab.run(args, {
        ...env,
        LOG_FORMAT: args === "offline" ? "json" : "text",
      });
      assert.notEqual(run.code, 0, run.stdout);
    }
  });
});

test("a server that sends the credentials back does not get them printed", async () => {
  const user = { username: "app", password: secret() };
  await using lab = await startEurekaLab({
    env: { EUREKA_USERNAME: user.username, EUREKA_PASSWORD: user.password, DRAIN_SECONDS: "0" },
    intercept: (req) =>
      new Response(`${req.headers.get("authorization")} is ${user.password}`, { status: 500 }),
  });
  assertEnd(
    await lab.run("offline", SOON),
    "unreachable",
    /answered 500: Basic \*\*\*|answered 500: .*is \*\*\*/,
  );
});

test("the record holds no secret", async () => {
  const password = secret();
  await using lab = await startEurekaLab({ user: { username: "app", password } });
  const EUREKA_URL = lab.server.rootUrl.replace("://", `://app:${encodeURIComponent(password)}@`);
  assertEnd(await lab.run("offline", { EUREKA_URL }), "done");
  const path = recordPath(lab.instance.app.toUpperCase());
  const text = path + Deno.readTextFileSync(path);
  assert.ok(!text.includes(password.slice(0, 8)), "the record holds the password");
});
