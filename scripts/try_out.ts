/**
 * Runs what was built before anybody else does: `--version`, with the loader and the libraries that
 * are shipped, at the place where the kit was built.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { KIT, KIT_LIB } from "./places.ts";
import { runTool } from "./tool.ts";

/**
 * Runs a kit by the list of words for images without a shell.
 *
 * @param folder where its `service-offline` folder is built
 * @param command the list, by the paths it has in an image
 * @param expected what `--version` prints
 * @throws {Error} it prints something else, or does not start
 */
export async function tryOut(
  folder: string,
  command: readonly string[],
  expected: string,
): Promise<void> {
  const [first = "", ...rest] = command;
  // Not /tmp of the environment: its path has to be shorter than that of the kit's libraries.
  const work = Deno.makeTempDirSync({ dir: "/tmp" });
  try {
    const here = rest.length === 0
      ? [startsHere(`${folder}${first.slice(KIT.length)}`, `${folder}/lib`, work)]
      : [first, ...rest].map((word) =>
        word.startsWith(KIT) ? folder + word.slice(KIT.length) : word
      );
    const [program = "", ...args] = here;
    // As a hook that no wrapper has cleaned up before, but for Deno's own question for a new version.
    const onlyEnv = { DENO_NO_UPDATE_CHECK: "1", DENO_DIR: "/dev/null", DENO_LOG: "off" };
    const printed = (await runTool(program, [...args, "--version"], { onlyEnv })).trim();
    if (printed === expected) return;
    throw new Error(`it prints "${printed}" and not "${expected}"`);
  } catch (error) {
    const why = error instanceof Error ? error.message : error;
    throw new Error(`Cannot use what was built: run with --version, ${why}`);
  } finally {
    Deno.removeSync(work, { recursive: true });
  }
}

/**
 * A copy of a compiled executable that takes its loader and libraries from `work` in place of the
 * kit's path in an image. By shorter paths in the same bytes, since patchelf would move the program
 * that is at its end; and not by `ld.so EXECUTABLE`, where it would look for the program in ld.so.
 */
function startsHere(executable: string, lib: string, work: string): string {
  if (work.length > KIT_LIB.length) throw new Error(`${work} is longer than ${KIT_LIB}`);
  const names = [...Deno.readDirSync(lib)].map(({ name }) => name);
  for (const name of names) Deno.symlinkSync(`${lib}/${name}`, `${work}/${name}`);
  const bytes = Buffer.from(Deno.readFileSync(executable));
  // The loader is named by its whole path, the libraries by their folder.
  for (const path of ["", ...names.map((name) => `/${name}`)]) {
    replaceText(bytes, `${KIT_LIB}${path}`, `${work}${path}`);
  }
  const copy = `${work}/service-offline`;
  Deno.writeFileSync(copy, bytes, { mode: 0o755 });
  return copy;
}

/** Replaces each string that ends with a zero by one that is not longer. */
function replaceText(bytes: Buffer, text: string, by: string): void {
  const wanted = Buffer.from(`${text}\0`, "latin1");
  const instead = Buffer.alloc(wanted.length);
  instead.write(by, "latin1");
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + 1)) {
    instead.copy(bytes, at);
  }
}
