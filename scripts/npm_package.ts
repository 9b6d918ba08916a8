/**
 * `deno task npm`: the npm package `service-offline`, as dist/service-offline-VERSION.tgz. It is laid
 * out as this repository is, as far as scripts read it, and depends on the pinned `deno` alone.
 *
 * @module
 */

import { bundle, bundleScript } from "./bundle.ts";
import { assertPinnedDeno, DENO_VERSION } from "./deno_version.ts";
import { remove } from "./kit_place.ts";
import { ALONE, argsBefore } from "./program.ts";
import { DIST, REPOSITORY } from "./places.ts";
import { runTool } from "./tool.ts";
import { normalize } from "./tree.ts";
import { VERSION } from "../src/version.ts";

/** What the package says of itself. */
const MANIFEST = {
  name: "service-offline",
  version: VERSION,
  description: "Graceful offline for Nacos and Eureka: a Kubernetes preStop hook that proves it",
  keywords: ["nacos", "eureka", "kubernetes", "prestop", "graceful-shutdown", "spring-cloud"],
  license: "MIT",
  bin: { "service-offline": "bin/service-offline.cjs" },
  dependencies: { deno: DENO_VERSION },
  engines: { node: ">=18" },
};

/** Writes the folder of the package, and packs it. Returns the archive. */
async function pack(): Promise<string> {
  const folder = `${DIST}/npm`;
  remove(folder);
  for (const name of ["bin", "scripts"]) Deno.mkdirSync(`${folder}/${name}`, { recursive: true });
  const write = (name: string, value: unknown) =>
    Deno.writeTextFileSync(`${folder}/${name}`, `${JSON.stringify(value, null, 2)}\n`);
  write("package.json", MANIFEST);
  write("arguments.json", {
    program: argsBefore(false),
    kit: ["run", "-A", ...ALONE],
  });
  await bundle(`${folder}/service-offline.mjs`);
  await bundleScript("scripts/npm_kit.ts", `${folder}/scripts/kit.mjs`);
  const npm = `${REPOSITORY}/scripts/npm`;
  Deno.copyFileSync(`${npm}/service_offline.cjs`, `${folder}/bin/service-offline.cjs`);
  Deno.copyFileSync(`${npm}/README.md`, `${folder}/README.md`);
  Deno.copyFileSync(`${REPOSITORY}/LICENSE`, `${folder}/LICENSE`);
  for (const name of ["licenses", "scripts/wrappers"]) {
    await runTool("cp", ["-R", `${REPOSITORY}/${name}`, `${folder}/${name}`]);
  }
  normalize(folder);
  const packed = await runTool("npm", ["pack", "--json", "--pack-destination", DIST, folder]);
  return `${DIST}/${JSON.parse(packed)[0].filename}`;
}

if (import.meta.main) {
  try {
    assertPinnedDeno();
    const archive = await pack();
    console.log(`${archive}: ${Deno.statSync(archive).size} bytes`);
    console.log(
      "It is not published from here: `npm publish` it to your own registry, or install the file.",
    );
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
