/**
 * Where the kit stands in an image, and where it is built.
 *
 * @module
 */

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of the repository, without a slash at the end. */
export const REPOSITORY: string = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** What is built, unless a script is told another folder. */
export const DIST = `${REPOSITORY}/dist`;

/** The kit in an image. The executable holds this path (its loader and libraries), so it is fixed. */
export const KIT = "/opt/service-offline";

/** The libraries of the kit. */
export const KIT_LIB = `${KIT}/lib`;

/** The program of the kit: an executable, or where the base is `deno` a script that starts it. */
export const KIT_PROGRAM = `${KIT}/service-offline`;

/** What that script starts. It ends in `.mjs`: a package.json above may say that `.js` is CommonJS. */
export const KIT_BUNDLE = `${KIT}/service-offline.mjs`;

/** What Deno has kept of it. */
export const KIT_DENO_DIR: string = denoDirOf(KIT_BUNDLE);

/** The folder beside a program in which there is what Deno has kept of it (deno_dir.ts). */
export function denoDirOf(program: string): string {
  return `${dirname(program)}/deno_dir`;
}
