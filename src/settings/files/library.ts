/** What has been seen of the disk so far: each folder and file is looked at once. */

import { type Files, isAbsence, reasonOf } from "./disk.ts";
import type { Document } from "./document.ts";
import { shortened } from "../../plain.ts";

/** Folders and files as they were read. */
export interface Library {
  readonly files: Files;
  /** The documents of each file, and of each tree. */
  readonly read: Map<string, readonly Document[]>;
  /** The names in each folder; none where it is not there. */
  readonly folders: Map<string, readonly string[]>;
  /** Locations that are no files. */
  readonly unseen: Set<string>;
  /** What is to be said of what stands in them. */
  readonly notes: Set<string>;
  /** What was wrong with them. */
  readonly warnings: Set<string>;
}

/** Nothing has been read. */
export function createLibrary(files: Files): Library {
  const sets = { unseen: new Set<string>(), notes: new Set<string>(), warnings: new Set<string>() };
  return { files, read: new Map(), folders: new Map(), ...sets };
}

/** Keeps why something could not be read. What counts less is taken then, and may be wrong. */
export function complain({ warnings }: Library, what: string, error: unknown): void {
  warnings.add(`Cannot read Spring's ${shortened(what)}: ${reasonOf(error)}`);
}

/** The names in a folder. @param isOptional nobody minds when it is not there */
export function namesIn(library: Library, folder: string, isOptional: boolean): readonly string[] {
  const { files, folders } = library;
  let names = folders.get(folder);
  // An error costs a third of a millisecond, and most pods have no such folder (Deno 2.9.6).
  const [, parent = "", name = ""] = /^(.*\/)?([^/]+)\/$/.exec(folder) ?? [];
  if (isOptional && folders.get(parent)?.includes(name) === false) names = [];
  try {
    names ??= files.list(folder || ".");
  } catch (error) {
    if (!isOptional || !isAbsence(error)) complain(library, folder, error);
    names = [];
  }
  folders.set(folder, names);
  return names;
}

/** The folders in the place of `*` in `/config/*` + `/`, those of Kubernetes' volumes left out. */
export function foldersIn(library: Library, path: string, isOptional: boolean): string[] {
  const [folder = "", rest] = path.split("*/");
  const names = namesIn(library, folder, isOptional);
  if (names.length === 0) return [];
  if (rest === undefined) return [path];
  return names.filter((name) => !name.startsWith("..")).toSorted()
    .map((name) => `${folder}${name}/`)
    .filter((one) => namesIn(library, one, true).length > 0);
}
