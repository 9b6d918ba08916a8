/**
 * A disk in memory.
 *
 * @module
 */

import type { Disk } from "../../src/lifecycle/record.ts";

/** A disk whose files can be looked at. */
export interface MemoryDisk extends Disk {
  /** Text by path. */
  readonly files: Map<string, string>;
  /** When set, nothing can be made on it; the text is the reason. */
  full: string | undefined;
}

/** Makes an empty disk. */
export function createMemoryDisk(): MemoryDisk {
  const files = new Map<string, string>();
  const there = (path: string): string => {
    const text = files.get(path);
    if (text === undefined) throw new Error(`No such file or directory: readfile '${path}'`);
    return text;
  };
  return {
    files,
    full: undefined,
    readTextFile: there,
    createTextFile(path, text) {
      if (this.full !== undefined) throw new Error(this.full);
      const name = new TextEncoder().encode(path.split("/").at(-1));
      if (name.length > 255) throw new Error(`File name too long: '${path}'`);
      if (files.has(path)) throw new Error(`File exists: '${path}'`);
      files.set(path, text);
    },
    rename(from, to) {
      files.set(to, there(from));
      files.delete(from);
    },
    remove(path) {
      there(path);
      files.delete(path);
    },
  };
}
