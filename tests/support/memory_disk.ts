/** A disk in memory, with one user and one group of other users. */

import type { Disk } from "../../src/lifecycle/record_file.ts";

export interface MemoryDisk extends Disk {
  readonly files: Map<string, string>;
  readonly folders: Set<string>;
  /** What differs from a file or folder of this user's own, for it alone, written just now. */
  readonly differs: Map<string, Partial<ReturnType<Disk["about"]>>>;
  /** When set, nothing can be made on it; the text is the reason. */
  full: string | undefined;
}

const UID = 65532;

/** Makes an empty disk. */
export function createMemoryDisk(): MemoryDisk {
  const files = new Map<string, string>();
  const folders = new Set<string>();
  const differs: MemoryDisk["differs"] = new Map();
  /** A file made anew has a number of its own. */
  const numbers = new Map<string, number>();
  const there = (path: string): string => {
    const text = files.get(path);
    if (text === undefined) throw new Error(`No such file or directory: readfile '${path}'`);
    return text;
  };
  const numberOf = (text: string): number => {
    if (!numbers.has(text)) numbers.set(text, numbers.size + 1);
    return numbers.get(text) ?? 0;
  };
  return {
    files,
    folders,
    differs,
    full: undefined,
    readTextFile: there,
    createTextFile(path, text) {
      if (this.full !== undefined) throw new Error(this.full);
      const name = new TextEncoder().encode(path.split("/").at(-1));
      if (name.length > 255) throw new Error(`File name too long: '${path}'`);
      if (!folders.has(path.slice(0, path.lastIndexOf("/")))) {
        throw new Error(`No folder: '${path}'`);
      }
      if (files.has(path)) throw new Error(`File exists: '${path}'`);
      files.set(path, text);
    },
    createFolder(path) {
      if (this.full !== undefined) throw new Error(this.full);
      if (folders.has(path)) throw new Error(`File exists: '${path}'`);
      folders.add(path);
    },
    about(path) {
      const isDirectory = folders.has(path);
      if (!isDirectory) there(path);
      const mode = isDirectory ? 0o40700 : 0o100600;
      return {
        isFile: !isDirectory,
        isDirectory,
        uid: UID,
        mode,
        mtime: new Date(),
        ino: isDirectory ? 0 : numberOf(there(path)),
        ...differs.get(path),
      };
    },
    names: (path) => [...files.keys()].flatMap((one) => one.split(`${path}/`)[1] ?? []),
    rename(from, to) {
      files.set(to, there(from));
      files.delete(from);
    },
    remove(path) {
      if (folders.delete(path)) return;
      there(path);
      files.delete(path);
    },
  };
}

export const OWN_FOLDER: string = `/tmp/service-offline-${UID}`;

export function recordOn(disk: MemoryDisk): string {
  const [path, second] = disk.files.keys();
  if (path === undefined || second !== undefined) throw new Error(`${disk.files.size} files`);
  return path;
}
