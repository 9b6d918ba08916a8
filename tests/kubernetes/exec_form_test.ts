/** An image without a shell, where the hook's command is the kit's own list. */

import assert from "node:assert/strict";
import { lineOf } from "./log_lines.ts";
import { clusterTest, nacosSite, startRegistered } from "./site.ts";
import { until } from "./space.ts";

clusterTest(
  "exec form: in an image without a shell the instance is out, and TERM comes after the drain",
  async (site) => {
    const { space, images, service } = site;
    const nacos = await nacosSite();
    const drainSeconds = 6;
    const pod = await startRegistered(site, {
      image: images.appWithoutShell,
      env: { DRAIN_SECONDS: String(drainSeconds) },
      hooks: { preStop: [...images.execForm, "offline"] },
    });
    await assert.rejects(space.kubectl("exec", pod.name, "--", "sh", "-c", "true"), /"sh"/);

    await using log = space.log(pod.name);
    const deletedAt = await space.delete(pod.name);
    const isOut = async () => await nacos.isEnabled(service, pod.ip) === false;
    await until("disabled in the record", isOut, 20_000, 20);
    const outAt = Date.now();
    assert.equal(await nacos.isListed(service, pod.ip), false);

    const lines = await log.ended;
    const term = lineOf(lines, /^app \S+ TERM/).at;
    assert.ok(
      term - deletedAt >= drainSeconds * 1000,
      `TERM ${term - deletedAt} ms after the delete`,
    );
    assert.ok(term > outAt, "disabled before TERM");
    // A hook's own stdout is a pipe that nobody reads; the wrappers write to the container's log,
    // and without a shell there are none.
    assert.deepEqual(lines.filter(({ text }) => !text.startsWith("app ")), []);
    const reasons = (await space.events(pod.name)).map(({ reason }) => reason);
    assert.ok(reasons.includes("Killing"));
    assert.ok(!reasons.includes("FailedPreStopHook"), reasons.join());
  },
);
