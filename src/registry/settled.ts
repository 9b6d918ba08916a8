/** Waits for all of them, and tells what came from what went wrong. */
export async function settled<Value>(
  promises: readonly Promise<Value>[],
): Promise<{ values: Value[]; errors: unknown[] }> {
  const results = await Promise.allSettled(promises);
  return {
    values: results.flatMap((one) => "value" in one ? [one.value] : []),
    errors: results.flatMap((one) => "reason" in one ? [one.reason] : []),
  };
}
