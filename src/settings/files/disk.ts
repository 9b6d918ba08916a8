/** Folders and files as Spring finds them. */

import { tried } from "../../tried.ts";

/** What is asked of a disk. */
export interface Files {
  /** A file's text; throws where it cannot be read. */
  readonly readFile: (path: string) => string;
  /** The names in a folder; throws where there is none. */
  readonly list: (path: string) => readonly string[];
}

/** A tree that goes deeper or wider is none of settings. */
const MOST_DEEP = 5;
const MOST_NAMES = 1_000;

/** Whether there is nothing at all at a path. */
export function isAbsence(error: unknown): boolean {
  return ["NotFound", "NotADirectory"].includes((error as Error).name);
}

/** Deno's own messages repeat values and paths; where a secret may stand, that is too much. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : `${error}`;
  return text.split(/: (?:readfile|readdir|stat|")/)[0] ?? "";
}

/** A tree's files, by the property that each stands for. */
export function treeFiles(files: Files, folder: string): [name: string, path: string][] {
  const found: [string, string][] = [];
  let seen = 0;
  const walk = (path: string, prefix: string, depth: number) => {
    for (const name of visible(files, path)) {
      if (++seen > MOST_NAMES) return;
      const one = `${path}${name}`;
      // Names are links in Kubernetes' volumes, those of folders as well.
      if (depth < MOST_DEEP && tried(() => files.list(one))) {
        walk(`${one}/`, `${prefix}${name}.`, depth + 1);
      } else found.push([prefix + name, one]);
    }
  };
  walk(folder, "", 1);
  return found;
}

function visible(files: Files, folder: string): string[] {
  return files.list(folder || ".").filter((name) => !name.startsWith("..")).slice(0, MOST_NAMES);
}
