/** `deploy/policy/inject.yaml` in a cluster, for as long as a test takes. */

import { REPOSITORY } from "../../scripts/places.ts";
import type { Cluster } from "./cluster.ts";
import { type Manifest, type Space, until } from "./space.ts";

export type Way = "copy" | "mount" | "image";

const POLICY = `${REPOSITORY}/deploy/policy/inject.yaml`;
const IMAGE = "'registry.example.com/service-offline:0.1.0'";

/** Whether the cluster has such policies: 1.36, or 1.34 with feature gate and API switched on. */
export async function policyVersion(cluster: Cluster): Promise<"v1" | "v1beta1" | undefined> {
  const kinds = await cluster.kubectl("api-resources", "--api-group=admissionregistration.k8s.io");
  const [, version] =
    /admissionregistration\.k8s\.io\/(v1|v1beta1) +false +MutatingAdmissionPolicy\n/
      .exec(kinds) ?? [];
  return version as "v1" | "v1beta1" | undefined;
}

/** Changes the lines that are the user's to change, applies it, and opens a namespace to it. */
export async function usePolicy(
  cluster: Cluster,
  space: Space,
  { version, image, way }: { version: string; image: string; way: Way },
): Promise<AsyncDisposable> {
  const text = changed(Deno.readTextFileSync(POLICY), [
    [IMAGE, `'${image}'`],
    [`"'copy'"`, `"'${way}'"`],
    // Ignored, a mistake would show as a pod without hooks, and not say what it is.
    ["failurePolicy: Ignore", "failurePolicy: Fail"],
  ]).replaceAll(
    /^(apiVersion: admissionregistration.k8s.io\/)v1$/gm,
    `$1${version}`,
  );
  const file = Deno.makeTempFileSync({ suffix: ".yaml" });
  try {
    Deno.writeTextFileSync(file, text);
    await cluster.kubectl("apply", "--validate=strict", "-f", file);
    await cluster.kubectl("label", "namespace", space.name, "service-offline=enabled");
    await until("the policy at work", () => isAtWork(space, image));
  } catch (error) {
    await remove(cluster);
    throw error;
  } finally {
    Deno.removeSync(file);
  }
  return { [Symbol.asyncDispose]: () => remove(cluster) };
}

async function remove(cluster: Cluster): Promise<void> {
  const kinds = "mutatingadmissionpolicybinding,mutatingadmissionpolicy";
  await cluster.kubectl("delete", kinds, "service-offline", "--ignore-not-found");
}

/** The API server takes a policy up some seconds after it was written. */
async function isAtWork(space: Space, image: string): Promise<boolean> {
  const labels = { "service-offline": "nacos" };
  const pod = { metadata: { name: "probe", labels }, spec: { containers: [{ name: "x", image }] } };
  return JSON.stringify(await dryRun(space, { apiVersion: "v1", kind: "Pod", ...pod }))
    .includes("/opt/service-offline");
}

/** What the API server would make of an object. */
export async function dryRun(space: Space, object: Manifest): Promise<Manifest> {
  const file = Deno.makeTempFileSync({ suffix: ".json" });
  try {
    Deno.writeTextFileSync(file, JSON.stringify(object));
    return JSON.parse(await space.kubectl("create", "--dry-run=server", "-o", "json", "-f", file));
  } finally {
    Deno.removeSync(file);
  }
}

function changed(text: string, changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new Error(`${POLICY} has no ${from}`);
    return result.replace(from, to);
  }, text);
}
