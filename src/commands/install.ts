/** `install`: copies the kit from its own image into a volume that the app mounts. */

import type { Ending } from "./run.ts";
import { tried } from "../tried.ts";

/** The file system as the copy needs it; every function may throw. */
export interface Folders {
  list(path: string): readonly FolderEntry[];
  /** Leaves alone one that is there already. */
  makeFolder(path: string): void;
  /** Keeps the mode. */
  copyFile(from: string, to: string): void;
  /** Replaces what is at `to`. */
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Whether something is mounted at a folder; undefined where that cannot be told. */
  isMount(path: string): boolean | undefined;
}

/** One thing in a folder. */
interface FolderEntry {
  readonly name: string;
  readonly isDirectory: boolean;
  /** Deno adds one to its folder where it may write. */
  readonly isSymlink: boolean;
}

/** Where the kit is, in its image and in the app's: the path of its loader is absolute. */
const KIT = "/opt/service-offline";
/** Where the volume is mounted for the copy. */
const TARGET = "/target";

/**
 * Runs `install`. Each file appears whole or not at all. So a second run does no harm, nor one beside
 * an app that has the volume already.
 */
export function install(folders: Folders): Ending {
  try {
    // Throws where there is no kit, before anything is made.
    folders.list(KIT);
    folders.makeFolder(TARGET);
    const isMount = folders.isMount(TARGET);
    if (isMount === false) throw new Error(`no volume is mounted at ${TARGET}`);
    const count = copy(folders, KIT, TARGET);
    const doubt = isMount ? [] : [`it cannot be told whether ${TARGET} is a volume`];
    const mount = `mount that volume at ${KIT} in the app`;
    const parts = [`${count} files of ${KIT} are in ${TARGET}; ${mount}`, ...doubt];
    return { outcome: "done", parts };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      outcome: "settings",
      parts: [
        `Cannot copy ${KIT} to ${TARGET}: ${reason}; run this in the image of the kit, with a ` +
        `volume that can be written mounted at ${TARGET}`,
      ],
    };
  }
}

function copy(folders: Folders, from: string, to: string): number {
  makeFolder(folders, to);
  let count = 0;
  for (const { name, isDirectory, isSymlink } of folders.list(from)) {
    const [source, target] = [`${from}/${name}`, `${to}/${name}`];
    if (isSymlink) continue;
    if (isDirectory) {
      count += copy(folders, source, target);
      continue;
    }
    const temporary = `${to}/.${name}.${crypto.randomUUID()}`;
    try {
      folders.copyFile(source, temporary);
      folders.rename(temporary, target);
    } catch (error) {
      // A volume that is full keeps what was copied, and an init container is started again.
      tried(() => folders.remove(temporary));
      throw error;
    }
    count++;
  }
  return count;
}

/** Also where a file stands there, as one of an older kit's may. */
function makeFolder(folders: Folders, path: string): void {
  try {
    folders.makeFolder(path);
  } catch {
    tried(() => folders.remove(path));
    folders.makeFolder(path);
  }
}
