/**
 * The program away from this repository as a kit on `deno` has it, for tests and benches.
 *
 * @module
 */

import { dirname } from "node:path";
import { writeDenoDir } from "./deno_dir.ts";
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
  const { DENO_DIR } = shippedAt(program).env;
  await writeDenoDir({ program, place: program, folder: DENO_DIR, hasCode: true });
  return program;
}

/** How a program is run that has been shipped to a path. */
export function shippedAt(program: string): Shipped {
  const env = { DENO_NO_UPDATE_CHECK: "1", DENO_DIR: `${dirname(program)}/deno_dir` };
  return { args: shippedArgs(program), env };
}
