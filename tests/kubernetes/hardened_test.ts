/** Pods that may do next to nothing, as the Pod Security Standard "restricted" wants it. */

import assert from "node:assert/strict";
import { assertDrained } from "./drained.ts";
import { clusterTest, nacosSite, type Site, startRegistered } from "./site.ts";
import { type Manifest, until } from "./space.ts";

const HARDENED: Manifest = {
  runAsNonRoot: true,
  runAsUser: 65532,
  runAsGroup: 65532,
  readOnlyRootFilesystem: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};

const NOWHERE: Variant = { container: {}, pod: {}, files: /^$/ };

/** A folder that may be written: there the record of a run is kept. */
const AT_TMP: Variant = {
  container: { volumeMounts: [{ name: "tmp", mountPath: "/tmp" }] },
  pod: { volumes: [{ name: "tmp", emptyDir: {} }] },
  files: /service-offline/,
};

interface Variant {
  readonly container: Manifest;
  readonly pod: Manifest;
  readonly files: RegExp;
}

clusterTest("hardened: nothing can be written anywhere", (site) => run(site, NOWHERE));
clusterTest("hardened: with an emptyDir at /tmp", (site) => run(site, AT_TMP));

async function run(site: Site, variant: Variant): Promise<void> {
  const { space, images, service } = site;
  const nacos = await nacosSite();
  const drainSeconds = 5;
  // The API server refuses whatever the standard does not allow.
  await space.kubectl(
    "label",
    "namespace",
    space.name,
    "pod-security.kubernetes.io/enforce=restricted",
  );
  const pod = await startRegistered(site, {
    image: images.appWithKit,
    env: { DRAIN_SECONDS: String(drainSeconds) },
    hooks: {
      postStart: ["sh", "/opt/service_online.sh"],
      preStop: ["sh", "/opt/service_offline_nacos.sh"],
    },
    container: { securityContext: HARDENED, ...variant.container },
    pod: variant.pod,
  });
  const inside = (...command: string[]) => space.kubectl("exec", pod.name, "--", ...command);
  assert.equal((await inside("id", "-u")).trim(), "65532");
  assert.match(await inside("grep", "CapEff", "/proc/1/status"), /0{16}/);
  await assert.rejects(inside("touch", "/x"), /Read-only file system/);

  await using log = space.log(pod.name);
  await log.waitFor(/is in service/);
  const deletedAt = await space.delete(pod.name);
  await log.waitFor(/taking it out of service: write accepted/);
  assert.match((await inside("ls", "/tmp")).trim(), variant.files);
  await until("off the list", async () => !await nacos.isListed(service, pod.ip));
  assert.equal(await nacos.isEnabled(service, pod.ip), false);

  const lines = await log.ended;
  await assertDrained(space, { pod: pod.name, lines, deletedAt, drainSeconds });
}
