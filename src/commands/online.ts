/**
 * `online`: puts back what `offline` took out.
 *
 * @module
 */

import { type Ending, endingOf, isoTime, type Run } from "./run.ts";
import { hold, IN, type Progress } from "../lifecycle/hold.ts";
import { isUnderWay } from "../lifecycle/record.ts";
import { stateInWords, verdictOf } from "../lifecycle/verdict.ts";

/** How `online` was called. */
export interface OnlineOptions {
  /** Started by the postStart wrapper: gives way to an `offline` that begins meanwhile. */
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
 * that postStart has sent into the background. An older record is that of a container before this
 * one, where /tmp is a volume.
 */
const LATE_START_MS = 2_000;
/** The last write of an `offline` that was told to stop may land this much later. */
const SETTLE_MS = 2_000;

/**
 * Runs `online`. The flag outlives the process in the registry: a container restarted in the same
 * pod registers and stays out of service until this has run.
 *
 * @param run settings, registries, clock and log
 * @param options how it was called
 */
export async function online(run: Run, options: OnlineOptions): Promise<Ending> {
  const { clock, log, startedAt, recordFile } = run;
  const giveWay = () => {
    if (options.stopped?.aborted) return true;
    const now = options.background ? recordFile?.read() : undefined;
    return isUnderWay(now, clock.now()) && now.startedAt >= startedAt - LATE_START_MS;
  };
  const record = recordFile?.read();
  const undid = isUnderWay(record, startedAt) && !giveWay();
  if (undid) {
    recordFile?.write({ ...record, undoneAt: startedAt });
    log.info("undo", "an `offline` is under way, it is told to stop");
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
      mayWrite: () => !giveWay(),
      // At a start the registration may be that of the process before; by hand one knows better.
      awaitLife: options.background,
      onChange: () => {},
    })
  );
  const settledAt = startedAt + (undid ? SETTLE_MS : 0);
  const endsAt = startedAt + run.settings.onlineTimeoutSeconds * 1000;
  const done = () => progress.every((one) => one.leftAt !== undefined) && clock.now() >= settledAt;
  let gaveWay = false;
  let saidAt = startedAt;
  while (!done() && clock.now() < endsAt && !(gaveWay = giveWay())) {
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
  const fields = { ...ending.fields, deadline: isoTime(endsAt), gaveWay, endedOffline: undid };
  if (!gaveWay) return { ...ending, fields };
  return { outcome: "done", parts: ["an `offline` has begun, nothing more is put back"], fields };
}
