import assert from "node:assert/strict";
import { budgetOf } from "../../src/lifecycle/budget.ts";

const NACOS = { callerCacheSeconds: 40, listLagSeconds: 10 };
const EUREKA = { callerCacheSeconds: 70, listLagSeconds: 34 };
const reserve = { stopReserveSeconds: 15 };

Deno.test("budgetOf() takes the longest time of callers", () => {
  const times = { gracePeriodSeconds: 65, ...reserve };
  const nacos = { available: 50, callers: 50, needed: 50, missing: 0, grace: 65 };
  assert.deepEqual(budgetOf(times, [NACOS]), nacos);
  const both = { available: 50, callers: 104, needed: 104, missing: 54, grace: 120 };
  assert.deepEqual(budgetOf(times, [NACOS, EUREKA]), both);
});

Deno.test("budgetOf() takes the scripts' sleep where there is no registry", () => {
  assert.equal(budgetOf({ gracePeriodSeconds: 65, ...reserve }, []).needed, 30);
});

Deno.test("budgetOf() lets five seconds less than the worst case pass", () => {
  const missing = (gracePeriodSeconds: number) =>
    budgetOf({ gracePeriodSeconds, ...reserve }, [NACOS]).missing;
  assert.deepEqual([60, 59, 30, 10].map(missing), [0, 6, 35, 49]);
});

Deno.test("budgetOf() knows nothing missing where the grace period is unknown", () => {
  const { available, missing, grace } = budgetOf(reserve, [NACOS]);
  assert.deepEqual([available, missing, grace], [null, 0, 65]);
});

Deno.test("budgetOf() adds two seconds to DRAIN_SECONDS, and no slack", () => {
  const of = (gracePeriodSeconds: number, drainSeconds: number) => {
    const { needed, missing, grace } = budgetOf(
      { gracePeriodSeconds, drainSeconds, ...reserve },
      [NACOS],
    );
    return { needed, missing, grace };
  };
  assert.deepEqual(of(47, 30), { needed: 32, missing: 0, grace: 50 });
  assert.deepEqual(of(46, 30), { needed: 32, missing: 1, grace: 50 });
  assert.deepEqual(of(20, 0), { needed: 2, missing: 0, grace: 20 });
});

Deno.test("budgetOf() adds the silence after the last request, which is not missed", () => {
  const times = { gracePeriodSeconds: 65, drainSeconds: 30, ...reserve };
  const { needed, missing, grace } = budgetOf(times, [EUREKA], 10);
  assert.deepEqual({ needed, missing, grace }, { needed: 114, missing: 0, grace: 130 });
  assert.equal(budgetOf({ ...times, drainSeconds: 60 }, [EUREKA], 10).missing, 12);
  const { missing: short } = budgetOf({ gracePeriodSeconds: 65, ...reserve }, [EUREKA], 10);
  assert.equal(short, 54);
});
