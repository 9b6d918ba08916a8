/**
 * Pods that get one second, by force or evicted by the kubelet, on a quarter of a processor: what
 * the registry's own record says of each of 20 afterwards.
 *
 * At one second the main process gets TERM, and with its end the hook is killed (kubelet 1.34.4);
 * the app here ends at once. It is registered from outside, so that its death takes nothing out.
 */

import assert from "node:assert/strict";
import { register } from "../support/nacos_client.ts";
import { barePod } from "./manifests.ts";
import { clusterTest, nacosSite, PORT, type Site } from "./site.ts";
import { type LogLine, type Manifest, type Pod, type PodLog, until } from "./space.ts";

const COUNT = 20;
const BATCH = 4;
/** A record shows a write up to so much later: 0.6 s on Nacos 3.1.0. */
const SETTLE_MS = 5_000;

interface Outcome {
  readonly name: string;
  readonly enabled: boolean | undefined;
  /** Since the hook's start; undefined where the log does not have it. */
  readonly acceptedMs: number | undefined;
  /** From kubectl's start to the hook's; undefined where nobody told. */
  readonly hookMs: number | undefined;
  readonly log: string;
}

clusterTest(`delete --grace-period=0 --force: ${COUNT} of ${COUNT} are out`, async (site) => {
  const outcomes: Outcome[] = [];
  while (outcomes.length < COUNT) {
    await using batch = await startBatch(site);
    for (const { pod, log } of batch.pods) {
      const told = await site.space.delete(pod.name, "--grace-period=0", "--force");
      outcomes.push(await outcomeOf(site, pod, await log.ended, told));
    }
  }
  judge("by force", outcomes);
});

clusterTest(`evicted by the kubelet: ${COUNT} of ${COUNT} are out`, async (site) => {
  const { space } = site;
  const outcomes: Outcome[] = [];
  const fill = "dd if=/dev/zero of=/tmp/much bs=1M count=3".split(" ");
  while (outcomes.length < COUNT) {
    // Looked at every 10 s; those that use more are then evicted one after the other, 1.4 s each.
    await using batch = await startBatch(site, { "ephemeral-storage": "1Mi" });
    for (const { pod } of batch.pods) await space.kubectl("exec", pod.name, "--", ...fill);
    for (const { pod, log } of batch.pods) {
      outcomes.push(await outcomeOf(site, pod, await log.ended));
      const reasons = (await space.events(pod.name)).map(({ reason }) => reason);
      assert.ok(reasons.includes("Evicted"), reasons.join());
    }
  }
  judge("evicted", outcomes);
});

/** One of some pods, and its log: with the pod the way to it has gone. */
interface Running {
  readonly pod: Pod;
  readonly log: PodLog;
}

/** Some more pods, ready and registered. A limit is a request too, and a node has few processors. */
async function startBatch(site: Site, limits: Manifest = {}) {
  const { space, images, service } = site;
  const { server, hookEnv, isListed } = await nacosSite();
  const app = `app-${crypto.randomUUID().slice(0, 4)}`;
  const shape = {
    name: app,
    image: images.appWithKit,
    env: { ...hookEnv, serviceName: service, port: String(PORT) },
    hooks: { preStop: ["sh", "-c", "echo hook >>/proc/1/fd/1; . /opt/service_offline_nacos.sh"] },
    container: { resources: { limits: { cpu: "250m", ...limits } } },
  };
  const names = Array.from({ length: BATCH }, (_, i) => `${app}-${i}`);
  await space.apply(...names.map((name) => barePod(shape, name)));
  const pods: Running[] = [];
  const ends = new AsyncDisposableStack();
  for (const pod of await space.waitReady(app, BATCH)) {
    const { ip } = pod;
    const instance = { serviceName: service, namespaceId: "public", ip, port: PORT, weight: 3 };
    const registration = await register(server, instance, { heartbeat: true });
    ends.defer(() => registration.stop());
    await until(`${ip} in the list`, () => isListed(service, ip));
    const log = ends.use(space.log(pod.name));
    await log.waitFor(/^app \S+ started/);
    pods.push({ pod, log });
  }
  return { pods, [Symbol.asyncDispose]: () => ends.disposeAsync() };
}

async function outcomeOf(
  { service }: Site,
  { name, ip }: Pod,
  lines: readonly LogLine[],
  told?: number,
): Promise<Outcome> {
  const { isEnabled } = await nacosSite();
  const timeOf = (pattern: RegExp) => lines.find(({ text }) => pattern.test(text))?.at;
  const hook = timeOf(/^hook$/);
  const accepted = timeOf(/taking it out of service: write accepted/);
  const out = until(name, async () => await isEnabled(service, ip) === false, SETTLE_MS);
  return {
    name,
    enabled: await out.then(() => false, () => isEnabled(service, ip)),
    acceptedMs: hook && accepted && accepted - hook,
    hookMs: hook && told && hook - told,
    log: lines.map(({ at, text }) => `${at - (hook ?? at)} ms ${text}`).join("\n"),
  };
}

function judge(how: string, outcomes: readonly Outcome[]): void {
  const spread = (values: readonly (number | undefined)[]) => {
    const sorted = values.filter((one) => one !== undefined).sort((a, b) => a - b);
    if (sorted.length === 0) return "unknown";
    const [least, middle, most] = [0, 0.5, 1].map((part) => sorted[(sorted.length - 1) * part | 0]);
    return `${least} / ${middle} / ${most} ms`;
  };
  const hook = spread(outcomes.map(({ hookMs }) => hookMs));
  const accepted = spread(outcomes.map(({ acceptedMs }) => acceptedMs));
  console.log(`${how}, least / median / most: told to hook ${hook}, hook to accepted ${accepted}`);
  const misses = outcomes.filter(({ enabled }) => enabled !== false);
  const words = misses.map((one) => {
    return `${one.name}: enabled=${one.enabled}, told to hook ${one.hookMs} ms\n${one.log}`;
  });
  assert.equal(misses.length, 0, `${misses.length} of ${COUNT} missed\n${words.join("\n")}`);
}
