import assert from "node:assert/strict";
import { atMost, systemClock, timeout } from "../../src/clock.ts";
import { createFakeClock } from "../support/fake_clock.ts";

Deno.test("sleep() of the system clock resolves when its signal fires, and leaves no timer", async () => {
  const controller = new AbortController();
  const sleep = systemClock.sleep(3_600_000, controller.signal);
  controller.abort(new Error("over"));
  await sleep;
  await systemClock.sleep(3_600_000, controller.signal);
});

Deno.test("sleep() of the system clock returns for nothing or less", async () => {
  await systemClock.sleep(0);
  await systemClock.sleep(-5);
});

Deno.test("sleep() of the system clock does not take a very long time for none", async () => {
  const controller = new AbortController();
  let over = false;
  const sleep = systemClock.sleep(2 ** 40, controller.signal).then(() => void (over = true));
  await systemClock.sleep(5);
  assert.equal(over, false);
  controller.abort();
  await sleep;
});

Deno.test("timeout() fires after its time and not before", async () => {
  const clock = createFakeClock();
  using limit = timeout(clock, 1_000);
  await clock.advance(999);
  assert.equal(limit.signal.aborted, false);
  await clock.advance(1);
  assert.equal(limit.signal.aborted, true);
  assert.equal(limit.signal.reason.name, "TimeoutError");
});

Deno.test("timeout() fires with its parent", () => {
  const clock = createFakeClock();
  const parent = new AbortController();
  using limit = timeout(clock, 1_000, parent.signal);
  parent.abort();
  assert.equal(limit.signal.aborted, true);
  using late = timeout(clock, 1_000, parent.signal);
  assert.equal(late.signal.aborted, true);
});

Deno.test("timeout() leaves nothing behind when it is done with", async () => {
  const clock = createFakeClock();
  const parent = new AbortController();
  let signal: AbortSignal;
  {
    using limit = timeout(clock, 1_000, parent.signal);
    signal = limit.signal;
  }
  assert.equal(clock.sleeping, 0);
  await clock.advance(2_000);
  parent.abort();
  assert.equal(signal.aborted, false);
});

Deno.test("after() of the system clock calls once, and not what was taken back", async () => {
  const calls: string[] = [];
  const called = Promise.withResolvers<void>();
  systemClock.after(1, () => calls.push("taken back"))();
  systemClock.after(2, () => calls.push("first"));
  systemClock.after(20, called.resolve);
  await called.promise;
  assert.deepEqual(calls, ["first"]);
});

Deno.test("after() of the system clock calls an earlier one first, and all where one throws", async () => {
  const calls: string[] = [];
  const called = Promise.withResolvers<void>();
  const stray: unknown[] = [];
  const take = (event: ErrorEvent) => {
    event.preventDefault();
    stray.push(event.error);
  };
  addEventListener("error", take);
  // So late that a machine which stops for a second does not make it due with the first.
  systemClock.after(3_000, () => {
    calls.push("second");
    called.resolve();
  });
  systemClock.after(2, () => {
    calls.push("first");
    // While one is rung, another may be set or taken back.
    systemClock.after(0, () => calls.push("at once"));
    takeBack();
    throw new Error("a bug");
  });
  const takeBack = systemClock.after(2, () => calls.push("taken back"));
  await called.promise;
  removeEventListener("error", take);
  assert.deepEqual(calls, ["first", "at once", "second"]);
  assert.deepEqual(stray.map((error) => (error as Error).message), ["a bug"]);
});

Deno.test("atMost() waits for the promise or the time, and leaves no timer", async () => {
  const clock = createFakeClock();
  const start = clock.now();
  await clock.advanceUntil(atMost(clock, 1_000, new Promise(() => {})));
  assert.equal(clock.now() - start, 1_000);
  await atMost(clock, 1_000, Promise.resolve());
  await atMost(clock, 1_000, Promise.reject(new Error("failed")));
  assert.equal(clock.now() - start, 1_000);
  assert.equal(clock.sleeping, 0);
});
