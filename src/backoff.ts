import type { ServiceOfflineError } from "./errors.ts";

/** Between two tries after a bug, milliseconds: it hardly ever passes, but other data may. */
const BUG_MS = 10_000;

/**
 * How long to wait before the next try: doubled from half a second, with jitter, so that the hooks
 * of a rollout do not come back all at once. A refused login costs the server a password hash (60 to
 * 78 ms of CPU on Nacos), so it is repeated more slowly.
 *
 * @param failures how many tries have failed so far, at least 1
 * @returns milliseconds
 */
export function backoffMs(failures: number, error: ServiceOfflineError): number {
  const max = error.outcome === "refused" ? 10_000 : 5_000;
  const isBug = error.outcome === "internal";
  const step = isBug ? BUG_MS : Math.min(max, 500 * 2 ** Math.min(failures - 1, 10));
  return step * (0.5 + Math.random() / 2);
}

/** A little jitter, so that the hooks of a rollout do not look all at once. */
export function jittered(ms: number): number {
  return ms * (0.9 + Math.random() / 5);
}
