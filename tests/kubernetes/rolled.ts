/** A rolling update under load: real callers, who cache as Spring Cloud apps do. */

import assert from "node:assert/strict";
import { startJavaCaller } from "../support/nacos_callers.ts";
import { callsInWords, startCalls } from "./calls.ts";
import { lineOf } from "./log_lines.ts";
import { nacosSite, PORT, type Site } from "./site.ts";

/** Spring Cloud LoadBalancer's own; the rest of what a caller has comes by push. */
const CACHE_MS = 35_000;
/** Each renews its cache at another time: how long it calls a pod depends on that. */
const CALLERS = 5;

/**
 * Rolls the Deployment `app`, whose pods register with Nacos, and asserts that no call failed, that the
 * old pods were called to the end of the callers' caches, and that each said so in its log.
 */
export async function assertRollsWithoutFailure(site: Site, replicas: number): Promise<void> {
  const { space, service } = site;
  const nacos = await nacosSite();
  await using subscriber = await startJavaCaller({
    line: "3.x",
    server: nacos.server,
    credentials: nacos.user,
  });
  await subscriber.subscribe(service);
  const old = await space.waitReady("app", replicas);
  await subscriber.waitFor(() => subscriber.instances(service).length === replicas, 30_000);

  await using open = new AsyncDisposableStack();
  const caller = open.use(startCalls({
    list: () => subscriber.instances(service),
    cacheMs: CACHE_MS,
    callers: CALLERS,
    everyMs: 150,
  }));
  const logs = old.map(({ name }) => open.use(space.log(name, "app")));
  await space.kubectl("set", "env", "deployment/app", "VERSION=2");
  for (const { name } of old) await space.waitGone(name, 200_000);
  const fresh = await space.waitReady("app", replicas);
  const calls = await caller.stop();

  const words = callsInWords(calls);
  console.log(words);
  assert.deepEqual(calls.flatMap(({ failures }) => failures), [], words);
  const called = (ip: string) => calls.find(({ address }) => address === `${ip}:${PORT}`);
  for (const { ip } of fresh) assert.ok(called(ip)?.answered, `${ip} was not called:\n${words}`);
  // Else the callers' caches were not what the pods had to wait for.
  for (const { ip } of old) assert.ok(called(ip)?.fromCache, `${ip} only as listed:\n${words}`);
  for (const log of logs) lineOf(await log.ended, /drained 4\d\.\d s; exit code 0/);
}
