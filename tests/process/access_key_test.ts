/** A cloud's Nacos: every request is signed with an access key, and nobody logs in. */

import assert from "node:assert/strict";
import type { ReceivedRequest } from "../embedded/nacos.ts";
import { wantsSignature } from "../embedded/nacos_signed.ts";
import { sideBySide } from "../support/at_once.ts";
import { assertEnd, assertStatusEnd } from "../support/ends.ts";
import { secret } from "../support/hook.ts";
import { type Lab, startLab } from "../support/lab.ts";
import { FAILS_SOON } from "../support/lab_runs.ts";
import type { NacosGeneration } from "../support/nacos_under_test.ts";

const test = sideBySide("access keys");

const AK = "LTAI-test";

/** A lab whose server takes nothing but what is signed with the key, and the settings that do so. */
async function startCloud(generation: NacosGeneration = "2.x"): Promise<Lab & { sk: string }> {
  const sk = secret();
  const intercept = wantsSignature({ ak: AK, sk });
  const env = { NACOS_ACCESS_KEY: AK, NACOS_SECRET_KEY: sk, DRAIN_SECONDS: "1" };
  return { ...await startLab({ generation, intercept, env }), sk };
}

const isLogin = ({ path }: ReceivedRequest) => path.endsWith("/login");
const isEnabled = (lab: Lab) => lab.server.instances().map(({ enabled }) => enabled);

test.each(
  "every command of a run is signed",
  ["1.4", "2.x", "3.1", "3.2"] satisfies NacosGeneration[],
  async (generation) => {
    await using lab = await startCloud(generation);
    const check = await lab.run("check --all");
    assertStatusEnd(check, "done", /login: none, signed with the access key LTAI-test/);
    assert.match(check.stdout, /NACOS_SECRET_KEY +\*\*\*/);
    assert.match(check.stdout, /permission to write: allowed/);
    const offline = await lab.run("offline");
    assertEnd(offline, "done", /is out of service/);
    assert.deepEqual(isEnabled(lab), [false]);
    assertEnd(await lab.run("online --strict"), "done");
    assert.deepEqual(isEnabled(lab), [true]);
    assert.deepEqual(lab.server.requests.filter(isLogin), []);
    for (const { search, body } of lab.server.requests) {
      assert.ok(!decodeURIComponent(search + body).includes(lab.sk));
    }
  },
);

test("the secret comes from a file, which wins", async () => {
  await using lab = await startCloud();
  const path = await Deno.makeTempFile();
  await Deno.writeTextFile(path, `${lab.sk}\n`);
  const more = { NACOS_SECRET_KEY: secret(), NACOS_SECRET_KEY_FILE: path };
  assertEnd(await lab.run("offline", more), "done");
  assert.deepEqual(isEnabled(lab), [false]);
  await Deno.remove(path);
});

test("the secret itself in NACOS_SECRET_KEY_FILE is not shown", async () => {
  await using lab = await startCloud();
  const run = await lab.run("check", {
    NACOS_SECRET_KEY_FILE: lab.sk,
    NACOS_SECRET_KEY: undefined,
  });
  assert.match(run.stdout, /Cannot read the file of environment variable NACOS_SECRET_KEY_FILE/);
});

test("a wrong secret, and none: both are refused in words of their own", async () => {
  await using lab = await startCloud();
  const none = { NACOS_SECRET_KEY: undefined, NACOS_ACCESS_KEY: undefined };
  const [wrong, unsigned, half] = await Promise.all(
    [{ NACOS_SECRET_KEY: secret() }, none, { NACOS_SECRET_KEY: undefined }]
      .map((env) => lab.run("offline", { ...FAILS_SOON, ...env })),
  );
  assert.ok(wrong && unsigned && half);
  const says =
    /Invalid signature; signed with the access key LTAI-test: check NACOS_ACCESS_KEY and/;
  assertEnd(wrong, "refused", says);
  assertEnd(unsigned, "refused", /unknown ak; .*for a cloud's Nacos NACOS_ACCESS_KEY and NACOS_S/);
  assertEnd(half, "refused", /unknown ak/);
  assert.match(half.stdout, /NACOS_ACCESS_KEY is set, but NACOS_SECRET_KEY is not: requests are/);
  const check = await lab.run("check", { NACOS_SECRET_KEY: secret() });
  assertStatusEnd(check, "refused", /Invalid signature/);
  assert.match(check.stdout, /\? +login: none, signed with the access key LTAI-test/);
  assert.match(check.stdout, /FAILED permission to read and write: .*Invalid signature/);
  assert.deepEqual(isEnabled(lab), [true]);
});

test("a server without users refuses the login, and the signature does", async () => {
  await using lab = await startCloud();
  const user = { NACOS_USERNAME: "app", NACOS_PASSWORD: secret() };
  assertEnd(await lab.run("offline", user), "done", /is out of service/);
  const wrong = await lab.run("offline", { ...FAILS_SOON, ...user, NACOS_SECRET_KEY: secret() });
  assertEnd(wrong, "refused", /signed with the access key LTAI-test/);
});
