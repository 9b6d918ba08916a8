/** A sidecar does it all; the app's image has nothing of it, and its hook only sleeps. */

import assert from "node:assert/strict";
import { marked } from "../../src/registry/nacos/mark.ts";
import { register, sendAsAdmin } from "../support/nacos_client.ts";
import { lineOf } from "./log_lines.ts";
import { barePod, envList } from "./manifests.ts";
import { clusterTest, type NacosSite, nacosSite, PORT, type Site } from "./site.ts";
import { type LogLine, type Manifest, type Pod, until } from "./space.ts";

const DRAIN_SECONDS = 6;
/** Longer than the drain, with time for the write and the login before it. */
const SLEEP_SECONDS = 12;
const GRACE_SECONDS = 40;

/** What a pod with a sidecar has printed until its end. */
interface Stop {
  readonly app: readonly LogLine[];
  readonly sidecar: readonly LogLine[];
}

clusterTest("sidecar, a plain container: TERM takes the instance out", async (site) => {
  const { app, sidecar } = await startAndStop(site, (container) => ({ containers: [container] }));
  const told = lineOf(sidecar, /taking it out of service: write accepted/).at;
  const drained = lineOf(sidecar, /is out of service.*drained 6\.\d s; exit code 0/).at;
  const term = lineOf(app, /^app \S+ TERM/).at;
  assert.ok(drained - told >= DRAIN_SECONDS * 1000, `drained ${drained - told} ms`);
  assert.ok(drained < term, `TERM ${drained - term} ms before the end of the drain`);
});

clusterTest("sidecar, a native one: its preStop takes the instance out", async (site) => {
  const { images } = site;
  const { app, sidecar } = await startAndStop(site, (container) => ({
    initContainers: [{
      ...container,
      restartPolicy: "Always",
      // It gets TERM only when the app has ended; its preStop runs beside that of the app.
      lifecycle: { preStop: { exec: { command: [...images.execForm, "offline"] } } },
    }],
  }));
  // Nobody sees what a hook prints in an image without a shell; what comes after shows that it was.
  const last = lineOf(sidecar, /an `offline` of this container has ended already/).at;
  const ended = lineOf(app, /^app \S+ ended/).at;
  assert.ok(ended <= last, `the sidecar ended ${ended - last} ms before the app`);
});

/** Starts a pod with a sidecar, out of service as a process before may leave it, and deletes it. */
async function startAndStop(
  { space, images, service }: Site,
  place: (container: Manifest) => Manifest,
): Promise<Stop> {
  const nacos = await nacosSite();
  const env = { serviceName: service, port: String(PORT) };
  const sidecarEnv = {
    ...nacos.hookEnv,
    ...env,
    DRAIN_SECONDS: String(DRAIN_SECONDS),
    TERMINATION_GRACE_PERIOD_SECONDS: String(GRACE_SECONDS),
  };
  await space.apply(barePod({
    name: "app",
    image: images.app,
    env: { ...nacos.appEnv, ...env, REGISTER_AFTER: "10" },
    graceSeconds: GRACE_SECONDS,
    container: { lifecycle: { preStop: { sleep: { seconds: SLEEP_SECONDS } } } },
    pod: {
      ...place({
        name: "sidecar",
        image: images.kit,
        imagePullPolicy: "Never",
        args: ["sidecar"],
        // The record of its preStop is in its image's own /tmp: without one a native sidecar drains
        // once more after that, and the pod ends 6 s later.
        env: envList(sidecarEnv),
      }),
    },
  }));
  const [pod] = await space.waitReady("app");
  assert.ok(pod);
  await leaveOutOfService(nacos, service, pod);
  await using app = space.log(pod.name, "app");
  await using sidecar = space.log(pod.name, "sidecar");
  await app.waitFor(/registered/);
  await sidecar.waitFor(/is in service, accepted after .*; waiting for TERM/);
  assert.equal(await nacos.isEnabled(service, pod.ip), true);
  assert.ok(await nacos.isListed(service, pod.ip));

  const deletedAt = await space.delete(pod.name);
  await until("off the list", async () => !await nacos.isListed(service, pod.ip), 10_000);
  assert.equal(await nacos.isEnabled(service, pod.ip), false);
  await space.waitGone(pod.name, GRACE_SECONDS * 1000);
  const ends = { app: await app.ended, sidecar: await sidecar.ended };
  const term = lineOf(ends.app, /^app \S+ TERM/).at - deletedAt;
  assert.ok(term >= SLEEP_SECONDS * 1000, `TERM ${term} ms after the delete`);
  const reasons = (await space.events(pod.name)).map(({ reason }) => reason);
  assert.ok(!reasons.some((reason) => reason.startsWith("Failed")), reasons.join());
  return ends;
}

/**
 * Nacos 3.1.0 remembers a disabled address of a service that it knows, whoever registers there
 * later: what a process before in the same pod leaves behind.
 */
async function leaveOutOfService({ server }: NacosSite, service: string, pod: Pod): Promise<void> {
  const other = { serviceName: service, ip: "10.0.0.1", port: PORT };
  await register(server, other);
  const place = { ip: pod.ip, port: String(PORT), ephemeral: "true" };
  // The weight carries the mark of an `offline`.
  const form = { ...other, ...place, enabled: "false", weight: String(marked(1)) };
  const answer = await sendAsAdmin(server, "PUT", "/v3/admin/ns/instance", { form });
  assert.equal(JSON.parse(answer.body).code, 0, answer.body);
}
