/** The manifests that people copy: a real API server takes them, and their numbers agree. */

import assert from "node:assert/strict";
import { REPOSITORY } from "../../scripts/places.ts";
import { clusterTest } from "./site.ts";

const EXAMPLES = `${REPOSITORY}/examples`;

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly lifecycle?: {
    readonly postStart?: { readonly exec?: { readonly command: readonly string[] } };
    readonly preStop?: { readonly exec?: { readonly command: readonly string[] } };
  };
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
}

clusterTest(
  "every example is accepted by the server, and its grace period is said twice",
  async (site) => {
    const { space, images } = site;
    const files = yamlFiles(EXAMPLES);
    assert.notDeepEqual(files, [], `no manifests below ${EXAMPLES}`);
    const problems: string[] = [];
    for (const file of files) {
      try {
        const how = ["--dry-run=server", "--validate=strict", "-o", "json"];
        const applied = JSON.parse(await space.kubectl("apply", ...how, "-f", file));
        const specs = podSpecs(applied);
        if (specs.length === 0) problems.push(`${file}: no pods`);
        for (const spec of specs) {
          problems.push(...problemsOf(spec, images.execForm).map((text) => `${file}: ${text}`));
        }
      } catch (error) {
        problems.push(`${file}: ${error instanceof Error ? error.message : error}`);
      }
    }
    assert.deepEqual(problems, []);
  },
);

function yamlFiles(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return yamlFiles(path);
    return /\.ya?ml$/.test(name) ? [path] : [];
  }).sort();
}

function podSpecs(object: {
  readonly kind: string;
  readonly items?: readonly Parameters<typeof podSpecs>[0][];
  readonly spec?: PodSpec & { readonly template?: { readonly spec: PodSpec } };
}): PodSpec[] {
  const { kind, items = [], spec } = object;
  if (kind === "List") return items.flatMap(podSpecs);
  if (spec?.template) return [spec.template.spec];
  return kind === "Pod" && spec ? [spec] : [];
}

function problemsOf(spec: PodSpec, execForm: readonly string[]): string[] {
  // The server puts 30 where the manifest names none, which no example can mean.
  const grace = String(spec.terminationGracePeriodSeconds);
  const runs = [...spec.initContainers ?? [], ...spec.containers].filter(runsTheProgram);
  if (runs.length === 0) return ["no container runs the program"];
  return runs.flatMap((container) => {
    const { name, env = [], lifecycle = {} } = container;
    const said = env.find((one) => one.name === "TERMINATION_GRACE_PERIOD_SECONDS")?.value;
    const problems = said === grace
      ? []
      : [`TERMINATION_GRACE_PERIOD_SECONDS of ${name} is ${said}, the pod's grace is ${grace}`];
    for (const { exec } of [lifecycle.postStart ?? {}, lifecycle.preStop ?? {}]) {
      const command = exec?.command ?? [];
      // It has the names of all settings in it.
      if (command[0] === execForm[0] && !execForm.every((word, i) => command[i] === word)) {
        problems.push(`a command of ${name} is not that of exec-form.json of the kit`);
      }
    }
    return problems;
  });
}

function runsTheProgram({ image, command, args = [], lifecycle }: Container): boolean {
  if (args[0] === "install") return false;
  const words = JSON.stringify([image, command, args, lifecycle]);
  return /service[-_]o(ff|n)line/.test(words);
}
