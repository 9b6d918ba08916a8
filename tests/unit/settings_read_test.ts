import assert from "node:assert/strict";
import { environmentNames } from "../../scripts/environment.ts";
import { flagOf } from "../../src/settings/setting.ts";
import type { Sources } from "../../src/settings/places.ts";
import { readSettings } from "../../src/settings/read.ts";
import { nacosAddresses } from "../../src/registry/nacos/settings.ts";
import { anyText, password, port, seconds, text } from "../../src/settings/kinds.ts";

const TABLE = {
  name: {
    env: "serviceName",
    standIns: ["APPLICATION", "SPRING_NAME"],
    help: ".",
    schema: anyText,
  },
  port: { env: "port", standIns: ["SERVER_PORT"], help: ".", schema: port, required: true },
  wait: { env: "DRAIN_SECONDS", help: ".", schema: seconds, fallback: "15", lenient: true },
  group: { env: "groupName", help: ".", schema: anyText, fallback: "DEFAULT_GROUP" },
  password: {
    env: "PASSWORD",
    standIns: ["OLD_PASSWORD"],
    help: ".",
    schema: password,
    secret: true,
  },
  passwordFile: { env: "PASSWORD_FILE", help: ".", schema: password, file: true },
  caFile: { env: "CA_FILE", help: ".", schema: password, file: true },
} as const;

interface Given {
  readonly flags?: Record<string, string>;
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string>;
}

function sources({ flags = {}, env = {}, files = {} }: Given): Sources {
  return {
    flags,
    env: (name) => env[name],
    list: (path) => ["/etc", "/run"].includes(path) ? [] : assert.fail("no such folder"),
    readFile(path) {
      const content = files[path];
      // As Deno 2.9.6 says it.
      if (content === undefined) {
        throw new Error(`No such file or directory (os error 2): stat '${path}'`);
      }
      return content;
    },
  };
}

const read = (given: Given) => readSettings(TABLE, sources(given));
const messageOf = (key: string, given: Given) =>
  read(given).problems.find((problem) => problem.key === key)?.message;

Deno.test("readSettings() names a file that cannot be read, but no value that may be the secret", () => {
  const why = "No such file or directory \\(os error 2\\)$";
  const says = (key: "caFile" | "passwordFile", value: string) => {
    const env = { [TABLE[key].env]: value };
    return messageOf(key, { env }) ?? "";
  };
  for (const path of ["/etc/ca.pem", "ca.pem", "./certs/ca.pem"]) {
    assert.match(says("caFile", path), new RegExp(`^Cannot read ${path} of environment.*: ${why}`));
  }
  for (const path of ["/etc/nacos/password", "/run/secrets/x"]) {
    assert.match(says("passwordFile", path), new RegExp(`^Cannot read ${path} of .*: ${why}`));
  }
  const hidden = {
    caFile: ["https://me:s3cret@host/ca.pem", "me:s3cret@host/ca.pem", "s3cret\nCERTIFICATE"],
    passwordFile: ["s3cret", "/s3cret", "/s3/cret", "//s3cret", "s3/etc/cret", "/etc s3/cret"],
  };
  for (const key of ["caFile", "passwordFile"] as const) {
    for (const value of hidden[key]) {
      const said = says(key, value);
      assert.match(
        said,
        new RegExp(
          `^Cannot read the file( \\(a path is expected, no URL\\))? of environment.*: ${why}`,
        ),
      );
      assert.doesNotMatch(said, /s3|cret/);
    }
  }
  assert.ok(says("caFile", `/${"x".repeat(100_000)}`).length < 1_000);
});

Deno.test("readSettings() shows only the beginning of a long value", () => {
  const message = messageOf("port", { env: { port: "1".repeat(120_000) } }) ?? "";
  assert.match(message, /not "1{300}…"$/);
});

Deno.test("readSettings() takes no password that is longer than any", () => {
  const given = (length: number) => ({
    env: { PASSWORD_FILE: "pw" },
    files: { pw: "x".repeat(length) },
  });
  assert.equal(read(given(4_096)).values.passwordFile?.length, 4_096);
  assert.match(messageOf("passwordFile", given(1_000_000)) ?? "", /at most 4096 characters/);
});

