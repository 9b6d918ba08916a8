/**
 * How the program is run from source, with exactly the permissions that are compiled in.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { permissionFlags } from "./permissions.ts";

const ROOT = new URL("../", import.meta.url);

/**
 * The command line without the program's own arguments, `deno` first.
 *
 * @param denoFlags further flags for `deno run`
 */
export function fromSource(...denoFlags: readonly string[]): [string, ...string[]] {
  return [
    Deno.execPath(),
    "run",
    ...denoFlags,
    ...permissionFlags(),
    `--config=${fileURLToPath(new URL("deno.json", ROOT))}`,
    fileURLToPath(new URL("src/main.ts", ROOT)),
  ];
}

/** What `deno` itself needs of an environment that is cleared else: where its cache is. */
export function cacheEnvironment(): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of ["DENO_DIR", "HOME", "XDG_CACHE_HOME"]) {
    const value = Deno.env.get(name);
    if (value !== undefined) found[name] = value;
  }
  return found;
}
