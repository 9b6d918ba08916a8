/**
 * Real apps with several registrations each, in pods: Dubbo with two interfaces and Spring Cloud Alibaba
 * with a gRPC server on real Nacos, Spring Cloud with two Eureka clients on a real Eureka. Callers of each
 * registration lose the pod that `offline` runs in and get it back, also after its container has
 * started again; of another pod of the same app nothing changes.
 */

import assert from "node:assert/strict";
import { alibaba, type App, dubbo, eureka } from "./pods/apps.ts";
import { atOnce, sideBySide } from "../support/at_once.ts";
import { assertEnd, assertStatusEnd } from "../support/ends.ts";
import { startRealEureka } from "../support/eureka_server.ts";
import { registerSecret, removeRecords, runHook, startHook } from "../support/hook.ts";
import { startRealNacos } from "../support/nacos_server.ts";
import { eventually, pause } from "../support/pause.ts";
import { missingForPods, type PodPlace, startPodNetwork } from "../support/pod_network.ts";

type Env = Readonly<Record<string, string>>;

const missing = missingForPods();
if (missing !== undefined) {
  console.error(`\nSKIPPED: no real apps in pods are tried: ${missing}\n`);
  Deno.test({ name: `real apps in pods: ${missing}`, ignore: true, fn: () => {} });
} else {
  const test = sideBySide(
    "real apps in pods: all of a pod leaves and comes back, nothing of another",
  );
  for (const version of ["2.2.4", "3.1.0"] as const) {
    test(`Nacos ${version}`, async (t) => {
      await using network = await startPodNetwork(4);
      const server = await startRealNacos({ version, auth: false, host: network.host });
      await using _end = endsWith(server);
      if (server.admin) registerSecret(server.admin.password);
      await atOnce(t, {
        [`Dubbo on Nacos ${version}`]: () =>
          leavesAndComesBack(dubbo(server), network.pods.slice(0, 2)),
        [`Spring Cloud Alibaba on Nacos ${version}`]: () =>
          leavesAndComesBack(alibaba(server), network.pods.slice(2)),
      });
    });
  }
  test("Eureka with two clients of Spring Cloud", async () => {
    await using network = await startPodNetwork(2);
    const server = await startRealEureka({ mode: "open", cacheMs: 2_000, host: network.host });
    await using _end = endsWith(server);
    await leavesAndComesBack(eureka(server), network.pods);
  });
}

function endsWith(server: { shutdown(): Promise<void> }): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => server.shutdown() };
}

/** The program runs in the first of two pods. */
async function leavesAndComesBack(
  starting: Promise<App>,
  [pod, other]: readonly PodPlace[],
): Promise<void> {
  assert.ok(pod && other);
  await using app = await starting;
  const env: Env = { KUBERNETES_SERVICE_HOST: "10.96.0.1", DRAIN_SECONDS: "1", ...app.env(pod) };
  const hook = (...args: string[]) => runHook(args, env, { launcher: pod.launcher });
  const records = (of: PodPlace) => Promise.all(app.registrations.map((one) => one.record(of.ip)));
  const further = `${app.registrations.length - 1} further registrations? of the pod`;
  const get = (...pods: PodPlace[]) =>
    eventually(async () => {
      // Each try is many calls.
      await pause(200);
      const ips = pods.map(({ ip }) => ip).toSorted();
      for (const [caller, seen] of await app.callersGet()) assert.deepEqual(seen, ips, caller);
    });
  const listed = (text: string, state: string) => {
    for (const { labelOf } of app.registrations) {
      assert.ok(text.includes(`${labelOf(pod.ip)}: ${state}`), `${labelOf(pod.ip)}\n${text}`);
    }
  };
  // The second starts when the first has made the services, as in a rollout.
  await using pods = new AsyncDisposableStack();
  const first = pods.use(await app.start(pod));
  pods.use(await app.start(other));
  await get(pod, other);
  const [before, neighbour] = await Promise.all([records(pod), records(other)]);

  const check = await hook("check");
  assertStatusEnd(check, "done", new RegExp(`would take out: ${app.registrations.length} `));
  listed(check.stdout, "in service");
  assertEnd(await hook("offline"), "done", new RegExp(`${further} (is|are) out of service`));
  await get(other);
  await first.registerAnew?.();
  for (const one of await records(pod)) assert.equal(app.isOut(one), true, JSON.stringify(one));
  const status = await hook("status");
  assertStatusEnd(status, "done");
  listed(status.stdout, "out of service");
  assertEnd(await hook("online", "--strict"), "done", new RegExp(`${further} (is|are) in service`));
  await get(pod, other);
  const now = await records(pod);
  assert.deepEqual(now.map(app.kept), before.map(app.kept));

  // A container that dies and starts again in its pod: what the hook left on its disk is gone.
  assertEnd(await hook("offline"), "done", new RegExp(`${further} (is|are) out of service`));
  await first.kill();
  removeRecords(app.name);
  // postStart begins with the container.
  await using _online = startHook(["online", "--background"], env, { launcher: pod.launcher });
  pods.use(await app.start(pod));
  await get(pod, other);
  const lasting = async () => (await records(pod)).map(app.lasting);
  assert.deepEqual(await lasting(), before.map(app.lasting));
  assert.deepEqual(await records(other), neighbour);
  removeRecords(app.name);
}
