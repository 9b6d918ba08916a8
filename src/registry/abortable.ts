import { UnreachableError } from "../errors.ts";

/**
 * Waits for something that several wait for, and that goes on when one of them no longer does.
 *
 * @param promise what is waited for
 * @param signal ends the wait
 * @param late says what has not come by then
 * @throws {UnreachableError} when the signal fires first
 */
export async function abortable<Value>(
  promise: Promise<Value>,
  signal: AbortSignal,
  late: string,
): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(new UnreachableError(late));
  // One that fails after its last waiter has left must not end the process.
  promise.catch(() => {});
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
