/**
 * Builds the kit: what is copied into images as /opt. The program with its own loader and libraries,
 * so that it starts on Alpine, on CentOS 7 and on scratch.
 *
 * @module
 */

import { writeDenoDir } from "./deno_dir.ts";
import { compiledFile } from "./compile.ts";
import { DENO_VERSION } from "./deno_version.ts";
import { type Arch, readElf } from "./elf.ts";
import { debianLibraries, npmDeno } from "./foreign.ts";
import { remove, replaceKit } from "./kit_place.ts";
import { findLibraries } from "./libraries.ts";
import { cannotBuildOn, distribution } from "./machine.ts";
import { shippedArgs } from "./program.ts";
import { KIT, KIT_BUNDLE, KIT_LIB, KIT_PROGRAM, REPOSITORY } from "./places.ts";
import { fixTime } from "./reproducible.ts";
import { filesIn, normalize, writeSums } from "./tree.ts";
import { tryOut } from "./try_out.ts";
import { launcher, SHARED, WRAPPERS, wrapperTexts } from "./wrappers.ts";
import { KINDS } from "../src/registry/registries.ts";
import { VERSION } from "../src/version.ts";

/** What the kit is built on: the compiled executable, or the `deno` that runs this. */
export type KitBase = "compiled" | "deno";

/** A kit that is to be built. */
export interface KitPlan {
  readonly base: KitBase;
  readonly arch: Arch;
  /** The folder that becomes /opt; a kit that is there is replaced, other things in it stay. */
  readonly out: string;
  /** Writes the program as the one file that `deno run` gets. */
  readonly writeProgram: (to: string) => Promise<unknown>;
}

/** A kit that was built. */
export interface Kit {
  /** The command in an image without a shell, before the program's own arguments. */
  readonly execForm: readonly string[];
  /** Everything in its folder, bytes. */
  readonly size: number;
  /** Of this the executable it is built on, bytes. */
  readonly executableSize: number;
  /** Whether it was run here: not where it is for another architecture. */
  readonly isTried: boolean;
}

/** What a kit is made of, all of it on this machine. */
interface Parts {
  readonly executable: string;
  /** The root that its libraries are taken from, and its name. */
  readonly root: string;
  readonly origin: string;
}

/**
 * Builds a kit beside its place, and puts it there once it is whole.
 *
 * @throws {Error} something is missing, or what was built does not run
 */
export async function buildKit(plan: KitPlan): Promise<Kit> {
  if (Deno.build.os !== "linux") throw cannotBuildOn(Deno.build.os, "it is no Linux");
  const { out, arch } = plan;
  const work = Deno.makeTempDirSync();
  const partial = `${out}.partial`;
  remove(partial);
  try {
    const parts = await gather(plan, work);
    const libraries = findLibraries(parts.executable, parts.root);
    const folder = `${partial}/service-offline`;
    const execForm = await fill(folder, plan, parts, libraries);
    const isTried = arch === Deno.build.arch;
    if (isTried) await tryOut(folder, execForm, `service-offline ${VERSION}`);
    replaceKit(partial, out);
    Deno.chmodSync(out, 0o755);
    fixTime(out);

    const sizeOf = (path: string) => Deno.statSync(path).size;
    const place = `${out}/service-offline`;
    const size = filesIn(place).reduce((sum, name) => sum + sizeOf(`${place}/${name}`), 0);
    return { execForm, size, executableSize: sizeOf(parts.executable), isTried };
  } finally {
    remove(partial);
    Deno.removeSync(work, { recursive: true });
  }
}

/** Finds or downloads what the kit is made of. */
async function gather({ base, arch }: KitPlan, work: string): Promise<Parts> {
  const folder = (name: string) => {
    Deno.mkdirSync(`${work}/${name}`);
    return `${work}/${name}`;
  };
  const isOwn = arch === Deno.build.arch;
  const executable = base === "compiled"
    ? compiledExecutable(arch)
    : isOwn
    ? Deno.execPath()
    : await npmDeno(arch, folder("deno"));
  const root = isOwn ? "" : await debianLibraries(arch, folder("libraries"));
  return { executable, root, origin: distribution(root) };
}

/** Writes everything. Returns the command for images without a shell. */
async function fill(
  folder: string,
  { base, arch, writeProgram }: KitPlan,
  { executable, origin }: Parts,
  libraries: ReturnType<typeof findLibraries>,
): Promise<readonly string[]> {
  for (const name of ["lib", "licenses"]) {
    Deno.mkdirSync(`${folder}/${name}`, { recursive: true });
  }
  const copy = (from: string, to: string) => Deno.copyFileSync(from, `${folder}/${to}`);
  const write = (name: string, text: string) => Deno.writeTextFileSync(`${folder}/${name}`, text);

  let execForm: readonly string[] = [KIT_PROGRAM];
  if (base === "deno") {
    copy(executable, "deno");
    const program = `${folder}/service-offline.mjs`;
    await writeProgram(program);
    const hasCode = arch === Deno.build.arch;
    await writeDenoDir({ program, place: KIT_BUNDLE, hasCode });
    execForm = denoCommand(libraries.loader, hasCode);
    write("service-offline", launcher(execForm));
  } else {
    copy(executable, "service-offline");
  }
  for (const [name, path] of libraries.files) copy(path, `lib/${name}`);
  for (const name of SHARED) copy(`${WRAPPERS}/${name}`, name);
  for (const [name, text] of Object.entries(wrapperTexts(KINDS))) {
    for (const path of [name, `../${name}`]) write(path, text);
  }
  copy(`${REPOSITORY}/LICENSE`, "LICENSE");
  for (const name of filesIn(`${REPOSITORY}/licenses`)) {
    copy(`${REPOSITORY}/licenses/${name}`, `licenses/${name}`);
  }
  write("exec-form.json", `${JSON.stringify(execForm)}\n`);
  const libc = `glibc ${libraries.glibc} of ${origin}`;
  const on = [`${arch} linux`, `base ${base}`, `deno ${DENO_VERSION}`, libc];
  write("VERSION", `service-offline ${VERSION}\n${on.join(", ")}\n`);
  await writeSums(folder);
  normalize(`${folder}/..`);
  return execForm;
}

/** @throws {Error} it has not been compiled, or for another architecture */
function compiledExecutable(arch: Arch): string {
  const path = compiledFile(arch);
  try {
    Deno.statSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(
      `Cannot build the kit: there is no ${path}. Either run \`deno task compile --target ${arch}\`` +
        " first, or build on the deno of the npm package: `deno task kit --base deno`",
    );
  }
  const { arch: found } = readElf(path);
  if (found !== arch) throw new Error(`Cannot build the kit: ${path} is for ${found}`);
  return path;
}

/**
 * The command on the npm package's `deno`.
 *
 * @param loader its name in the kit's folder of libraries
 * @param hasCode whether the kit has V8's code of the program
 */
export function denoCommand(loader: string, hasCode = true): readonly string[] {
  return [
    `${KIT_LIB}/${loader}`,
    "--library-path",
    KIT_LIB,
    `${KIT}/deno`,
    ...shippedArgs(KIT_BUNDLE, hasCode),
  ];
}
