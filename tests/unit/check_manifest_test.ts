import assert from "node:assert/strict";
import { parse } from "yaml";
import { manifest } from "../../src/check/manifest.ts";
import type { EffectiveSetting } from "../../src/check/settings.ts";

function set(name: string, value: string, more: Partial<EffectiveSetting> = {}): EffectiveSetting {
  return { name, value, secret: false, source: "", variable: name, ...more };
}

/** What an API server reads (YAML 1.1), of the one container. */
function read(settings: readonly EffectiveSetting[], registry = "nacos", grace = 65) {
  const text = manifest({ settings, registry, grace });
  const found = parse(text, { version: "1.1" });
  assert.deepEqual(found, parse(text, { version: "1.2" }));
  return found.spec.template.spec;
}

function valueOf(value: string): unknown {
  return read([set("groupName", value)]).containers[0].env[2].value;
}

Deno.test("manifest() is a patch of a Deployment", () => {
  assert.deepEqual(read([set("port", "8080")], "eureka", 120), {
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
    set("podip", "10.0.0.7", { variable: "POD_IP" }),
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
