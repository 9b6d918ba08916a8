import assert from "node:assert/strict";
import { helpText } from "../../src/help.ts";
import { KINDS } from "../../src/registry/registries.ts";
import { VERSION } from "../../src/version.ts";
import { runWith } from "../support/fake_process.ts";

// Nothing in these tests gets as far as a registry.
const HELP = helpText(KINDS);
const VERSION_TEXT = `service-offline ${VERSION}\n`;

Deno.test("run() prints the help or the version at once, and nothing else", async () => {
  const questions: [text: string, ...lines: string[]][] = [
    [HELP, "--help", "-h", "help", "offline --help", "offline help", "help bogus --bogus"],
    [VERSION_TEXT, "--version", "-v", "-V", "version", "offline -v", "version --bogus"],
  ];
  for (const interactive of [false, true]) {
    for (const [text, ...lines] of questions) {
      for (const line of lines) {
        const { code, stdout, stderr, seconds } = await runWith(line.split(" "), { interactive });
        assert.deepEqual([code, stdout, stderr, seconds], [0, text, "", 0], line);
      }
    }
  }
});

Deno.test("run() drains in a hook where a question stands among mistakes", async () => {
  const env = { DRAIN_SECONDS: "12" };
  const lines = [
    "--bogus --help",
    "--help --bogus",
    "--service-name --help",
    "--service-name -h",
    "--service-nam help",
    "--service-name -v",
    "offline --bogus=1 -v",
  ];
  for (const line of lines) {
    const { code, stdout, seconds } = await runWith(line.split(" "), { env });
    assert.deepEqual([code, seconds], [64, 12], line);
    assert.match(stdout, /exit code 64\n$/);
  }
  const person = await runWith(["--bogus", "--help"], { interactive: true });
  assert.deepEqual([person.code, person.stdout], [0, HELP]);
});

Deno.test("run() takes no value of a flag for a question", async () => {
  for (const line of ["--service-name=--help", "--service-name help", "--service-name=-v"]) {
    assert.equal((await runWith(line.split(" "))).code, 78, line);
  }
});

Deno.test("run() takes no value of a flag for the command", async () => {
  const env = { DRAIN_SECONDS: "12" };
  const lines = [
    "--namespace-id online --drain-second 5",
    "--service-name check --bogus",
    "--group-name=status --bogus",
    "offline offline",
    "--service-nam online",
    "--servicename status offline",
  ];
  for (const line of lines) {
    const { code, seconds } = await runWith(line.split(" "), { env });
    assert.deepEqual([code, seconds], [64, 12], line);
  }
});

Deno.test("run() uses the flags that it could read in spite of a mistake", async () => {
  const { code, stdout, seconds } = await runWith([
    "--bogus",
    "--drain-seconds",
    "7",
    "--port",
    "8080",
  ]);
  assert.deepEqual([code, seconds], [64, 7]);
  assert.match(stdout, /serviceName is not set/);
  assert.doesNotMatch(stdout, /port is not set/);
});

Deno.test("run() says which flags mean nothing, and goes on", async () => {
  const env = { DRAIN_SECONDS: "1" };
  const hook = await runWith(["offline", "--json", "--online-timeout-seconds=3"], { env });
  assert.equal(hook.code, 78);
  assert.match(hook.stdout, /WARNING: --json means nothing to offline, only to status and check/);
  assert.match(hook.stdout, /WARNING: --online-timeout-seconds means nothing to offline/);
  assert.doesNotMatch(hook.stderr, /means nothing/);
  const status = await runWith(["status", "--yaml", "--json"]);
  assert.equal(JSON.parse(status.stdout).registries.length, 0);
  assert.match(status.stderr, /^--yaml means nothing to status, only to check\n/);
  const check = await runWith(["check", "--strict"]);
  assert.match(check.stdout, /Notes\n +--strict means nothing to check, only to online/);
});

Deno.test("run() installs in spite of a mistake, and ends with 64", async () => {
  const { code, stdout } = await runWith(["install", "--bogus"]);
  assert.equal(code, 64);
  assert.match(stdout, /Unknown flag "--bogus".*0 files of/);
});

Deno.test("run() says the last line once where both outputs are one terminal", async () => {
  const twice = await runWith(["--bogus"], { interactive: true });
  assert.equal(twice.stdout, twice.stderr);
  const once = await runWith(["--bogus"], { interactive: true, oneTerminal: true });
  assert.equal(once.stderr, "");
  assert.match(once.stdout, /--bogus.*exit code 64\n$/);
  // Their report is all that is on stdout.
  const status = await runWith(["status"], { oneTerminal: true });
  assert.match(status.stderr, /exit code 78\n$/);
});

Deno.test("run() does nothing where it is switched off, no drain either, and says so", async () => {
  for (const command of ["offline", "online"]) {
    const env = { SERVICE_OFFLINE_DISABLED: "true", DRAIN_SECONDS: "12" };
    const { code, stdout, stderr, seconds } = await runWith([command], { env });
    assert.deepEqual([code, stderr, seconds], [0, "", 0]);
    assert.match(stdout, /SERVICE_OFFLINE_DISABLED/);
  }
});

Deno.test("run() is not switched off by `false`", async () => {
  const { code } = await runWith(["offline"], { env: { SERVICE_OFFLINE_DISABLED: "false" } });
  assert.equal(code, 78);
});

