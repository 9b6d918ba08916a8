/**
 * The files of `deploy/` on a cluster: a Deployment that says nothing of this project gets a label, is
 * rolled under load, and loses the label again. By hand: a quarter of an hour; the policy and image
 * volumes need what `lab/newer.sh` switches on.
 *
 * Kyverno's controllers come as images, which the lab cannot pull; its CLI is in tests/deploy.
 */

import assert from "node:assert/strict";
import { parseAllDocuments } from "yaml";
import { REPOSITORY } from "../../scripts/places.ts";
import { build } from "../deploy/kustomize.ts";
import { openCluster } from "./cluster.ts";
import { dryRun, policyVersion, usePolicy, type Way } from "./policy.ts";
import { assertRollsWithoutFailure } from "./rolled.ts";
import { clusterTest, nacosSite, PORT, type Site } from "./site.ts";
import { type Manifest, type Pod, until } from "./space.ts";

const REPLICAS = 2;
const LABEL = { "service-offline": "nacos" };

clusterTest("policy: each pod of pods.yaml becomes what patched.yaml says", async (site) => {
  const { cluster, space } = site;
  const version = await neededVersion();
  const image = "registry.example.com/service-offline:0.1.0";
  await using _policy = await usePolicy(cluster, space, { version, image, way: "copy" });
  const patched = new Map(read("patched.yaml").map((pod) => [nameOf(pod), pod]));
  const pods = read("pods.yaml").filter(({ metadata }) => metadata.namespace === "shop");
  assert.ok(pods.length > patched.size && patched.size > 0);
  for (const pod of pods) {
    // As it is asked for, with the server's own defaults on both sides.
    const { metadata: { namespace: _1, ...metadata }, ...rest } = pod;
    const expected = patched.get(nameOf(pod)) ?? pod;
    const { metadata: { namespace: _2, labels: _3, ...unlabelled }, ...wanted } = expected;
    const got = await dryRun(space, { ...rest, metadata });
    const plain = await dryRun(space, { ...wanted, metadata: unlabelled });
    assert.deepEqual(got["spec"], plain["spec"], nameOf(pod));
  }
});

for (const way of ["copy", "mount", "image"] as const) {
  clusterTest(`policy, ${way}: labelled, rolled under load, unlabelled`, async (site) => {
    await usesPolicy(site, way);
  });
}

for (const component of ["init-container", "image-volume", "hooks"] as const) {
  clusterTest(`kustomize, ${component}: labelled, rolled under load, unlabelled`, async (site) => {
    const { space, images } = site;
    const [name, newTag] = images.kit.split(/:(?=[^:]*$)/);
    const images_ = [{ name: "registry.example.com/service-offline", newName: name, newTag }];
    const plain = await plainApp(site, component === "hooks");
    await restrict(site);
    await space.apply(plain);
    const before = await registered(site);
    const labelled = { ...plain, metadata: { ...plain.metadata, labels: LABEL } };
    await space.apply(...await build(component, [labelled], { images: images_ }));
    await replaced(site, before);
    await assertRollsWithoutFailure(site, REPLICAS);
    const old = await space.pods("app");
    await space.apply(...await build(component, [plain], { images: images_ }));
    await replaced(site, old);
    await assertNothingLeft(site, plain);
  });
}

async function usesPolicy(site: Site, way: Way): Promise<void> {
  const { cluster, space, images } = site;
  const version = await neededVersion();
  await using _policy = await usePolicy(cluster, space, { version, image: images.kit, way });
  const plain = await plainApp(site, way === "image");
  await restrict(site);
  await space.apply(plain);
  const before = await registered(site);
  await label(site, LABEL);
  await replaced(site, before);
  await assertHooksShow(site);
  await assertRollsWithoutFailure(site, REPLICAS);
  const old = await space.pods("app");
  await label(site, { "service-offline": null });
  await replaced(site, old);
  await assertNothingLeft(site, plain);
}

async function neededVersion(): Promise<string> {
  const version = await policyVersion(await openCluster());
  if (version) return version;
  throw new Error("This cluster has no MutatingAdmissionPolicy: see tests/kubernetes/lab/newer.sh");
}

