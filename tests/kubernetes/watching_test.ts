/** Where a hook that failed shows in a rolling update, and where it does not. */

import assert from "node:assert/strict";
import { assertDrained } from "./drained.ts";
import { clusterTest, startRegistered } from "./site.ts";
import { until } from "./space.ts";

const PRE_STOP = ["sh", "/opt/service_offline_nacos.sh"];

clusterTest(
  "watching: a hook that fails in a rolling update shows as event and log",
  async (site) => {
    const { space, images } = site;
    const old = await startRegistered(site, {
      image: images.appWithKit,
      env: { NACOS_PASSWORD: "not-the-password", DRAIN_SECONDS: "3", LOG_FORMAT: "json" },
      graceSeconds: 30,
      hooks: { preStop: PRE_STOP },
    });
    await using log = space.log(old.name);
    await space.kubectl("set", "env", "deployment/app", "VERSION=2");
    // It says that all is well while the old pod's hook still runs.
    await space.kubectl("rollout", "status", "deployment/app", "--timeout=60s");
    await space.waitGone(old.name);

    const ends = (await log.ended).flatMap(({ text }) =>
      text.includes('"event":"end"') ? [JSON.parse(text)] : []
    );
    assert.equal(ends.length, 1);
    assert.equal(ends[0].exitCode, 77);
    assert.equal(ends[0].command, "offline");
    const field = "--field-selector=reason=FailedPreStopHook";
    const { items: [event] } = await until("the event", async () => {
      const events = JSON.parse(await space.kubectl("get", "events", field, "-o", "json"));
      return events.items.length === 1 && events;
    });
    assert.equal(event.type, "Warning");
    assert.equal(event.message, "PreStopHook failed");
    assert.equal(event.involvedObject.name, old.name);
    assert.equal(event.involvedObject.fieldPath, "spec.containers{app}");
    // The pod went, and with it its log, its termination message and what describes it.
    await assert.rejects(space.kubectl("describe", "pod", old.name), /NotFound|not found/);
    await assert.rejects(space.kubectl("logs", old.name), /NotFound|not found/);
    const described = await space.kubectl("describe", "deployment", "app");
    assert.doesNotMatch(described, /PreStop|Failed/);
  },
);

clusterTest("shareProcessNamespace: the hook's log is in its own container's", async (site) => {
  const { space, images } = site;
  const drainSeconds = 3;
  const other = { name: "other", image: images.app, imagePullPolicy: "Never" };
  const pod = await startRegistered(site, {
    image: images.appWithKit,
    env: { DRAIN_SECONDS: String(drainSeconds) },
    hooks: { postStart: ["sh", "/opt/service_online.sh"], preStop: PRE_STOP },
    pod: {
      shareProcessNamespace: true,
      containers: [{ ...other, command: ["sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"] }],
    },
  });
  assert.equal(
    (await space.kubectl("exec", pod.name, "-c", "app", "--", "cat", "/proc/1/comm")).trim(),
    "pause",
  );
  await using log = space.log(pod.name, "app");
  await using otherLog = space.log(pod.name, "other");
  await log.waitFor(/is in service/);
  const deletedAt = await space.delete(pod.name);
  const lines = await log.ended;
  await assertDrained(space, { pod: pod.name, lines, deletedAt, drainSeconds });
  assert.deepEqual(await otherLog.ended, []);
});
