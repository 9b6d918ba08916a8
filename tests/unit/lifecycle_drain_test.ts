import assert from "node:assert/strict";
import { UnreachableError } from "../../src/errors.ts";
import { createDrain, type DrainOptions, type DrainResult } from "../../src/lifecycle/drain.ts";
import { makePlan, type TimeSettings } from "../../src/lifecycle/plan.ts";
import type { Registration } from "../../src/lifecycle/state.ts";
import { createSupervisor } from "../../src/lifecycle/supervise.ts";
import { createFakeClock, type FakeClock } from "../support/fake_clock.ts";
import { createFakeRegistry, type FakeRegistryOptions } from "../support/fake_registry.ts";
import { createLogEvents } from "../support/log_events.ts";
import { become, registrationAt, rethrow } from "../support/states.ts";
import type { Traffic } from "../../src/traffic/traffic.ts";

/** Sets a drain up whose progress the test changes by hand. */
function prepare(
  times: Partial<TimeSettings>,
  options: Partial<DrainOptions> = {},
  clock: FakeClock = createFakeClock(),
) {
  const start = clock.now();
  const { log, events, messages } = createLogEvents(clock);
  const settings = { stopReserveSeconds: 15, ...times };
  const supervisor = createSupervisor(clock, rethrow);

  /** A registry that has come so far; moments in seconds since the start. */
  function registry(
    acceptedAfter?: number,
    leftAfter?: number,
    about: Partial<FakeRegistryOptions> = {},
  ): Registration {
    const at = (seconds?: number) => seconds === undefined ? undefined : start + seconds * 1000;
    return registrationAt(createFakeRegistry({ clock, ...about }), {
      // Whatever the end is, a look has begun by then.
      lookedAt: Infinity,
      acceptedAt: at(acceptedAfter),
      settledAt: at(leftAfter),
    });
  }

  return {
    clock,
    events,
    messages,
    registry,
    /** Seconds since the start. */
    seconds: () => (clock.now() - start) / 1000,
    at: (seconds: number) => start + seconds * 1000,
    change(registration: Registration, state: Partial<Registration["state"]>) {
      become(registration, state);
      supervisor.wake();
    },
    async begin(...registrations: Registration[]): Promise<DrainResult> {
      const stop = new AbortController();
      const decide = createDrain({ clock, log, startedAt: start, signal: stop.signal }, {
        plan: makePlan(start, settings),
        settings,
        traffic: undefined,
        isUndone: () => false,
        holding: { registrations, supervisor, plan() {}, isDone: () => true },
        ...options,
      });
      const result = await supervisor.until(decide);
      stop.abort();
      await supervisor.idle();
      return result;
    },
  };
}

function so(registration: Registration, state: Partial<Registration["state"]>): Registration {
  become(registration, state);
  return registration;
}

/** A whole drain without traffic. */
function done(drainedMs: number): DrainResult {
  return { endedBy: "floor", drainedMs, missingMs: 0, traffic: undefined };
}

Deno.test("drain() lasts until the callers' caches have run out", async () => {
  const { clock, registry, begin, seconds, events } = prepare({ gracePeriodSeconds: 60 });
  const result = await clock.advanceUntil(begin(registry(0.5, 0.6)));
  assert.deepEqual(result, done(40_100));
  assert.equal(seconds(), 40.6);
  assert.deepEqual(events("drain_cut"), []);
});

Deno.test("drain() waits for a look that has begun at its end, two seconds at most", async () => {
  const { clock, registry, begin, seconds, at, change } = prepare({ drainSeconds: 20 });
  const looked = registry(0.5, 0.6);
  become(looked, { lookedAt: at(16) });
  const result = begin(looked);
  await clock.advance(20_600);
  change(looked, { lookedAt: at(20.5) });
  assert.deepEqual(await clock.advanceUntil(result), done(20_100));
  const never = prepare({ drainSeconds: 20 });
  await never.clock.advanceUntil(never.begin(so(never.registry(0.5, 0.6), { lookedAt: 0 })));
  assert.equal(never.seconds(), 22.5);
  const failed = prepare({ drainSeconds: 20 });
  const error = new UnreachableError("no answer");
  await failed.clock.advanceUntil(
    failed.begin(so(failed.registry(0.5, 0.6), { lookedAt: 0, error })),
  );
  assert.equal(failed.seconds(), 20.5);
  assert.equal(seconds(), 20.6);
});

