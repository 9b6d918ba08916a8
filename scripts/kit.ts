/**
 * `deno task kit [--base deno] [--out dist/opt]`: what is copied into images as /opt. The program
 * with its own loader and libraries, so that it starts on Alpine, on CentOS 7 and on scratch.
 *
 * @module
 */

import { bundleForDeno } from "./bundle.ts";
import { compiledFile } from "./compile.ts";
import { assertPinnedDeno, DENO_VERSION } from "./deno_version.ts";
import { readElf } from "./elf.ts";
import { findLibraries } from "./libraries.ts";
import { permissionFlags } from "./permissions.ts";
import { DIST, KIT, KIT_LIB, KIT_PROGRAM, REPOSITORY } from "./places.ts";
import { filesIn, normalize, writeSums } from "./tree.ts";
import type { Kind } from "../src/registry/kind.ts";
import { KINDS } from "../src/registry/registries.ts";
import { VERSION } from "../src/version.ts";

/** What the kit is built on: the compiled executable, or the `deno` that runs this. */
export type KitBase = "compiled" | "deno";

/** A kit that was built. */
export interface Kit {
  /** The command in an image without a shell, before the program's own arguments. */
  readonly execForm: readonly string[];
  /** Everything in its folder, bytes. */
  readonly size: number;
  /** Of this the executable it is built on, bytes. */
  readonly executableSize: number;
}

const SOURCES = `${REPOSITORY}/scripts/wrappers`;
const SHARED = ["clean_env.sh", "log.sh", "offline.sh"];
/** Debian's packages of the libraries, whose licences want their text to go along. */
const PACKAGES = ["libc6", "libgcc-s1"];

/**
 * Builds a kit for the architecture of this machine.
 *
 * @param base what it is built on
 * @param out the folder that becomes /opt; a kit that is there already is replaced
 * @throws {Error} something is missing
 */
export async function buildKit(base: KitBase, out: string): Promise<Kit> {
  const executable = base === "deno" ? Deno.execPath() : compiledExecutable();
  const libraries = findLibraries(executable);
  const folder = `${out}/service-offline`;
  startAnew(folder);
  const copy = (from: string, to: string) => Deno.copyFileSync(from, `${folder}/${to}`);
  const write = (name: string, text: string) => Deno.writeTextFileSync(`${folder}/${name}`, text);

  let execForm: readonly string[] = [KIT_PROGRAM];
  if (base === "deno") {
    copy(executable, "deno");
    await bundleForDeno(`${folder}/service-offline.mjs`);
    execForm = denoCommand(libraries.loader);
    write("service-offline", launcher(execForm));
  } else {
    copy(executable, "service-offline");
  }
  for (const [name, path] of libraries.files) copy(path, `lib/${name}`);
  for (const name of SHARED) copy(`${SOURCES}/${name}`, name);
  const wrappers = Object.entries(wrapperTexts(KINDS));
  for (const [name, text] of wrappers) {
    for (const path of [folder, out]) Deno.writeTextFileSync(`${path}/${name}`, text);
  }
  copy(`${REPOSITORY}/LICENSE`, "LICENSE");
  for (const name of PACKAGES) copy(`/usr/share/doc/${name}/copyright`, `licenses/${name}`);
  write("exec-form.json", `${JSON.stringify(execForm)}\n`);
  const { arch } = readElf(executable);
  const on = [`${arch} linux`, `base ${base}`, `deno ${DENO_VERSION}`, `glibc ${libraries.glibc}`];
  write("VERSION", `service-offline ${VERSION}\n${on.join(", ")}\n`);
  await writeSums(folder);
  normalize(folder);
  for (const [name] of wrappers) normalize(`${out}/${name}`);

  const sizeOf = (path: string) => Deno.statSync(path).size;
  const size = filesIn(folder).reduce((sum, name) => sum + sizeOf(`${folder}/${name}`), 0);
  return { execForm, size, executableSize: sizeOf(executable) };
}