Deno.test("readSettings() takes the flag before the environment", () => {
  const given = { flags: { "--service-name": "a" }, env: { serviceName: "b", APPLICATION: "c" } };
  assert.equal(read(given).values.name, "a");
});

Deno.test("readSettings() takes each name in turn, its flag before its variable", () => {
  const env = { serviceName: "b", APPLICATION: "c", SPRING_NAME: "e" };
  const { serviceName: _, ...standIns } = env;
  assert.equal(read({ flags: { "--application": "a" }, env }).values.name, "b");
  assert.equal(read({ flags: { "--application": "a" }, env: standIns }).values.name, "a");
  assert.equal(read({ flags: { "--spring-name": "a" }, env: standIns }).values.name, "c");
  const flags = { "--application": "a", "--service-name": "d" };
  assert.equal(read({ flags, env }).values.name, "d");
});

Deno.test("readSettings() takes the setting's own variable before its stand-ins", () => {
  assert.equal(
    read({ env: { SPRING_NAME: "d", APPLICATION: "c", serviceName: "b" } }).values.name,
    "b",
  );
});

Deno.test("readSettings() takes the first stand-in that is set", () => {
  assert.equal(read({ env: { SPRING_NAME: "d", APPLICATION: "c" } }).values.name, "c");
  assert.equal(read({ env: { SPRING_NAME: "d" } }).values.name, "d");
});

Deno.test("readSettings() takes the fallback where nothing is set", () => {
  const { values } = read({});
  assert.equal(values.group, "DEFAULT_GROUP");
  assert.equal(values.wait, 15);
  assert.equal(values.name, undefined);
});

Deno.test("readSettings() takes a blank value for one that is not set, wherever it stands", () => {
  assert.equal(
    read({ flags: { "--service-name": "" }, env: { serviceName: " \t", APPLICATION: "c" } }).values
      .name,
    "c",
  );
  const { values, problems } = read({ env: { groupName: "", DRAIN_SECONDS: " ", port: "80" } });
  assert.equal(values.group, "DEFAULT_GROUP");
  assert.equal(values.wait, 15);
  assert.deepEqual(problems, []);
});

Deno.test("readSettings() trims values, but not secrets", () => {
  const { values } = read({
    env: { serviceName: " orders\n", port: " 8080 ", PASSWORD: " pass word " },
  });
  assert.equal(values.name, "orders");
  assert.equal(values.port, 8080);
  assert.equal(values.password, " pass word ");
});

Deno.test("readSettings() takes the content of a file, without the line breaks at its end", () => {
  const file = (content: string) =>
    read({ env: { PASSWORD_FILE: " /run/pw " }, files: { "/run/pw": content } }).values
      .passwordFile;
  assert.equal(file("s3cret"), "s3cret");
  assert.equal(file("s3cret\n"), "s3cret");
  assert.equal(file("s3cret\r\n"), "s3cret");
  assert.equal(file(" two words \n\n"), " two words ");
});

Deno.test("readSettings() names path, source and reason of a file that cannot be read", () => {
  const byFlag = messageOf("caFile", { flags: { "--ca-file": "/run/ca" } }) ?? "";
  assert.match(byFlag, /\/run\/ca of flag --ca-file: No such file or directory/);
  const byEnv = messageOf("caFile", { env: { CA_FILE: "./ca" } }) ?? "";
  assert.match(byEnv, /\.\/ca of environment variable CA_FILE: No such file or directory/);
});

Deno.test("readSettings() does not repeat a secret that was put where its path belongs", () => {
  // Base64 may begin with a slash.
  for (const secret of ["hunter2", "/hunter2"]) {
    const message = messageOf("passwordFile", { env: { PASSWORD_FILE: secret } }) ?? "";
    assert.match(message, /PASSWORD_FILE: No such file or directory/);
    assert.doesNotMatch(message, /hunter2/);
  }
});

