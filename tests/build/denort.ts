/** Stand-ins for the base of `deno compile`. */

import { DENO_VERSION } from "../../scripts/deno_version.ts";
import { REPOSITORY } from "../../scripts/places.ts";
import { runTool } from "../../scripts/tool.ts";
import { VERSION } from "../../src/version.ts";

interface Kind {
  /** What the program in it says it is. @default {VERSION} */
  readonly version?: string;
  /** The version of Deno it is of. @default {DENO_VERSION} */
  readonly deno?: string;
}

/** Compiles one. */
export async function makeDenort(output: string, kind: Kind = {}): Promise<void> {
  const { version = VERSION, deno = DENO_VERSION } = kind;
  const defines = [`-DVERSION="${version}"`, `-DAGENT="Deno/${deno}"`, "-D_GNU_SOURCE"];
  const source = `${REPOSITORY}/tests/build/denort.c`;
  await runTool("cc", [...defines, "-o", output, source], {
    ifMissing: "On Debian: apt-get install gcc libc6-dev",
  });
}

/** Packs one as Deno's own host has it. */
export async function zipDenort(denort: string, zip: string): Promise<void> {
  const program = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_DEFLATED) as archive:
    archive.write(sys.argv[1], "denort")
`;
  await runTool("python3", ["-c", program, denort, zip]);
}
