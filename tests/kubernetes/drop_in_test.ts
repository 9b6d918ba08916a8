/**
 * The articles' manifests, with what their scripts did replaced. Of `customer-services.yml` env,
 * grace period, lifecycle and probes are unchanged, so each app gets what it wants to know from its
 * image, as a jar has its own configuration.
 */

import assert from "node:assert/strict";
import { marked } from "../../src/registry/nacos/mark.ts";
import { list, record, sendAsAdmin } from "../support/nacos_client.ts";
import { provideOwnImages } from "./images.ts";
import { lineOf, writtenAt } from "./log_lines.ts";
import { clusterTest, eurekaSite, nacosSite } from "./site.ts";
import { type LogLine, type Manifest, type Pod, type PodLog, type Space, until } from "./space.ts";

/** The article's `sleep 30`, which is also the drain where no grace period is known. */
const SCRIPT_SLEEP_MS = 30_000;

clusterTest("drop-in: the article's Nacos manifest, by both ways", async ({ cluster, space }) => {
  const { server } = await nacosSite();
  const made = await sendAsAdmin(server, "POST", "/v3/admin/core/namespace", {
    form: { namespaceId: "online", namespaceName: "online" },
  });
  assert.equal(made.status, 200, made.body);
  const user = await server.createUser("online");

  const ways = ["own-script", "wrapper"] as const;
  const start = startScript({
    serviceName: "customer-services",
    groupName: "kevin-app",
    namespaceId: "online",
    port: "9810",
    NACOS_HTTP: server.rootUrl,
    APP_NACOS_USERNAME: user.username,
    APP_NACOS_PASSWORD: user.password,
  });
  const [ownScript = "", wrapper = ""] = await provideOwnImages(cluster, [
    {
      name: ways[0],
      entrypoint: ["/bin/sh", "/start.sh"],
      files: {
        "/start.sh": start,
        "/opt/service_offline_nacos.sh": `#!/bin/bash
set -a
serviceName="customer-services"
groupName="kevin-app"
metadata="preserved.register.source=SPRING_CLOUD"
namespaceId="online"
port="9810"
NACOS_SERVER_ADDR="${server.addr}"
NACOS_USERNAME="${user.username}"
NACOS_PASSWORD="${user.password}"
exec /opt/service-offline/service_offline_nacos.sh "$@"
`,
      },
    },
    {
      name: ways[1],
      entrypoint: ["/bin/sh", "/start.sh"],
      files: { "/start.sh": start, "/run/secrets/nacos/password": `${user.password}\n` },
      env: {
        serviceName: "customer-services",
        groupName: "kevin-app",
        namespaceId: "online",
        port: "9810",
        NACOS_SERVER_ADDR: server.addr,
        NACOS_USERNAME: user.username,
        NACOS_PASSWORD_FILE: "/run/secrets/nacos/password",
      },
    },
  ]);
  await space.apply(customerServices(ways[0], ownScript), customerServices(ways[1], wrapper));

  await Promise.all(ways.map(async (way) => {
    const [pod] = await space.waitReady(way);
    assert.ok(pod);
    const place = {
      serviceName: "customer-services",
      groupName: "kevin-app",
      namespaceId: "online",
      clusterName: "DEFAULT",
      ip: pod.ip,
      port: 9810,
    };
    const isListed = async () => (await list(server, place)).some(({ ip }) => ip === pod.ip);
    await until("registered", isListed);
    await using log = space.log(pod.name);
    const before = await record(server, place);
    await space.delete(pod.name);
    await until("off the list", async () => !await isListed());
    // Only the flag has changed, and the weight by the mark; the script's PUT made the weight 1.
    assert.ok(before);
    const after = { ...before, enabled: false, weight: marked(before.weight) };
    assert.deepEqual(await record(server, place), after);

    const lines = await endsAfterDrain(space, pod, log, SCRIPT_SLEEP_MS);
    assert.match(
      lineOf(lines, /WARNING: TERMINATION_GRACE_PERIOD_SECONDS is not known/).text,
      /draining only 30 s/,
    );
  }));
});