Deno.test("readSettings() refuses an empty file", () => {
  for (const content of ["", "\n"]) {
    const given = { env: { PASSWORD_FILE: "/run/pw" }, files: { "/run/pw": content } };
    assert.match(messageOf("passwordFile", given) ?? "", /PASSWORD_FILE.*the file is empty/);
    assert.equal(read(given).values.passwordFile, undefined);
  }
});

Deno.test("readSettings() names every way to set what is missing", () => {
  const message = messageOf("port", {}) ?? "";
  for (const name of ["port", "SERVER_PORT", "--port"]) assert.ok(message.includes(name), message);
});

Deno.test("readSettings() says where a wrong value came from and what it should be", () => {
  assert.equal(
    messageOf("port", { env: { SERVER_PORT: "http" } }),
    'Cannot use port (environment variable SERVER_PORT): expected a port number from 1 to 65535, not "http"',
  );
  assert.match(messageOf("port", { flags: { "--port": "0" } }) ?? "", /\(flag --port\).*not "0"/);
});

Deno.test("readSettings() collects all that is wrong", () => {
  const { problems } = read({ env: { DRAIN_SECONDS: "30s", PASSWORD_FILE: "/missing" } });
  assert.deepEqual(problems.map((one) => one.key).toSorted(), ["passwordFile", "port", "wait"]);
});

Deno.test("readSettings() uses the default for a lenient setting that is wrong, and says so", () => {
  const { values, problems } = read({ env: { port: "80", DRAIN_SECONDS: "30s" } });
  assert.equal(values.wait, 15);
  assert.deepEqual(problems.map(({ key, lenient }) => ({ key, lenient })), [
    { key: "wait", lenient: true },
  ]);
});

Deno.test("readSettings() calls a problem of any other setting one that stops the work", () => {
  const { problems } = read({ env: { port: "eighty" } });
  assert.deepEqual(problems.map(({ key, lenient }) => ({ key, lenient })), [
    { key: "port", lenient: false },
  ]);
});

Deno.test("readSettings() repeats no secret, no file's content and nothing with an @", () => {
  const never = text<string>("something else", () => undefined);
  const table = {
    secret: { env: "SECRET", help: ".", schema: never, secret: true },
    file: { env: "FILE", help: ".", schema: never, file: true },
    url: { env: "URL", help: ".", schema: never },
    fragment: { env: "FRAGMENT", help: ".", schema: never },
  } as const;
  const { problems } = readSettings(
    table,
    sources({
      env: {
        SECRET: "hunter2",
        FILE: "/run/pw",
        URL: "http://me:hunter2@nacos:8848",
        FRAGMENT: "http://h/#hunter2",
      },
      files: { "/run/pw": "hunter2" },
    }),
  );
  assert.deepEqual(problems.map((one) => one.key), ["secret", "file", "url", "fragment"]);
  for (const { message } of problems) assert.doesNotMatch(message, /hunter2/);
});

Deno.test("flagOf() writes the variable's name in kebab case", () => {
  const flag = (env: string) => flagOf({ env });
  assert.equal(flag("serviceName"), "--service-name");
  assert.equal(flag("podip"), "--podip");
  assert.equal(flag("DRAIN_SECONDS"), "--drain-seconds");
  assert.equal(flag("APPLICATION"), "--application");
});

Deno.test("environmentNames() lists every variable and every stand-in", () => {
  assert.deepEqual(environmentNames(TABLE), [
    "serviceName",
    "APPLICATION",
    "SPRING_NAME",
    "port",
    "SERVER_PORT",
    "DRAIN_SECONDS",
    "groupName",
    "PASSWORD",
    "OLD_PASSWORD",
    "PASSWORD_FILE",
    "CA_FILE",
  ]);
});

