/**
 * The program away from this repository as a kit on `deno` has it, for tests and benches.
 *
 * @module
 */

import { writeDenoDir } from "./deno_dir.ts";
import { denoDirOf } from "./places.ts";
import { shippedArgs } from "./program.ts";

/** How `deno` runs it. */
export interface Shipped {
  readonly args: readonly string[];
  readonly env: Readonly<{ DENO_NO_UPDATE_CHECK: string; DENO_DIR: string }>;
}

/**
 * Copies the program, with what Deno would keep of it after a first run.
 *
 * @param bundle the file that `deno task bundle` writes
 * @param folder the program and a folder beside it are written there
 * @returns the program's path
 */
export async function ship(bundle: string | URL, folder: string): Promise<string> {
  const program = `${folder}/service-offline.mjs`;
  await Deno.copyFile(bundle, program);
  await writeDenoDir({ program, place: program, hasCode: true });
  return program;
}

/** How a program is run that has been shipped to a path. */
export function shippedAt(program: string): Shipped {
  const env = { DENO_NO_UPDATE_CHECK: "1", DENO_DIR: denoDirOf(program) };
  return { args: shippedArgs(program), env };
}
