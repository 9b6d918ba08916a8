/**
 * Where the kit stands in an image, and where it is built.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

/** The root of the repository, without a slash at the end. */
export const REPOSITORY: string = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** What is built, unless a script is told another folder. */
export const DIST = `${REPOSITORY}/dist`;

/** The kit in an image. The executable holds this path (its loader and libraries), so it is fixed. */
export const KIT = "/opt/service-offline";

/** The libraries of the kit. */
export const KIT_LIB = `${KIT}/lib`;

/** What Deno has kept of the program (deno_dir.ts), where the base is `deno`. */
export const KIT_DENO_DIR = `${KIT}/deno_dir`;

/** The program of the kit: an executable, or where the base is `deno` a script that starts it. */
export const KIT_PROGRAM = `${KIT}/service-offline`;
