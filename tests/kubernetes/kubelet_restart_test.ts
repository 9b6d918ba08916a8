/** A kubelet that ends and comes back while a hook runs. */

import assert from "node:assert/strict";
import { hasCluster, openCluster } from "./cluster.ts";
import { lineOf, writtenAt } from "./log_lines.ts";
import { barePod } from "./manifests.ts";
import { clusterTest, type Site, startRegistered } from "./site.ts";
import { until } from "./space.ts";

const DRAIN_MS = 20_000;
/** Of the drain's end and of what the kubelet takes to send TERM. */
const SLACK_MS = 3_000;

const signals = ["TERM", "KILL"] as const;
if (hasCluster() && !(await openCluster()).restartKubelet) {
  const name = "kubelet restarted (SKIPPED: only the lab's kubelet can be restarted)";
  Deno.test({ name, ignore: true, fn: () => {} });
} else {
  for (const signal of signals) {
    clusterTest(
      `kubelet ended by ${signal} during the hook: it runs twice, and there is one drain`,
      (site) => restartDuringHook(site, signal),
    );
  }
}

async function restartDuringHook(site: Site, signal: "TERM" | "KILL"): Promise<void> {
  const { space, images, cluster } = site;
  const hook = "/app now >>/proc/1/fd/1; . /opt/service_offline_nacos.sh";
  const pod = await startRegistered(site, {
    image: images.appWithKit,
    env: { DRAIN_SECONDS: String(DRAIN_MS / 1000) },
    graceSeconds: 120,
    hooks: { preStop: ["sh", "-c", hook] },
  }, barePod);
  {
    await using log = space.log(pod.name);
    await space.delete(pod.name);
    await log.waitFor(/callers no longer get it/);
  }
  await cluster.restartKubelet?.(signal, 1);

  // Logs go by way of the kubelet, which has to find its pods first.
  await until("a log", () => space.kubectl("logs", pod.name).catch(() => undefined));
  await using log = space.log(pod.name);
  const lines = await log.ended;
  const hooks = lines.filter(({ text }) => text.startsWith("now ")).map(writtenAt);
  const [, again = NaN] = hooks;
  assert.equal(hooks.length, 2);
  lineOf(lines, /resuming an interrupted run/);
  const writes = lines.filter(({ text }) => /taking it out of service: write accepted/.test(text));
  assert.equal(writes.length, 1);
  const ends = lines.filter(({ text }) => /exit code \d+$/.test(text));
  assert.equal(ends.length, 1, "the first run was killed");
  assert.match(ends[0]?.text ?? "", /done: .* is out of service.*exit code 0$/);

  const terms = lines.filter(({ text }) => /^app \S+ TERM/.test(text)).map(writtenAt);
  const [term = NaN] = terms;
  assert.equal(terms.length, 1);
  const due = writtenAt(lineOf(lines, /out of service in the registry's own record/)) + DRAIN_MS;
  assert.ok(again < due, `the second run began ${again - due} ms after the drain was due to end`);
  assert.ok(term >= due - SLACK_MS, `TERM ${term - due} ms before the drain was due to end`);
  // Between the two runs no drain is counted, and of the first what it had noted: at most a second
  // less than it had lasted.
  const left = writtenAt(lineOf(lines, /callers no longer get it/));
  assert.ok(
    term - due < again - left + SLACK_MS,
    `TERM ${term - due} ms after the drain was due to end`,
  );
}
