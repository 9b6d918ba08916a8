/**
 * How the program is run on a `deno`, with exactly the permissions that are compiled in.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { permissionFlags } from "./permissions.ts";
import { V8_FLAGS, V8_FLAGS_WITH_CODE } from "./v8_flags.ts";

const ROOT = new URL("../", import.meta.url);

/**
 * The command line without the program's own arguments, `deno` first.
 *
 * @param denoFlags further flags for `deno run`
 */
export function fromSource(...denoFlags: readonly string[]): [string, ...string[]] {
  const config = fileURLToPath(new URL("deno.json", ROOT));
  const main = fileURLToPath(new URL("src/main.ts", ROOT));
  return [
    ...[Deno.execPath(), "run", V8_FLAGS] as const,
    ...permissionFlags(),
    ...denoFlags,
    `--config=${config}`,
    main,
  ];
}

/** With these `deno` reads no deno.json, package.json or lock file above a script, and no package. */
export const ALONE: readonly string[] = [
  "--quiet",
  "--no-config",
  "--no-lock",
  "--no-remote",
  "--no-npm",
];

/**
 * The arguments of `deno` where the program is shipped with one.
 *
 * @param path of the bundle
 */
export function shippedArgs(path: string, hasCode = true): readonly string[] {
  return [...argsBefore(hasCode), path];
}

/**
 * Those before the bundle's path.
 *
 * @param hasCode whether `DENO_DIR` has V8's code of it (deno_dir.ts)
 */
export function argsBefore(hasCode: boolean): readonly string[] {
  return [
    "run",
    ...ALONE,
    "--cached-only",
    ...hasCode ? [V8_FLAGS_WITH_CODE] : ["--no-code-cache", V8_FLAGS],
    ...permissionFlags(),
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
