/**
 * The loader and the libraries an executable needs, found on this machine or in a root of another one.
 *
 * @module
 */

import { type Arch, readElf } from "./elf.ts";
import { cannotBuildOn, distribution } from "./machine.ts";

/** What goes into the `lib` folder of a kit. */
export interface Libraries {
  /** Name of the loader among them. */
  readonly loader: string;
  /** Where each is on this machine, by its name; sorted. */
  readonly files: ReadonlyMap<string, string>;
  /** Version of the C library. */
  readonly glibc: string;
}

/**
 * Finds everything that an executable needs, also what its libraries need in their turn.
 *
 * @param executable a dynamically linked one
 * @param root the folder in which `/lib` and `/usr/lib` are
 * @throws {Error} it is linked otherwise, or something is not there
 */
export function findLibraries(executable: string, root = ""): Libraries {
  const { arch, interpreter } = readElf(executable);
  if (interpreter === undefined) {
    throw new Error(`Cannot find the libraries of ${executable}: it names no loader`);
  }
  const loader = interpreter.slice(interpreter.lastIndexOf("/") + 1);
  const found = new Map<string, string>();
  const visit = (path: string, names: readonly string[]) => {
    for (const name of names) {
      if (found.has(name)) continue;
      const file = locate(name, arch, root, path);
      found.set(name, file);
      visit(file, readElf(file).needed);
    }
  };
  visit(executable, [loader, ...readElf(executable).needed]);
  const libc = found.get("libc.so.6");
  if (libc === undefined) throw new Error(`Cannot build on ${executable}: it needs no glibc`);
  const files = new Map([...found].toSorted(([one], [other]) => one < other ? -1 : 1));
  return { loader, files, glibc: glibcVersion(libc, root) };
}

function locate(name: string, arch: Arch, root: string, neededBy: string): string {
  const triplet = `${arch}-linux-gnu`;
  // Debian and Ubuntu; Fedora, RHEL and SUSE; Arch.
  const folders = [`/lib/${triplet}`, `/usr/lib/${triplet}`, "/lib64", "/usr/lib64", "/lib"];
  for (const folder of folders) {
    const path = `${root}${folder}/${name}`;
    try {
      if (readElf(path).arch === arch) return path;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  const why = `there is no ${name} for ${arch} in ${folders.join(", ")}, and ${neededBy} needs it`;
  throw cannotBuildOn(distribution(root), why);
}

/**
 * The version of a C library.
 *
 * @throws {Error} it cannot be told, or it is older than 2.34: those look up names by further
 * libraries (libnss_files, libnss_dns) that no ELF file names
 */
function glibcVersion(libc: string, root: string): string {
  const text = new TextDecoder("latin1").decode(Deno.readFileSync(libc));
  const version = /GNU C Library [^\n]*version (\d+\.\d+)/.exec(text)?.[1];
  if (version === undefined) {
    throw cannotBuildOn(distribution(root), `${libc} does not say which version it is`);
  }
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 2 || minor >= 34) return version;
  throw cannotBuildOn(distribution(root), `its glibc is ${version}`);
}
