/** What a call gives; undefined where it throws, for whoever minds no failure. */
export function tried<Value>(call: () => Value): Value | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}