Deno.test("drain() believes after two seconds what was found out of service already", async () => {
  const { clock, registry, begin, at, seconds } = prepare({ drainSeconds: 0 });
  await clock.advanceUntil(begin(so(registry(0.5, 0.6), { agreedAt: at(0.5) })));
  assert.equal(seconds(), 2.5);
});

Deno.test("drain() lasts DRAIN_SECONDS since the acceptance", async () => {
  const { clock, registry, begin, seconds } = prepare({ drainSeconds: 20 });
  const result = await clock.advanceUntil(begin(registry(0.5, 0.6)));
  assert.deepEqual(result, done(20_000));
  assert.equal(seconds(), 20.5);
});

Deno.test("drain() lasts as long as the slower of two registries needs", async () => {
  const { clock, registry, begin, seconds } = prepare({ gracePeriodSeconds: 120 });
  const eureka = { name: "eureka", callerCacheSeconds: 70 };
  const result = await clock.advanceUntil(begin(registry(0.5, 1), registry(0.5, 20, eureka)));
  assert.equal(result.missingMs, 0);
  assert.equal(seconds(), 90);
});

Deno.test("drain() is cut by the deadline and says which number to set", async () => {
  const { clock, registry, begin, seconds, events } = prepare({ gracePeriodSeconds: 30 });
  const result = await clock.advanceUntil(begin(registry(0.5, 0.6)));
  assert.deepEqual(result, { ...done(14_500), endedBy: "deadline", missingMs: 25_600 });
  assert.equal(seconds(), 15);
  const [cut, ...more] = events("drain_cut");
  assert.deepEqual(more, []);
  assert.equal(cut?.level, "warn");
  assert.equal(cut?.elapsedMs, 0);
  assert.equal(cut?.missingMs, 25_600);
  assert.match(cut?.message ?? "", /25\.6 s/);
  assert.match(cut?.message ?? "", /terminationGracePeriodSeconds: 65 /);
  assert.match(cut?.message ?? "", /TERMINATION_GRACE_PERIOD_SECONDS=65$/);
});

Deno.test("drain() names no number where the grace period is not known", async () => {
  const { clock, registry, begin, messages } = prepare({ drainSeconds: 10 });
  // Accepted so late that the margin is used up.
  await clock.advanceUntil(begin(registry(35, 35)));
  assert.equal(messages("drain_cut").length, 1);
  assert.match(messages("drain_cut")[0] ?? "", /cut by 5\.0 s/);
  assert.doesNotMatch(messages("drain_cut")[0] ?? "", /GRACE/);
});

Deno.test("drain() warns of the cut again when it begins anew, with the number that is right now", async () => {
  const { clock, registry, begin, at, change, messages } = prepare({
    gracePeriodSeconds: 30,
    drainSeconds: 20,
  });
  const nacos = registry(0.5, 0.6);
  const result = begin(nacos);
  await clock.advance(4_000);
  assert.equal(messages("drain_cut").length, 1);
  // It came back, and was taken out again.
  change(nacos, { acceptedAt: at(4), settledAt: at(4.1) });
  assert.equal((await clock.advanceUntil(result)).missingMs, 9_000);
  const [first, second, ...more] = messages("drain_cut");
  assert.deepEqual(more, []);
  assert.match(first ?? "", /cut by 5\.5 s/);
  assert.match(second ?? "", /cut by 9\.0 s/);
});

Deno.test("drain() warns of no cut while the list may still follow in time", async () => {
  const { clock, registry, begin, at, change, seconds, events } = prepare({
    gracePeriodSeconds: 60,
  });
  const nacos = registry(0.5);
  const result = begin(nacos);
  await clock.advance(600);
  change(nacos, { settledAt: at(0.6) });
  assert.equal((await clock.advanceUntil(result)).missingMs, 0);
  assert.equal(seconds(), 40.6);
  assert.deepEqual(events("drain_cut"), []);
});

Deno.test("drain() warns of the cut once where the list never follows", async () => {
  const { clock, registry, begin, messages } = prepare({ gracePeriodSeconds: 45 });
  const result = await clock.advanceUntil(begin(registry(0.5)));
  assert.equal(result.missingMs, 20_500);
  assert.equal(messages("drain_cut").length, 1);
  assert.match(messages("drain_cut")[0] ?? "", /SECONDS=70$/);
});

Deno.test("drain() ends as soon as it was undone", async () => {
  let undone = false;
  const { clock, registry, begin, change, seconds } = prepare({ gracePeriodSeconds: 60 }, {
    isUndone: () => undone,
  });
  const nacos = registry(0.5, 0.6);
  const result = begin(nacos);
  await clock.advance(7_300);
  undone = true;
  change(nacos, {});
  assert.equal((await clock.advanceUntil(result)).endedBy, "undone");
  assert.equal(seconds(), 7.3);
});

