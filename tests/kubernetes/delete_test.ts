/** A pod that is deleted: what callers, its log and its events show. */

import assert from "node:assert/strict";
import { lineOf, writtenAt } from "./log_lines.ts";
import { clusterTest, nacosSite, startRegistered } from "./site.ts";
import { until } from "./space.ts";

clusterTest(
  "delete: accepted within 1 s, off the list within 1 s more, TERM after the drain",
  async (site) => {
    const { space, images, service } = site;
    const nacos = await nacosSite();
    const drainSeconds = 8;
    const pod = await startRegistered(site, {
      image: images.appWithKit,
      env: { DRAIN_SECONDS: String(drainSeconds) },
      hooks: {
        // The kubelet shows nobody when it starts a hook.
        preStop: ["sh", "-c", "/app now >>/proc/1/fd/1; exec sh /opt/service_offline_nacos.sh"],
      },
    });
    await using log = space.log(pod.name);
    await space.delete(pod.name);
    const left = until(
      "off the list",
      async () => !await nacos.isListed(service, pod.ip),
      20_000,
      10,
    )
      .then(() => Date.now());

    const began = Date.parse((await log.waitFor(/^now /)).text.slice("now ".length));
    const leftAt = await left;
    const lines = await log.ended;
    const at = (pattern: RegExp) => writtenAt(lineOf(lines, pattern));
    const accepted = at(/taking it out of service: write accepted/);
    const term = at(/^app \S+ TERM/);
    assert.ok(accepted - began < 1_000, `accepted ${accepted - began} ms after the hook's start`);
    assert.ok(leftAt - accepted < 1_000, `off the list ${leftAt - accepted} ms after the write`);
    assert.ok(term - accepted >= drainSeconds * 1000, `TERM ${term - accepted} ms after the write`);
    assert.match(lines.at(-1)?.text ?? "", /^app \S+ ended/);
    const reasons = (await space.events(pod.name)).map(({ reason }) => reason);
    assert.ok(reasons.includes("Killing"));
    assert.ok(!reasons.includes("FailedPreStopHook"), reasons.join());
  },
);
