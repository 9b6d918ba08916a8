/**
 * The executable that `deno compile` puts the program into.
 *
 * @module
 */

import { DENO_VERSION } from "./deno_version.ts";
import { type Arch, readElf } from "./elf.ts";
import { runTool } from "./tool.ts";
import { unzip } from "./unzip.ts";

/**
 * Writes the base for an architecture into a file: `DENORT_BIN` if that is for it, else what is in
 * Deno's cache, else what Deno's own host gives.
 *
 * @param arch what it is to run on
 * @param output the file to write
 * @throws {Error} it cannot be had; the text says where to put it
 */
export async function writeBase(arch: Arch, output: string): Promise<void> {
  const given = Deno.env.get("DENORT_BIN");
  if (given && readElf(given).arch === arch) {
    Deno.copyFileSync(given, output);
    // The copy has the mode of the file, which may be 0555, and is changed.
    return Deno.chmodSync(output, 0o755);
  }

  const zip = `${await denoDir()}/dl/release/v${DENO_VERSION}/denort-${targetOf(arch)}.zip`;
  if (!exists(zip)) {
    const why = await download(arch);
    if (!exists(zip)) throw new Error(missing(arch, zip, given, why));
  }
  Deno.writeFileSync(output, await unzip(Deno.readFileSync(zip), "denort"), { mode: 0o755 });
}

/** What `deno compile --target` calls an architecture. */
export function targetOf(arch: Arch): string {
  return `${arch}-unknown-linux-gnu`;
}

function missing(arch: Arch, zip: string, given: string | undefined, why: string): string {
  const bin = given
    ? `DENORT_BIN is ${given}, for ${readElf(given).arch}`
    : "DENORT_BIN is not set";
  const url = `https://dl.deno.land/release/v${DENO_VERSION}/denort-${targetOf(arch)}.zip`;
  return `Cannot compile for ${arch}: ${bin}, and there is no ${zip}.
Get ${url} where it can be reached, and
  either put it there: ${zip}
  or unpack it and set DENORT_BIN to the file denort.
Without both there is \`deno task kit --base deno\`: the same program on the deno of the npm package.
(Deno's own try to download it: ${why})`;
}

/** Lets Deno fetch it into its cache. Returns why that failed, if it did. */
async function download(arch: Arch): Promise<string> {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(`${folder}/empty.js`, "");
    const args = ["compile", "--no-config", "--target", targetOf(arch), "--output", "out"];
    await runTool(Deno.execPath(), [...args, "empty.js"], { cwd: folder });
    return "it ended well, and left no file there";
  } catch (error) {
    const lines = error instanceof Error ? error.message.split("\n") : [];
    return lines.findLast((line) => line.includes("dl.deno.land"))?.trim() ?? lines.join(" ");
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Deno's cache. */
export async function denoDir(): Promise<string> {
  return JSON.parse(await runTool(Deno.execPath(), ["info", "--json"], { cwd: "/" })).denoDir;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
