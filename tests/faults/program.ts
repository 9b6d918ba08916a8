/**
 * The program as it is shipped, for the hooks of these tests: the bundle, away from deno.json, with
 * its exact permissions.
 */

import { bundle } from "../../scripts/bundle.ts";
import { ship } from "../../scripts/shipped.ts";

/** Peak memory that a run may have, KiB: as GNU time has it, pages of Deno's own file included. */
export const MOST_KIB = 64 * 1024;

/** Builds the program and has `startHook` start it, unless `HOOK_BIN` names another. */
export async function prepareProgram(): Promise<() => Promise<void>> {
  if (Deno.env.get("HOOK_BIN")) return () => Promise.resolve();
  const folder = await Deno.makeTempDir({ prefix: "faults-" });
  Deno.env.set("HOOK_BUNDLE", await ship(await bundle(`${folder}/bundle.js`), folder));
  return async () => {
    Deno.env.delete("HOOK_BUNDLE");
    await Deno.remove(folder, { recursive: true });
  };
}