Deno.test("run() drains in a hook before it ends with a usage error", async () => {
  const { code, stdout, stderr, seconds } = await runWith(["--bogus"], {
    env: { DRAIN_SECONDS: "12" },
  });
  assert.deepEqual([code, seconds], [64, 12]);
  const last = stdout.trimEnd().split("\n").at(-1);
  assert.match(last ?? "", /--bogus.*drained 12\.0 s.*exit code 64/);
  assert.equal(stderr, `${last}\n`);
});

Deno.test("run() drains in a hook before it ends with a settings error", async () => {
  const env = { serviceName: "orders", TERMINATION_GRACE_PERIOD_SECONDS: "60" };
  const { code, stdout, stderr, seconds } = await runWith([], { env });
  assert.deepEqual([code, seconds], [78, 40]);
  assert.match(stdout.split("\n")[1] ?? "", /port is not set/);
  assert.match(stderr, /port is not set.*exit code 78\n$/);
});

Deno.test("run() drains in a hook where no settings are given at all", async () => {
  const { code, seconds } = await runWith([]);
  assert.deepEqual([code, seconds], [78, 30]);
});

Deno.test("run() ends mistakes at once where a person is looking on", async () => {
  for (const [args, expected] of [[["--bogus"], 64], [["offline"], 78]] as const) {
    const { code, stderr, seconds } = await runWith(args, { interactive: true });
    assert.deepEqual([code, seconds], [expected, 0]);
    assert.match(stderr, new RegExp(`exit code ${expected}\n$`));
  }
});

Deno.test("run() never drains for online and status", async () => {
  for (const command of ["online", "status"]) {
    for (const args of [[command], [command, "--bogus"]]) {
      assert.equal((await runWith(args)).seconds, 0, args.join(" "));
    }
  }
});

Deno.test("run() forgives online everything unless it is strict", async () => {
  const lenient = await runWith(["online"]);
  assert.equal(lenient.code, 0);
  assert.match(lenient.stdout, /serviceName is not set.*exit code 0\n$/);
  assert.equal((await runWith(["online", "--strict"])).code, 78);
  assert.equal((await runWith(["online", "--bogus"])).code, 0);
  assert.equal((await runWith(["online", "--bogus", "--strict"])).code, 64);
});

Deno.test("run() lets status --json print one JSON object whatever is wrong", async () => {
  const { code, stdout, stderr } = await runWith(["status", "--json"]);
  assert.equal(code, 78);
  const { problems, registries } = JSON.parse(stdout);
  assert.match(problems[0], /serviceName is not set/);
  assert.deepEqual(registries, []);
  assert.match(stderr, /serviceName is not set/);
});

Deno.test("run() writes JSON lines where they are wanted, the last one with the outcome", async () => {
  const env = { LOG_FORMAT: "json", DRAIN_SECONDS: "6" };
  const { stdout, stderr } = await runWith([], { env });
  const events = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  const last = events.at(-1);
  assert.deepEqual(
    [last.event, last.command, last.outcome, last.exitCode],
    ["end", "offline", "settings", 78],
  );
  assert.deepEqual(JSON.parse(stderr), last);
});

Deno.test("run() shows no secret, wherever it was put", async () => {
  const envs = [
    { NACOS_SERVER_ADDR: "http://me:hunter2@nacos:8848" },
    { NACOS_PASSWORD_FILE: "hunter2", port: "x" },
    { NACOS_USERNAME: "", NACOS_PASSWORD: "hunter2", port: "x" },
    { EUREKA_URL: "http://me:hunter2@eureka:0/eureka" },
    { EUREKA_URL: "http://me:hunter2%ZZ@eureka" },
  ];
  for (const interactive of [true, false]) {
    const lines = [
      "--eureka-url http://me:hunter2@eureka",
      "--nacos-password hunter2",
      "--nacos-pasword -hunter2",
      "offline NACOS_PASSWORD=hunter2",
    ];
    for (const line of lines) {
      const { code, stdout, stderr } = await runWith(line.split(" "), { interactive });
      assert.equal(code, 64, line);
      assert.doesNotMatch(stdout + stderr, /hunter2/);
    }
  }
  for (const env of envs) {
    const given = { env: { serviceName: "orders", port: "8080", ...env }, interactive: true };
    const { code, stdout, stderr } = await runWith([], given);
    assert.equal(code, 78);
    assert.doesNotMatch(stdout + stderr, /hunter2/);
  }
});

const BUGGY = { bug: true, env: { NACOS_PASSWORD_FILE: "/x", DRAIN_SECONDS: "12" } };

Deno.test("run() drains after a bug as well, and leaves its stack in the log, once", async () => {
  const { code, stdout, seconds } = await runWith(["offline"], BUGGY);
  assert.equal(code, 70);
  assert.ok(seconds >= 12, `${seconds} s`);
  const traces = stdout.split("\n").filter((line) => / at .*kinds\.ts:\d+/.test(line));
  assert.equal(traces.length, 1, stdout);
  assert.match(traces[0] ?? "", /a bug, please report it: TypeError: .* at /);
});

Deno.test("run() lets no bug end a sidecar: it waits, and drains when it is told to", async () => {
  const { code, stdout, seconds } = await runWith(["sidecar"], { ...BUGGY, toldMs: 500_000 });
  assert.equal(code, 70);
  assert.ok(seconds >= 530, `${seconds} s`);
  assert.match(stdout, /drained 30\.0 s/);
});

Deno.test("run() prints the stack of a bug where the command prints a report", async () => {
  const { code, stderr, seconds } = await runWith(["status"], BUGGY);
  assert.deepEqual([code, seconds], [70, 0]);
  assert.match(stderr, /internal error: a bug, please report it: TypeError: .* at /);
});
