/**
 * The executable that `deno compile` puts the program into.
 *
 * @module
 */

import { wrongBase } from "./base_check.ts";
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
 * @throws {Error} it cannot be had, or is no denort of the pinned version; the text says where to put
 * one
 */
export async function writeBase(arch: Arch, output: string): Promise<void> {
  const given = Deno.env.get("DENORT_BIN");
  const zip = `${await denoDir()}/dl/release/v${DENO_VERSION}/denort-${targetOf(arch)}.zip`;
  const isGiven = given !== undefined && given !== "" && readElf(given).arch === arch;
  if (!isGiven && !exists(zip)) {
    const why = await download(arch);
    if (!exists(zip)) throw new Error(missing(arch, zip, given, why));
  }
  const base = isGiven ? Deno.readFileSync(given) : await unzip(Deno.readFileSync(zip), "denort");
  const wrong = wrongBase(base);
  if (wrong !== undefined) {
    const from = isGiven ? `DENORT_BIN=${given}` : zip;
    throw new Error(`Cannot compile on ${from}: ${wrong}. ${where(arch, zip)}`);
  }
  // Written anew and not copied: the file may be one that nobody may change, and is changed.
  Deno.writeFileSync(output, base, { mode: 0o755 });
}

/** What `deno compile --target` calls an architecture. */
export function targetOf(arch: Arch): string {
  return `${arch}-unknown-linux-gnu`;
}

function missing(arch: Arch, zip: string, given: string | undefined, why: string): string {
  const bin = given
    ? `DENORT_BIN is ${given}, for ${readElf(given).arch}`
    : "DENORT_BIN is not set";
  return `Cannot compile for ${arch}: ${bin}, and there is no ${zip}.
${where(arch, zip)}
(Deno's own try to download it: ${why})`;
}

function where(arch: Arch, zip: string): string {
  const url = `https://dl.deno.land/release/v${DENO_VERSION}/denort-${targetOf(arch)}.zip`;
  return `Get ${url} where it can be reached, and
  either put it there: ${zip}
  or unpack it and set DENORT_BIN to the file denort.
Without both there is \`deno task kit --base deno\`: the same program on the deno of the npm package.`;
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
