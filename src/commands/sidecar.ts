/**
 * `sidecar`: a container of its own in the pod puts the instance back when the app starts, and takes
 * it out when the pod is stopped.
 */

import { asServiceOfflineError, traceOf } from "../errors.ts";
import { ENDED } from "../lifecycle/announce.ts";
import { offline } from "./offline.ts";
import { online } from "./online.ts";
import { type Ending, isoTime, type Run, summaryOf } from "./run.ts";

/**
 * Runs `online`, waits to be told to end, and runs `offline`. Whatever `online` comes to, a bug
 * included, the sidecar stays: in a pod that is stopped later it has work to do.
 *
 * @param run that of `online`
 * @param begin makes the one of `offline`, which begins when it is told to end
 * @param told fires when the container is told to end
 */
export async function sidecar(
  run: Run,
  begin: () => Run | Promise<Run>,
  told: AbortSignal,
): Promise<Ending> {
  const first = await online(run, { background: true, stopped: told }).catch((thrown): Ending => {
    run.log.warn("internal", traceOf(thrown));
    const { outcome, message } = asServiceOfflineError(thrown);
    return { outcome, parts: [message] };
  });
  const { outcome, parts, fields } = first;
  /** The last line tells of both runs. */
  const both = {
    startedAt: isoTime(run.startedAt),
    online: { ...summaryOf(run, first), reason: parts.join("; ") },
  };
  if (!told.aborted) {
    const message = `${parts.join("; ")}; waiting for TERM`;
    if (outcome === "done") run.log.info("standing_by", message, fields);
    else run.log.warn("standing_by", message, fields);
    await fired(told);
  }
  const last = await begin();
  // A native sidecar gets TERM when all else has ended; its preStop has done the work. Only a look
  // shows whether that still holds: `online`, or the app, may have put it back since.
  const record = last.recordFile?.read();
  const ended = record && record.finishedAt && !record.undoneAt ? record : undefined;
  const second = await offline(last, ended);
  const before = ended ? [ENDED] : [];
  return {
    ...second,
    parts: [...before, ...second.parts],
    fields: { ...both, offline: summaryOf(last, second) },
  };
}

/** Waits for a signal. */
export function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}
