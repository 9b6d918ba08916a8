/**
 * The program as it is shipped, for the hooks of these tests: the bundle, away from deno.json, with
 * its exact permissions.
 */

import { bundleForDeno } from "../../scripts/bundle.ts";
import { shippedArgs } from "../../scripts/program.ts";

/** Peak memory that a run may have, KiB: as GNU time has it, pages of Deno's own file included. */
export const MOST_KIB = 64 * 1024;

/** Builds the bundle and has `startHook` start it, unless `HOOK_BIN` names another. */
export async function prepareProgram(): Promise<() => Promise<void>> {
  if (Deno.env.get("HOOK_BIN")) return () => Promise.resolve();
  const folder = await Deno.makeTempDir({ prefix: "faults-" });
  const file = await bundleForDeno(`${folder}/service-offline.js`);
  const words = [Deno.execPath(), ...shippedArgs(file)];
  // As the kit's launcher has it: no cache is written, no newer version is looked for.
  const lines = [
    "#!/bin/sh",
    `export DENO_NO_UPDATE_CHECK=1 DENO_DIR=/dev/null HOME=${folder}`,
    `exec ${words.map((word) => `'${word}'`).join(" ")} "$@"`,
  ];
  const launcher = `${folder}/service-offline`;
  await Deno.writeTextFile(launcher, `${lines.join("\n")}\n`, { mode: 0o755 });
  Deno.env.set("HOOK_BIN", launcher);
  return async () => {
    Deno.env.delete("HOOK_BIN");
    await Deno.remove(folder, { recursive: true });
  };
}
