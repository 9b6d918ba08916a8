/** The program as a container of its own: it waits for TERM, and its preStop may come first. */

import assert from "node:assert/strict";
import { sideBySide } from "../support/at_once.ts";
import { assertEnd, drained } from "../support/ends.ts";
import { startLab } from "../support/lab.ts";
import { pause } from "../support/pause.ts";
import { room } from "../support/room.ts";
import { tempFile } from "../support/temp_file.ts";
import { TLS, tlsFile } from "../support/tls.ts";

const test = sideBySide("sidecar");

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} takes the instance out and drains`, async () => {
    // Else it waits half a minute for what the app registers late.
    const env = { OFFLINE_SCOPE: "named", DRAIN_SECONDS: "2" };
    await using lab = await startLab({ auth: true, env });
    await lab.run("offline", { DRAIN_SECONDS: "0" });
    await using sidecar = lab.start("sidecar");
    await sidecar.waitForLine(/is in service, accepted after .*; waiting for TERM/);
    assert.equal((await lab.callersGet()).length, 1);
    sidecar.kill(signal);
    assertEnd(await sidecar.done, "done", /is out of service/, drained(2));
    assert.deepEqual(await lab.callersGet(), []);
  });
}

test("TERM while the app has not registered yet", async () => {
  const env = { DRAIN_SECONDS: "1", TERMINATION_GRACE_PERIOD_SECONDS: room(3, 15) };
  await using lab = await startLab({ registered: false, env });
  await using sidecar = lab.start("sidecar");
  await sidecar.waitForLine(/is not registered/);
  sidecar.kill("SIGTERM");
  assertEnd(await sidecar.done, "notFound", /was never registered/, drained(1));
});

test("TERM after its own preStop ends it at once", async () => {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "12" } });
  await using sidecar = lab.start("sidecar");
  await sidecar.waitForLine(/waiting for TERM/);
  assertEnd(await lab.run("offline"), "done");
  const mark = lab.server.requests.length;
  sidecar.kill("SIGTERM");
  const run = await sidecar.done;
  assertEnd(run, "done", /has ended already/, /is out of service already/);
  assert.deepEqual(lab.writesSince(mark), []);
  assert.ok(lab.server.requests.length > mark, "only a look shows that it still is");
  assert.ok(run.elapsedMs < 10_000, "it has drained again");
});

test("wrong settings do not end it, and it drains when it is told to end", async () => {
  await using lab = await startLab({ env: { serviceName: undefined } });
  await using sidecar = lab.start("sidecar");
  await sidecar.waitForLine(/serviceName is not set.*waiting for TERM/);
  sidecar.kill("SIGTERM");
  assertEnd(await sidecar.done, "settings", /serviceName is not set/);
});

/** A lab whose password is in a file; `online` gives up at once. */
async function startFileLab() {
  const lab = await startLab({ auth: true });
  const file = tempFile("");
  const env = {
    NACOS_PASSWORD: undefined,
    NACOS_PASSWORD_FILE: file,
    ONLINE_TIMEOUT_SECONDS: "1",
    TERMINATION_GRACE_PERIOD_SECONDS: "60",
  };
  return {
    lab,
    file,
    password: lab.user?.password ?? "",
    start: () => lab.start("sidecar", env),
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

test("a password that was changed after its start is read when it is told to end", async () => {
  await using files = await startFileLab();
  Deno.writeTextFileSync(files.file, "the-one-before");
  await using sidecar = files.start();
  await sidecar.waitForLine(/waiting for TERM/);
  Deno.writeTextFileSync(files.file, files.password);
  sidecar.kill("SIGTERM");
  assertEnd(await sidecar.done, "done", /is out of service/);
  assert.deepEqual(await files.lab.callersGet(), []);
});

test("a password file that is gone by then does not keep it from its work", async () => {
  await using files = await startFileLab();
  Deno.writeTextFileSync(files.file, files.password);
  await using sidecar = files.start();
  await sidecar.waitForLine(/waiting for TERM/);
  Deno.removeSync(files.file);
  sidecar.kill("SIGTERM");
  const run = await sidecar.done;
  assertEnd(run, "done", /is out of service/);
  assert.match(run.stdout, /NACOS_PASSWORD_FILE.*what was read at the start is used/);
});

test("a file of a flag that is gone by then is told as that, and nothing else is", async () => {
  await using lab = await startLab();
  const file = tempFile(Deno.readTextFileSync(tlsFile("ca.pem")));
  await using sidecar = lab.start(["sidecar", "--ca-file", file]);
  await sidecar.waitForLine(/waiting for TERM/);
  Deno.removeSync(file);
  sidecar.kill("SIGTERM");
  const run = await sidecar.done;
  assertEnd(run, "done", /is out of service/);
  const warnings = run.lines.filter((line) => /WARNING/.test(line));
  assert.equal(warnings.length, 1, run.stdout);
  assert.match(warnings.join(), /flag --ca-file: No such file.*what was read at the start is used/);
});

test("a certificate that is broken by then does not keep it from its work", async () => {
  await using lab = await startLab({ tls: TLS });
  const file = tempFile(Deno.readTextFileSync(tlsFile("ca.pem")));
  await using sidecar = lab.start("sidecar", {
    CA_FILE: file,
    NACOS_SERVER_ADDR: `https://${lab.server.addr}`,
  });
  await sidecar.waitForLine(/waiting for TERM/);
  Deno.writeTextFileSync(file, "-----BEGIN CERTIFICATE-----\nMIIB");
  sidecar.kill("SIGTERM");
  const run = await sidecar.done;
  assertEnd(run, "done", /is out of service/);
  assert.match(run.stdout, /CA_FILE.*earlier one is used/);
});

test("a second Ctrl-C ends it at once", async () => {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "50" } });
  await using sidecar = lab.start("sidecar");
  await sidecar.waitForLine(/waiting for TERM/);
  sidecar.kill("SIGINT");
  await sidecar.waitForLine(/callers no longer get it/);
  // One that comes soon after the first is taken for the same.
  const again = setInterval(() => sidecar.kill("SIGINT"), 200);
  const run = await sidecar.done.finally(() => clearInterval(again));
  assert.equal(run.code, 130, run.stdout);
});

test("a kubelet's second TERM does not cut the drain", async () => {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "3" } });
  await using sidecar = lab.start("sidecar");
  await sidecar.waitForLine(/waiting for TERM/);
  sidecar.kill("SIGTERM");
  await sidecar.waitForLine(/callers no longer get it/);
  const again = setInterval(() => sidecar.kill("SIGTERM"), 200);
  const run = await sidecar.done.finally(() => clearInterval(again));
  assertEnd(run, "done", drained(3));
});

test("switched off it waits all the same, else it would be started again and again", async () => {
  await using lab = await startLab({ env: { SERVICE_OFFLINE_DISABLED: "true" } });
  await using sidecar = lab.start("sidecar");
  await sidecar.waitForLine(/nothing is done/);
  await pause(300);
  sidecar.kill("SIGTERM");
  assertEnd(await sidecar.done, "done", /nothing is done/);
  assert.equal((await lab.callersGet()).length, 1);
});
