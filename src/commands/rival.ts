/** The `offline` that `online` may meet in the same container: which of them gives way. */

import { isOpen, type RunRecord } from "../lifecycle/record.ts";
import type { Run } from "./run.ts";

/**
 * In a pod that is stopped right after its start, preStop's `offline` may begin before a process
 * that postStart has sent into the background. Or the record that is there is that of a container
 * before this one, where /tmp is a volume: one that is not written for so long, although a live
 * `offline` writes every two seconds.
 */
export const ALIVE_MS = 5_000;
/** The last write of an `offline` that was told to stop may land this much later. */
const SETTLE_MS = 2_000;

/** The `offline` that may run in the same container. */
export type Rival = ReturnType<typeof rivalOf>;

/**
 * Meets it.
 *
 * @param before the record that was there at the start
 */
export function rivalOf(
  { clock, log, startedAt, recordFile }: Run,
  before: RunRecord | undefined,
  { background, stopped }: { readonly background: boolean; readonly stopped?: AbortSignal },
) {
  const waitMs = !isOpen(before) ? 0 : background ? ALIVE_MS : SETTLE_MS;
  const rival = {
    /** From when on it is known whether the one that was met at the start lives, ms since the epoch. */
    judgedAt: startedAt + waitMs,
    /** Whether one was told to stop. */
    wasTold: false,
    /** Why it could not be told. */
    untold: undefined as string | undefined,
    /** Whether it has precedence; one that has not is told to stop. */
    hasPrecedence(): boolean {
      if (stopped?.aborted) return true;
      const now = recordFile?.read();
      // What is still written lives, or has just come to its end.
      if (background && now && !now.undoneAt && now.writtenAt !== before?.writtenAt) return true;
      if (!isOpen(now)) return false;
      // It began after this run, whatever their clocks say.
      if (!isOpen(before) || now.run !== before.run) return true;
      if (!background || clock.now() >= rival.judgedAt) tell(now);
      return false;
    },
  };

  /** Again where it was lost: the last note of the `offline` may cross it. */
  function tell(record: RunRecord): void {
    rival.untold = recordFile?.write({ ...record, undoneAt: clock.now() });
    if (rival.wasTold) return;
    rival.wasTold = true;
    const which = background
      ? "an `offline` before this start was cut off"
      : "an `offline` has not ended here";
    if (rival.untold === undefined) {
      log.info("undo", `${which}; if it still runs, it is told to stop`);
    } else log.warn("undo_failed", `${which}; ${untoldInWords(rival.untold)}`);
  }
  return rival;
}

/** What may come of that. */
export function untoldInWords(reason: string): string {
  return `the \`offline\` could not be told to stop (${reason}): where it still runs it takes the ` +
    "instance out again";
}
