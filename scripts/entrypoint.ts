/**
 * The command of the image on the npm package's deno: the Dockerfile has to hold it as it is, since
 * an ENTRYPOINT in exec form fills nothing in.
 *
 * @module
 */

import { denoCommand } from "./build_kit.ts";
import { KIT_DENO_DIR } from "./places.ts";

/** The Dockerfile of the image. */
export const DOCKERFILE = new URL("../Dockerfile", import.meta.url);

/** What the Dockerfile names the kit's loader, whose own name differs by machine. */
const LOADER = "/loader";

/** The Dockerfile with the command as the code has it, and the folder that Deno reads. */
export function withEntrypoint(dockerfile: string): string {
  const [, ...rest] = denoCommand("");
  const line = `ENTRYPOINT ${JSON.stringify([LOADER, ...rest])}`;
  return dockerfile
    .replace(/^ENTRYPOINT \["\/loader".*\]$/m, () => line)
    .replace(/ DENO_DIR=\S+/, ` DENO_DIR=${KIT_DENO_DIR}`);
}
