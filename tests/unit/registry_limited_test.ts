import assert from "node:assert/strict";
import { createLimit } from "../../src/registry/limited.ts";

Deno.test("createLimit() runs at most so many at a time, and all of them", async () => {
  const limit = createLimit(2);
  let running = 0;
  let most = 0;
  const turn = async (value: number) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
    if (value === 3) throw new Error("the third");
    return value;
  };
  const results = await Promise.allSettled(
    [1, 2, 3, 4, 5].map((value) => limit(() => turn(value))),
  );
  assert.equal(most, 2);
  assert.deepEqual(
    results.map((one) => one.status === "fulfilled" ? one.value : String(one.reason)),
    [1, 2, "Error: the third", 4, 5],
  );
});