clusterTest(
  "drop-in: the article's Eureka manifest with its one-liner",
  async ({ cluster, space }) => {
    const eureka = await eurekaSite();
    const [image = ""] = await provideOwnImages(cluster, [{
      name: "one-liner",
      entrypoint: ["/bin/sh", "/start.sh"],
      files: {
        // The app knows its address, the hook finds it: that manifest has no podip.
        "/start.sh": startScript({
          serviceName: "NAME-service",
          port: "8016",
          podip: "$(hostname -i)",
          ...eureka.appEnv,
        }),
      },
    }]);
    await space.apply(nameService(image, eureka.server.rootUrl));
    const [pod] = await space.waitReady("name-service");
    assert.ok(pod);
    const status = () => eureka.status("NAME-service", `${pod.name}:NAME-service:8016`);
    await until("registered", () => eureka.isListed("NAME-service", pod.ip));
    await using log = space.log(pod.name);
    await space.delete(pod.name);
    await until("out of service", async () => await status() === "OUT_OF_SERVICE", 20_000, 50);
    // 30 s less the 15 of STOP_RESERVE_SECONDS, and less the time until it was accepted.
    const lines = await endsAfterDrain(space, pod, log, 12_000);
    lineOf(lines, /WARNING: .*set terminationGracePeriodSeconds: 120/);
  },
);

/** Looks at what is the same for all: in order, without an event of a failure. */
async function endsAfterDrain(
  space: Space,
  pod: Pod,
  log: PodLog,
  drainMs: number,
): Promise<readonly LogLine[]> {
  const lines = await log.ended;
  const accepted = writtenAt(lineOf(lines, /out of service in the registry's own record/));
  const term = writtenAt(lineOf(lines, /^app \S+ TERM/)) - accepted;
  assert.ok(term >= drainMs && term < drainMs + 5_000, `TERM ${term} ms after it was accepted`);
  lineOf(lines, /is out of service, .*exit code 0/);
  assert.match(lines.at(-1)?.text ?? "", /^app \S+ ended/);
  const reasons = (await space.events(pod.name)).map(({ reason }) => reason);
  assert.ok(reasons.includes("Killing"), reasons.join());
  assert.ok(!reasons.some((reason) => /^Failed|Unhealthy/.test(reason)), reasons.join());
  return lines;
}

/** Starts the app with its configuration, which hooks do not inherit. */
function startScript(config: Readonly<Record<string, string>>): string {
  const exports = Object.entries(config).map(([name, value]) => `export ${name}="${value}"\n`);
  return `${exports.join("")}exec /app\n`;
}

/** `customer-services.yml`; adapted are names, image, pull policy, resources and volume. */
function customerServices(name: string, image: string): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: {
      // 2, on nodes of their own.
      replicas: 1,
      minReadySeconds: 10,
      strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }, type: "RollingUpdate" },
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          ...OF_THE_LAB,
          terminationGracePeriodSeconds: 60,
          containers: [{
            name: "customer-services",
            image,
            imagePullPolicy: "Never",
            ports: [{ name: "customer-port", containerPort: 9810 }],
            env: [{ name: "podip", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }],
            lifecycle: {
              postStart: { exec: { command: ["/bin/sh", "-c", "touch /tmp/health"] } },
              preStop: {
                exec: { command: ["/bin/sh", "-c", "sh /opt/service_offline_nacos.sh"] },
              },
            },
            livenessProbe: {
              exec: { command: ["test", "-e", "/tmp/health"] },
              initialDelaySeconds: 5,
              timeoutSeconds: 5,
              periodSeconds: 10,
            },
            readinessProbe: {
              tcpSocket: { port: "customer-port" },
              initialDelaySeconds: 15,
              timeoutSeconds: 5,
              periodSeconds: 20,
            },
            volumeMounts: [
              { name: "customerlog", mountPath: "/var/log/customer-services", readOnly: false },
            ],
          }],
          volumes: [{ name: "customerlog", emptyDir: {} }],
        },
      },
    },
  };
}

/**
 * The Eureka article's, its `curl` and `sleep` replaced, its variables exported. It names no grace
 * period, so that is 30 s. Not told of it the hook drains for 30 s after the write, which is more
 * than there is: TERM by the kubelet after 29.9 s, the hook killed and FailedPreStopHook (1.34.4).
 */
function nameService(image: string, eurekaUrl: string): Manifest {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "name-service-deployment" },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: "name-service" } },
      template: {
        metadata: { labels: { app: "name-service" } },
        spec: {
          ...OF_THE_LAB,
          containers: [{
            name: "name-service",
            image,
            imagePullPolicy: "Never",
            lifecycle: {
              preStop: {
                exec: {
                  command: [
                    "/bin/sh",
                    "-c",
                    ` \
                    export APPLICATION=NAME-service; \
                    export APPLICATION_PORT=8016; \
                    export EUREKA_URL=${eurekaUrl}; \
                    export TERMINATION_GRACE_PERIOD_SECONDS=30; \
                    exec sh /opt/service_offline_eureka.sh; \
                    `,
                  ],
                },
              },
            },
          }],
        },
      },
    },
  };
}

/** What any pod needs there: it has neither service accounts nor Services. */
const OF_THE_LAB = { automountServiceAccountToken: false, enableServiceLinks: false };
