/**
 * The whole shutdown on any registry: `check` beforehand, the app that is told, requests that hold the
 * drain up, whoever is told at the end, and the last line that tells it all.
 */

import assert from "node:assert/strict";
import { startCalled } from "../support/called.ts";
import { runHook, startHook } from "../support/hook.ts";
import { startMetricsServer } from "../support/metrics_server.ts";

/** Longer than the drain by so much that a slow counter is read before that is over. */
const QUIET_SECONDS = 4;

interface ShutdownScene {
  readonly env: Readonly<Record<string, string>>;
  /** Its address, port and the registry's name for it, as URLs are to have them. */
  readonly names: { readonly ip: string; readonly port: number; readonly instance: string };
  isInService(): Promise<boolean>;
}

export async function assertWholeShutdown(scene: ShutdownScene): Promise<void> {
  const { ip, port, instance } = scene.names;
  await using app = startMetricsServer();
  await using told = startCalled();
  const env = {
    ...scene.env,
    TRAFFIC_URL: app.url,
    QUIET_SECONDS: String(QUIET_SECONDS),
    APP_OFFLINE_URL: `${told.rootUrl}/offline?of={instance}`,
    AFTER_DRAIN_URL: `${told.rootUrl}/clear/{ip}/{port}`,
    DRAIN_SECONDS: "2",
    TERMINATION_GRACE_PERIOD_SECONDS: "60",
  };

  const checked = await runHook(["check", "--json"], env);
  assert.equal(checked.code, 0, checked.stdout);
  const report = JSON.parse(checked.stdout);
  assert.equal(report.outcome, "done");
  assert.equal(report.registries[0].state, "inService");
  const findings = report.registries[0].addresses.flatMap(
    (one: { findings: { ok: boolean | null }[] }) => one.findings,
  );
  assert.ok(findings.length >= 4);
  assert.ok(findings.every(({ ok }: { ok: boolean | null }) => ok === true), checked.stdout);
  assert.equal(await scene.isInService(), true);
  assert.deepEqual(told.calls, []);

  const requests = app.keepCalling();
  await using hook = startHook(["offline"], { ...env, LOG_FORMAT: "json" });
  await hook.waitForLine(/"draining"/);
  // On a busy machine that line may come first.
  await hook.waitForLine(/"event":"accepted"/);
  assert.equal(await scene.isInService(), false);
  requests.stop();
  const run = await hook.done;
  const quietMs = Date.now() - app.lastCallAt;

  assert.equal(run.code, 0, run.stdout);
  const end = JSON.parse(run.lastLine);
  const { event, outcome, exitCode, endedBy, registries, appOffline, afterDrain, traffic } = end;
  assert.deepEqual([event, outcome, exitCode, endedBy], ["end", "done", 0, "quiet"]);
  assert.ok(quietMs >= QUIET_SECONDS * 1000, `ended ${quietMs} ms after the last request`);
  assert.ok(traffic.requests > 0);
  assert.deepEqual(told.calls.map(({ method, path }) => `${method} ${path}`), [
    `POST /offline?of=${encodeURIComponent(instance)}`,
    `POST /clear/${ip}/${port}`,
  ]);
  assert.deepEqual([appOffline.ok, afterDrain.ok], [true, true]);
  // A write that is open for a second counts as written.
  assert.ok(appOffline.calledMs >= Math.min(registries[0].writtenMs, 1_000), run.lastLine);
  assert.ok(afterDrain.calledMs >= registries[0].acceptedMs + end.drainedMs - 100, run.lastLine);
}
