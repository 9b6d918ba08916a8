/**
 * The program away from this repository as a kit on `deno` has it, for benches and tests/faults.
 *
 * @module
 */

import { writeCodeCache } from "./code_cache.ts";
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
 * @param folder one without a deno.json in it or above
 */
export async function ship(bundle: string | URL, folder: string): Promise<Shipped> {
  const program = `${folder}/service-offline.mjs`;
  const kept = `${folder}/deno_dir`;
  await Deno.copyFile(bundle, program);
  await writeCodeCache({ program, place: program, folder: kept, isNative: true });
  return { args: shippedArgs(program), env: { DENO_NO_UPDATE_CHECK: "1", DENO_DIR: kept } };
}
