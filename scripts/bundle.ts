/**
 * The one minified file that is compiled, or run by the `deno` of a kit.
 *
 * @module
 */

import { denoDir } from "./base.ts";
import { DIST, REPOSITORY } from "./places.ts";
import { fixTime, npmrcs, surroundings } from "./reproducible.ts";
import { runTool } from "./tool.ts";

/**
 * Bundles the program into one script, which is compiled. It is ASCII: with one other character V8
 * keeps each in two bytes, which costs 1 ms of a start and 0.6 MiB (Deno 2.9.6, 200 kB).
 *
 * @param output the file to write
 * @returns that file
 * @throws {Error} there is another character; in texts the bundler escapes them
 */
export async function bundle(output = `${DIST}/service-offline.js`): Promise<string> {
  await bundleScript("src/main.ts", output, "--minify", "--format", "iife");
  const [, other] = /(.{0,20}[\u0080-\uffff].{0,20})/.exec(Deno.readTextFileSync(output)) ?? [];
  if (other === undefined) return output;
  throw new Error(`Cannot bundle "${other}": src must have this as \\u and four digits`);
}

/**
 * Bundles a script of this repository with all that it imports.
 *
 * @param script its path in the repository
 * @param output the file to write
 * @returns that file
 */
export async function bundleScript(
  script: string,
  output: string,
  ...flags: readonly string[]
): Promise<string> {
  const args = ["bundle", "--quiet", ...flags, "--output", output, script];
  const home = Deno.makeTempDirSync();
  try {
    // Deno 2.9.6 downloads the bundler by the `.npmrc` of HOME alone, all else by the project's too.
    Deno.writeTextFileSync(`${home}/.npmrc`, npmrcs(surroundings(), REPOSITORY).join("\n"));
    const env = { DENO_DIR: await denoDir(), HOME: home };
    await runTool(Deno.execPath(), args, { cwd: REPOSITORY, env });
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
  fixTime(output);
  return output;
}

if (import.meta.main) await bundle();
