/**
 * A pod of a StatefulSet that is deleted by force: its successor bears the same name, so the same id
 * at Eureka, and starts while the one before still runs.
 */

import assert from "node:assert/strict";
import { lineOf, writtenAt } from "./log_lines.ts";
import { killedApp, podSpec } from "./manifests.ts";
import { clusterTest, eurekaSite, PORT, type Site } from "./site.ts";
import { type PodLog, until } from "./space.ts";

const NAME = "pod-0";
const DRAIN_SECONDS = 20;
const FORCE = ["--grace-period=0", "--force"];

clusterTest(
  "StatefulSet, deleted by force: the successor is put back, and stays UP",
  async (site) => {
    await using pair = await startFirst(site);
    await site.space.delete(NAME, ...FORCE);
    await pair.before.ended;
    const after = await pair.successor();

    lineOf(pair.before.lines, /taking it out of service: write accepted/);
    lineOf(after.lines, /putting it back into service: write accepted/);
    await pair.staysUp(10_000);
  },
);

clusterTest(
  "StatefulSet, by force in mid-drain: the late hook leaves the successor UP",
  async (site) => {
    await using pair = await startFirst(site);
    const { before } = pair;
    await site.space.delete(NAME);
    await before.waitFor(/out of service in the registry's own record/);
    // A hook that runs goes on, and does not keep the successor from starting.
    await site.space.delete(NAME, ...FORCE);
    const after = await pair.successor();
    const back = writtenAt(lineOf(after.lines, /putting it back into service: write accepted/));
    let over = false;
    before.ended.then(() => over = true);
    while (!over) await pair.staysUp(500);

    const ended = writtenAt(lineOf(before.lines, /drained .*exit code 0$/));
    assert.ok(
      ended - back > 5_000,
      `the hook ended ${ended - back} ms after the successor was back`,
    );
    const writes = before.lines.filter(({ text }) => /taking it out of service/.test(text));
    assert.equal(writes.length, 1);
    await pair.staysUp(10_000);
  },
);

/** Starts the set and waits until its pod is in service. */
async function startFirst({ space, images, service }: Site) {
  const eureka = await eurekaSite();
  const host = `${NAME}.${service}.${space.name}.svc.cluster.local`;
  const id = `${host}:${service}:${PORT}`;
  const labels = { app: "pod" };
  const template = podSpec({
    name: "pod",
    image: images.appWithKit,
    env: {
      ...eureka.appEnv,
      ...eureka.hookEnv,
      EUREKA_HOST: host,
      instanceId: id,
      serviceName: service,
      port: String(PORT),
      // The hook comes up to 1 s after its successor's start, and is to be the first.
      REGISTER_AFTER: "4",
      DRAIN_SECONDS: String(DRAIN_SECONDS),
      TERMINATION_GRACE_PERIOD_SECONDS: "60",
    },
    graceSeconds: 60,
    hooks: {
      postStart: ["sh", "/opt/service_online.sh"],
      preStop: ["sh", "/opt/service_offline_eureka.sh"],
    },
    // Else it would deregister, by the id that is its successor's.
    container: { command: killedApp() },
  });
  await space.apply({
    apiVersion: "apps/v1",
    kind: "StatefulSet",
    metadata: { name: "pod", labels },
    spec: {
      replicas: 1,
      serviceName: service,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: template },
    },
  });
  const [first] = await space.waitReady("pod");
  assert.ok(first);
  const logs = new AsyncDisposableStack();
  const before = logs.use(space.log(NAME));
  await before.waitFor(/in service.*exit code 0$/);
  assert.equal(await eureka.status(service, id), "UP");
  return {
    before,
    /** Waits until the pod of the same name has run its `online`, and gives its log. */
    async successor(): Promise<PodLog> {
      const { ip } = await until("the successor", async () => {
        const pod = await space.pod(NAME);
        return pod?.ready && pod.ip !== first.ip && pod;
      });
      const after = logs.use(space.log(NAME));
      await after.waitFor(/in service.*exit code 0$/);
      assert.ok(await eureka.isListed(service, ip));
      return after;
    },
    async staysUp(ms: number): Promise<void> {
      for (const end = Date.now() + ms; Date.now() < end;) {
        assert.equal(await eureka.status(service, id), "UP");
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    },
    [Symbol.asyncDispose]: () => logs.disposeAsync(),
  };
}
