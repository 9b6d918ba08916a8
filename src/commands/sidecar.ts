/**
 * `sidecar`: a container of its own in the pod puts the instance back when the app starts, and takes
 * it out when the pod is stopped.
 *
 * @module
 */

import { offline } from "./offline.ts";
import { online } from "./online.ts";
import type { Ending, Run } from "./run.ts";

/**
 * Runs `online`, waits to be told to end, and runs `offline`. Whatever `online` comes to, the
 * sidecar stays: in a pod that is stopped later it has work to do.
 *
 * @param run that of `online`
 * @param begin makes the one of `offline`, which begins when it is told to end
 * @param told fires when the container is told to end
 */
export async function sidecar(run: Run, begin: () => Run, told: AbortSignal): Promise<Ending> {
  const { outcome, parts, fields } = await online(run, { background: true, stopped: told });
  if (!told.aborted) {
    const message = `${parts.join("; ")}; waiting for TERM`;
    if (outcome === "done") run.log.info("standing_by", message, fields);
    else run.log.warn("standing_by", message, fields);
    await fired(told);
  }
  const last = begin();
  const finishedAt = last.recordFile?.read()?.finishedAt ?? 0;
  if (finishedAt >= run.startedAt) {
    // A native sidecar gets TERM when all else has ended; its preStop has done the work.
    return { outcome: "done", parts: ["an `offline` of this container has ended already"] };
  }
  return await offline(last);
}

/** Waits for a signal. */
export function fired(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
}
