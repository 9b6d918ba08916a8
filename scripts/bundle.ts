/**
 * The one minified file that is compiled, or run by the `deno` of a kit.
 *
 * @module
 */

import { DIST, REPOSITORY } from "./places.ts";
import { fixTime } from "./reproducible.ts";
import { runTool } from "./tool.ts";

/**
 * Bundles the program, as `deno task bundle` does.
 *
 * @param output the file to write
 * @returns that file
 */
export async function bundle(output = `${DIST}/service-offline.js`): Promise<string> {
  const args = ["bundle", "--quiet", "--minify", "--output", output, "src/main.ts"];
  await runTool(Deno.execPath(), args, { cwd: REPOSITORY });
  fixTime(output);
  return output;
}