Deno.test("drain() gives a first write its second, whatever the deadline", async () => {
  const { clock, registry, begin, at, seconds } = prepare({ gracePeriodSeconds: 1 });
  const nacos = so(registry(), { label: "it", writingSince: at(0.9) });
  assert.equal((await clock.advanceUntil(begin(nacos))).endedBy, "deadline");
  assert.equal(seconds(), 1.9);
});

Deno.test("drain() ends at the deadline when the first write has been answered", async () => {
  const { clock, registry, begin, at, change, seconds } = prepare({ gracePeriodSeconds: 1 });
  const nacos = so(registry(), { label: "it", writingSince: at(0.9) });
  const result = begin(nacos);
  await clock.advance(1_200);
  change(nacos, { writingSince: undefined, acceptedAt: at(1.2) });
  assert.ok((await clock.advanceUntil(result)).missingMs > 0);
  assert.equal(seconds(), 1.2);
});

Deno.test("drain() gives a second run a second, even past the first one's deadline", async () => {
  const clock = createFakeClock();
  const plan = { startedAt: clock.now(), deadline: 0, drainMs: 30_000 };
  const { registry, begin, seconds } = prepare({}, { plan }, clock);
  const nacos = registry();
  assert.equal((await clock.advanceUntil(begin(nacos))).missingMs, 0);
  assert.equal(seconds(), 1);
});

Deno.test("drain() ends at the deadline alone where a registry has not accepted", async () => {
  const error = new UnreachableError("do metadata operation failed");
  const states: Record<string, Partial<Registration["state"]>> = {
    "no answer yet": {},
    "the last look failed": { error },
    "seen, and not written yet": { label: "it" },
    "written, and the record does not show it": { label: "it", wroteAt: 0 },
    "not registered (yet)": { nearMisses: [] },
  };
  for (const [name, state] of Object.entries(states)) {
    for (const drainSeconds of [0, 3, 10]) {
      const { clock, registry, begin, seconds } = prepare({ drainSeconds, gracePeriodSeconds: 60 });
      const other = registry(0.5, 0.6, { name: "eureka" });
      const result = await clock.advanceUntil(begin(so(registry(), { ...state }), other));
      assert.equal(result.endedBy, "deadline", name);
      assert.equal(seconds(), 45, name);
    }
  }
});

Deno.test("drain() has the deadline of the plan where the grace period is not known", async () => {
  const { clock, registry, begin, seconds, events } = prepare({ drainSeconds: 0 });
  await clock.advanceUntil(begin(registry()));
  assert.equal(seconds(), 30);
  const left = events("draining").map((one) => one.leftSeconds);
  assert.deepEqual(left, [25, 20, 15, 10, 5]);
});

Deno.test("drain() counts DRAIN_SECONDS from a late acceptance", async () => {
  const { clock, registry, begin, at, change, seconds } = prepare({ drainSeconds: 10 });
  const nacos = registry();
  const result = begin(nacos);
  await clock.advance(20_000);
  change(nacos, { acceptedAt: at(20), settledAt: at(20) });
  assert.deepEqual(await clock.advanceUntil(result), done(10_000));
  assert.equal(seconds(), 30);
});

Deno.test("drain() waits for no request where the registry has accepted already", async () => {
  const { clock, registry, begin, seconds } = prepare({ drainSeconds: 10 });
  await clock.advanceUntil(begin(registry(0.5, 0.6)));
  assert.equal(seconds(), 10.5);
});

Deno.test("drain() says every five seconds how far it is", async () => {
  const { clock, registry, begin, events } = prepare({ drainSeconds: 17 });
  await clock.advanceUntil(begin(registry(0, 0)));
  assert.deepEqual(
    events("draining").map(({ elapsedMs, leftSeconds }) => [elapsedMs, leftSeconds]),
    [[5_000, 12], [10_000, 7], [15_000, 2]],
  );
  assert.match(events("draining")[0]?.message ?? "", /12 s left; nacos: out of service/);
});

Deno.test("drain() counts the time that is left to the deadline", async () => {
  const { clock, registry, begin, events } = prepare({ gracePeriodSeconds: 27 });
  await clock.advanceUntil(begin(registry(0, 0)));
  assert.deepEqual(events("draining").map((one) => one.leftSeconds), [7, 2]);
});

