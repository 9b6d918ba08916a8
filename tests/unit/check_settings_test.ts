import assert from "node:assert/strict";
import { effectiveSettings } from "../../src/check/settings.ts";
import { readSettings } from "../../src/settings/read.ts";
import { anyText, password, port } from "../../src/settings/kinds.ts";

const TABLE = {
  name: { env: "serviceName", standIns: ["SPRING_NAME"], help: ".", schema: anyText },
  port: { env: "port", help: ".", schema: port, fallback: "80", lenient: true },
  url: { env: "EUREKA_URL", help: ".", schema: anyText, addresses: true },
  call: { env: "CALL_URL", help: ".", schema: anyText },
  password: { env: "PASSWORD", help: ".", schema: password, secret: true },
  passwordFile: { env: "PASSWORD_FILE", help: ".", schema: password, file: true },
} as const;

function shown(env: Record<string, string>, flags: Record<string, string> = {}) {
  const { origins } = readSettings(TABLE, {
    flags,
    env: (name) => env[name],
    readFile: () => "from the file",
  });
  return effectiveSettings(TABLE, origins);
}

const valueOf = (env: Record<string, string>) =>
  shown(env).find(({ source }) => source !== "default")?.value;

Deno.test("effectiveSettings() says where each value comes from", () => {
  const found = shown({ SPRING_NAME: "orders" }, { "--port": "8080" });
  assert.deepEqual(found, [
    {
      name: "serviceName",
      value: "orders",
      secret: false,
      source: "environment variable SPRING_NAME",
      variable: "SPRING_NAME",
    },
    { name: "port", value: "8080", secret: false, source: "flag --port", variable: "port" },
  ]);
});

Deno.test("effectiveSettings() has defaults, but not what has no value", () => {
  assert.deepEqual(shown({}), [
    { name: "port", value: "80", secret: false, source: "default" },
  ]);
});

Deno.test("effectiveSettings() takes a wrong value for the default that is used", () => {
  assert.deepEqual(shown({ port: "http" }), shown({}));
});

Deno.test("effectiveSettings() shows of a file its path, of a secret nothing", () => {
  assert.equal(valueOf({ PASSWORD_FILE: "/run/secrets/p" }), "/run/secrets/p");
  assert.equal(valueOf({ PASSWORD: "geheim" }), "***");
});

Deno.test("effectiveSettings() shows no URL that may carry a secret", () => {
  for (
    const [name, value, visible] of [
      ["EUREKA_URL", "http://e1/eureka,http://e2", true],
      ["EUREKA_URL", "http://e1/eureka,http://a:b@e2", false],
      ["EUREKA_URL", "a:b@e2", false],
      ["CALL_URL", "http://a:b@e2", false],
      ["CALL_URL", "http://e2/clear?ip={ip}&port={port}", true],
      ["CALL_URL", "http://e2/clear?ip={ip}&token=x", false],
      ["CALL_URL", "http://e2/clear?x", false],
      ["serviceName", "group@@orders", true],
      ["serviceName", "what?", true],
    ] as const
  ) {
    assert.equal(valueOf({ [name]: value }), visible ? value : "***", value);
  }
});
