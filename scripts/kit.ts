/**
 * `deno task kit [--base deno] [--target x86_64|aarch64] [--out dist/opt]`: builds the kit, and says
 * how it is used.
 *
 * @module
 */

import { resolve } from "node:path";
import { buildKit, type Kit, type KitBase, type KitPlan } from "./build_kit.ts";
import { bundle } from "./bundle.ts";
import { assertPinnedDeno } from "./deno_version.ts";
import type { Arch } from "./elf.ts";
import { DIST, KIT_DENO_DIR } from "./places.ts";

/** What the command line leaves open. */
export type Defaults = Omit<KitPlan, "arch">;

/** The kit of this repository. */
const OF_REPOSITORY: Defaults = {
  base: "compiled",
  out: `${DIST}/opt`,
  writeProgram: bundle,
};

/**
 * What a command line wants to have built.
 *
 * @throws {Error} it is no such command line
 */
export function kitPlan(args: readonly string[], defaults = OF_REPOSITORY): KitPlan {
  let { base, out } = defaults;
  let arch: Arch = Deno.build.arch;
  const words = args.flatMap((arg) => arg.startsWith("--") ? arg.split(/=(.*)/s, 2) : [arg]);
  for (let i = 0; i < words.length; i += 2) {
    const [flag, value = ""] = [words[i], words[i + 1]];
    if (flag === "--out" && value) out = value;
    else if (flag === "--base" && isBase(value)) base = value;
    else if (flag === "--target" && isArch(value)) arch = value;
    else {
      throw new Error(
        `Cannot build a kit by "${args.join(" ")}": --base deno|compiled,` +
          " --target x86_64|aarch64, --out FOLDER",
      );
    }
  }
  return { ...defaults, base, arch, out: resolve(out) };
}

function isBase(word: string): word is KitBase {
  return word === "deno" || word === "compiled";
}

function isArch(word: string): word is Arch {
  return word === "x86_64" || word === "aarch64";
}

/** Builds the kit that the command line wants. Returns the exit code. */
export async function runKit(
  args: readonly string[],
  defaults = OF_REPOSITORY,
): Promise<number> {
  try {
    assertPinnedDeno();
    const plan = kitPlan(args, defaults);
    console.log(report(plan, await buildKit(plan)));
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
}

function report({ base, arch, out }: KitPlan, kit: Kit): string {
  const { size, executableSize, execForm, isTried } = kit;
  const tried = isTried
    ? "It was run here, with --version."
    : `It was NOT run: it is for ${arch}, this machine is ${Deno.build.arch}. Run it once before you ship it.`;
  const parts = [
    `${out}: ${size} bytes for ${arch}, of which ${executableSize} are ${base}
over it: ${size - executableSize} bytes
${tried}`,
    `Next: put the folder beside your app's Dockerfile and COPY it to /opt; README, "The smallest change".`,
    `In an image without a shell the command of a hook is this list:

${JSON.stringify([...execForm, "offline"])}`,
    `It must not have LD_PRELOAD there: no flag of the loader switches that off, and a library whose own
libraries are not in the kit (any of an Alpine image's) ends the hook with 127, without a drain.`,
  ];
  if (base === "deno") {
    parts.push(
      `No shell cleans the environment there. Give the container DENO_NO_UPDATE_CHECK=1 (else Deno asks its
own host for a newer version) and DENO_DIR=${KIT_DENO_DIR} (else it compiles the
program at each start, and writes a cache of its own); and the container must have neither
NODE_OPTIONS nor DENO_V8_FLAGS nor an .npmrc in its HOME: Deno obeys all of them.`,
    );
  }
  return parts.join("\n\n");
}

if (import.meta.main) Deno.exit(await runKit(Deno.args));
