/** The kit from its image, mounted as a volume: no copy, and the app's image is left as it is. */

import assert from "node:assert/strict";
import { hasImageVolumes, NO_IMAGE_VOLUMES } from "./cluster.ts";
import { assertDrained } from "./drained.ts";
import { clusterTest, nacosSite, startRegistered } from "./site.ts";
import { until } from "./space.ts";

const KIT = "/opt/service-offline";

clusterTest(
  "an image volume brings the kit, the app's image has nothing of it",
  async (site) => {
    const { space, images, service } = site;
    const nacos = await nacosSite();
    const drainSeconds = 5;
    const pod = await startRegistered(site, {
      image: images.app,
      env: { DRAIN_SECONDS: String(drainSeconds) },
      hooks: {
        postStart: ["sh", `${KIT}/service_online.sh`],
        preStop: ["sh", `${KIT}/service_offline_nacos.sh`],
      },
      container: {
        volumeMounts: [{
          name: "kit",
          mountPath: KIT,
          subPath: "opt/service-offline",
          readOnly: true,
        }],
      },
      pod: { volumes: [{ name: "kit", image: { reference: images.kit, pullPolicy: "Never" } }] },
    });
    const inside = (...command: string[]) => space.kubectl("exec", pod.name, "--", ...command);
    assert.match(await inside("grep", ` ${KIT} `, "/proc/mounts"), /^overlay \S+ overlay ro,/);
    await assert.rejects(inside("touch", `${KIT}/x`), /Read-only file system/);
    await using log = space.log(pod.name, "app");
    await log.waitFor(/is in service/);

    const deletedAt = await space.delete(pod.name);
    await until("off the list", async () => !await nacos.isListed(service, pod.ip));
    assert.equal(await nacos.isEnabled(service, pod.ip), false);
    const lines = await log.ended;
    await assertDrained(space, { pod: pod.name, lines, deletedAt, drainSeconds });
  },
  hasImageVolumes() ? undefined : NO_IMAGE_VOLUMES,
);
