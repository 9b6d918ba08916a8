/** The articles' nginx: it is told to quit when callers have gone, and finishes what it serves. */

import assert from "node:assert/strict";
import { list, register } from "../support/nacos_client.ts";
import { callsInWords, startCalls } from "./calls.ts";
import { provideOwnImages } from "./images.ts";
import { lineOf } from "./log_lines.ts";
import { barePod } from "./manifests.ts";
import { putNginx, SLOW_BYTES } from "./nginx.ts";
import { clusterTest, nacosSite, PORT } from "./site.ts";
import { until } from "./space.ts";

const DRAIN_SECONDS = 6;
/** Shorter than the drain, as the callers' caches are to be. */
const CACHE_MS = 4_000;

clusterTest("nginx quits after the drain, and no request is lost", async (site) => {
  const { cluster, space, service } = site;
  const nacos = await nacosSite();
  const [image = ""] = await provideOwnImages(cluster, [{
    name: "nginx",
    fill: putNginx,
    // Where nginx is process 1 itself, its end kills the hook: no request is lost, but there is an
    // event FailedPreStopHook (measured on 1.34.4).
    entrypoint: [
      "sh",
      "-c",
      `trap 'echo TERM; exit' TERM; nginx -g 'daemon off;' & while :; do sleep 1; done`,
    ],
  }]);
  await space.apply(barePod({
    name: "app",
    image,
    env: {
      ...nacos.hookEnv,
      serviceName: service,
      port: String(PORT),
      DRAIN_SECONDS: String(DRAIN_SECONDS),
      TERMINATION_GRACE_PERIOD_SECONDS: "90",
    },
    hooks: {
      preStop: [
        "sh",
        "-c",
        "service-offline; nginx -s quit; while killall -0 nginx; do sleep 1; done",
      ],
    },
  }));
  const [pod] = await space.waitReady("app");
  assert.ok(pod);
  await using open = new AsyncDisposableStack();
  const place = { serviceName: service, ip: pod.ip, port: PORT, weight: 3 };
  const registration = await register(nacos.server, place, { heartbeat: true });
  open.defer(() => registration.stop());
  await until("registered", () => nacos.isListed(service, pod.ip));
  const log = open.use(space.log(pod.name));
  const caller = open.use(startCalls({
    list: async () => (await list(nacos.server, place)).map(({ ip, port }) => `${ip}:${port}`),
    cacheMs: CACHE_MS,
    callers: 2,
    everyMs: 100,
  }));

  const deletedAt = await space.delete(pod.name);
  await until("off the list", async () => !await nacos.isListed(service, pod.ip), 10_000, 50);
  assert.equal(await nacos.isEnabled(service, pod.ip), false);
  // A caller whose cache still has it; the answer takes longer than the rest of the drain.
  const slow = await fetch(`http://${pod.ip}:${PORT}/slow`);
  const bytes = (await slow.bytes()).length;
  const slowAt = Date.now();
  const lines = await log.ended;
  const calls = await caller.stop();

  assert.equal(bytes, SLOW_BYTES);
  assert.deepEqual(calls.flatMap(({ failures }) => failures), []);
  assert.ok(calls[0]?.fromCache, `nobody called from a cache: ${callsInWords(calls)}`);
  const quit = lineOf(lines, /signal 3 \(SIGQUIT\)/).at;
  assert.ok(
    quit - deletedAt >= DRAIN_SECONDS * 1000,
    `quit ${quit - deletedAt} ms after the delete`,
  );
  assert.ok(quit < slowAt, "the slow answer had ended before");
  const ended = lineOf(lines, /notice\] .*: exit$/).at;
  const term = lineOf(lines, /^TERM/).at;
  assert.ok(ended <= term, `TERM ${ended - term} ms before the end of nginx`);
  const reasons = (await space.events(pod.name)).map(({ reason }) => reason);
  assert.ok(!reasons.includes("FailedPreStopHook"), reasons.join());
});
