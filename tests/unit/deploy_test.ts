/** The files of `deploy/`: that all say the same, and that it fits the kit. */

import assert from "node:assert/strict";
import { parse, parseAllDocuments } from "yaml";
import { REPOSITORY } from "../../scripts/places.ts";
import { KINDS } from "../../src/registry/registries.ts";
import { VERSION } from "../../src/version.ts";

const DEPLOY = `${REPOSITORY}/deploy`;
const IMAGE = `registry.example.com/service-offline:${VERSION}`;
const REGISTRIES = KINDS.map(({ name }) => name);

// deno-lint-ignore no-explicit-any -- looked through field by field
type Yaml = any;

const text = (file: string) => Deno.readTextFileSync(`${DEPLOY}/${file}`);
const documents = (file: string): Yaml[] =>
  parseAllDocuments(text(file)).map((document) => {
    assert.deepEqual(document.errors, [], file);
    return document.toJS();
  });
const [policy, binding] = documents("policy/inject.yaml");
const [kyverno] = documents("kyverno/policy.yaml");
const patched: Yaml[] = documents("kyverno/patched.yaml");
const [bare] = patched.filter(({ metadata }) => metadata.name === "bare");
const parts: Yaml = parse(text("kustomize/hooks/parts.yaml"));
const component = (name: string): Yaml => parse(text(`kustomize/${name}/kustomization.yaml`));

Deno.test("deploy: Kyverno's policy is the in-tree one, word for word", () => {
  const { autogen, ...spec } = kyverno.spec;
  assert.deepEqual(spec, policy.spec);
  assert.deepEqual(autogen, { podControllers: { controllers: [] } });
  assert.equal(binding.spec.policyName, policy.metadata.name);
});

Deno.test("deploy: the label is the name of a registry, or exec", () => {
  const values = [...REGISTRIES, "exec"];
  const [only] = policy.spec.matchConstraints.objectSelector.matchExpressions;
  assert.deepEqual(only, { key: "service-offline", operator: "In", values });
  const [warning] = documents("policy/warn.yaml");
  assert.match(warning.spec.validations[0].expression, quoted(values));
  for (const hook of ["postStart", "preStop"]) assert.deepEqual(Object.keys(parts[hook]), values);
  const selector = `service-offline in (${values.join(", ")})`;
  for (const name of ["hooks", "init-container", "image-volume"]) {
    assert.ok(component(name).patches[0].target.labelSelector === selector, name);
  }
});

Deno.test("deploy: the component gives a pod what the policies give it", () => {
  const { containers: [app], initContainers, volumes, terminationGracePeriodSeconds } = bare.spec;
  assert.deepEqual(app.env, [
    { name: "POD_IP", valueFrom: parts.podIp },
    parts.gracePeriod,
  ]);
  assert.equal(parts.gracePeriod.value, String(terminationGracePeriodSeconds));
  assert.deepEqual(app.volumeMounts, [parts.mount.copied]);
  const hooks = (registry: string) => ({
    postStart: { exec: { command: parts.postStart[registry] } },
    preStop: { exec: { command: parts.preStop[registry] } },
  });
  assert.deepEqual(app.lifecycle, hooks("nacos"));
  const noShell = patched.find(({ metadata }) => metadata.name === "no-shell");
  assert.deepEqual(noShell.spec.containers[0].lifecycle, hooks("exec"));
  const copied = parse(component("init-container").patches[0].patch).spec.template.spec;
  assert.deepEqual(copied, { initContainers, volumes });
  const time = parse(component("hooks").patches[0].patch).spec.template.spec;
  assert.deepEqual(time, { terminationGracePeriodSeconds });
});

Deno.test("deploy: the warning knows the grace period that the policy gives", () => {
  const [warning] = documents("policy/warn.yaml");
  const [here, there] = [policy, warning].map(({ spec }) =>
    spec.variables.find(({ name }: Yaml) => name === "graceSeconds")
  );
  assert.ok(here);
  assert.deepEqual(here, there);
});

Deno.test("deploy: image and volume of this version", () => {
  const mounted = parse(component("image-volume").patches[0].patch).spec.template.spec;
  assert.deepEqual(mounted.volumes, [
    { name: "service-offline", image: { reference: IMAGE, pullPolicy: "IfNotPresent" } },
  ]);
  assert.deepEqual(parts.mount.image, { ...parts.mount.copied, subPath: "opt/service-offline" });
  const [image] = policy.spec.variables;
  assert.deepEqual(image, { name: "image", expression: `'${IMAGE}'` });
  assert.equal(bare.spec.initContainers[0].image, IMAGE);
});

Deno.test("deploy: the hooks call what is in the kit", () => {
  const kit = "/opt/service-offline";
  for (const registry of REGISTRIES) {
    assert.deepEqual(parts.preStop[registry], ["sh", `${kit}/service_offline_${registry}.sh`]);
    assert.deepEqual(parts.postStart[registry], ["sh", `${kit}/service_online.sh`]);
  }
});

Deno.test("deploy: the Kyverno tests look at each pod", () => {
  const { results } = parse(text("kyverno/kyverno-test.yaml"));
  const named = results.flatMap(({ resources }: Yaml) => resources);
  const pods = documents("kyverno/pods.yaml").map(({ metadata: { namespace, name } }) =>
    `${namespace}/${name}`
  );
  assert.deepEqual(named, pods);
  assert.deepEqual(results[0].resources, pods.slice(0, patched.length));
});

function quoted(values: readonly string[]): RegExp {
  return new RegExp(`\\[${values.map((value) => `'${value}'`).join(", ")}\\]`);
}