/** Not the whole of `out`: it may be given by hand, and hold something else. */
function startAnew(folder: string): void {
  try {
    Deno.removeSync(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  for (const name of ["lib", "licenses"]) Deno.mkdirSync(`${folder}/${name}`, { recursive: true });
}

/** @throws {Error} it has not been compiled */
function compiledExecutable(): string {
  const { arch } = Deno.build;
  const path = compiledFile(arch);
  try {
    Deno.statSync(path);
    return path;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(
      `Cannot build the kit: there is no ${path}. Either run \`deno task compile\` first, or build` +
        " on the deno that runs this: `deno task kit --base deno`",
    );
  }
}

/**
 * The command on the npm package's `deno`. It reads nothing of the image: no deno.json, package.json
 * or lock file above the kit, and from a cache only what is there. The bundle ends in `.mjs`, since
 * a package.json above it may say that `.js` is CommonJS.
 */
function denoCommand(loader: string): readonly string[] {
  return [
    `${KIT_LIB}/${loader}`,
    "--library-path",
    KIT_LIB,
    `${KIT}/deno`,
    "run",
    "--quiet",
    "--no-config",
    "--no-lock",
    "--no-remote",
    "--no-npm",
    "--cached-only",
    "--no-code-cache",
    ...permissionFlags(),
    `${KIT}/service-offline.mjs`,
  ];
}

/** What manifests name, by its name; these stand beside the kit's folder as well. */
export function wrapperTexts(kinds: readonly Kind[]): Record<string, string> {
  const read = (name: string) => Deno.readTextFileSync(`${SOURCES}/${name}`);
  const offline = kinds.map(({ name, title, settings, address }) => {
    const words = { NAME: name, TITLE: title, ADDRESS: settings[address]?.env ?? "" };
    const text = Object.entries(words).reduce(
      (text, [gap, word]) => text.replaceAll(`@${gap}@`, word),
      read("service_offline.sh"),
    );
    return [`service_offline_${name}.sh`, text];
  });
  return { ...Object.fromEntries(offline), "service_online.sh": read("service_online.sh") };
}

/** The script that runs this command in images with a shell. */
function launcher(command: readonly string[]): string {
  const quoted = command.map((word) => {
    if (/^[\w./,=-]+$/.test(word)) return word;
    if (word.includes("'")) throw new Error(`Cannot quote ${word} in a script`);
    return `'${word}'`;
  });
  return Deno.readTextFileSync(`${SOURCES}/launcher.sh`)
    .replace("@COMMAND@", () => quoted.join(" "));
}

function options(args: readonly string[]): { base: KitBase; out: string } {
  let base: KitBase = "compiled";
  let out = `${DIST}/opt`;
  const words = args.flatMap((arg) => arg.split("="));
  for (let i = 0; i < words.length; i += 2) {
    const [flag, value] = [words[i], words[i + 1]];
    if (flag === "--out" && value) out = value;
    else if (flag === "--base" && (value === "deno" || value === "compiled")) base = value;
    else throw new Error(`Cannot build a kit by "${args.join(" ")}": --base deno, --out FOLDER`);
  }
  return { base, out };
}

if (import.meta.main) {
  try {
    assertPinnedDeno();
    const { base, out } = options(Deno.args);
    const { size, executableSize, execForm } = await buildKit(base, out);
    console.log(`${out}: ${size} bytes, of which ${executableSize} are ${base}`);
    console.log(`over it: ${size - executableSize} bytes`);
    console.log("\nIn an image without a shell the command of a hook is this list:\n");
    console.log(JSON.stringify([...execForm, "offline"]));
    console.log(`
It must not have LD_PRELOAD there: no flag of the loader switches that off, and a library whose own
libraries are not in the kit (any of an Alpine image's) ends the hook with 127, without a drain.`);
    if (base === "deno") {
      console.log(`
No shell cleans the environment there. Give the container DENO_NO_UPDATE_CHECK=1 (else Deno asks its
own host for a newer version) and DENO_DIR=/dev/null (else it writes a cache; on a terminal it says
that it cannot, unless DENO_LOG=error,deno::cache=off); and the container must have
neither NODE_OPTIONS nor DENO_V8_FLAGS nor an .npmrc in its HOME: Deno obeys all of them.`);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
