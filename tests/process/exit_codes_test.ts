/** Every way a run can end: the exit code, the last line, and that line alone on stderr. */

import assert from "node:assert/strict";
import { sideBySide } from "../support/at_once.ts";
import type { OutcomeName } from "../../src/errors.ts";
import { assertEnd, assertStatusEnd } from "../support/ends.ts";
import { refusedPort } from "../support/faulty.ts";
import { startLab } from "../support/lab.ts";
import { room } from "../support/room.ts";
import { text } from "../embedded/nacos_answers.ts";

const test = sideBySide("exit codes");

/** `internal` is a bug by definition: there is no honest way to it from outside. */
type Provoked = Exclude<OutcomeName, "internal">;

const runs: Record<Provoked, () => Promise<void>> = {
  async done() {
    await using lab = await startLab();
    const run = await lab.run("offline");
    assertEnd(run, "done", /is out of service, accepted after \d+ ms/, /callers no longer get it/);
    assert.deepEqual(await lab.callersGet(), []);
  },

  async usage() {
    await using lab = await startLab();
    const run = await lab.run("offline --no-such-flag", { DRAIN_SECONDS: "0" });
    assertEnd(run, "usage", /--no-such-flag/, /--help/, /is out of service, accepted after/);
    assert.deepEqual(await lab.callersGet(), []);
  },

  async notFound() {
    await using lab = await startLab({ registered: false });
    const run = await lab.run("offline");
    const { ip, port, serviceName } = lab.instance;
    assertEnd(run, "notFound", new RegExp(`${ip}:${port} of DEFAULT_GROUP@@${serviceName}`));
    assert.deepEqual(run.writes, []);
  },

  async unreachable() {
    await using lab = await startLab({ env: { NACOS_SERVER_ADDR: `127.0.0.1:${refusedPort()}` } });
    assertEnd(await lab.run("offline"), "unreachable", /127\.0\.0\.1:\d+.*refused/i);
  },

  async notConfirmed() {
    await using lab = await startLab({
      env: { TERMINATION_GRACE_PERIOD_SECONDS: room(5, 15) },
      // Says ok and changes nothing, as a DELETE of a 2.x client's instance does.
      intercept: (req) => req.method === "PATCH" ? text("ok") : undefined,
    });
    assertEnd(await lab.run("offline"), "notConfirmed", /written, but the registry/);
    assert.equal((await lab.callersGet()).length, 1);
  },

  async refused() {
    await using lab = await startLab({ auth: true });
    const run = await lab.run("offline", { NACOS_USERNAME: undefined, NACOS_PASSWORD: undefined });
    assertEnd(run, "refused", /403.*user not found!/, /NACOS_USERNAME.*NACOS_PASSWORD/);
    assert.equal((await lab.callersGet()).length, 1);
  },

  async settings() {
    await using lab = await startLab();
    const run = await lab.run("offline", { port: "eighty" });
    assertEnd(run, "settings", /port.*"eighty"/, /from 1 to 65535/);
    assert.equal(run.requests.length, 0);
  },

  async undone() {
    await using lab = await startLab({ env: { DRAIN_SECONDS: "30" } });
    await using offline = lab.start("offline");
    await offline.waitForLine(/callers no longer get it/);
    assertEnd(await lab.run("online"), "done", /is in service/);
    assertEnd(await offline.done, "undone", /`online` took the instance back/);
    assert.equal((await lab.callersGet()).length, 1);
  },
};

test("offline done exits with 0", runs.done);
test("offline with an unknown flag exits with 64", runs.usage);
test("offline of an unknown instance exits with 66 and writes nothing", runs.notFound);
test("offline without a server exits with 69", runs.unreachable);
test("offline that changes nothing exits with 75", runs.notConfirmed);
test("offline without permission exits with 77", runs.refused);
test("offline with a wrong setting exits with 78", runs.settings);
test("offline that online has ended exits with 79", runs.undone);

const strict: Record<string, [OutcomeName, Parameters<typeof startLab>[0]]> = {
  "of an unknown instance": ["notFound", {
    registered: false,
    env: { ONLINE_TIMEOUT_SECONDS: room(4) },
  }],
  "without a server": ["unreachable", {
    env: { NACOS_SERVER_ADDR: `127.0.0.1:${refusedPort()}`, ONLINE_TIMEOUT_SECONDS: "1" },
  }],
  "with a wrong setting": ["settings", { env: { port: "0" } }],
};
for (const [what, [outcome, options]] of Object.entries(strict)) {
  test(`online ${what} fails only with --strict`, async () => {
    await using lab = await startLab(options);
    assertEnd(await lab.run("online --strict"), outcome);
    const forgiven = await lab.run("online");
    assert.equal(forgiven.code, 0, forgiven.stdout);
    assert.match(forgiven.lastLine, /exit code 0$/);
    // What went wrong is said all the same.
    assert.notEqual(forgiven.stderr, "");
  });
}

const status: Record<string, [OutcomeName, Parameters<typeof startLab>[0]]> = {
  "of an unknown instance": ["notFound", { registered: false }],
  "without a server": ["unreachable", {
    env: { NACOS_SERVER_ADDR: `127.0.0.1:${refusedPort()}` },
  }],
  "with a wrong setting": ["settings", { env: { port: "0" } }],
  "without permission": ["refused", { auth: true, env: { NACOS_USERNAME: undefined } }],
};
for (const [what, [outcome, options]] of Object.entries(status)) {
  test(`status ${what} exits with the code that fits`, async () => {
    await using lab = await startLab(options);
    assertStatusEnd(await lab.run("status"), outcome);
  });
}

test("--help and --version exit with 0 whatever else is wrong", async () => {
  await using lab = await startLab();
  for (const args of ["offline --help", "offline -v"]) {
    const run = await lab.run(args, { port: "eighty" });
    assert.equal(run.code, 0, args);
    assert.equal(run.stderr, "");
    assert.match(run.stdout, args.endsWith("help") ? /Exit codes:\n {2}0/ : /^service-offline \d/);
  }
});