Deno.test("drain() says where each registry stands", async () => {
  const { clock, registry, begin, messages } = prepare({ drainSeconds: 7 });
  const named = (name: string) => ({ name });
  await clock.advanceUntil(begin(
    registry(0, 0, named("a")),
    registry(0, undefined, named("b")),
    so(registry(0, 0, named("c")), { phase: "gone" }),
    so(registry(undefined, undefined, named("d")), { error: new UnreachableError("no answer") }),
    registry(undefined, undefined, named("e")),
    so(registry(undefined, undefined, named("f")), { label: "it" }),
  ));
  const states = messages("draining")[0]?.split("; ").slice(1) ?? [];
  assert.deepEqual(states.map((one) => one.slice(0, 1)), ["a", "b", "c", "d", "e", "f"]);
  assert.equal(new Set(states.map((one) => one.slice(1))).size, 6);
  assert.match(states[3] ?? "", /unreachable/);
});

Deno.test("drain() starts anew when the instance came back and was taken out again", async () => {
  const { clock, registry, begin, at, change, seconds } = prepare({ drainSeconds: 10 });
  const nacos = registry(0.5, 0.6);
  const result = begin(nacos);
  await clock.advance(6_000);
  change(nacos, { acceptedAt: undefined, settledAt: undefined });
  await clock.advance(1_000);
  change(nacos, { acceptedAt: at(7), settledAt: at(7) });
  assert.equal((await clock.advanceUntil(result)).missingMs, 0);
  assert.equal(seconds(), 17);
});

Deno.test("drain() lasts the blind time where there is no registry", async () => {
  const { clock, begin, seconds, messages } = prepare({ gracePeriodSeconds: 120 });
  const result = await clock.advanceUntil(begin());
  assert.deepEqual(result, done(40_000));
  assert.equal(seconds(), 40);
  assert.match(messages("draining")[0] ?? "", /no registry could be asked/);
});

Deno.test("drain() leaves no timer behind", async () => {
  let undone = false;
  const { clock, registry, begin, change } = prepare({ drainSeconds: 30 }, {
    isUndone: () => undone,
  });
  const nacos = registry(0, 0);
  const result = begin(nacos);
  await clock.advance(2_500);
  undone = true;
  change(nacos, {});
  await result;
  assert.equal(clock.sleeping, 0);
});

/** Requests as the test has them: one a second until the given moments, in seconds. */
function traffic(
  clock: FakeClock,
  { until, readable = true }: { readonly until: number; readonly readable?: boolean },
): Traffic & { readonly readFrom: () => number | undefined } {
  const start = clock.now();
  let readFrom: number | undefined;
  const lastRequestAt = () => Math.min(clock.now(), start + until * 1000);
  return {
    quietSeconds: 10,
    readFrom: () => readFrom,
    read() {
      readFrom ??= (clock.now() - start) / 1000;
      return Promise.resolve(clock.now() + 1_000);
    },
    isQuiet: () => !readable || clock.now() >= lastRequestAt() + 10_000,
    get report() {
      return {
        requests: 5,
        lastRequestAt: readable ? lastRequestAt() : undefined,
        requestsPerSecond: lastRequestAt() === clock.now() ? 12.4 : 0,
        runningSeconds: undefined,
        readable,
      };
    },
  };
}

Deno.test("drain() goes on while requests arrive, until none has come for long enough", async () => {
  const clock = createFakeClock();
  const { registry, begin, seconds, messages } = prepare(
    {
      drainSeconds: 20,
      gracePeriodSeconds: 120,
    },
    { traffic: traffic(clock, { until: 42 }) },
    clock,
  );
  const result = await clock.advanceUntil(begin(registry(0.5, 0.6)));
  assert.equal(seconds(), 52);
  assert.deepEqual([result.endedBy, result.missingMs, result.traffic?.requests], ["quiet", 0, 5]);
  assert.match(messages("draining")[0] ?? "", /^16 s left; 12\.4 requests\/s; nacos: out of/);
  assert.match(messages("draining").at(-1) ?? "", /^at most 55 s left; 0\.0 requests\/s; nacos: /);
  assert.deepEqual(messages("traffic_cut"), []);
});

Deno.test("drain() counts the silence from the last request, also from before the floor", async () => {
  for (const [until, end] of [[5, 20.5], [14, 24]] as const) {
    const clock = createFakeClock();
    const { registry, begin, seconds } = prepare({ drainSeconds: 20 }, {
      traffic: traffic(clock, { until }),
    }, clock);
    const { endedBy } = await clock.advanceUntil(begin(registry(0.5, 0.6)));
    assert.deepEqual([seconds(), endedBy], [end, end === 20.5 ? "floor" : "quiet"]);
  }
});

