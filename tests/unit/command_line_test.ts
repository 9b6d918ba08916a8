import assert from "node:assert/strict";
import * as commandLine from "../../src/command_line.ts";
import { COMMANDS, SWITCHES } from "../../src/help.ts";
import { SETTINGS } from "../support/settings.ts";
import { flagOf, type Setting } from "../../src/settings/setting.ts";

const parseCommandLine = (args: readonly string[]) => commandLine.parseCommandLine(args, SETTINGS);
const parse = (line: string) => parseCommandLine(line === "" ? [] : line.split(" "));
const mistakesOf = (line: string) => parse(line).mistakes.join("\n");

/** The command, the flags, and whether there is a mistake. */
const readingOf = (line: string) => {
  const { command, flags, mistakes } = parse(line);
  return [command, { ...flags }, mistakes.length > 0];
};

const commands = Object.keys(COMMANDS);
const open = Object.values<Setting>(SETTINGS).filter(({ secret }) => !secret).map(flagOf);

Deno.test("parseCommandLine() takes no command for offline", () => {
  assert.deepEqual(readingOf(""), ["offline", {}, false]);
  assert.deepEqual(readingOf("--port 8080"), ["offline", { "--port": "8080" }, false]);
  // What a variable without a value leaves.
  assert.deepEqual(parseCommandLine(["", " "]).mistakes, []);
});

Deno.test("parseCommandLine() knows every command, before, between and behind flags", () => {
  for (const name of commands) {
    assert.deepEqual(readingOf(name), [name, {}, false]);
    const flags = { "--port": "1", "--group-name": "g" };
    const lines = ["--port 1 --group-name=g NAME", "NAME --port=1 --group-name g"];
    for (const line of [...lines, "--port 1 NAME --group-name g"]) {
      assert.deepEqual(readingOf(line.replace("NAME", name)), [name, flags, false], line);
    }
  }
});

Deno.test("parseCommandLine() knows every switch", () => {
  for (const name of Object.keys(SWITCHES)) {
    const { switches, mistakes } = parse(`online ${name}`);
    assert.deepEqual([switches.has(name), mistakes], [true, []], name);
  }
  assert.equal(parse("online").switches.has("--strict"), false);
});

Deno.test("parseCommandLine() takes a word behind a flag for its value, whatever it names", () => {
  for (const flag of open) {
    for (const value of [...commands, "help", "version", "-", ""]) {
      for (const words of [[flag, value], [`${flag}=${value}`]]) {
        const line = words.join(" ");
        const { command, flags, answer, mistakes } = parseCommandLine(words);
        assert.deepEqual([command, answer, mistakes], ["offline", undefined, []], line);
        assert.equal(flags[flag], value, line);
        // The same with a mistake beside it.
        const beside = parseCommandLine([...words, "--bogus"]);
        assert.deepEqual([beside.command, beside.flags[flag]], ["offline", value], line);
        const before = parseCommandLine(["--bogus=1", "sidecar", ...words]);
        assert.deepEqual([before.command, before.flags[flag]], ["sidecar", value], line);
      }
    }
  }
});

Deno.test("parseCommandLine() takes what stands behind = as it is", () => {
  const values = ["--help", "-h", "-5", "--port", "--port=1", "a=b", "a\nb", "--", " ", "-\n"];
  for (const value of values) {
    const { command, flags, answer, mistakes } = parseCommandLine([`--service-name=${value}`]);
    assert.deepEqual([command, answer, mistakes], ["offline", undefined, []], value);
    // Only one that has a dash and a line break is cut, by arg 5.0.2.
    assert.equal(flags["--service-name"], value === "-\n" ? "-" : value);
  }
});

Deno.test("parseCommandLine() has no value for a flag that a dash or nothing follows", () => {
  for (const rest of ["", "--help", "-h", "--version", "-v", "-5", "--bogus", "--bogus=1", "–x"]) {
    const line = `--service-name ${rest}`.trim();
    const { command, flags, answer } = parse(line);
    assert.deepEqual([command, flags, answer], ["offline", {}, undefined], line);
    assert.match(mistakesOf(line), /^--service-name has no value.*written with =/, line);
    assert.deepEqual(readingOf(`status ${line}`), ["status", {}, true]);
  }
  // A flag of the program is no value: a variable is not set.
  assert.deepEqual(
    readingOf("--service-name --port 80 --group-name=g online --namespace-id --strict"),
    ["online", { "--port": "80", "--group-name": "g" }, true],
  );
});

