/** kustomize, from its Go module, or the command that KUSTOMIZE names: `kubectl kustomize`. */

import { parseAllDocuments } from "yaml";
import { REPOSITORY } from "../../scripts/places.ts";
import { runTool } from "../../scripts/tool.ts";
import type { Manifest } from "../kubernetes/space.ts";

/** The version that kubectl 1.34 has in it. */
const MODULE = "sigs.k8s.io/kustomize/kustomize/v5@v5.7.1";

/**
 * Builds objects with a component of `deploy/kustomize`.
 *
 * @param more of the kustomization that includes it
 * @throws where kustomize refuses, with what it says
 */
export async function build(
  component: "hooks" | "init-container" | "image-volume",
  objects: readonly Manifest[],
  more: Manifest = {},
): Promise<Manifest[]> {
  const folder = Deno.makeTempDirSync({ prefix: "service-offline-kustomize-" });
  try {
    // A component is named by a path below the folder, or a relative one.
    await runTool("cp", ["-r", `${REPOSITORY}/deploy/kustomize`, `${folder}/kustomize`]);
    Deno.mkdirSync(`${folder}/app`);
    const list = { apiVersion: "v1", kind: "List", items: objects };
    Deno.writeTextFileSync(`${folder}/app/objects.yaml`, JSON.stringify(list));
    const own = { resources: ["objects.yaml"], components: [`../kustomize/${component}`], ...more };
    Deno.writeTextFileSync(`${folder}/app/kustomization.yaml`, JSON.stringify(own));
    const text = await kustomize(`${folder}/app`);
    return parseAllDocuments(text).map((document) => document.toJS());
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function kustomize(folder: string): Promise<string> {
  const command = Deno.env.get("KUSTOMIZE") ?? `go run ${MODULE} build`;
  const [program = "", ...words] = command.split(" ");
  const env = Object.fromEntries(
    ["HOME", "GOCACHE", "GOMODCACHE", "GOPATH", "GOPROXY", "GOFLAGS"].flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return runTool(program, [...words, folder], { env, ifMissing: "kustomize is built with Go" });
}