Deno.test("readSettings() takes no password from a flag, and one from a variable", () => {
  const table = {
    url: { env: "TRAFFIC_URL", help: ".", schema: anyText, addresses: true, lenient: true },
  } as const;
  const url = "http://me:hunter2@nacos:8848";
  const { values, problems } = readSettings(table, sources({ flags: { "--traffic-url": url } }));
  assert.equal(values.url, undefined);
  assert.deepEqual(problems.map(({ key, lenient }) => [key, lenient]), [["url", true]]);
  assert.match(problems[0]?.message ?? "", /--traffic-url is not taken from the command line/);
  assert.doesNotMatch(problems[0]?.message ?? "", /hunter2/);
  assert.equal(readSettings(table, sources({ env: { TRAFFIC_URL: url } })).values.url, url);
});

Deno.test("readSettings() takes the next place behind a wrong value, and says which", () => {
  const { values, problems, origins } = read({
    flags: { "--port": "http" },
    env: { port: "https", SERVER_PORT: "8080" },
  });
  assert.equal(values.port, 8080);
  assert.equal(origins.port?.env, "SERVER_PORT");
  const end = "; environment variable SERVER_PORT is used";
  assert.deepEqual(problems.map(({ message, lenient }) => [message.endsWith(end), lenient]), [
    [true, true],
    [true, true],
  ]);
  assert.match(problems[0]?.message ?? "", /\(flag --port\).*not "http"/);
  // Nothing stands there that is right.
  const wrong = read({ env: { port: "x", SERVER_PORT: "y" } });
  assert.deepEqual(wrong.problems.map(({ lenient }) => lenient), [false, false]);
  assert.equal(wrong.values.port, undefined);
});

Deno.test("readSettings() takes the fallback behind wrong values alone", () => {
  const { values, problems } = read({
    flags: { "--drain-seconds": "5s" },
    env: { DRAIN_SECONDS: "x" },
  });
  assert.equal(values.wait, 15);
  assert.equal(problems.length - read({}).problems.length, 2);
});

Deno.test("readSettings() uses what stands in quotes that were kept, and reports it", () => {
  for (const quoted of ['"8080"', "'8080'", "“8080”", "8080\u200b", '"8080', '" 8080 "']) {
    const { values, problems } = read({ env: { port: quoted, SERVER_PORT: "1" } });
    assert.equal(values.port, 8080, quoted);
    assert.equal(problems[0]?.lenient, true, quoted);
    assert.match(problems[0]?.message ?? "", /; 8080 of environment variable port is used$/);
  }
  for (const empty of ['""', "'x'", '"80 80"', '"']) {
    assert.equal(read({ env: { port: empty } }).values.port, undefined, empty);
  }
  // What may be a secret is not taken apart.
  const table = {
    password: { env: "NACOS_PASSWORD", help: ".", schema: password, secret: true },
  } as const;
  const long = `"${"hunter2".repeat(1000).slice(0, 4096)}"`;
  const { values, problems } = readSettings(table, sources({ env: { NACOS_PASSWORD: long } }));
  assert.equal(values.password, undefined);
  assert.doesNotMatch(problems[0]?.message ?? "", /hunter2/);
});

Deno.test("readSettings() uses the addresses of a list that are right", () => {
  const table = {
    servers: { env: "NACOS_SERVER_ADDR", help: ".", schema: nacosAddresses, addresses: true },
  } as const;
  const of = (text: string) => readSettings(table, sources({ env: { NACOS_SERVER_ADDR: text } }));
  const { values, problems } = of("n1:8848, n2:none;http://n3/x");
  assert.deepEqual(values.servers?.map(({ origin }) => origin), ["http://n1:8848", "http://n3"]);
  assert.match(
    problems[0]?.message ?? "",
    /; n1:8848,http:\/\/n3\/x of environment variable .*used/,
  );
  assert.equal(problems[0]?.lenient, true);
  assert.deepEqual(of('"n1:8848,n2"').values.servers?.length, 2);
  // What may be a password is not taken apart.
  const secret = of("http://me:80,hunter2@n1");
  assert.equal(secret.values.servers, undefined);
  assert.doesNotMatch(secret.problems[0]?.message ?? "", /80|hunter2/);
});