Deno.test("parseCommandLine() guesses what a misspelt flag was meant to be", () => {
  const meant = {
    "--drain-second": "--drain-seconds",
    "--servicename": "--service-name",
    "--serviceName": "--service-name",
    "-service-name": "--service-name",
    "--namespace": "--namespace-id",
    "--nacos-server": "--nacos-server-addr",
    "--strct": "--strict",
    "–-strict": "--strict",
  };
  for (const [flag, right] of Object.entries(meant)) {
    assert.match(mistakesOf(flag), new RegExp(`"${flag}" \\(did you mean ${right}\\?\\)`));
  }
  assert.match(
    mistakesOf("--nacos-pasword"),
    /did you mean the environment variable NACOS_PASSWORD/,
  );
  assert.match(mistakesOf("--bogus"), /^Unknown flag "--bogus"; see --help$/);
});

Deno.test("parseCommandLine() leaves the value to a misspelt flag", () => {
  const flags = { "--port": "80" };
  const values = [...commands, "5", "help", "orders"];
  for (const value of values) {
    for (const flag of ["--drain-second", "--servicename", "–-group-name"]) {
      for (
        const [line, command] of [
          [`${flag} ${value} --port 80`, "offline"],
          [`--port 80 ${flag}=${value}`, "offline"],
          [`--port 80 ${flag} ${value} online`, "online"],
          [`online --port 80 ${flag} ${value}`, "online"],
        ] as const
      ) {
        assert.deepEqual(readingOf(line), [command, flags, true], line);
        assert.equal(parse(line).mistakes.length, 1, line);
      }
    }
  }
});

Deno.test("parseCommandLine() takes a command behind an invented flag for the command", () => {
  assert.deepEqual(readingOf("--bogus online --strict"), ["online", {}, true]);
  assert.deepEqual(readingOf("--verbose status"), ["status", {}, true]);
  assert.equal(parse("--bogus online --strict").switches.has("--strict"), true);
  // Unless there is one that is surely the command.
  assert.deepEqual(readingOf("--bogus online offline"), ["offline", {}, true]);
  assert.deepEqual(readingOf("offline --bogus online"), ["offline", {}, true]);
  assert.deepEqual(readingOf("--bogus 5"), ["offline", {}, true]);
  // A switch has no value.
  assert.deepEqual(readingOf("--strct online"), ["online", {}, true]);
});

Deno.test("parseCommandLine() does the command that a misspelt one was meant to be", () => {
  const text = mistakesOf("stauts");
  assert.match(
    text,
    /"stauts" \(did you mean status\?\): expected offline, online, status.*--help$/,
  );
  for (const [word, meant] of [["stauts", "status"], ["onlien", "online"], ["ofline", "offline"]]) {
    assert.deepEqual(readingOf(`${word} --port 1`), [meant, { "--port": "1" }, true]);
  }
  // A hook goes on with its work: what is like `help` may be another word.
  for (const [word, meant] of [["hepl", "help"], ["versoin", "version"]] as const) {
    assert.match(mistakesOf(word), new RegExp(`"${word}" \\(did you mean ${meant}\\?\\)`));
    assert.deepEqual(readingOf(word), ["offline", {}, true]);
  }
  assert.deepEqual(readingOf("stop"), ["offline", {}, true]);
  assert.doesNotMatch(mistakesOf("stop"), /did you mean/);
  for (const word of ["constructor", "toString", "__proto__"]) {
    assert.equal(parse(word).command, "offline");
  }
});

Deno.test("parseCommandLine() takes a command that is written like a flag, or with its flags in one word", () => {
  for (const command of commands) {
    for (const flag of [`--${command}`, `-${command}`, `–${command}`]) {
      assert.deepEqual(readingOf(flag), [command, {}, true], flag);
      assert.deepEqual(readingOf(`${flag} --port 1`), [command, { "--port": "1" }, true], flag);
      assert.deepEqual(readingOf(`offline ${flag}`), ["offline", {}, true], flag);
      // Here it may be meant as the value.
      assert.deepEqual(readingOf(`--service-name ${flag}`), ["offline", {}, true], flag);
    }
    // With a value it is a setting, and behind an unknown flag it may be that one's value.
    for (const line of [`--${command}=true`, `--${command} UP`, `--foo --${command}`]) {
      assert.deepEqual(readingOf(line), ["offline", {}, true], line);
    }
    assert.match(mistakesOf(`--${command}`), new RegExp(`did you mean ${command}\\?`));
    const { command: taken, flags, mistakes } = parseCommandLine([`${command}  --port\t80`, "--x"]);
    assert.deepEqual([taken, flags["--port"], mistakes.length], [command, "80", 2]);
  }
  // What only begins like one is something else.
  for (const word of ["online-shop", "status.orders"]) {
    assert.equal(parse(`stop ${word}`).command, "offline");
  }
});

Deno.test("parseCommandLine() does without the program's own name", () => {
  for (const name of ["service-offline", "/opt/service-offline/service-offline"]) {
    assert.deepEqual(readingOf(`${name} online --port 1`), ["online", { "--port": "1" }, false]);
    assert.deepEqual(readingOf(name), ["offline", {}, false]);
    assert.equal(parse(`online ${name}`).mistakes.length, 1);
  }
});

