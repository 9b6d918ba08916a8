/** The file that holds the record of an instance, in a folder that nobody else can write to. */

import { DAY_MS, readRecord, type RunRecord } from "./record.ts";
import { tried } from "../tried.ts";

/** The file system as the record needs it; every function may throw. */
export interface Disk {
  /** The whole text of a file. */
  readTextFile(path: string): string;
  /** Makes a file that must not exist yet, readable by its owner only. */
  createTextFile(path: string, text: string): void;
  /** Makes a folder that must not exist yet, for its owner only. */
  createFolder(path: string): void;
  /** What stands at a path; of a link it tells about the link. */
  about(
    path: string,
  ): Pick<Deno.FileInfo, "isFile" | "isDirectory" | "uid" | "mode" | "mtime" | "ino">;
  /** The names in a folder. */
  names(path: string): string[];
  /** Moves a file, over another if need be. */
  rename(from: string, to: string): void;
  /** Removes a file or an empty folder. */
  remove(path: string): void;
}

/** The record of one instance. */
export interface RecordFile {
  /** What stands there; undefined where nothing does, or nothing that can be believed. */
  read(): RunRecord | undefined;
  /**
   * Puts a record there, whole or not at all.
   *
   * @returns the reason where that was not possible; no disk is no failure
   */
  write(record: RunRecord): string | undefined;
  /** Removes what other instances have left there a day ago or earlier. */
  tidy(now: number): void;
}

/** So many are looked at in one run: on a machine with many instances each does its part. */
const MAX_TIDIED = 20;

/** A folder under /tmp that is this user's own: whoever else can write there ends no run. */
interface OwnFolder {
  /** Made and looked at once: in /tmp, with its sticky bit, nobody else can move it. */
  path(): string;
  /** What stands at a path, if it is our own and closed to others. */
  ownAt(path: string, type: "isFile" | "isDirectory"): ReturnType<Disk["about"]>;
}

function ownFolderOn(disk: Disk): OwnFolder {
  let uid: number | null | undefined;
  let known: string | undefined;
  const folder: OwnFolder = {
    ownAt(path, type) {
      const about = disk.about(path);
      // Bits above these may come from the volume: setgid with an fsGroup.
      if (about[type] && about.uid === uid && ((about.mode ?? 0) & 0o077) === 0) return about;
      throw new Error(`${path} is not this user's own, or is open to others`);
    },
    path() {
      if (known !== undefined) return known;
      if (uid === undefined) {
        // What we make tells who we are, in the terms of this file system and without a permission.
        const made = `/tmp/service-offline-${crypto.randomUUID()}`;
        disk.createFolder(made);
        uid = disk.about(made).uid;
        disk.remove(made);
      }
      const path = `/tmp/service-offline-${uid}`;
      // There may be one, or something else.
      tried(() => disk.createFolder(path));
      folder.ownAt(path, "isDirectory");
      return known = path;
    },
  };
  return folder;
}

/**
 * The record of an instance. Users that share a /tmp do not see each other's records.
 *
 * @param identity what tells this instance from others on the same machine
 */
export function recordFile(disk: Disk, identity: readonly string[]): RecordFile {
  // A file name has at most 255 bytes, and the temporary one is 42 longer; what tells most apart
  // stands first in the identity.
  const name = encodeURIComponent(identity.join(" ")).slice(0, 180) + ".json";
  const folder = ownFolderOn(disk);
  /** What this process knows: it looks again and again, and every write makes a new file. */
  let known: { readonly file: string; readonly record: RunRecord | undefined } | undefined;
  const fileOf = ({ ino, mtime }: ReturnType<Disk["about"]>) => `${ino} ${mtime?.getTime()}`;
  return {
    read() {
      return tried(() => {
        const path = `${folder.path()}/${name}`;
        const file = fileOf(folder.ownAt(path, "isFile"));
        if (file !== known?.file) {
          known = { file, record: readRecord(JSON.parse(disk.readTextFile(path))) };
        }
        return known.record;
      });
    },
    write(record) {
      let temporary: string | undefined;
      try {
        const path = `${folder.path()}/${name}`;
        temporary = `${path}.${crypto.randomUUID()}`;
        // Renaming is atomic, and replaces a link that somebody has put there instead of following it.
        disk.createTextFile(temporary, JSON.stringify(record));
        const file = fileOf(disk.about(temporary));
        disk.rename(temporary, path);
        known = { file, record };
        return undefined;
      } catch (error) {
        // It may never have been made.
        tried(() => temporary && disk.remove(temporary));
        return error instanceof Error ? error.message : String(error);
      }
    },
    tidy: (now) => tidy(disk, folder, now),
  };
}

function tidy(disk: Disk, folder: OwnFolder, now: number): void {
  try {
    const names = disk.names(folder.path());
    const first = Math.floor(Math.random() * (names.length - MAX_TIDIED + 1));
    for (const one of names.slice(Math.max(0, first)).slice(0, MAX_TIDIED)) {
      const path = `${folder.path()}/${one}`;
      if ((disk.about(path).mtime?.getTime() ?? now) < now - DAY_MS) disk.remove(path);
    }
  } catch {
    // Whoever comes next will do it.
  }
}
