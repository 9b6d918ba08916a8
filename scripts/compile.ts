/**
 * `deno task compile [--target x86_64|aarch64]`: the program as one executable,
 * dist/service-offline-x86_64 or dist/service-offline-aarch64, by default for this machine. It starts
 * only beside the loader and the libraries of a kit, in /opt/service-offline.
 *
 * With a real base nothing was run: its host cannot be reached from where this was written. The tests
 * have stand-ins for it: a small C program that looks for what was put into it
 * (tests/build/denort.c), and the `deno` of the npm package.
 *
 * @module
 */

import { bundle } from "./bundle.ts";
import { targetOf, writeBase } from "./base.ts";
import { assertPinnedDeno } from "./deno_version.ts";
import { type Arch, readElf } from "./elf.ts";
import { permissionFlags } from "./permissions.ts";
import { ALONE } from "./program.ts";
import { V8_FLAGS } from "./v8_flags.ts";
import { DIST, KIT_LIB } from "./places.ts";
import { compileEnvironment, fixTime, surroundings } from "./reproducible.ts";
import { runTool } from "./tool.ts";

const ARCHS: readonly Arch[] = ["x86_64", "aarch64"];

/** The executable that is made for an architecture. */
export function compiledFile(arch: Arch): string {
  return `${DIST}/service-offline-${arch}`;
}

/**
 * Compiles the program.
 *
 * @param base what it is put into, for the same architecture; this file is changed
 * @param bundled the one file
 * @param output the executable to write
 * @throws {Error} a tool is missing, or the base is none
 */
export async function compile(base: string, bundled: string, output: string): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    await pointAtKit(base);
    // The names of the bundle and of the output go into the executable, their folders do not.
    Deno.copyFileSync(bundled, `${folder}/service-offline.js`);
    fixTime(`${folder}/service-offline.js`);
    const args = [
      "compile",
      ...ALONE,
      // Nor is a cache file opened, which Deno reports on a terminal where it cannot. Not tried: see
      // above. The other caches that `deno run` opens (analysis of modules) are not in a base.
      "--no-code-cache",
      V8_FLAGS,
      ...permissionFlags(),
      "--target",
      targetOf(readElf(base).arch),
      "--output",
      "service-offline",
      "service-offline.js",
    ];
    const onlyEnv = compileEnvironment(surroundings(), `${folder}/cache`, base);
    await runTool(Deno.execPath(), args, { cwd: folder, onlyEnv });
    checkLoader(`${folder}/service-offline`);
    Deno.copyFileSync(`${folder}/service-offline`, output);
    Deno.chmodSync(output, 0o755);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/**
 * Makes an executable start by the kit's loader, with the kit's libraries, whatever the image has.
 * Before the program is put in: patchelf moves what is at the end. DT_RPATH (`--force-rpath`) and not
 * DT_RUNPATH, which LD_LIBRARY_PATH would go before.
 */
async function pointAtKit(executable: string): Promise<void> {
  const loader = readElf(executable).interpreter?.split("/").at(-1);
  const args = ["--set-interpreter", `${KIT_LIB}/${loader}`, "--force-rpath"];
  await runTool("patchelf", [...args, "--set-rpath", KIT_LIB, executable], {
    ifMissing: "On Debian: apt-get install patchelf",
  });
}

/** @throws {Error} the compiled file would be started by the image's own loader */
function checkLoader(executable: string): void {
  const { interpreter, rpath } = readElf(executable);
  if (interpreter?.startsWith(`${KIT_LIB}/`) && rpath === KIT_LIB) return;
  throw new Error(`${executable} has loader ${interpreter} and libraries in ${rpath}: no kit's`);
}

async function compileFor(arch: Arch, bundled: string): Promise<void> {
  const output = compiledFile(arch);
  const folder = Deno.makeTempDirSync();
  try {
    const base = `${folder}/denort`;
    await writeBase(arch, base);
    const baseSize = Deno.statSync(base).size;
    await compile(base, bundled, output);
    const { size } = Deno.statSync(output);
    console.log(`${output}: ${size} bytes, ${size - baseSize} over its base`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function targets(args: readonly string[]): readonly Arch[] {
  if (args.length === 0) return [Deno.build.arch];
  const wanted = args.flatMap((arg) => arg.split("=")).filter((arg) => arg !== "--target");
  const known = wanted.filter((one): one is Arch => ARCHS.some((arch) => arch === one));
  if (known.length === wanted.length && known.length > 0) return known;
  throw new Error(`Cannot compile for ${args.join(" ")}: --target is x86_64 or aarch64`);
}

if (import.meta.main) {
  try {
    assertPinnedDeno();
    const wanted = targets(Deno.args);
    const bundled = await bundle(`${DIST}/service-offline.js`);
    for (const arch of wanted) await compileFor(arch, bundled);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
