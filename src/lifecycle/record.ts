/**
 * The note a run leaves on disk, so that a run after a kill drains only what is left, and `online`
 * and `offline` see each other.
 *
 * @module
 */

import * as z from "zod/mini";
import { type Read, shape } from "../shape.ts";

/** What a run leaves behind. Moments are ms since the epoch, 0 where it has not come to that. */
export interface RunRecord {
  /** The instance in words, for whoever reads the file. */
  readonly instance: string;
  /** When the first of the runs that belong together began. */
  readonly startedAt: number;
  /** When it has to end by. */
  readonly deadline: number;
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
  /** When its own record said that the instance is out of service. */
  readonly acceptedAt: number;
  /** When the instance had left the list that callers fetch. */
  readonly leftAt: number;
}

const readRecord: Read<RunRecord> = shape(() =>
  z.object({
    instance: z.string(),
    startedAt: z.number(),
    deadline: z.number(),
    registries: z.array(
      z.object({ name: z.string(), acceptedAt: z.number(), leftAt: z.number() }),
    ),
    appToldAt: z.number(),
    finishedAt: z.number(),
    undoneAt: z.number(),
  })
);

/** The file system as the record needs it; every function may throw. */
export interface Disk {
  /** The whole text of a file. */
  readTextFile(path: string): string;
  /** Makes a file that must not exist yet, readable by its owner only. */
  createTextFile(path: string, text: string): void;
  /** Moves a file, over another if need be. */
  rename(from: string, to: string): void;
  /** Removes a file. */
  remove(path: string): void;
}

/** The record of one instance. */
export interface RecordFile {
  /** Where it is. */
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
        return readRecord(JSON.parse(disk.readTextFile(path)));
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
