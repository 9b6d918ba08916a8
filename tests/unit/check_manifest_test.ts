import assert from "node:assert/strict";
import { parse } from "yaml";
import type { Hooks } from "../../src/check/hooks.ts";
import { manifest, type ManifestOptions } from "../../src/check/manifest.ts";
import type { EffectiveSetting } from "../../src/check/settings.ts";

function set(name: string, value: string, more: Partial<EffectiveSetting> = {}): EffectiveSetting {
  return { name, value, secret: false, source: "", variable: name, ...more };
}

const HOOKS: Hooks = {
  postStart: ["sh", "/opt/service_online.sh"],
  preStop: ["sh", "/opt/service_offline_eureka.sh"],
  isExec: false,
  isThere: true,
};

/** What an API server reads (YAML 1.1), of the one container. */
function read(settings: readonly EffectiveSetting[], more: Partial<ManifestOptions> = {}) {
  const text = manifest({ settings, hooks: HOOKS, grace: 65, isFound: false, ...more });
  const found = parse(text, { version: "1.1" });
  assert.deepEqual(found, parse(text, { version: "1.2" }));
  return found.spec.template.spec;
}

function valueOf(value: string): unknown {
  return read([set("groupName", value)]).containers[0].env[2].value;
}

Deno.test("manifest() is a patch of a Deployment", () => {
  assert.deepEqual(read([set("port", "8080")], { grace: 120 }), {
    terminationGracePeriodSeconds: 120,
    containers: [{
      name: "YOUR-CONTAINER",
      env: [
        { name: "podip", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
        { name: "TERMINATION_GRACE_PERIOD_SECONDS", value: "120" },
        { name: "port", value: "8080" },
      ],
      lifecycle: {
        postStart: { exec: { command: ["sh", "/opt/service_online.sh"] } },
        preStop: { exec: { command: ["sh", "/opt/service_offline_eureka.sh"] } },
      },
    }],
  });
});

Deno.test("manifest() writes any value so that it is read as that text", () => {
  const values = ["65", "on", "null", "~", "0123", "1e3", "a: b", "#x", "- a", "'", '"', "\\n"];
  for (
    const value of [...values, "a\nb", "\t", "é 订单 📦", "\u0085\u2028\ufeff\x7f", "{a}", "*a"]
  ) {
    assert.equal(valueOf(value), value, JSON.stringify(value));
  }
});

Deno.test("manifest() writes $ as Kubernetes takes it for one", () => {
  assert.equal(valueOf("$(podip) $$ $"), "$$(podip) $$$$ $$");
});

Deno.test("manifest() names each variable once and leaves out what each pod has for itself", () => {
  const [container] = read([
    set("TERMINATION_GRACE_PERIOD_SECONDS", "30"),
    set("serviceName", "orders", { variable: "SPRING_APPLICATION_NAME" }),
    set("APPLICATION", "orders", { variable: "SPRING_APPLICATION_NAME" }),
    set("instanceId", "pod-1"),
    set("SERVICE_OFFLINE_DISABLED", "true"),
    { name: "groupName", value: "DEFAULT_GROUP", secret: false, source: "default" },
  ]).containers;
  const names = container.env.map((one: { name: string }) => one.name);
  const expected = ["podip", "TERMINATION_GRACE_PERIOD_SECONDS", "SPRING_APPLICATION_NAME"];
  assert.deepEqual(names, expected);
});

Deno.test("manifest() takes a secret from a Secret", () => {
  const { env } = read([set("NACOS_PASSWORD", "***", { secret: true })]).containers[0];
  const secretKeyRef = { name: "YOUR-SECRET", key: "NACOS_PASSWORD" };
  assert.deepEqual(env[2], { name: "NACOS_PASSWORD", value: null, valueFrom: { secretKeyRef } });
});

/** The names of the variables in the patch. */
function namesIn(settings: readonly EffectiveSetting[], more: Partial<ManifestOptions> = {}) {
  const { env } = read(settings, more).containers[0];
  return env.map(({ name }: { name: string }) => name);
}

Deno.test("manifest() leaves an address alone that was good, or that the app registers with", () => {
  const grace = "TERMINATION_GRACE_PERIOD_SECONDS";
  const nat = set("podip", "192.168.1.5", { variable: "EUREKA_INSTANCE_IP_ADDRESS" });
  assert.deepEqual(namesIn([nat]), [grace]);
  assert.deepEqual(namesIn([nat], { isFound: true }), [grace]);
  const own = set("podip", "192.168.1.5", { source: "environment variable podip" });
  assert.deepEqual(namesIn([own]), ["podip", grace]);
  assert.deepEqual(namesIn([own], { isFound: true }), [grace]);
  // What our end of the connection told.
  assert.deepEqual(namesIn([], { isFound: true }), [grace]);
  const flag = set("podip", "192.168.1.5", { source: "flag --podip" });
  assert.deepEqual(namesIn([flag], { isFound: true }), [grace]);
  const text = manifest({ settings: [flag], hooks: HOOKS, grace: 65, isFound: true });
  assert.match(text, /# Set podip yourself/);
});

Deno.test("manifest() leaves to mounted files what stands there", () => {
  const settings = ["podip", "serviceName", "instanceId"].map((name) =>
    set(name, "10.0.0.1", { source: `x.y of ./application.yml`, isMounted: true })
  );
  const password = set("NACOS_PASSWORD", "***", { secret: true, isMounted: true });
  const all = [...settings, password, set("port", "80")];
  assert.deepEqual(namesIn(all), ["TERMINATION_GRACE_PERIOD_SECONDS", "port"]);
  const text = manifest({ settings: all, hooks: HOOKS, grace: 65, isFound: true });
  assert.match(text, /# The rest is read from the mounted files of Spring/);
  assert.doesNotMatch(text, /instanceId/);
});

Deno.test("manifest() leaves to the user's own script what it sets", () => {
  const grace = "TERMINATION_GRACE_PERIOD_SECONDS";
  const path = "/opt/service_offline_eureka.sh";
  const settings = [set("port", "80"), set("EUREKA_URL", "***", { secret: true }), set("a", "1")];
  const patch = (...sets: string[]) => {
    const hooks = { ...HOOKS, script: { path, sets } };
    const text = manifest({ settings, hooks, grace: 65, isFound: true });
    const [{ env }] = read(settings, { hooks, isFound: true }).containers;
    return { text, env };
  };
  const some = patch("port", "EUREKA_URL");
  assert.deepEqual(some.env, [{ name: grace, value: "65" }, { name: "a", value: "1" }]);
  assert.match(some.text, /# The rest is set by \/opt\/service_offline_eureka\.sh\.\n/);
  // An `env` that is null would remove what the container has.
  const all = patch("port", "EUREKA_URL", "a", grace);
  assert.equal(all.env, undefined);
  assert.doesNotMatch(all.text, /env:/);
  assert.match(all.text, /sets TERMINATION_GRACE_PERIOD_SECONDS, which counts: 65 belongs there/);
  assert.doesNotMatch(patch().text, /The rest/);
});

Deno.test("manifest() leaves to the wrappers which registry they are for", () => {
  const settings = [set("SERVICE_OFFLINE_REGISTRY", "nacos")];
  const grace = "TERMINATION_GRACE_PERIOD_SECONDS";
  assert.deepEqual(namesIn(settings, { isFound: true }), [grace]);
  const exec = { isFound: true, hooks: { ...HOOKS, isExec: true } };
  assert.deepEqual(namesIn(settings, exec), [grace, "SERVICE_OFFLINE_REGISTRY"]);
});

Deno.test("manifest() has the exec form as it is, in any words", () => {
  const words = ["/opt/service-offline/lib/ld.so", "--library-path", "a b", "$x", "offline"];
  const hooks = { ...HOOKS, preStop: words, isExec: true };
  const { lifecycle } = read([], { hooks }).containers[0];
  assert.deepEqual(lifecycle.preStop.exec.command, words.map((one) => one.replace("$", "$$$$")));
  const text = (one: Hooks) => manifest({ settings: [], hooks: one, grace: 65, isFound: true });
  assert.match(
    text(hooks),
    /# This replaces a hook that the container has\. It is not ready before/,
  );
  assert.doesNotMatch(text(hooks), /Nothing of the kit is here|touch/);
  assert.match(text(HOOKS), /"touch \/tmp\/health; sh \/opt\/service_online\.sh"/);
  assert.match(text({ ...hooks, isThere: false }), /# Nothing of the kit is here/);
});

Deno.test("manifest() has what the exec form needs in the environment", () => {
  const hooks = { ...HOOKS, isExec: true, env: { DENO_DIR: "/x" } };
  const { env } = read([], { hooks, isFound: true }).containers[0];
  assert.deepEqual(env.at(-1), { name: "DENO_DIR", value: "/x" });
});

Deno.test("manifest() gives a sidecar nothing but the grace period", () => {
  const spec = read([set("port", "8080")], { hooks: undefined, grace: 90 });
  assert.deepEqual(spec, {
    terminationGracePeriodSeconds: 90,
    containers: [{
      name: "YOUR-CONTAINER",
      env: [{ name: "TERMINATION_GRACE_PERIOD_SECONDS", value: "90" }],
    }],
  });
});