Deno.test("parseCommandLine() refuses further words and does the work", () => {
  assert.match(mistakesOf("offline orders"), /"orders" after offline/);
  for (const line of ["offline offline", "offline online", "offline a b", "offline -- status"]) {
    assert.deepEqual(readingOf(line), ["offline", {}, true], line);
    assert.equal(parse(line).mistakes.length, 1, line);
  }
  assert.deepEqual(readingOf("-- status"), ["status", {}, false]);
  assert.deepEqual(readingOf("-- --help"), ["offline", {}, true]);
});

Deno.test("parseCommandLine() takes the last of repeated flags", () => {
  assert.deepEqual(readingOf("--port 1 --port=2"), ["offline", { "--port": "2" }, false]);
  assert.deepEqual(readingOf("--port 1 --port"), ["offline", { "--port": "1" }, true]);
  assert.deepEqual(readingOf("--json status --json"), ["status", {}, false]);
});

Deno.test("parseCommandLine() gives a switch no value", () => {
  const { switches, mistakes } = parse("online --strict=false");
  assert.equal(switches.has("--strict"), false);
  assert.match(mistakes.join(), /--strict takes no value/);
  assert.equal(parse("--help=1").answer, undefined);
});

Deno.test("parseCommandLine() takes no secret, says where it goes, and reads the rest", () => {
  const secrets = [
    "--nacos-password hunter2",
    "--nacos-password=hunter2",
    "--nacos-password -hunter2",
  ];
  for (const secret of [...secrets, "--nacos-password=-hunter2"]) {
    for (const line of [`${secret} --port 1 online`, `online --port=1 ${secret}`]) {
      assert.deepEqual(readingOf(line), ["online", { "--port": "1" }, true], line);
      assert.doesNotMatch(mistakesOf(line), /hunter2/);
    }
  }
  assert.match(mistakesOf("--nacos-password x"), /NACOS_PASSWORD or NACOS_PASSWORD_FILE/);
});

Deno.test("parseCommandLine() takes no URL with a password and says where it goes instead", () => {
  const urls = [
    "http://me:hunter2@eureka:8761/eureka",
    "http://a:1,https://:hunter2@b",
    "me:hunter2@eureka:8761",
    "http://me:hun/ter2@eureka",
  ];
  for (const url of urls) {
    for (const line of [`--eureka-url ${url}`, `--eureka-url=${url} status`]) {
      const { mistakes, flags, refused } = parse(line);
      assert.match(mistakes.join(), /password in --eureka-url.*use an environment variable/);
      assert.doesNotMatch(mistakes.join(), /hunter2|ter2/);
      assert.deepEqual([flags, refused], [{}, ["eurekaUrl"]]);
    }
  }
  assert.match(mistakesOf("--nacos-server-addr http://me:hunter2@nacos"), /--nacos-server-addr/);
});

Deno.test("parseCommandLine() takes URLs without a password, and values with an @", () => {
  const urls = ["http://a:8761/eureka,http://b:8761", "eureka:8761"];
  for (const url of urls) assert.equal(mistakesOf(`--eureka-url ${url}`), "");
  const { flags } = parse("--service-name shop@@orders:v1@2");
  assert.equal(flags["--service-name"], "shop@@orders:v1@2");
});

Deno.test("parseCommandLine() repeats no value in what it refuses", () => {
  const lines = [
    "--nacos-pasword=hunter2 --bogus",
    "--nacos-pasword hunter2",
    "--nacos-pasword -hunter2",
    "--bogus=hunter2",
    "offline NACOS_PASSWORD=hunter2",
    "nacosPassword=hunter2",
    "--service-name -hunter2",
    "--strict=hunter2",
  ];
  for (const line of lines) {
    assert.notEqual(mistakesOf(line), "", line);
    assert.doesNotMatch(mistakesOf(line), /hunter2/);
  }
  assert.ok(mistakesOf(`--${"x".repeat(100_000)} ${"y".repeat(100_000)}`).length < 1_000);
});

Deno.test("parseCommandLine() names flags that mean nothing to the command", () => {
  const { notes, mistakes } = parse("offline --json --strict --yaml --online-timeout-seconds 3");
  assert.deepEqual(mistakes, []);
  assert.deepEqual(notes, [
    "--json means nothing to offline, only to status and check",
    "--strict means nothing to offline, only to online",
    "--yaml means nothing to offline, only to check",
    "--online-timeout-seconds means nothing to offline, only to online",
  ]);
  assert.match(parse("online --drain-seconds 5").notes.join(), /--drain-seconds.*only to offline/);
  for (
    const line of [
      "online --strict --background --online-timeout-seconds 3",
      "offline --drain-seconds 5 --port 1",
      "sidecar --drain-seconds 5 --online-timeout-seconds 3",
      "status --json",
      "check --json --drain-seconds 5",
      "check --yaml",
    ]
  ) assert.deepEqual(parse(line).notes, [], line);
});