Deno.test("drain() is cut by the deadline while requests arrive, and says what to set", async () => {
  const clock = createFakeClock();
  const { registry, begin, seconds, events } = prepare(
    {
      drainSeconds: 20,
      gracePeriodSeconds: 60,
    },
    { traffic: traffic(clock, { until: 1_000 }) },
    clock,
  );
  const eureka = { name: "eureka", callerCacheSeconds: 70, listLagSeconds: 30 };
  const result = await clock.advanceUntil(begin(registry(0.5, 0.6, eureka)));
  assert.deepEqual([seconds(), result.endedBy, result.missingMs], [45, "deadline", 0]);
  const [cut, ...more] = events("traffic_cut");
  assert.deepEqual([cut?.level, more, cut?.requestsPerSecond], ["warn", [], 12.4]);
  // 100 s that callers take, 10 s of silence, 15 s of reserve.
  assert.match(cut?.message ?? "", /12\.4 requests\/s.*Seconds: 125 .*GRACE_PERIOD_SECONDS=125$/);
});

Deno.test("drain() names no number where it is not the time that is missing", async () => {
  const clock = createFakeClock();
  const { registry, begin, messages } = prepare({ drainSeconds: 20, gracePeriodSeconds: 60 }, {
    traffic: traffic(clock, { until: 1_000 }),
  }, clock);
  await clock.advanceUntil(begin(registry()));
  assert.match(messages("traffic_cut")[0] ?? "", /12\.4 requests\/s.*\)$/);

  const other = createFakeClock();
  const blind = prepare({ drainSeconds: 20, gracePeriodSeconds: 60 }, {
    traffic: traffic(other, { until: 1_000 }),
  }, other);
  await other.advanceUntil(blind.begin());
  assert.match(blind.messages("traffic_cut")[0] ?? "", /12\.4 requests\/s.*\)$/);
});

Deno.test("drain() warns of no cut where the requests have stopped", async () => {
  const clock = createFakeClock();
  const { registry, begin, messages } = prepare({ drainSeconds: 40, gracePeriodSeconds: 50 }, {
    traffic: traffic(clock, { until: 20 }),
  }, clock);
  const { endedBy } = await clock.advanceUntil(begin(registry(0.5, 0.6)));
  assert.deepEqual([endedBy, messages("traffic_cut")], ["deadline", []]);
});

Deno.test("drain() is as without traffic where the counter cannot be read", async () => {
  const clock = createFakeClock();
  const { registry, begin, seconds, messages } = prepare({ drainSeconds: 20 }, {
    traffic: traffic(clock, { until: 1_000, readable: false }),
  }, clock);
  const { endedBy } = await clock.advanceUntil(begin(registry(0.5, 0.6)));
  assert.deepEqual([seconds(), endedBy], [20.5, "floor"]);
  assert.doesNotMatch(messages("draining").join(), /requests/);
});

Deno.test("drain() reads no counter before the write is accepted, or has failed for 5 s", async () => {
  const clock = createFakeClock();
  const counted = traffic(clock, { until: 0 });
  const { registry, begin, at, change } = prepare(
    { drainSeconds: 20 },
    { traffic: counted },
    clock,
  );
  const nacos = registry();
  const result = begin(nacos);
  await clock.advance(3_000);
  assert.equal(counted.readFrom(), undefined);
  change(nacos, { acceptedAt: at(3), settledAt: at(3) });
  await clock.advanceUntil(result);
  assert.equal(counted.readFrom(), 3);

  const other = createFakeClock();
  const late = traffic(other, { until: 0 });
  const second = prepare({ drainSeconds: 20 }, { traffic: late }, other);
  await other.advanceUntil(second.begin(
    so(second.registry(), { error: new UnreachableError("no answer") }),
  ));
  assert.equal(late.readFrom(), 5);
});

Deno.test("drain() leaves nothing of the traffic behind", async () => {
  const clock = createFakeClock();
  let undone = false;
  const { registry, begin, seconds } = prepare({ drainSeconds: 5, gracePeriodSeconds: 120 }, {
    traffic: traffic(clock, { until: 1_000 }),
    isUndone: () => undone,
  }, clock);
  const result = begin(registry(0, 0));
  await clock.advance(30_500);
  undone = true;
  assert.equal((await clock.advanceUntil(result)).endedBy, "undone");
  assert.ok(seconds() <= 31.5, String(seconds()));
  assert.equal(clock.sleeping, 0);
});
