import { onAbort } from "../clock.ts";
import { UnreachableError } from "../errors.ts";

/**
 * Waits for something until the signal fires. It goes on all the same: others may wait for it too.
 *
 * @throws {UnreachableError} with the text `late`, when the signal fires first
 */
export async function abortable<Value>(
  promise: Promise<Value>,
  signal: AbortSignal,
  late: string,
): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  // One that fails after its last waiter has left must not end the process.
  promise.catch(() => {});
  using _ = onAbort(signal, () => aborted.reject(new UnreachableError(late)));
  return await Promise.race([promise, aborted.promise]);
}
