/** Mistakes in the command line: the work is done with what is known, and the run ends with 64. */

import assert from "node:assert/strict";
import { OUTCOMES } from "../../src/errors.ts";
import { each, sideBySide } from "../support/at_once.ts";
import { assertEnd, assertStatusEnd, drained } from "../support/ends.ts";
import { startLab } from "../support/lab.ts";

const test = sideBySide("command line");

test("offline takes out and drains, whatever is wrong with its flags", async (t) => {
  const lines: Record<string, RegExp> = {
    // Every form: tests/unit/command_line_test.ts.
    "--namespace-id public --drain-second 5": /did you mean --drain-seconds\?/,
    "--service-name --help": /--service-name has no value/,
    "offlien": /did you mean offline\?/,
    "--help --bogus": /--bogus/,
  };
  await each(t, lines, async (message, line) => {
    await using lab = await startLab();
    const run = await lab.run(line, { DRAIN_SECONDS: "1" });
    assertEnd(run, "usage", message, /is out of service, accepted after/, drained(1));
    assert.deepEqual(await lab.callersGet(), []);
  });
});

test("a value that is the name of a command is a value", async () => {
  await using lab = await startLab({ instance: { groupName: "online", serviceName: "status" } });
  const flags = ["--group-name", "online", "--service-name", "status"];
  const run = await lab.run([...flags, "--drain-second", "5"], {
    groupName: undefined,
    serviceName: undefined,
  });
  assertEnd(run, "usage", /online@@status in namespace public is out of service/);
  assert.deepEqual(await lab.callersGet(), []);
});

test("online, status and check do their work in spite of a mistake", async () => {
  await using lab = await startLab();
  await lab.run("offline", { DRAIN_SECONDS: "0" });
  assertStatusEnd(await lab.run("stauts --json"), "usage", /did you mean status\?/);
  const check = await lab.run("check --bogus");
  assertStatusEnd(check, "usage", /--bogus/);
  assert.match(check.stdout, /in namespace public: out of service/);
  assertEnd(await lab.run("online --bogus --strict"), "usage", /--bogus/, /is in service/);
  assert.equal((await lab.callersGet()).length, 1);
  const forgiven = await lab.run("online --bogus");
  assert.equal(forgiven.code, OUTCOMES.done.code, forgiven.stdout);
});

test("a flag that means nothing is named and changes nothing", async () => {
  await using lab = await startLab();
  const run = await lab.run("offline --json --strict");
  assertEnd(run, "done", /is out of service/);
  assert.match(run.stdout, /WARNING: --json means nothing to offline/);
  assert.match(run.stdout, /WARNING: --strict means nothing to offline/);
});
