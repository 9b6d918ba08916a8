/**
 * Whether a file can be the base of `deno compile`: a denort of the pinned version. `deno compile`
 * 2.9.6 takes any executable that `DENORT_BIN` names; on the `deno` of the npm package comes out what
 * is Deno's command line and not the program.
 *
 * Refused is what proves to be something else. A real denort could not be had where this was written;
 * so what cannot be told passes, and the kit is run before it is used (try_out.ts).
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { DENO_VERSION } from "./deno_version.ts";

/** Names of Rust modules that only Deno's command line has; 2.9.6 has them in its panic messages. */
const COMMAND_LINE = ["deno::tools::", "deno::lsp::"];

/**
 * What is wrong with a base.
 *
 * @param executable its bytes
 * @returns undefined where nothing is known to be
 */
export function wrongBase(executable: Uint8Array): string | undefined {
  const bytes = Buffer.from(executable.buffer, executable.byteOffset, executable.byteLength);
  if (COMMAND_LINE.some((name) => bytes.includes(name, 0, "latin1"))) {
    return "it is a deno, with its whole command line, and not a denort";
  }
  const versions = userAgents(bytes);
  if (versions.length === 0 || versions.includes(DENO_VERSION)) return undefined;
  return `it is of Deno ${versions.join(" or ")}, and not of ${DENO_VERSION}`;
}

/** The versions that it would name to servers: `Deno/2.9.6`. */
function userAgents(bytes: Buffer): string[] {
  const found = new Set<string>();
  for (let at = bytes.indexOf("Deno/"); at >= 0; at = bytes.indexOf("Deno/", at + 1)) {
    const version = /^Deno\/(\d+\.\d+\.\d+)/.exec(bytes.toString("latin1", at, at + 24))?.[1];
    if (version !== undefined) found.add(version);
  }
  return [...found];
}
