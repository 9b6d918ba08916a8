/**
 * `online`: puts back what `offline` took out.
 *
 * @module
 */

import { type Ending, endingOf, isoTime, type Run } from "./run.ts";
import { hold, IN, type Progress } from "../lifecycle/hold.ts";
import { isOpen, type RunRecord } from "../lifecycle/record.ts";
import { stateInWords, verdictOf } from "../lifecycle/verdict.ts";

/** How `online` was called. */
export interface OnlineOptions {
  /** Started by the postStart wrapper: gives way to an `offline` that is under way as well. */
  readonly background: boolean;
  /** Ends it before its time, when an `offline` in the same process is about to begin. */
  readonly stopped?: AbortSignal;
}

/** Between two looks at what is in service already, and at the record. */
const WATCH_MS = 500;
/** Between two lines that say what it is waiting for. */
const PROGRESS_MS = 15_000;
/** Between two looks at how far it has come. */
const POLL_MS = 100;
/**
 * In a pod that is stopped right after its start, preStop's `offline` may begin before a process
 * that postStart has sent into the background. Or the record that is there is that of a container
 * before this one, where /tmp is a volume: one that is not written for so long, although a live
 * `offline` writes every second.
 */
export const ALIVE_MS = 5_000;
/** The last write of an `offline` that was told to stop may land this much later. */
const SETTLE_MS = 2_000;

/**
 * Runs `online`. The flag outlives the process in the registry: a container restarted in the same
 * pod registers and stays out of service until this has run. It tells an `offline` that is under way
 * to stop, and gives way to one that begins after it.
 *
 * @param run settings, registries, clock and log
 * @param options how it was called
 */
export async function online(run: Run, options: OnlineOptions): Promise<Ending> {
  const { clock, log, startedAt, recordFile } = run;
  const before = recordFile?.read();
  const meets = isOpen(before);
  const settledAt = startedAt + (meets ? options.background ? ALIVE_MS : SETTLE_MS : 0);
  let undid = false;
  /** Why the `offline` that it has met could not be told to stop. */
  let untold: string | undefined;

  /** Whether an `offline` has precedence; one that has not is told to stop. */
  const giveWay = () => {
    if (options.stopped?.aborted) return true;
    const now = recordFile?.read();
    if (!isOpen(now)) return false;
    // It began after this run, whatever their clocks say.
    if (!isOpen(before) || now.run !== before.run) return true;
    if (options.background && now.writtenAt !== before.writtenAt) return true;
    if (!options.background || clock.now() >= settledAt) undo(now);
    return false;
  };
  /** Again where it was lost: the last note of the `offline` may cross it. */
  function undo(record: RunRecord): void {
    untold = recordFile?.write({ ...record, undoneAt: clock.now() });
    if (undid) return;
    undid = true;
    const which = options.background
      ? "an `offline` before this start was killed"
      : "an `offline` has not ended here";
    if (untold === undefined) log.info("undo", `${which}; it is told to stop`);
    else log.warn("undo_failed", `${which}; ${untoldInWords(untold)}`);
  }

  const stop = new AbortController();
  const progress: Progress[] = run.registries.map((registry) => ({
    registry,
    goal: IN,
  }));
  const loops = progress.map((one) =>
    hold(one, {
      clock,
      log: log.of(one.registry.name),
      startedAt,
      signal: stop.signal,
      watchMs: WATCH_MS,
      mayWrite: () => !giveWay() && (!options.background || clock.now() >= settledAt),
      // At a start the registration may be that of the process before; by hand one knows better.
      awaitLife: options.background,
      onChange: () => {},
    })
  );
  const endsAt = startedAt + run.settings.onlineTimeoutSeconds * 1000;
  const done = () => progress.every((one) => one.leftAt !== undefined) && clock.now() >= settledAt;
  let gaveWay = false;
  let saidAt = startedAt;
  while (!(gaveWay = giveWay()) && !done() && clock.now() < endsAt) {
    if (clock.now() - saidAt >= PROGRESS_MS) {
      saidAt = clock.now();
      log.info(
        "waiting",
        `${Math.ceil((endsAt - saidAt) / 1000)} s left; ${stateInWords(progress)}`,
      );
    }
    await clock.sleep(Math.min(POLL_MS, endsAt - clock.now()));
  }
  const verdicts = progress.map((one) => verdictOf(one, startedAt, clock.now()));
  stop.abort();
  await Promise.all(loops);
  const ending = endingOf(run, progress, verdicts);
  const endedOffline = undid && untold === undefined;
  const fields = { ...ending.fields, deadline: isoTime(endsAt), gaveWay, endedOffline };
  if (gaveWay) {
    // Whoever has called it by hand wants to know that the instance is not in service.
    const outcome = options.background ? "done" : "undone";
    return { outcome, parts: ["an `offline` has begun, nothing more is put back"], fields };
  }
  const warnings = untold === undefined ? [] : [untoldInWords(untold)];
  return { ...ending, parts: [...ending.parts, ...warnings], fields };
}

function untoldInWords(reason: string): string {
  return `the \`offline\` could not be told to stop (${reason}): where it still runs it takes the ` +
    "instance out again";
}
