/** `deploy/policy/warn.yaml`: what it says at `kubectl apply`. */

import assert from "node:assert/strict";
import { REPOSITORY } from "../../scripts/places.ts";
import { clusterTest } from "./site.ts";
import { type Manifest, type Space, until } from "./space.ts";

const POLICY = `${REPOSITORY}/deploy/policy/warn.yaml`;
const HOOK = { exec: { command: ["true"] } };

const CASES: readonly { template: Manifest; container?: Manifest; warns: RegExp }[] = [
  { template: { labels: { "service-offline": "true" } }, warns: /set it to nacos, eureka or exec/ },
  {
    template: {
      labels: { "service-offline": "nacos" },
      annotations: { "service-offline-container": "typo" },
    },
    warns: /no container typo/,
  },
  {
    template: { labels: { "service-offline": "nacos" } },
    container: { lifecycle: { postStart: HOOK } },
    warns: /container app has hooks, which stay/,
  },
  {
    template: { labels: { "service-offline": "nacos" } },
    container: { env: [{ name: "TERMINATION_GRACE_PERIOD_SECONDS", value: "30" }] },
    warns: /container app gets 120 s to end, and its TERMINATION_GRACE_PERIOD_SECONDS is not 120/,
  },
];

clusterTest("warnings: what the policy leaves alone is said at kubectl apply", async (site) => {
  const { cluster, space } = site;
  const good = deployment({ labels: { "service-offline": "nacos" } }, {});
  try {
    await cluster.kubectl("apply", "--validate=strict", "-f", POLICY);
    const message = await until("a warning", () => warnings(space, good));
    assert.match(message, /kubectl label namespace so-\S+ service-offline=enabled/);

    await cluster.kubectl("label", "namespace", space.name, "service-offline=enabled");
    await until("no warning", async () => await warnings(space, good) === undefined);
    assert.equal(
      await warnings(space, deployment({}, { lifecycle: { preStop: HOOK } })),
      undefined,
    );
    for (const { template, container = {}, warns } of CASES) {
      assert.match(await warnings(space, deployment(template, container)) ?? "", warns);
    }
  } finally {
    const kinds = "validatingadmissionpolicybinding,validatingadmissionpolicy";
    await cluster.kubectl("delete", kinds, "service-offline", "--ignore-not-found");
  }
});

/** What the server warns of; undefined for nothing. */
async function warnings(space: Space, object: Manifest): Promise<string | undefined> {
  const file = Deno.makeTempFileSync({ suffix: ".json" });
  try {
    Deno.writeTextFileSync(file, JSON.stringify(object));
    await space.kubectl("create", "--dry-run=server", "--warnings-as-errors", "-f", file);
    return undefined;
  } catch (error) {
    if (error instanceof Error && /Warning: /.test(error.message)) return error.message;
    throw error;
  } finally {
    Deno.removeSync(file);
  }
}

function deployment({ labels = {}, ...template }: Manifest, container: Manifest): Manifest {
  const app = { app: "app" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "app" },
    spec: {
      selector: { matchLabels: app },
      template: {
        metadata: { ...template, labels: { ...app, ...labels as Manifest } },
        spec: { containers: [{ name: "app", image: "app:1", ...container }] },
      },
    },
  };
}
