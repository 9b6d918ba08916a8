/**
 * A rolling update under load, with nothing set but the grace period. Without the hook 507 of 2,092
 * calls failed here, and with DRAIN_SECONDS=30 still 12.
 */

import { deployment } from "./manifests.ts";
import { assertRollsWithoutFailure } from "./rolled.ts";
import { clusterTest, nacosSite, PORT } from "./site.ts";

const REPLICAS = 3;
const GRACE_SECONDS = 65;

clusterTest("rolling update: no call fails, of a caller that caches for 35 s", async (site) => {
  const { space, images, service } = site;
  const nacos = await nacosSite();
  await space.apply(deployment(
    {
      name: "app",
      image: images.appWithKit,
      env: {
        ...nacos.appEnv,
        ...nacos.hookEnv,
        serviceName: service,
        port: String(PORT),
        TERMINATION_GRACE_PERIOD_SECONDS: String(GRACE_SECONDS),
      },
      graceSeconds: GRACE_SECONDS,
      hooks: {
        postStart: ["sh", "/opt/service_online.sh"],
        preStop: ["sh", "/opt/service_offline_nacos.sh"],
      },
    },
    REPLICAS,
    {
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      // Ready is not registered: this is the time for it.
      minReadySeconds: 5,
    },
  ));
  await assertRollsWithoutFailure(site, REPLICAS);
});
