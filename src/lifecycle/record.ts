/**
 * The note a run leaves on disk, so that a run after a kill drains only what is left, and `online`
 * and `offline` see each other.
 *
 * Two processes may read two clocks: one of them may have been set in between. So no moment of a
 * record is ever compared with the clock of its reader where that could end a run early: runs are
 * told apart by their ids, a run that lives by what it writes, and moments count from `writtenAt`.
 *
 * @module
 */

import * as z from "zod/mini";
import type { Registry } from "../registry/registry.ts";
import { type Read, shape } from "../shape.ts";

/** What a run leaves behind. Moments are ms since the epoch, 0 where it has not come to that. */
export interface RunRecord {
  /** Of the runs that belong together: those that go on with it, those that began at once. */
  readonly run: string;
  /** The instance in words, for whoever reads the file. */
  readonly instance: string;
  /** When the first of the runs that belong together began. */
  readonly startedAt: number;
  /** When it has to end by. */
  readonly deadline: number;
  /** When this was written: every two seconds, until it ends. */
  readonly writtenAt: number;
  /** How far each registry had come. */
  readonly registries: readonly RegistryRecord[];
  /** When the app was told with success. */
  readonly appToldAt: number;
  /** When it ended; a finished record is of no use to a later run. */
  readonly finishedAt: number;
  /** When `online` took it back. */
  readonly undoneAt: number;
}

/** How far a run had come at one registry. */
export interface RegistryRecord {
  /** The registry. */
  readonly name: string;
  /** Which registration of it; undefined in records of versions before. */
  readonly at?: string | undefined;
  /** When its own record said that the instance is out of service. */
  readonly acceptedAt: number;
  /** When the instance had left the list that callers fetch. */
  readonly settledAt: number;
  /** Whether this run has taken it out, or one that it goes on with: `online` puts that back. */
  readonly takenOut?: boolean | undefined;
}

const readRecord: Read<RunRecord> = shape(() =>
  z.object({
    run: z.string(),
    instance: z.string(),
    startedAt: z.number(),
    deadline: z.number(),
    writtenAt: z.number(),
    registries: z.array(
      z.object({
        name: z.string(),
        at: z.optional(z.string()),
        acceptedAt: z.number(),
        settledAt: z.number(),
        takenOut: z.optional(z.boolean()),
      }),
    ),
    appToldAt: z.number(),
    finishedAt: z.number(),
    undoneAt: z.number(),
  })
);

/** The last moment that a `Date` can say. */
const MAX_MS = 8.64e15;

/** Whether the moments can be those of a run: in their order, by the clock that has written them. */
function isPlausible(record: RunRecord): boolean {
  const { startedAt, writtenAt, deadline, appToldAt, finishedAt, undoneAt } = record;
  const inOrder = record.registries.every(({ acceptedAt, settledAt }) => {
    const accepted = acceptedAt || startedAt;
    const left = settledAt || accepted;
    return startedAt <= accepted && accepted <= left && left <= writtenAt;
  });
  return inOrder &&
    [startedAt, writtenAt, deadline, appToldAt, finishedAt, undoneAt].every((ms) =>
      0 <= ms && ms <= MAX_MS
    );
}

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

const DAY_MS = 24 * 60 * 60 * 1000;
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
      try {
        disk.createFolder(path);
      } catch {
        // There is one, or something else.
      }
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
  /** What this process knows: it looks each second, and every write makes a new file. */
  let known: { readonly file: string; readonly record: RunRecord | undefined } | undefined;
  const fileOf = ({ ino, mtime }: ReturnType<Disk["about"]>) => `${ino} ${mtime?.getTime()}`;
  return {
    read() {
      try {
        const path = `${folder.path()}/${name}`;
        const file = fileOf(folder.ownAt(path, "isFile"));
        if (file !== known?.file) {
          const record = readRecord(JSON.parse(disk.readTextFile(path)));
          known = { file, record: record && isPlausible(record) ? record : undefined };
        }
        return known.record;
      } catch {
        return undefined;
      }
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
        try {
          if (temporary) disk.remove(temporary);
        } catch {
          // It was never made.
        }
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

/**
 * Whether a record is that of a run which has not come to its end: it is under way, or was killed.
 *
 * @param record what stands on disk
 */
export function isOpen(record: RunRecord | undefined): record is RunRecord {
  return record !== undefined && !record.finishedAt && !record.undoneAt;
}

/**
 * Whether the time of an open record is not over, by this process' clock. Where the clock was set
 * meanwhile the answer may be wrong.
 *
 * @param record what stands on disk
 * @param now milliseconds since the epoch
 */
export function isUnderWay(record: RunRecord | undefined, now: number): record is RunRecord {
  return isOpen(record) && record.startedAt <= now && now < record.deadline;
}

/** What tells a registration in a record. */
export interface Recorded {
  readonly registry: Pick<Registry, "name" | "identity">;
  readonly isFurther: boolean;
}

/** What a record says of one registration. */
export function recordOf(
  record: RunRecord | undefined,
  { registry, isFurther }: Recorded,
): RegistryRecord | undefined {
  return record?.registries.find(({ name, at }) =>
    // Records of versions before have none.
    name === registry.name && (at === undefined ? !isFurther : at === registry.identity)
  );
}

/**
 * Whether a record says that an `offline` has taken an instance out of a registry, and no `online`
 * has put it back. It is believed for a day: what stands in the registry may be newer.
 *
 * @param now milliseconds since the epoch
 */
export function isTakenOut(
  record: RunRecord | undefined,
  registration: Recorded,
  now: number,
): boolean {
  if (!record || record.undoneAt || now > record.writtenAt + DAY_MS) return false;
  const found = recordOf(record, registration);
  // One that was killed may have written after its last note.
  if (isOpen(record) && !found?.acceptedAt) return true;
  // A version before this setting has written none.
  return found?.takenOut ?? (found?.acceptedAt ?? 0) > 0;
}

/**
 * A record with its moments moved as if it were written now: what counts of a drain is what the run
 * itself has measured. How long ago that was no two processes can know for sure.
 *
 * @param record what stands on disk
 * @param now milliseconds since the epoch
 */
export function asWrittenAt(record: RunRecord, now: number): RunRecord {
  const moved = (ms: number) => ms && ms + now - record.writtenAt;
  return {
    ...record,
    startedAt: moved(record.startedAt),
    writtenAt: now,
    registries: record.registries.map(({ acceptedAt, settledAt, ...about }) => ({
      ...about,
      acceptedAt: moved(acceptedAt),
      settledAt: moved(settledAt),
    })),
  };
}
