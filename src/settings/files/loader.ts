/** Loads what a document imports. Whatever is wrong with a file, the others are read. */

import type { Contributor } from "./contributors.ts";
import { isAbsence, treeFiles } from "./disk.ts";
import { type Document, type Entry, readDocuments } from "./document.ts";
import { complain, foldersIn, type Library, namesIn } from "./library.ts";
import { type Candidate, candidateAt, candidatesIn, type Place, placesIn } from "./locations.ts";
import { shortened } from "../../plain.ts";
import { uniform } from "../spellings.ts";

/** How far one round has come. */
interface Progress {
  /** Of files in folders: `application`. */
  readonly names: readonly string[];
  /** No file counts twice. */
  readonly loaded: Set<string>;
  readonly profiles: readonly string[] | undefined;
}

/** A document, and where it stands. */
export interface Loaded {
  readonly document: Document;
  readonly path: string;
  readonly isOfProfile: boolean;
}

const MOST_FILES = 100;
const TREE = "configtree";

/** The documents that one imports; the first one wins. */
export function load(
  library: Library,
  imports: readonly string[],
  { path }: Contributor,
  { names, loaded, profiles = [] }: Progress,
): Loaded[] {
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const candidates = imports.flatMap((location) => {
    const places = placesIn(location, folder);
    return [undefined, ...profiles].flatMap((profile) =>
      places.flatMap((place) => candidatesOf(library, place, names, profile))
        .map((one) => ({ ...one, isOfProfile: profile !== undefined }))
    );
  });
  return candidates.toReversed().flatMap(({ isOfProfile, ...one }) => {
    if (loaded.has(one.path)) return [];
    loaded.add(one.path);
    return documentsOf(library, one).toReversed()
      .map((document) => ({ document, path: one.path, isOfProfile }));
  });
}

/** The files of a place that are there, the later one wins. */
function candidatesOf(
  library: Library,
  { kind, path, isOptional }: Place,
  names: readonly string[],
  profile: string | undefined,
): Candidate[] {
  if (kind === "unseen") {
    // The address of a server may carry a password, and so may its parameters.
    library.unseen.add(/[@?=]|\/\//.test(path) ? path.replace(/:.*/, ":…") : shortened(path));
    return [];
  }
  if (kind === "file") {
    const one = candidateAt(path, profile);
    if (!one && !isOptional) {
      complain(library, path, "a folder ends with /, a file with .yml, .yaml or .properties");
    }
    return one ? [{ ...one, isExpected: !isOptional && profile === undefined }] : [];
  }
  const folders = foldersIn(library, path, isOptional);
  if (kind === "tree") {
    return profile === undefined ? folders.map((one) => ({ path: one, extension: TREE })) : [];
  }
  const byFolder = folders.map((folder) => {
    const there = new Set(namesIn(library, folder, true).map((name) => folder + name));
    return candidatesIn(folder, names, profile)
      .map((one) => there.has(one.path) ? one : undefined);
  });
  // Of several folders each kind of file in turn.
  return (byFolder[0] ?? []).flatMap((_, i) => byFolder.flatMap((some) => some[i] ?? []));
}

function documentsOf(
  library: Library,
  { path, extension, isExpected }: Candidate,
): readonly Document[] {
  const { files, read } = library;
  const known = read.get(path);
  if (known) return known;
  if (read.size >= MOST_FILES) {
    library.warnings.add(
      `Spring's further files are not read: there are more than ${MOST_FILES} files`,
    );
    return [];
  }
  try {
    const documents = extension === TREE
      ? [treeOf(library, path)]
      : readDocuments(extension, files.readFile(path));
    read.set(path, documents);
    return documents;
  } catch (error) {
    if (isExpected || !isAbsence(error)) complain(library, path, error);
    return [];
  }
}

/** A folder with a file for each property. They are read when they are asked for: secrets are among them. */
function treeOf(library: Library, folder: string): Document {
  const { files } = library;
  return new Map(
    treeFiles(files, folder).map(([name, path]): [string, Entry] => [uniform(name), {
      name,
      get text() {
        try {
          return files.readFile(path).replace(/^([^\n]*?)\r?\n$/, "$1");
        } catch (error) {
          complain(library, path, error);
          return "";
        }
      },
    }]),
  );
}
