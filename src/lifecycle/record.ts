/**
 * The note a run leaves on disk, so that a run after a kill drains only what is left, and `online`
 * and `offline` see each other.
 *
 * @module
 */

import * as z from "zod/mini";

/** Moments are milliseconds since the epoch; 0 where it has not come to that. */
const recordSchema = z.object({
  /** The instance in words, for whoever reads the file. */
  instance: z.string(),
  /** When the first of the runs that belong together began. */
  startedAt: z.number(),
  /** When it has to end by. */
  deadline: z.number(),
  /** How far each registry had come. */
  registries: z.array(z.object({
    name: z.string(),
    /** When its own record said that the instance is out of service. */
    acceptedAt: z.number(),
    /** When the instance had left the list that callers fetch. */
    leftAt: z.number(),
  })),
  /** When it ended; a finished record is of no use to a later run. */
  finishedAt: z.number(),
  /** When `online` took it back. */
  undoneAt: z.number(),
});

/** What a run leaves behind. */
export type RunRecord = z.infer<typeof recordSchema>;

/** The file system as the record needs it; every function may throw. */
export interface Disk {
  readTextFile(path: string): string;
  /** Makes a file that must not exist yet, readable by its owner only. */
  createTextFile(path: string, text: string): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
}

/** The record of one instance. */
export interface RecordFile {
  readonly path: string;
  /** What stands there; undefined where nothing does, or nothing that can be read. */
  read(): RunRecord | undefined;
  /**
   * Puts a record there, whole or not at all.
   *
   * @returns the reason where that was not possible; no disk is no failure
   */
  write(record: RunRecord): string | undefined;
}

/**
 * The record of an instance, under /tmp.
 *
 * @param disk the file system
 * @param identity what tells this instance from others on the same machine
 */
export function recordFile(disk: Disk, identity: readonly string[]): RecordFile {
  // A file name has at most 255 bytes, and the temporary one is 42 longer; what tells most apart
  // stands first in the identity.
  const name = encodeURIComponent(identity.join(" ")).slice(0, 180);
  const path = `/tmp/service-offline-${name}.json`;
  return {
    path,
    read() {
      try {
        const result = z.safeParse(recordSchema, JSON.parse(disk.readTextFile(path)));
        return result.success ? result.data : undefined;
      } catch {
        return undefined;
      }
    },
    write(record) {
      // Renaming is atomic, and replaces a link that somebody has put there instead of following it.
      const temporary = `${path}.${crypto.randomUUID()}`;
      try {
        disk.createTextFile(temporary, JSON.stringify(record));
        disk.rename(temporary, path);
        return undefined;
      } catch (error) {
        try {
          disk.remove(temporary);
        } catch {
          // It was never made.
        }
        return error instanceof Error ? error.message : String(error);
      }
    },
  };
}

/**
 * Whether a record is that of a run which is under way, or was killed.
 *
 * @param record what stands on disk
 * @param now milliseconds since the epoch
 */
export function isUnderWay(record: RunRecord | undefined, now: number): record is RunRecord {
  return record !== undefined && !record.finishedAt && !record.undoneAt &&
    record.startedAt <= now && now < record.deadline;
}