/** A Deployment as a Spring team has it: its own words, none of ours, and next to no rights. */
async function plainApp({ images, service }: Site, hasKit: boolean) {
  const { server, user, appEnv } = await nacosSite();
  const spring = {
    SPRING_APPLICATION_NAME: service,
    SERVER_PORT: String(PORT),
    SPRING_CLOUD_NACOS_DISCOVERY_SERVER_ADDR: server.addr,
    SPRING_CLOUD_NACOS_DISCOVERY_USERNAME: user.username,
    SPRING_CLOUD_NACOS_DISCOVERY_PASSWORD: user.password,
    ...appEnv,
  };
  // What the app of the tests wants to know it finds out as Spring does; hooks do not inherit it.
  const start =
    "podip=$(hostname -i) serviceName=$SPRING_APPLICATION_NAME port=$SERVER_PORT exec /app";
  const labels = { app: "app" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "app" },
    spec: {
      replicas: REPLICAS,
      minReadySeconds: 5,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [{
            name: "app",
            image: hasKit ? images.appWithKit : images.app,
            imagePullPolicy: "Never",
            command: ["sh", "-c", start],
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ["ALL"] },
            },
            env: Object.entries(spring).map(([name, value]) => ({ name, value })),
            readinessProbe: { tcpSocket: { port: PORT }, periodSeconds: 1 },
          }],
        },
      },
    },
  };
}

/** By the command of docs/rollout.md. */
async function assertHooksShow({ space }: Site): Promise<void> {
  const columns = "NS:.metadata.namespace,POD:.metadata.name," +
    "HOOK:.spec.containers[*].lifecycle.preStop.exec.command";
  const how = ["-l", "service-offline", "-o", `custom-columns=${columns}`, "--no-headers"];
  const lines = (await space.kubectl("get", "pods", ...how)).trim().split("\n");
  assert.equal(lines.length, REPLICAS);
  for (const line of lines) assert.match(line, /service_offline_nacos\.sh/);
}

/** The API server then refuses what the Pod Security Standard does not allow. */
async function restrict({ space }: Site): Promise<void> {
  const enforce = "pod-security.kubernetes.io/enforce=restricted";
  await space.kubectl("label", "namespace", space.name, enforce);
}

async function label({ space }: Site, labels: Readonly<Record<string, string | null>>) {
  const patch = { spec: { template: { metadata: { labels } } } };
  await space.kubectl("patch", "deployment", "app", "--patch", JSON.stringify(patch));
}

/** Waits until callers are given each pod. */
async function registered({ space, service }: Site): Promise<Pod[]> {
  const nacos = await nacosSite();
  const pods = await space.waitReady("app", REPLICAS);
  for (const { ip } of pods) await until("registered", () => nacos.isListed(service, ip));
  return pods;
}

async function replaced(site: Site, old: readonly Pod[]): Promise<void> {
  for (const { name } of old) await site.space.waitGone(name, 240_000);
  await registered(site);
}

/** The pods are those of the plain Deployment, but for what the roll has set. */
async function assertNothingLeft(
  { space }: Site,
  plain: { readonly spec: { readonly template: { readonly spec: Manifest } } },
): Promise<void> {
  const { items } = JSON.parse(await space.kubectl("get", "pods", "-l", "app=app", "-o", "json"));
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "plain" } };
  const wanted = await dryRun(space, { ...pod, spec: plain.spec.template.spec });
  assert.equal(items.length, REPLICAS);
  for (const { spec: { nodeName: _, ...spec } } of items) {
    const [app] = spec.containers;
    app.env = app.env.filter(({ name }: { name: string }) => name !== "VERSION");
    assert.deepEqual(spec, wanted["spec"]);
  }
}

interface PodManifest extends Manifest {
  readonly metadata: Readonly<Record<string, unknown>> & { readonly name: string };
}

function read(file: string): PodManifest[] {
  const text = Deno.readTextFileSync(`${REPOSITORY}/deploy/kyverno/${file}`);
  return parseAllDocuments(text).map((document) => document.toJS());
}

function nameOf({ metadata: { name } }: PodManifest): string {
  return name;
}
