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

/** What is to be said of files. */
export interface Note {
  readonly message: string;
  /** Something was wrong with one: what others say counts, and may be wrong. */
  readonly isWarning?: true;
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

const OF_PROFILE = /^(?:application|bootstrap)-[^.]+\.(?:ya?ml|properties)$/;

/**
 * What is to be said of the files.
 *
 * @param isTold whether the profiles are known; else it may be the jar that names them
 */
export function described(library: Library, isTold: boolean): Note[] {
  const { read, folders, unseen, notes, warnings } = library;
  const paths = [...read.keys()].join(", ");
  const places = [...unseen].join(", ");
  const left = isTold
    ? ""
    : [...folders].flatMap(([folder, names]) =>
      names.filter((name) => OF_PROFILE.test(name)).map((name) => folder + name)
    ).filter((path) => !read.has(path)).join(", ");
  const lines = [
    paths && `Spring's settings are read from ${paths}`,
    ...notes,
    places && `not seen here: ${places}; what stands only there has to be set`,
    left && `not read: ${left}; set SPRING_PROFILES_ACTIVE where such a profile is active`,
  ].filter((line) => line !== "");
  return [
    ...[...warnings].map((message) => ({ message, isWarning: true as const })),
    ...lines.map((message) => ({ message })),
  ];
}
