/** Pods that only call others: their registration is switched off by Spring's properties. */

import assert from "node:assert/strict";
import { createFakeRegistry } from "../support/fake_registry.ts";
import { runWith } from "../support/fake_process.ts";
import type { Kind } from "../../src/registry/kind.ts";
import { anyText } from "../../src/settings/kinds.ts";

const OFF = { "spring.cloud.toy.register-enabled": "false" };
const ENV = { TOY_URL: "toy:1", TOY_ROOM: "7" };
const WHY =
  /the app does not register \(spring\.cloud\.toy\.register-enabled=false\), nothing to do/;

function kind(present: boolean): Kind {
  return {
    name: "toy",
    title: "Toy",
    settings: {
      toyUrl: { env: "TOY_URL", help: ".", schema: anyText, addresses: true },
      toyRoom: { env: "TOY_ROOM", help: ".", schema: anyText, required: true },
    },
    address: "toyUrl",
    offSwitches: ["spring.cloud.toy.register-enabled"],
    create: (_, { clock }) =>
      createFakeRegistry({ clock, name: "toy", state: present ? "inService" : "absent" }),
  };
}

const run = (line: string, env: Record<string, string>, present = false) =>
  runWith(line.split(" "), { env: { DRAIN_SECONDS: "20", ...env }, kinds: [kind(present)] });

Deno.test("offline does nothing, and does not drain, where the app does not register", async () => {
  const { code, stdout, seconds } = await run("offline", { ...ENV, ...OFF });
  assert.equal(code, 0, stdout);
  assert.match(stdout, new RegExp(`done: toy: ${WHY.source}; exit code 0`));
  assert.equal(seconds, 0);
});

Deno.test("offline misses no settings of a registry that the app does not register with", async () => {
  for (const env of [{}, { TOY_URL: "toy:1" }, { SERVICE_OFFLINE_REGISTRY: "toy" }]) {
    const { code, stdout } = await run("offline", { ...env, ...OFF });
    assert.equal(code, 0, stdout);
    assert.match(stdout, WHY);
    assert.doesNotMatch(stdout, /not set/);
  }
});

Deno.test("offline takes out what is registered all the same", async () => {
  const { code, stdout, seconds } = await run("offline", { ...ENV, ...OFF }, true);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /register-enabled=false, but .* is registered/);
  assert.match(stdout, /done: toy: .*out of service/);
  assert.ok(seconds >= 20);
});

Deno.test("offline drains where the switch says anything else", async () => {
  for (const value of ["true", "", "${UNKNOWN}"]) {
    const env = { ...ENV, "spring.cloud.toy.register-enabled": value };
    const { code, seconds } = await run("offline", env);
    assert.notEqual(code, 0);
    assert.ok(seconds >= 20);
  }
});

Deno.test("online, check and a sidecar have nothing to do either", async () => {
  const online = await run("online --strict", { ...ENV, ...OFF });
  assert.deepEqual([online.code, online.seconds], [0, 0], online.stdout);
  const check = await run("check", { ...ENV, ...OFF });
  assert.equal(check.code, 0);
  assert.match(check.stdout, WHY);
  const kinds = [kind(false)];
  const sidecar = await runWith(["sidecar"], { env: { ...ENV, ...OFF }, kinds, toldMs: 5_000 });
  assert.deepEqual([sidecar.code, sidecar.seconds], [0, 5], sidecar.stdout);
  assert.match(sidecar.stdout, WHY);
});
