import assert from "node:assert/strict";
import { backoffMs } from "../../src/backoff.ts";
import {
  asServiceOfflineError,
  RefusedError,
  type ServiceOfflineError,
  UnreachableError,
} from "../../src/errors.ts";

const MANY = 200;
const sample = (failures: number, error: ServiceOfflineError) =>
  Array.from({ length: MANY }, () => backoffMs(failures, error));

Deno.test("backoffMs() doubles from half a second up to five seconds", () => {
  const error = new UnreachableError("no answer");
  const steps = [[1, 500], [2, 1_000], [3, 2_000], [4, 4_000], [5, 5_000], [1_000, 5_000]] as const;
  for (const [failures, step] of steps) {
    for (const ms of sample(failures, error)) {
      assert.ok(ms >= step / 2 && ms <= step, `${ms} after ${failures} failures`);
    }
  }
});

Deno.test("backoffMs() goes up to ten seconds where the login is refused", () => {
  for (const ms of sample(20, new RefusedError("wrong password"))) {
    assert.ok(ms >= 5_000 && ms <= 10_000, String(ms));
  }
});

Deno.test("backoffMs() waits long after a bug, from the first time on", () => {
  for (const ms of sample(1, asServiceOfflineError(new TypeError("x is undefined")))) {
    assert.ok(ms >= 5_000 && ms <= 10_000, String(ms));
  }
});

Deno.test("backoffMs() does not bring the hooks of a rollout back all at once", () => {
  assert.ok(new Set(sample(1, new UnreachableError("no answer"))).size > MANY / 2);
});
