/**
 * The program as it is shipped, for the hooks of these tests: the bundle, away from deno.json, with
 * its exact permissions.
 */

import { bundle } from "../../scripts/bundle.ts";
import { ship } from "../../scripts/shipped.ts";

/** Peak memory that a run may have, KiB: as GNU time has it, pages of Deno's own file included. */
export const MOST_KIB = 64 * 1024;

/** Builds the bundle and has `startHook` start it, unless `HOOK_BIN` names another. */
export async function prepareProgram(): Promise<() => Promise<void>> {
  if (Deno.env.get("HOOK_BIN")) return () => Promise.resolve();
  const folder = await Deno.makeTempDir({ prefix: "faults-" });
  const { args, env } = await ship(await bundle(`${folder}/service-offline.js`), folder);
  const words = [Deno.execPath(), ...args];
  const lines = [
    "#!/bin/sh",
    ...Object.entries({ ...env, HOME: folder }).map(([name, value]) => `export ${name}=${value}`),
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
