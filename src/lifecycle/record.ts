/**
 * The note a run leaves on disk, so that a run after a kill drains only what is left, and `online`
 * and `offline` see each other.
 *
 * Two processes may read two clocks: one of them may have been set in between. So no moment of a
 * record is ever compared with the clock of its reader where that could end a run early: runs are
 * told apart by their ids, a run that lives by what it writes, and moments count from `writtenAt`.
 */

import * as z from "zod/mini";
import type { Registry } from "../registry/registry.ts";
import { type Read, shape } from "../shape.ts";

const runRecord = () =>
  z.object({
    /** Of the runs that belong together: those that go on with it, those that began at once. */
    run: z.string(),
    /** The instance in words, for whoever reads the file. */
    instance: z.string(),
    /** When the first of the runs that belong together began. */
    startedAt: z.number(),
    /** When it has to end by. */
    deadline: z.number(),
    /** When this was written: every two seconds, until it ends. */
    writtenAt: z.number(),
    /** How far each registration had come. */
    registries: z.array(
      z.object({
        /** The registry's. */
        name: z.string(),
        /** Which registration of it; undefined in records of versions before. */
        at: z.optional(z.string()),
        acceptedAt: z.number(),
        settledAt: z.number(),
        /** Whether this run has taken it out, or one that it goes on with: `online` puts that back. */
        takenOut: z.optional(z.boolean()),
      }),
    ),
    /** When the app was told with success. */
    appToldAt: z.number(),
    /** When it ended; a finished record is of no use to a later run. */
    finishedAt: z.number(),
    /** When `online` took it back. */
    undoneAt: z.number(),
  });

/** What a run leaves behind. Moments are ms since the epoch, 0 where it has not come to that. */
export type RunRecord = Readonly<z.output<ReturnType<typeof runRecord>>>;

const readShape = shape(runRecord);

/** So long a record is of use, ms: what stands in the registry may be newer. */
export const DAY_MS = 24 * 60 * 60 * 1000;
/** The last moment that a `Date` can say. */
const MAX_MS = 8.64e15;

/** A record, from what stands on disk; undefined where that is none, or none that can be believed. */
export const readRecord: Read<RunRecord> = (value) => {
  const record = readShape(value);
  return record && isPlausible(record) ? record : undefined;
};

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

/**
 * Whether a record is that of a run which has not come to its end: it is under way, or was killed.
 */
export function isOpen(record: RunRecord | undefined): record is RunRecord {
  return record !== undefined && !record.finishedAt && !record.undoneAt;
}

/**
 * Whether the time of an open record is not over, by this process' clock. Where the clock was set
 * meanwhile the answer may be wrong.
 *
 * @param now ms since the epoch
 */
export function isUnderWay(record: RunRecord | undefined, now: number): record is RunRecord {
  return isOpen(record) && record.startedAt <= now && now < record.deadline;
}

/** What tells a registration in a record. */
interface Recorded {
  readonly registry: Pick<Registry, "name" | "identity">;
  readonly isFurther: boolean;
}

/** What a record says of one registration. */
export function recordOf(
  record: RunRecord | undefined,
  { registry, isFurther }: Recorded,
): RunRecord["registries"][number] | undefined {
  return record?.registries.find(({ name, at }) =>
    // Records of versions before have none.
    name === registry.name && (at === undefined ? !isFurther : at === registry.identity)
  );
}

/**
 * Whether a record says that an `offline` has taken an instance out of a registry, and no `online`
 * has put it back.
 *
 * @param now ms since the epoch
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
 * @param now ms since the epoch
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
