/** The Kustomize components, built by kustomize itself. */

import assert from "node:assert/strict";
import type { Manifest } from "../kubernetes/space.ts";
import { build } from "./kustomize.ts";

const NACOS = {
  postStart: { exec: { command: ["sh", "/opt/service-offline/service_online.sh"] } },
  preStop: { exec: { command: ["sh", "/opt/service-offline/service_offline_nacos.sh"] } },
};
const POD_IP = { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } };
const GRACE = { name: "TERMINATION_GRACE_PERIOD_SECONDS", value: "120" };
const MOUNT = { name: "service-offline", mountPath: "/opt/service-offline", readOnly: true };
const IMAGE = "registry.example.com/service-offline";

Deno.test("kustomize: a Deployment without env, lifecycle and grace period", async () => {
  const [built] = await build("init-container", [
    workload({ "service-offline": "nacos" }, { containers: [{ name: "shop", image: "shop:1" }] }),
  ]);
  const { initContainers: [kit], ...spec } = podSpec(built);
  assert.deepEqual(spec, {
    terminationGracePeriodSeconds: 120,
    containers: [{
      name: "shop",
      image: "shop:1",
      env: [POD_IP, GRACE],
      lifecycle: NACOS,
      volumeMounts: [MOUNT],
    }],
    volumes: [{ name: "service-offline", emptyDir: { sizeLimit: "200Mi" } }],
  });
  assert.equal(kit.image, `${IMAGE}:0.1.0`);
  assert.deepEqual(kit.args, ["install"]);
  assert.deepEqual(kit.volumeMounts, [{ name: "service-offline", mountPath: "/target" }]);
});

Deno.test("kustomize: what a StatefulSet has already stays", async () => {
  const own = {
    env: [{ name: "A", value: "b" }, POD_IP, { ...GRACE, value: "30" }],
    volumeMounts: [{ name: "data", mountPath: "/data" }],
  };
  const [built] = await build("init-container", [
    workload({ "service-offline": "eureka" }, {
      terminationGracePeriodSeconds: 60,
      initContainers: [{ name: "migrate", image: "m:1" }],
      containers: [{ name: "shop", ...own }, { name: "proxy", image: "p:1" }],
      volumes: [{ name: "data", emptyDir: {} }],
    }, "StatefulSet"),
  ]);
  const { containers: [shop, proxy], ...spec } = podSpec(built);
  assert.deepEqual(shop.env, [{ name: "A", value: "b" }, POD_IP, GRACE]);
  assert.deepEqual(shop.volumeMounts, [...own.volumeMounts, MOUNT]);
  assert.match(shop.lifecycle.preStop.exec.command[1], /service_offline_eureka\.sh$/);
  assert.deepEqual(proxy, { name: "proxy", image: "p:1" });
  // The kit is there before other init containers, which may be sidecars.
  assert.deepEqual(spec.initContainers.map(nameOf), ["service-offline", "migrate"]);
  assert.deepEqual(spec.volumes.map(nameOf), ["service-offline", "data"]);
  assert.equal(spec.terminationGracePeriodSeconds, 120);
});

Deno.test("kustomize: the kit's image as a volume, from another registry, under other names", async () => {
  const built = await build(
    "image-volume",
    [
      workload({ "service-offline": "exec" }, { containers: [{ name: "shop" }] }),
      workload({}, { containers: [{ name: "shop" }] }, "Deployment", "other"),
    ],
    {
      namePrefix: "dev-",
      namespace: "shop",
      images: [{ name: IMAGE, newName: "harbor.example.com/kit", newTag: "9" }],
    },
  );
  const of = (name: string) => built.find(({ metadata }) => isNamed(metadata, name, "shop"));
  const { containers: [shop], ...spec } = podSpec(of("dev-shop"));
  assert.deepEqual(spec.volumes, [{
    name: "service-offline",
    image: { reference: "harbor.example.com/kit:9", pullPolicy: "IfNotPresent" },
  }]);
  assert.equal(spec.initContainers, undefined);
  assert.deepEqual(shop.volumeMounts, [{ ...MOUNT, subPath: "opt/service-offline" }]);
  const program = "/opt/service-offline/service-offline";
  assert.deepEqual(shop.lifecycle, {
    postStart: { exec: { command: [program, "online", "--background"] } },
    preStop: { exec: { command: [program, "offline"] } },
  });
  // No label, not a word.
  assert.deepEqual(podSpec(of("dev-other")), { containers: [{ name: "shop" }] });
});

Deno.test("kustomize: the hooks alone, where the app's image has the kit", async () => {
  const [built] = await build("hooks", [
    workload({ "service-offline": "nacos" }, { containers: [{ name: "shop" }] }),
  ]);
  assert.deepEqual(podSpec(built), {
    terminationGracePeriodSeconds: 120,
    containers: [{ name: "shop", env: [POD_IP, GRACE], lifecycle: NACOS }],
  });
});

Deno.test("kustomize: hooks that are there already are replaced only where a label says so", async () => {
  const preStop = { exec: { command: ["sh", "/opt/service_offline_nacos.sh"] } };
  const spec = { containers: [{ name: "shop", lifecycle: { preStop } }] };
  const labels = { "service-offline": "nacos" };
  await assert.rejects(build("init-container", [workload(labels, spec)]), /lifecycle/);
  const [built] = await build("init-container", [
    workload({ ...labels, "service-offline-hooks": "replace" }, spec),
  ]);
  assert.deepEqual(podSpec(built).containers[0].lifecycle, NACOS);
});

Deno.test("kustomize: a patch of one's own sets another grace period", async () => {
  const spec = { terminationGracePeriodSeconds: 300, containers: [{ name: "shop" }] };
  const env = [{ ...GRACE, value: "300" }];
  const patch = workload({}, { ...spec, containers: [{ name: "shop", env }] });
  const [built] = await build(
    "init-container",
    [workload({ "service-offline": "nacos" }, { containers: [{ name: "shop" }] })],
    { patches: [{ patch: JSON.stringify(patch) }] },
  );
  const { terminationGracePeriodSeconds, containers: [shop] } = podSpec(built);
  assert.equal(terminationGracePeriodSeconds, 300);
  assert.equal(shop.env.find((one: { name: string }) => one.name === GRACE.name).value, "300");
});

function workload(
  labels: Readonly<Record<string, string>>,
  spec: Manifest,
  kind = "Deployment",
  name = "shop",
): Manifest {
  const app = { app: name };
  return {
    apiVersion: "apps/v1",
    kind,
    metadata: { name, labels },
    spec: { selector: { matchLabels: app }, template: { metadata: { labels: app }, spec } },
  };
}

// deno-lint-ignore no-explicit-any -- looked through field by field
function podSpec(built: any): any {
  return built.spec.template.spec;
}

// deno-lint-ignore no-explicit-any -- metadata of an object
function isNamed(metadata: any, name: string, namespace: string): boolean {
  return metadata.name === name && metadata.namespace === namespace;
}

function nameOf({ name }: { readonly name: string }): string {
  return name;
}
