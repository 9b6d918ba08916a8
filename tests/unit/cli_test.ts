import assert from "node:assert/strict";
import { parseCommandLine, type Process, run } from "../../src/cli.ts";
import { COMMANDS, helpText, SWITCHES } from "../../src/help.ts";
import { VERSION } from "../../src/version.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createMemoryDisk } from "../support/memory_disk.ts";

interface Given {
  readonly env?: Record<string, string>;
  readonly interactive?: boolean;
  /** Something goes wrong that nobody has thought of. */
  readonly bug?: boolean;
  /** When `sidecar` is told to end, milliseconds. */
  readonly toldMs?: number;
}

/** Runs the program on a clock of its own; nothing in these tests gets as far as a registry. */
async function runWith(args: readonly string[], given: Given = {}) {
  const { env = {}, interactive = false, bug = false, toldMs = 0 } = given;
  const clock = createFakeClock();
  const start = clock.now();
  const told = new AbortController();
  const out = { stdout: "", stderr: "" };
  const process: Process = {
    args,
    env: (name) => env[name],
    clock,
    disk: { ...createMemoryDisk(), ...(bug ? { readTextFile: () => 7 as unknown as string } : {}) },
    stdout: (text) => void (out.stdout += text),
    print: (text) => void (out.stdout += text),
    stderr: (text) => void (out.stderr += text),
    folders: {
      list: () => [],
      makeFolder: () => {},
      copyFile: () => {},
      rename: () => {},
    },
    interactive,
    catchTerm: () => {
      clock.sleep(toldMs).then(() => told.abort());
      return told.signal;
    },
    onStray: () => {},
  };
  const code = await clock.advanceUntil(run(process));
  return { code, ...out, seconds: (clock.now() - start) / 1000 };
}

const errorOf = (...args: string[]) => parseCommandLine(args).error ?? "";

Deno.test("parseCommandLine() takes no command for offline", () => {
  const { command, error } = parseCommandLine([]);
  assert.deepEqual([command, error], ["offline", undefined]);
  assert.equal(parseCommandLine(["--port", "8080"]).command, "offline");
});

Deno.test("parseCommandLine() knows every command, before and behind flags", () => {
  for (const name of Object.keys(COMMANDS)) {
    assert.deepEqual([parseCommandLine([name]).command, errorOf(name)], [name, ""]);
    const behind = parseCommandLine(["--port", "8080", name]);
    assert.deepEqual([behind.command, behind.error], [name, undefined]);
  }
});

Deno.test("parseCommandLine() reads flags of settings in both spellings", () => {
  const { flags, error } = parseCommandLine([
    "--service-name",
    "orders",
    "--drain-seconds=20",
    "--nacos-server-addr",
    "a,b:1",
  ]);
  assert.equal(error, undefined);
  assert.equal(flags["--service-name"], "orders");
  assert.equal(flags["--drain-seconds"], "20");
  assert.equal(flags["--nacos-server-addr"], "a,b:1");
});

Deno.test("parseCommandLine() knows every switch", () => {
  for (const name of Object.keys(SWITCHES)) {
    const { switches, error } = parseCommandLine(["online", name]);
    assert.deepEqual([switches.has(name), error], [true, undefined], name);
  }
  assert.equal(parseCommandLine(["online"]).switches.has("--strict"), false);
});

Deno.test("parseCommandLine() takes -h for --help", () => {
  const { switches, error } = parseCommandLine(["-h"]);
  assert.deepEqual([switches.has("--help"), error], [true, undefined]);
});

Deno.test("parseCommandLine() names an unknown command and the known ones", () => {
  assert.match(
    errorOf("offlien"),
    /"offlien".*offline, online, status, check, sidecar, install.*--help/,
  );
});

Deno.test("parseCommandLine() refuses a second word", () => {
  assert.match(errorOf("offline", "orders"), /"orders" after offline/);
});

Deno.test("parseCommandLine() refuses unknown flags and flags without a value", () => {
  assert.match(errorOf("--servicename", "orders"), /--servicename/);
  assert.match(errorOf("--service-name"), /--service-name/);
  assert.match(errorOf("--service-name", "--port", "1"), /--service-name/);
});

Deno.test("parseCommandLine() takes no secret and says where it goes instead", () => {
  for (const args of [["--nacos-password", "hunter2"], ["--nacos-password=hunter2", "online"]]) {
    const message = errorOf(...args);
    assert.match(message, /NACOS_PASSWORD or NACOS_PASSWORD_FILE/);
    assert.doesNotMatch(message, /hunter2/);
  }
});

Deno.test("parseCommandLine() takes no URL with a password and says where it goes instead", () => {
  const urls = [
    "http://me:hunter2@eureka:8761/eureka",
    "http://a:1,https://:hunter2@b",
    "me:hunter2@eureka:8761",
    "http://me:hun/ter2@eureka",
  ];
  for (const url of urls) {
    for (const args of [["--eureka-url", url], [`--eureka-url=${url}`, "status"]]) {
      const message = errorOf(...args);
      assert.match(message, /password in --eureka-url.*use an environment variable/);
      assert.doesNotMatch(message, /hunter2|ter2/);
      assert.deepEqual(parseCommandLine(args).flags, {});
    }
  }
  assert.match(errorOf("--nacos-server-addr", "http://me:hunter2@nacos"), /--nacos-server-addr/);
});

Deno.test("parseCommandLine() takes URLs without a password, and values with an @", () => {
  const urls = ["http://a:8761/eureka,http://b:8761", "eureka:8761"];
  for (const url of urls) assert.equal(parseCommandLine(["--eureka-url", url]).error, undefined);
  const { flags } = parseCommandLine(["--service-name", "shop@@orders:v1@2"]);
  assert.equal(flags["--service-name"], "shop@@orders:v1@2");
});

Deno.test("parseCommandLine() repeats no value in what it refuses", () => {
  for (const flag of ["--nacos-pasword", "--nacos-password"]) {
    assert.doesNotMatch(errorOf(`${flag}=hunter2`, "--bogus"), /hunter2/);
  }
});

Deno.test("parseCommandLine() knows the command that was meant in spite of a mistake", () => {
  assert.equal(parseCommandLine(["status", "--bogus"]).command, "status");
  assert.equal(parseCommandLine(["--bogus", "online", "--strict"]).command, "online");
  assert.equal(parseCommandLine(["--bogus"]).command, "offline");
  assert.equal(parseCommandLine(["--bogus", "online", "--strict"]).switches.has("--strict"), true);
});

Deno.test("run() prints the help and nothing else, whatever else is wrong", async () => {
  for (const args of [["--help"], ["-h"], ["offline", "--help"], ["--bogus", "--help"]]) {
    const { code, stdout, stderr, seconds } = await runWith(args);
    assert.deepEqual([code, stdout, stderr, seconds], [0, helpText(), "", 0], args.join(" "));
  }
});

Deno.test("run() prints the version", async () => {
  const { code, stdout, seconds } = await runWith(["--version"]);
  assert.deepEqual([code, stdout, seconds], [0, `service-offline ${VERSION}\n`, 0]);
});

Deno.test("run() does nothing where it is switched off, and says so", async () => {
  for (const command of ["offline", "online"]) {
    const env = { SERVICE_OFFLINE_DISABLED: "true" };
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
  const flag = await runWith(["--eureka-url", "http://me:hunter2@eureka"], { interactive: true });
  assert.equal(flag.code, 64);
  assert.doesNotMatch(flag.stdout + flag.stderr, /hunter2/);
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
  const traces = stdout.split("\n").filter((line) => / at .*setting\.ts:\d+/.test(line));
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
