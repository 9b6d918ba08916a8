/** What `check` prints to paste, pasted: a Deployment without hooks becomes one with hooks. */

import assert from "node:assert/strict";
import { deployment } from "./manifests.ts";
import { clusterTest, nacosSite } from "./site.ts";
import { until } from "./space.ts";

const PROGRAM = "/opt/service-offline/service-offline";

clusterTest("check: its YAML is taken by the API server, and does what it says", async (site) => {
  const { space, images, service } = site;
  const nacos = await nacosSite();
  const env = { ...nacos.appEnv, ...nacos.hookEnv, serviceName: service, port: "8080" };
  await space.apply(
    deployment({ name: "app", image: images.appWithKit, env }),
    // Where the patch looks for the password, which until then stands in the manifest.
    {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "nacos" },
      stringData: { NACOS_PASSWORD: nacos.user.password },
    },
  );
  const [bare] = await space.waitReady("app");
  assert.ok(bare);
  await until("registered", () => nacos.isListed(service, bare.ip));

  const yaml = await space.kubectl("exec", bare.name, "--", PROGRAM, "check", "--yaml");
  assert.ok(!yaml.includes(nacos.user.password));
  const file = Deno.makeTempFileSync({ suffix: ".yaml" });
  try {
    const patch = ["patch", "deployment", "app", "--patch-file", file];
    Deno.writeTextFileSync(file, yaml);
    await assert.rejects(space.kubectl(...patch, "--dry-run=server"), /YOUR-CONTAINER/);
    const ours = yaml.replace("YOUR-CONTAINER", "app").replaceAll("YOUR-SECRET", "nacos");
    Deno.writeTextFileSync(file, ours);
    await space.kubectl(...patch, "--dry-run=server");
    await space.kubectl(...patch);
  } finally {
    Deno.removeSync(file);
  }

  await space.kubectl("rollout", "status", "deployment/app", "--timeout=90s");
  await space.waitGone(bare.name, 90_000);
  const [pod] = await space.waitReady("app");
  assert.ok(pod);
  await until("registered", () => nacos.isListed(service, pod.ip));
  const report = JSON.parse(
    await space.kubectl("exec", pod.name, "--", PROGRAM, "check", "--json"),
  );
  assert.equal(report.outcome, "done");
  assert.equal(report.time.gracePeriodSeconds, 65);
  assert.equal(report.time.missing, 0);
  assert.equal(report.registries[0].state, "inService");

  await using log = space.log(pod.name);
  await space.delete(pod.name);
  await log.waitFor(/callers no longer get it/);
  assert.equal(await nacos.isEnabled(service, pod.ip), false);
});
