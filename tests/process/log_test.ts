/** What a run says: one event a line, for people or for machines. */

import assert from "node:assert/strict";
import { sideBySide } from "../support/at_once.ts";
import { OUTCOMES } from "../../src/errors.ts";
import { assertEnd } from "../support/ends.ts";
import { startLab } from "../support/lab.ts";
import { text } from "../embedded/nacos_answers.ts";

const test = sideBySide("the log");

interface Line {
  readonly time: string;
  readonly level: string;
  readonly elapsedMs: number;
  readonly event: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

test("LOG_FORMAT=json: every line parses, the last one sums up", async () => {
  await using lab = await startLab({ auth: true });
  const run = await lab.run("offline", { LOG_FORMAT: "json", DRAIN_SECONDS: "1" });
  const lines = run.lines.map((line): Line => JSON.parse(line));
  let elapsed = 0;
  for (const line of lines) {
    assert.ok(!Number.isNaN(Date.parse(line.time)));
    assert.match(line.level, /^(info|warn)$/);
    assert.ok(line.elapsedMs >= elapsed, "the elapsed time goes back");
    elapsed = line.elapsedMs;
    assert.notEqual(line.message, "");
    assert.notEqual(line.event, "");
  }
  const last = lines.at(-1);
  assert.equal(last?.event, "end");
  assert.equal(last?.["command"], "offline");
  assert.equal(last?.["outcome"], "done");
  assert.equal(last?.["exitCode"], 0);
  const drainedMs = Number(last?.["drainedMs"]);
  assert.ok(drainedMs >= 1_000 && drainedMs < 30_000, `${drainedMs} ms`);
  const [registry] = last?.["registries"] as Record<string, unknown>[];
  assert.equal(registry?.["registry"], "nacos");
  assert.equal(registry?.["outcome"], "done");
  assert.match(String(registry?.["instance"]), new RegExp(lab.instance.serviceName));
  assert.ok(Number(registry?.["acceptedMs"]) > 0);
  assert.equal(run.stderr, "");
});

test("LOG_FORMAT=json: a failure is one JSON line on stderr, the same as the last", async () => {
  await using lab = await startLab({ registered: false });
  const run = await lab.run("offline", { LOG_FORMAT: "json" });
  assert.equal(run.code, OUTCOMES.notFound.code);
  const failure: Line = JSON.parse(run.stderr);
  assert.equal(failure["outcome"], "notFound");
  assert.equal(failure["exitCode"], OUTCOMES.notFound.code);
  assert.equal(run.stderr.trimEnd(), run.lastLine);
});

test("the text log is one line per event, also where the server answers with line breaks", async () => {
  await using lab = await startLab({
    intercept: () => text("first\r\nsecond\nthird\u0007\u001b[31m", 500),
  });
  const run = await lab.run("offline");
  assertEnd(run, "unreachable");
  for (const line of run.lines) assert.match(line, /^\d{4}-\S+Z service-offline \+\d+\.\d{3}s /);
  assert.match(run.stdout, /first second third/);
});

test("a huge error page is cut in the log", async () => {
  await using lab = await startLab({ intercept: () => text("x".repeat(100_000), 500) });
  const run = await lab.run("offline");
  assertEnd(run, "unreachable", /x{100,}…/);
  assert.ok(run.stdout.length < 5_000, `${run.stdout.length} characters`);
});

test("offline says who still serves", async () => {
  await using lab = await startLab();
  const { instance, server } = lab;
  server.registerGrpc({ ...instance, ip: "10.9.9.1" });
  server.registerGrpc({ ...instance, ip: "10.9.9.2" });
  const withOthers = await lab.run("offline", { DRAIN_SECONDS: "1" });
  assert.match(withOthers.stdout, /2 other instances still listed/);

  await using alone = await startLab();
  const last = await alone.run("offline", { DRAIN_SECONDS: "1" });
  assert.match(last.stdout, /this was the last instance callers can see/);
});

test("a reader of stdout that has gone is no reason to end", async () => {
  await using lab = await startLab({ env: { DRAIN_SECONDS: "2" } });
  await using offline = lab.start("offline");
  await offline.waitForLine(/looking for/);
  offline.closeStdout();
  const run = await offline.done;
  assert.equal(run.code, 0);
  assert.deepEqual(await lab.callersGet(), []);
});

/** Gives what follows a stdout and a stderr that are full, and that nobody ever reads. */
const NOBODY_READS = [
  "/usr/bin/perl",
  "-e",
  `
use Fcntl;
$^F = 100; # what is opened now is open in the program, too
pipe(my $reader, my $writer) or die;
fcntl($writer, F_SETFL, O_NONBLOCK) or die;
1 while syswrite($writer, "x" x 4096) or syswrite($writer, "x");
fcntl($writer, F_SETFL, 0) or die;
open(STDOUT, ">&", $writer) and open(STDERR, ">&", $writer) or die;
exec @ARGV;
`,
];

for (const [command, outcome] of [["offline", "done"], ["offline --bogus", "usage"]] as const) {
  test(`${command}: a log that nobody reads any more stops nothing`, async () => {
    await using lab = await startLab({ env: { DRAIN_SECONDS: "1" } });
    const run = await lab.run(command, {}, { launcher: NOBODY_READS });
    assert.equal(run.code, OUTCOMES[outcome].code);
    if (outcome === "done") assert.deepEqual(await lab.callersGet(), []);
  });
}
