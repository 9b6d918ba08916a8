/** A container that is started anew in its pod, and what postStart's `service_online.sh` is for. */

import assert from "node:assert/strict";
import { lineOf, writtenAt } from "./log_lines.ts";
import { barePod, killedApp } from "./manifests.ts";
import { clusterTest, eurekaSite, nacosSite, PORT, startRegistered } from "./site.ts";
import { type Pod, type Space, until } from "./space.ts";

const PORT_VALUE = String(PORT);
const LIVENESS = {
  livenessProbe: {
    exec: { command: ["cat", "/tmp/health"] },
    periodSeconds: 1,
    failureThreshold: 1,
  },
};
const HOOKS = {
  postStart: ["sh", "-c", "touch /tmp/health; exec sh /opt/service_online.sh"],
  preStop: ["sh", "/opt/service_offline_nacos.sh"],
};

clusterTest(
  "liveness failure: the hook runs, and the container of the same address is back in service",
  async (site) => {
    const { space, images, service } = site;
    const nacos = await nacosSite();
    const drainSeconds = 5;
    const pod = await startRegistered(site, {
      image: images.appWithKit,
      env: { DRAIN_SECONDS: String(drainSeconds) },
      graceSeconds: 60,
      hooks: HOOKS,
      container: LIVENESS,
    }, barePod);
    await using before = space.log(pod.name);
    await before.waitFor(/in service.*exit code 0$/);

    await space.kubectl("exec", pod.name, "--", "rm", "/tmp/health");
    await until("out", async () => await nacos.isEnabled(service, pod.ip) === false);
    const lines = await before.ended;
    const accepted = writtenAt(lineOf(lines, /taking it out of service: write accepted/));
    const term = writtenAt(lineOf(lines, /^app \S+ TERM/));
    assert.ok(term - accepted >= drainSeconds * 1000, `TERM ${term - accepted} ms after the write`);

    const again = await restarted(space, pod);
    assert.equal(again.ip, pod.ip);
    await using after = space.log(pod.name);
    // Nacos remembers for a minute that this address is out, and the app comes back within seconds.
    await after.waitFor(/putting it back into service: write accepted/);
    await after.waitFor(/in service.*exit code 0$/);
    await until("listed", () => nacos.isListed(service, pod.ip), 5_000);
    await staysSo(async () => {
      assert.equal(await nacos.isEnabled(service, pod.ip), true);
      assert.ok(await nacos.isListed(service, pod.ip));
    });
    const reasons = (await space.events(pod.name)).map(({ reason }) => reason);
    assert.ok(reasons.includes("Unhealthy") && reasons.includes("Killing"), reasons.join());
    assert.ok(!reasons.some((reason) => reason.startsWith("Failed")), reasons.join());
  },
);

clusterTest(
  "an app that is killed and takes 90 s to register is out until then, and then in service",
  async (site) => {
    const { space, images, service } = site;
    const eureka = await eurekaSite();
    // Slow only when it is started again. KILL, since an app that deregisters itself takes Eureka's
    // override with it; the other way it stays for an hour, and the new process is out by it.
    const slowAgain = "[ ! -e /kept/started ] || export REGISTER_AFTER=90; touch /kept/started;";
    const kept = { name: "kept", emptyDir: {} };
    await space.apply(barePod({
      name: "app",
      image: images.appWithKit,
      env: {
        ...eureka.appEnv,
        ...eureka.hookEnv,
        serviceName: service,
        port: PORT_VALUE,
        instanceId: service,
        DRAIN_SECONDS: "2",
        TERMINATION_GRACE_PERIOD_SECONDS: "60",
      },
      graceSeconds: 60,
      hooks: { ...HOOKS, preStop: ["sh", "/opt/service_offline_eureka.sh"] },
      container: {
        ...LIVENESS,
        command: killedApp(slowAgain),
        volumeMounts: [{ name: "kept", mountPath: "/kept" }],
      },
      pod: { volumes: [kept] },
    }));
    const [pod] = await space.waitReady("app");
    assert.ok(pod);
    const status = () => eureka.status(service, service);
    await until("UP", async () => await status() === "UP");
    await space.kubectl("exec", pod.name, "--", "rm", "/tmp/health");
    await until("out", async () => await status() === "OUT_OF_SERVICE");

    await restarted(space, pod);
    await using log = space.log(pod.name);
    const seen = new Set<string | undefined>();
    const registered = log.waitFor(/^app \S+ registered/, 120_000);
    let over = false;
    registered.finally(() => over = true);
    while (!over) {
      seen.add(await status());
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    assert.deepEqual([...seen], ["OUT_OF_SERVICE"]);
    const started = await log.waitFor(/^app \S+ started/);
    assert.ok(writtenAt(await registered) - writtenAt(started) >= 90_000);
    await log.waitFor(/in service.*exit code 0$/);
    await staysSo(async () => assert.equal(await status(), "UP"));
  },
);

clusterTest("a registry that is down does not hurt the start", async (site) => {
  const { space, images, service, cluster } = site;
  // Nobody listens; nobody has the address.
  const dead = { refused: `${cluster.hostAddress}:9`, silent: "192.0.2.1:8848" };
  const pods = Object.entries(dead).map(([name, addr]) =>
    barePod({
      name: "app",
      image: images.appWithKit,
      env: {
        NACOS_HTTP: `http://${addr}/nacos`,
        NACOS_SERVER_ADDR: addr,
        serviceName: service,
        port: PORT_VALUE,
        ONLINE_TIMEOUT_SECONDS: "10",
      },
      graceSeconds: 5,
      hooks: { postStart: HOOKS.postStart },
      container: LIVENESS,
    }, name)
  );
  await space.apply(...pods);
  const ready = await space.waitReady("app", pods.length);
  for (const { name } of ready) {
    const ms = await startMs(space, name);
    assert.ok(ms <= 3_000, `${name}: ready ${ms} ms after its start`);
  }
  for (const { name } of ready) {
    await using log = space.log(name);
    await log.waitFor(/unreachable: nacos: .*exit code 0$/);
    const pod = await space.pod(name);
    assert.ok(pod?.ready);
    assert.equal(pod.restarts, 0);
    const reasons = (await space.events(name)).map(({ reason }) => reason);
    assert.ok(!reasons.some((reason) => reason.startsWith("Failed")), reasons.join());
  }
});

/** Waits for the container's second life. */
function restarted(space: Space, { name }: Pod): Promise<Pod> {
  return until("ready again", async () => {
    const pod = await space.pod(name);
    return pod?.restarts === 1 && pod.ready && pod;
  });
}

/** Looks for as long as heartbeats and lists take to show something else. */
async function staysSo(look: () => Promise<void>): Promise<void> {
  for (let i = 0; i < 8; i++) {
    await look();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** How long a pod's container took from its start until it was ready; the cluster has seconds. */
async function startMs(space: Space, name: string): Promise<number> {
  const { status } = JSON.parse(await space.kubectl("get", "pod", name, "-o", "json"));
  const ready = status.conditions.find((one: { type: string }) => one.type === "Ready");
  const { startedAt } = status.containerStatuses[0].state.running;
  return Date.parse(ready.lastTransitionTime) - Date.parse(startedAt);
}
