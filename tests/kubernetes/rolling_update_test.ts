/**
 * A rolling update under load, with nothing set but the grace period. Without the hook 507 of 2,092
 * calls failed here, and with DRAIN_SECONDS=30 still 12.
 */

import assert from "node:assert/strict";
import { startJavaCaller } from "../support/nacos_callers.ts";
import { callsInWords, startCalls } from "./calls.ts";
import { lineOf } from "./log_lines.ts";
import { deployment } from "./manifests.ts";
import { clusterTest, nacosSite, PORT } from "./site.ts";

const REPLICAS = 3;
/** Spring Cloud LoadBalancer's own; the rest of what a caller has comes by push. */
const CACHE_MS = 35_000;
/** Each renews its cache at another time: how long it calls a pod depends on that. */
const CALLERS = 5;
const GRACE_SECONDS = 65;

clusterTest("rolling update: no call fails, of a caller that caches for 35 s", async (site) => {
  const { space, images, service } = site;
  const nacos = await nacosSite();
  await using subscriber = await startJavaCaller({
    line: "3.x",
    server: nacos.server,
    credentials: nacos.user,
  });
  await subscriber.subscribe(service);
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
  const old = await space.waitReady("app", REPLICAS);
  await subscriber.waitFor(() => subscriber.instances(service).length === REPLICAS, 30_000);

  await using open = new AsyncDisposableStack();
  const caller = open.use(startCalls({
    list: () => subscriber.instances(service),
    cacheMs: CACHE_MS,
    callers: CALLERS,
    everyMs: 150,
  }));
  const logs = old.map(({ name }) => open.use(space.log(name)));
  await space.kubectl("set", "env", "deployment/app", "VERSION=2");
  for (const { name } of old) await space.waitGone(name, 150_000);
  const fresh = await space.waitReady("app", REPLICAS);
  const calls = await caller.stop();

  const words = callsInWords(calls);
  console.log(words);
  assert.deepEqual(calls.flatMap(({ failures }) => failures), [], words);
  const called = (ip: string) => calls.find(({ address }) => address === `${ip}:${PORT}`);
  for (const { ip } of fresh) assert.ok(called(ip)?.answered, `${ip} was not called:\n${words}`);
  // Else the callers' caches were not what the pods had to wait for.
  for (const { ip } of old) assert.ok(called(ip)?.fromCache, `${ip} only as listed:\n${words}`);
  for (const log of logs) lineOf(await log.ended, /drained 4\d\.\d s; exit code 0/);
});
