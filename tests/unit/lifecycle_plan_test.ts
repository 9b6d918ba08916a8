import assert from "node:assert/strict";
import { drainEndsAt, graceAdvice, makePlan } from "../../src/lifecycle/plan.ts";

const START = 1_000_000;
const NACOS = { callerCacheSeconds: 40, listLagSeconds: 10 };

const since = (moment = NaN) => (moment - START) / 1000;
const at = (seconds: number) => START + seconds * 1000;

Deno.test("makePlan() ends the stop reserve before the grace period", () => {
  const plan = makePlan(START, { gracePeriodSeconds: 60, stopReserveSeconds: 15 });
  assert.equal(plan.startedAt, START);
  assert.equal(since(plan.deadline), 45);
  assert.equal(plan.drainMs, undefined);
});

Deno.test("makePlan() leaves a second where the reserve takes all of the grace period", () => {
  for (const gracePeriodSeconds of [0, 10, 15]) {
    assert.equal(
      since(makePlan(START, { gracePeriodSeconds, stopReserveSeconds: 15 }).deadline),
      1,
    );
  }
});

Deno.test("makePlan() takes DRAIN_SECONDS with and without a grace period", () => {
  const known = makePlan(START, {
    drainSeconds: 20,
    gracePeriodSeconds: 60,
    stopReserveSeconds: 15,
  });
  assert.deepEqual([since(known.deadline), known.drainMs], [45, 20_000]);
  const unknown = makePlan(START, { drainSeconds: 20, stopReserveSeconds: 15 });
  assert.deepEqual([since(unknown.deadline), unknown.drainMs], [50, 20_000]);
});

Deno.test("makePlan() drains as long as the script slept where nothing is set", () => {
  const plan = makePlan(START, { stopReserveSeconds: 15 });
  assert.deepEqual([since(plan.deadline), plan.drainMs], [60, 30_000]);
});

Deno.test("makePlan() takes DRAIN_SECONDS=0 at its word", () => {
  assert.equal(makePlan(START, { drainSeconds: 0, stopReserveSeconds: 15 }).drainMs, 0);
});

Deno.test("drainEndsAt() counts DRAIN_SECONDS from the acceptance", () => {
  const plan = makePlan(START, { drainSeconds: 20, stopReserveSeconds: 15 });
  assert.equal(since(drainEndsAt(plan, NACOS, { acceptedAt: at(3), settledAt: at(4) })), 23);
  assert.equal(since(drainEndsAt(plan, NACOS, { acceptedAt: at(3) })), 23);
});

Deno.test("drainEndsAt() has no end before the registry has accepted", () => {
  for (const drainSeconds of [undefined, 0, 20]) {
    const plan = makePlan(START, { drainSeconds, gracePeriodSeconds: 60, stopReserveSeconds: 15 });
    assert.equal(drainEndsAt(plan, NACOS, {}), undefined);
  }
});

Deno.test("drainEndsAt() waits for the list for two seconds even with a shorter drain", () => {
  const plan = makePlan(START, { drainSeconds: 0, stopReserveSeconds: 15 });
  assert.equal(since(drainEndsAt(plan, NACOS, { acceptedAt: at(3) })), 5);
  assert.equal(since(drainEndsAt(plan, NACOS, { acceptedAt: at(3), settledAt: at(3.5) })), 3.5);
});

Deno.test("drainEndsAt() without DRAIN_SECONDS counts the callers' caches from the list", () => {
  const plan = makePlan(START, { gracePeriodSeconds: 120, stopReserveSeconds: 15 });
  assert.equal(since(drainEndsAt(plan, NACOS, { acceptedAt: at(1), settledAt: at(2) })), 42);
});

Deno.test("drainEndsAt() takes the list's longest lag where it was not seen to follow", () => {
  const plan = makePlan(START, { gracePeriodSeconds: 120, stopReserveSeconds: 15 });
  assert.equal(since(drainEndsAt(plan, NACOS, { acceptedAt: at(1) })), 51);
});

Deno.test("graceAdvice() rounds up to five seconds and names both numbers", () => {
  const advice = (grace: number) =>
    `set terminationGracePeriodSeconds: ${grace} and TERMINATION_GRACE_PERIOD_SECONDS=${grace}`;
  assert.equal(graceAdvice(55.6), advice(60));
  assert.equal(graceAdvice(60), advice(60));
  assert.equal(graceAdvice(60.1), advice(65));
});
