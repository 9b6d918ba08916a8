/** A login that is refused: what is kept of the protection, and where the reason stands. */

import assert from "node:assert/strict";
import { lineOf } from "./log_lines.ts";
import { barePod } from "./manifests.ts";
import { clusterTest, nacosSite, startRegistered } from "./site.ts";
import { until } from "./space.ts";

clusterTest(
  "wrong password: the drain is kept; event, log and termination message say that it failed and why",
  async (site) => {
    const { space, images, service } = site;
    const nacos = await nacosSite();
    const drainSeconds = 8;
    const wrong = "not-the-password";
    const pod = await startRegistered(site, {
      image: images.appWithKit,
      env: {
        NACOS_PASSWORD: wrong,
        DRAIN_SECONDS: String(drainSeconds),
      },
      graceSeconds: 30,
      hooks: { preStop: ["sh", "/opt/service_offline_nacos.sh"] },
    }, barePod);
    // A pod of one container is gone as soon as that has ended, and what is described with it.
    const hold = (finalizers: string[]) => {
      const change = JSON.stringify({ metadata: { finalizers } });
      return space.kubectl("patch", "pod", "app", "--type=merge", "-p", change);
    };
    await hold(["service-offline.test/held"]);
    try {
      await using log = space.log("app");
      const deletedAt = await space.delete("app");
      await log.waitFor(/WARNING: login of user \S+ failed/);
      assert.equal(await nacos.isEnabled(service, pod.ip), true);
      assert.equal(await nacos.isListed(service, pod.ip), true);

      const lines = await log.ended;
      const term = lineOf(lines, /^app \S+ TERM/).at - deletedAt;
      assert.ok(term >= drainSeconds * 1000, `TERM ${term} ms after the delete`);
      const reason = lineOf(lines, /refused: nacos: login of user .* check .*NACOS_PASSWORD/).text;
      assert.match(reason, /exit code 77/);
      const event = await until("the event", async () => {
        const events = await space.events("app");
        return events.find((one) => one.reason === "FailedPreStopHook");
      });
      assert.equal(event.message, "PreStopHook failed");
      const message = await until("the termination message", async () => {
        return (await space.pod("app"))?.message;
      });
      assert.equal(message, `${reason}\n`);
      const described = await space.kubectl("describe", "pod", "app");
      assert.ok(described.includes(reason), described);
      assert.ok(lines.every(({ text }) => !text.includes(wrong)), "the password stays out");
    } finally {
      await hold([]);
    }
  },
);
