/** The kit by an init container: the app's image is left as it is. */

import assert from "node:assert/strict";
import { assertDrained } from "./drained.ts";
import { clusterTest, nacosSite, startRegistered } from "./site.ts";
import { until } from "./space.ts";

clusterTest("an init container brings the kit, the app's image has nothing of it", async (site) => {
  const { space, images, service } = site;
  const nacos = await nacosSite();
  const drainSeconds = 5;
  const pod = await startRegistered(site, {
    image: images.app,
    env: { DRAIN_SECONDS: String(drainSeconds) },
    hooks: {
      postStart: ["sh", "/opt/service-offline/service_online.sh"],
      preStop: ["sh", "/opt/service-offline/service_offline_nacos.sh"],
    },
    container: {
      volumeMounts: [{ name: "kit", mountPath: "/opt/service-offline", readOnly: true }],
    },
    pod: {
      volumes: [{ name: "kit", emptyDir: {} }],
      initContainers: [{
        name: "kit",
        image: images.kit,
        imagePullPolicy: "Never",
        args: ["install"],
        volumeMounts: [{ name: "kit", mountPath: "/target" }],
      }],
    },
  });
  const copied = await space.kubectl("logs", pod.name, "-c", "kit");
  assert.match(copied, /files of \/opt\/service-offline are in \/target/);
  await using log = space.log(pod.name, "app");
  await log.waitFor(/is in service/);

  const deletedAt = await space.delete(pod.name);
  await until("off the list", async () => !await nacos.isListed(service, pod.ip));
  assert.equal(await nacos.isEnabled(service, pod.ip), false);
  const lines = await log.ended;
  await assertDrained(space, { pod: pod.name, lines, deletedAt, drainSeconds });
});
