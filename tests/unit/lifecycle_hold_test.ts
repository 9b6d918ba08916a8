import assert from "node:assert/strict";
import { NotFoundError, RefusedError, UnreachableError } from "../../src/errors.ts";
import { type Goal, IN, NOT_READY, OUT } from "../../src/lifecycle/goal.ts";
import type { State } from "../../src/lifecycle/state.ts";
import { verdictOf } from "../../src/lifecycle/verdict.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createFakeRegistry, type FakeRegistryOptions } from "../support/fake_registry.ts";
import { createLogEvents } from "../support/log_events.ts";
import { registrationAt, startHolding } from "../support/states.ts";

/** Starts the loop of one registry; times are milliseconds since its start. */
function begin(
  about: Partial<FakeRegistryOptions> = {},
  { goal = OUT, ...state }: Partial<State> & { readonly goal?: Goal } = {},
  awaitLife = false,
) {
  const clock = createFakeClock();
  const start = clock.now();
  const registry = createFakeRegistry({ clock, ...about });
  const registration = registrationAt(registry, state, goal);
  const may = { write: true };
  const ends = { after: Infinity };
  const { log, events, messages } = createLogEvents(clock);
  const { stop } = startHolding(registration, { clock, log, startedAt: start }, {
    watchMs: 5_000,
    mayWrite: () => may.write,
    endsAt: () => start + ends.after,
    awaitLife,
  });
  const elapsed = (moment: number | undefined) => moment === undefined ? NaN : moment - start;
  return {
    clock,
    start,
    registry,
    registration,
    get state() {
      return registration.state;
    },
    may,
    ends,
    events,
    messages,
    accepted: () => elapsed(registration.state.acceptedAt),
    left: () => elapsed(registration.state.settledAt),
    writes: () => [...registry.times("takeOut"), ...registry.times("putBack")].map(elapsed),
    looks: () => registry.times("locate").map(elapsed),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

function assertBetween(value: number | undefined, least: number, most: number) {
  assert.ok(
    value !== undefined && value >= least && value <= most,
    `${value}: ${least} to ${most}`,
  );
}

Deno.test("hold() takes the instance out and notes both moments", async () => {
  await using run = begin({ recordLagMs: 520, addresses: { "http://n1": 120 } });
  await run.clock.advance(3_000);
  assert.deepEqual(run.writes(), [0]);
  assertBetween(run.accepted(), 520, 640);
  assertBetween(run.left(), 640, 860);
  assert.equal(run.state.label, "10.0.0.7:8080 of orders");
  assert.equal(run.state.error, undefined);
  assert.equal(run.registry.listed(), false);
  assert.deepEqual(
    run.events().map((one) => one.event),
    ["start", "written", "accepted", "list_agrees"],
  );
  assert.match(run.messages("list_agrees")[0] ?? "", /2 other instances still listed/);
});

Deno.test("hold() writes nothing where the instance is out already", async () => {
  await using run = begin({ state: "outOfService" });
  await run.clock.advance(20_000);
  assert.deepEqual(run.writes(), []);
  assert.equal(run.accepted(), 0);
  assert.equal(run.left(), 0);
  assert.match(run.messages("accepted")[0] ?? "", /already/);
});

Deno.test("hold() says that callers have nobody else", async () => {
  await using run = begin({ others: 0 });
  await run.clock.advance(1_000);
  assert.match(run.messages("list_agrees")[0] ?? "", /last instance/);
  assert.equal(run.events("list_agrees")[0]?.others, 0);
});

Deno.test("hold() takes out what appears late", async () => {
  await using run = begin({ state: "absent" });
  await run.clock.advance(7_000);
  assert.deepEqual(run.writes(), []);
  assert.equal(run.state.acceptedAt, undefined);
  assert.equal(run.messages("not_found").length, 1);
  run.registry.become("inService");
  await run.clock.advance(2_000);
  assert.equal(run.writes().length, 1);
  assertBetween(run.accepted(), 7_000, 8_300);
  assert.equal(run.events("found").length, 1);
  assert.equal(run.registry.state(), "outOfService");
});

Deno.test("hold() looks every second while the instance is not there", async () => {
  await using run = begin({ state: "absent" });
  await run.clock.advance(20_000);
  assertBetween(run.looks().length, 18, 23);
});

Deno.test("hold() is done when the app deregisters itself after it was taken out", async () => {
  await using run = begin();
  await run.clock.advance(2_000);
  const [accepted, left] = [run.accepted(), run.left()];
  run.registry.become("absent");
  await run.clock.advance(10_000);
  assert.equal(run.state.phase, "gone");
  assert.deepEqual([run.accepted(), run.left()], [accepted, left]);
  assert.equal(run.writes().length, 1);
  assert.equal(run.messages("deregistered").length, 1);
  assert.deepEqual(run.events("not_found"), []);
});

Deno.test("hold() takes a deregistration for both moments where nothing was written yet", async () => {
  await using run = begin();
  run.registry.fail("takeOut", new UnreachableError("no answer"), 3);
  await run.clock.advance(1_500);
  run.registry.become("absent");
  await run.clock.advance(5_000);
  assert.equal(run.state.phase, "gone");
  assert.equal(run.state.error, undefined);
  // The registry may have started again, empty: its lists' time is waited for.
  assert.equal(run.state.acceptedAt, undefined);
  await run.clock.advance(12_000);
  assertBetween(run.accepted(), 1_500, 6_500);
  assert.equal(run.left(), run.accepted());
});

Deno.test("hold() takes a 404 on the write after a good look for a deregistration", async () => {
  await using run = begin();
  run.registry.before("takeOut", () => run.registry.become("absent"));
  await run.clock.advance(100);
  assert.equal(run.state.phase, "gone");
  assert.equal(run.state.error, undefined);
  await run.clock.advance(12_000);
  assert.equal(run.accepted(), 0);
  assert.deepEqual(run.events().filter((one) => one.level === "warn"), []);
});

Deno.test("hold() takes an app out that registers again after it had deregistered", async () => {
  await using run = begin();
  await run.clock.advance(1_000);
  run.registry.become("absent");
  await run.clock.advance(6_000);
  run.registry.become("inService");
  await run.clock.advance(6_000);
  assert.notEqual(run.state.phase, "gone");
  assert.equal(run.registry.state(), "outOfService");
  assertBetween(run.accepted(), 7_000, 13_000);
});

Deno.test("hold() writes at once what came back, however recent its own write", async () => {
  // The list lags, so it looks often; only a write that shows no effect is waited for.
  await using run = begin({ addresses: { "http://n1": 30_000 } });
  await run.clock.advance(300);
  assert.equal(run.events("accepted").length, 1);
  run.registry.become("inService");
  await run.clock.advance(1_400);
  assert.equal(run.writes().length, 2, "it waits for the record to follow a write of before");
  assert.equal(run.registry.state(), "outOfService");
});

Deno.test("hold() takes out again what came back, and counts anew", async () => {
  await using run = begin({ recordLagMs: 520 });
  await run.clock.advance(12_000);
  run.registry.become("inService");
  await run.clock.advance(8_000);
  assert.equal(run.writes().length, 2);
  assertBetween(run.accepted(), 12_520, 19_000);
  assert.ok(run.left() >= run.accepted());
  assert.equal(run.messages("turned").length, 1);
  assert.match(run.messages("turned")[0] ?? "", /came back/);
  assert.equal(run.registry.state(), "outOfService");
});

Deno.test("hold() has no moments while the instance is back in service", async () => {
  await using run = begin();
  await run.clock.advance(1_000);
  run.registry.become("inService");
  run.registry.fail("takeOut", new UnreachableError("no answer"), 1_000);
  await run.clock.advance(10_000);
  assert.equal(run.state.acceptedAt, undefined);
  assert.equal(run.state.settledAt, undefined);
});

Deno.test("hold() writes again what the record does not show, after two seconds", async () => {
  await using run = begin();
  run.registry.dropWrites(2);
  await run.clock.advance(10_000);
  const [first = NaN, second = NaN, third = NaN, ...more] = run.writes();
  assert.equal(first, 0);
  assertBetween(second - first, 2_000, 3_300);
  assertBetween(third - second, 2_000, 3_300);
  assert.deepEqual(more, []);
  assertBetween(run.accepted(), third, third + 200);
});

Deno.test("hold() looks closely in the second after the write", async () => {
  await using run = begin({ recordLagMs: 60_000 });
  await run.clock.advance(1_000);
  assertBetween(run.looks().length, 9, 14);
});

Deno.test("hold() tries again after failures, with growing pauses, until it works", async () => {
  await using run = begin();
  run.registry.fail("locate", new UnreachableError("GET http://n1: no answer"), 5);
  await run.clock.advance(400);
  assert.equal(run.state.error?.outcome, "unreachable");
  await run.clock.advance(30_000);
  const looks = run.looks();
  const gaps = looks.slice(1, 6).map((look, i) => look - (looks[i] ?? NaN));
  for (const [i, step] of [500, 1_000, 2_000, 4_000, 5_000].entries()) {
    assertBetween(gaps[i], step * 0.45, step * 1.1);
  }
  assert.equal(run.state.error, undefined);
  assert.equal(run.registry.state(), "outOfService");
  assert.equal(run.messages("failed").length, 1);
  assert.match(run.messages("failed")[0] ?? "", /no answer/);
});

Deno.test("hold() begins with short pauses again after a look that went well", async () => {
  await using run = begin({ state: "absent" });
  run.registry.fail("locate", new UnreachableError("no answer"), 4);
  await run.clock.advance(10_000);
  const before = run.looks().length;
  run.registry.fail("locate", new UnreachableError("no answer"), 1);
  await run.clock.advance(5_000);
  assertBetween(run.looks().length - before, 4, 7);
});

Deno.test("hold() says each failure once", async () => {
  await using run = begin();
  run.registry.fail("locate", new UnreachableError("one"), 3);
  run.registry.fail("locate", new RefusedError("two"), 2);
  await run.clock.advance(60_000);
  assert.deepEqual(
    run.messages("failed").map((message) => message.split(";")[0]),
    ["one", "two"],
  );
});

Deno.test("hold() survives a bug in a registry and notes it", async () => {
  await using run = begin();
  run.registry.fail("locate", new TypeError("x is undefined"), 1_000);
  await run.clock.advance(60_000);
  assert.equal(run.state.error?.outcome, "internal");
  const traces = run.messages("internal");
  assert.equal(traces.length, 1);
  assert.match(traces[0] ?? "", /TypeError: x is undefined at /);
  // It is no timeout: hardly ever does it pass.
  assertBetween(run.looks().length, 6, 13);
});

Deno.test("hold() goes on where only the list cannot be had", async () => {
  await using run = begin();
  run.registry.fail("callersViews", new UnreachableError("no list"), 2);
  await run.clock.advance(200);
  assert.equal(run.accepted(), 0);
  assert.equal(run.state.settledAt, undefined);
  await run.clock.advance(5_000);
  assertBetween(run.left(), 200, 5_200);
});

Deno.test("hold() ends when it is told to, whatever it is waiting for", async () => {
  const sleeping = begin();
  await sleeping.clock.advance(1_000);
  await sleeping.stop();
  const asking = begin();
  asking.registry.hang("locate");
  await asking.clock.advance(1_000);
  await asking.stop();
  const writing = begin();
  writing.registry.hang("takeOut");
  await writing.clock.advance(1_000);
  await writing.stop();
  for (const run of [sleeping, asking, writing]) {
    const calls = run.registry.calls.length;
    await run.clock.advance(60_000);
    assert.equal(run.registry.calls.length, calls);
    assert.equal(run.clock.sleeping, 0);
  }
});

Deno.test("hold() says nothing of a question that its own end cut off", async () => {
  const run = begin({ state: "outOfService" });
  await run.clock.advance(1_000);
  run.registry.hang("locate");
  await run.clock.advance(10_000);
  await run.stop();
  assert.deepEqual(run.events("failed"), []);
});

Deno.test("hold() writes nothing once it may not, and says nothing of taking out", async () => {
  await using run = begin();
  await run.clock.advance(1_000);
  run.may.write = false;
  const accepted = run.accepted();
  run.registry.become("inService");
  await run.clock.advance(20_000);
  assert.equal(run.writes().length, 1);
  assert.equal(run.accepted(), accepted);
  assert.deepEqual(run.events("turned"), []);
});

Deno.test("hold() asks right before the write whether it may", async () => {
  await using run = begin({ answerMs: 500 });
  await run.clock.advance(250);
  run.may.write = false;
  await run.clock.advance(20_000);
  assert.deepEqual(run.writes(), []);
});

Deno.test("hold() neither writes nor says what an answer brings that comes with the end", async () => {
  const run = begin();
  run.registry.before("locate", () => run.clock.sleep(1_000));
  await run.clock.advance(500);
  const stopped = run.stop();
  await run.clock.advance(1_000);
  await stopped;
  assert.deepEqual([run.state.phase, run.writes()], ["asking", []]);
  assert.deepEqual(run.events().map(({ event }) => event), ["start"]);
});

Deno.test("hold() names near misses once", async () => {
  const nearMisses = ["10.0.0.7:8080 is registered with namespaceId=prod", "another"];
  await using run = begin({ state: "absent", nearMisses });
  await run.clock.advance(10_000);
  assert.equal(run.registry.times("nearMisses").length, 1);
  assert.deepEqual(run.messages("near_miss"), nearMisses);
  assert.deepEqual(run.state.nearMisses, nearMisses);
});

Deno.test("hold() looks for near misses beside the loop, and goes on without", async () => {
  for (const trouble of ["hang", "fail"] as const) {
    await using run = begin({ state: "absent" });
    if (trouble === "hang") run.registry.hang("nearMisses");
    else run.registry.fail("nearMisses", new RefusedError("forbidden"));
    await run.clock.advance(2_500);
    run.registry.become("inService");
    await run.clock.advance(2_000);
    assert.equal(run.registry.state(), "outOfService", trouble);
  }
});

Deno.test("hold() looks for no near misses where the instance was found", async () => {
  await using run = begin();
  await run.clock.advance(10_000);
  assert.deepEqual(run.registry.times("nearMisses"), []);
});

Deno.test("hold() waits for the lists of all addresses", async () => {
  await using run = begin({ addresses: { "http://n1": 0, "http://n2": 4_000 } });
  await run.clock.advance(3_500);
  assert.equal(run.accepted(), 0);
  assert.equal(run.state.settledAt, undefined);
  await run.clock.advance(2_000);
  assertBetween(run.left(), 4_000, 5_500);
  assert.deepEqual(run.events("list_lags"), []);
});

Deno.test("hold() says once which list does not follow, and goes on looking", async () => {
  const addresses = { "http://n1": 0, "http://n2": 30_000 };
  await using run = begin({ addresses, listLagSeconds: 10 });
  await run.clock.advance(25_000);
  assert.equal(run.messages("list_lags").length, 1);
  assertBetween(run.events("list_lags")[0]?.elapsedMs, 10_000, 12_200);
  assert.match(run.messages("list_lags")[0] ?? "", /still listed at http:\/\/n2/);
  assert.doesNotMatch(run.messages("list_lags")[0] ?? "", /n1/);
  await run.clock.advance(10_000);
  assertBetween(run.left(), 30_000, 32_200);
});

Deno.test("hold() says once which address gave no list", async () => {
  const failures = ["GET http://n2: no answer in time"];
  await using run = begin({ failures, addresses: { "http://n1": 3_000 } });
  await run.clock.advance(10_000);
  assert.deepEqual(run.messages("address_failed"), failures);
  assertBetween(run.left(), 3_000, 4_500);
});

Deno.test("hold() keeps the moments of an earlier run where the instance is still out", async () => {
  const at = Date.UTC(2025, 11, 31);
  await using run = begin({ state: "outOfService", answerMs: 100 }, {
    earlier: { acceptedAt: at, settledAt: at + 100 },
  });
  await run.clock.advance(99);
  assert.equal(run.state.acceptedAt, undefined, "before a look nothing is known");
  await run.clock.advance(1);
  assert.equal(run.accepted(), 100, "nor before a look at the lists");
  await run.clock.advance(10_000);
  assert.equal(run.state.acceptedAt, at);
  assert.equal(run.state.settledAt, at + 100);
  assert.deepEqual(run.writes(), []);
});

Deno.test("hold() counts anew where the instance came back after an earlier run", async () => {
  const at = Date.UTC(2025, 11, 31);
  await using run = begin({}, { earlier: { acceptedAt: at, settledAt: at + 100 } });
  await run.clock.advance(2_000);
  assert.equal(run.accepted(), 0);
  assert.equal(run.left(), 0);
  assert.equal(run.messages("turned").length, 1);
});

Deno.test("hold() keeps the moments of an earlier run over looks that fail", async () => {
  const at = Date.UTC(2025, 11, 31);
  await using run = begin({ state: "outOfService" }, {
    earlier: { acceptedAt: at, settledAt: at + 100 },
  });
  run.registry.fail("locate", new UnreachableError("no answer"), 2);
  run.registry.fail("callersViews", new UnreachableError("no answer"), 2);
  await run.clock.advance(30_000);
  assert.equal(run.state.acceptedAt, at);
  assert.equal(run.state.settledAt, at + 100);
});

Deno.test("hold() counts anew where a list that had followed an earlier run shows it again", async () => {
  const at = Date.UTC(2025, 11, 31);
  const about = { answerMs: 1, addresses: { "http://n1": 3_000 } };
  const left = begin(about, { earlier: { acceptedAt: at, settledAt: at + 100 } });
  const accepted = begin(about, { earlier: { acceptedAt: at } });
  for (const run of [left, accepted]) {
    run.registry.become("outOfService");
    await run.clock.advance(10_000);
    assertBetween(run.left(), 3_000, 4_500);
    await run.stop();
  }
  assert.equal(left.accepted(), 1);
  assert.equal(accepted.state.acceptedAt, at, "it had not left the list before");
});

Deno.test("hold() drops the moments of an earlier run where its app is not ready", async () => {
  const at = Date.UTC(2025, 11, 31);
  await using run = begin({ state: "notReady" }, { goal: IN, earlier: { acceptedAt: at } });
  await run.clock.advance(2_000);
  run.registry.become("inService");
  await run.clock.advance(2_000);
  assert.ok(run.accepted() >= 2_000, String(run.accepted()));
});

Deno.test("hold() is done where the app has deregistered itself since an earlier run", async () => {
  const at = Date.UTC(2025, 11, 31);
  await using run = begin({ state: "absent" }, {
    earlier: { acceptedAt: at, settledAt: at + 100 },
  });
  await run.clock.advance(10_000);
  assert.equal(run.state.acceptedAt, at);
  assert.equal(run.state.settledAt, at + 100);
  assert.equal(run.state.phase, "gone");
});

Deno.test("hold() shows that a write is open", async () => {
  await using run = begin({ answerMs: 1_000 });
  await run.clock.advance(500);
  assert.equal(run.state.writingSince, undefined);
  await run.clock.advance(1_000);
  assert.equal(run.state.writingSince, run.start + 1_000);
  await run.clock.advance(1_000);
  assert.equal(run.state.writingSince, undefined);
});

Deno.test("hold() writes a mark anew that the app takes away, five times", async () => {
  await using run = begin();
  await run.clock.advance(1_000);
  for (const _ of Array(8)) {
    run.registry.wish("its app has registered itself as DOWN");
    await run.clock.advance(6_000);
  }
  assert.equal(run.writes().length, 1 + 5);
});

Deno.test("hold() writes a mark anew only where the run lasts for both writes of it", async () => {
  // When the run may end, how long a write takes, whether it is answered, and how often it is sent.
  const cases = [
    [20_000, 4_000, true, 2],
    [12_000, 4_000, true, 1],
    [12_000, 4_000, false, 1],
    [8_000, 0, true, 2],
    [5_000, 0, true, 1],
  ] as const;
  for (const [endsAfter, writeMs, isAnswered, times] of cases) {
    await using run = begin();
    run.ends.after = endsAfter;
    run.registry.before("takeOut", async () => {
      await run.clock.sleep(writeMs);
      if (isAnswered) return;
      // It has come to pass all the same.
      run.registry.become("outOfService");
      throw new UnreachableError("no answer in time");
    });
    await run.clock.advance(writeMs + 1);
    run.registry.wish("its app has registered itself as DOWN");
    await run.clock.advance(endsAfter - writeMs);
    assert.equal(run.writes().length, times, `${endsAfter} ${writeMs} ${isAnswered}`);
  }
});

Deno.test("hold() takes the time of the last mark for that of the next", async () => {
  await using run = begin({ state: "outOfService" }, { isOurs: true });
  run.ends.after = 30_000;
  for (const _ of Array(5)) {
    run.registry.before("takeOut", () => run.clock.sleep(9_000));
    run.registry.wish("its app has registered itself as DOWN");
    await run.clock.advance(12_000);
  }
  assert.equal(run.writes().length, 1);
});

Deno.test("hold() of IN puts the instance back and waits for the callers' lists", async () => {
  await using run = begin({
    state: "outOfService",
    recordLagMs: 520,
    addresses: { "http://n1": 0, "http://n2": 3_000 },
  }, { goal: IN });
  await run.clock.advance(10_000);
  assert.deepEqual(run.writes(), [0]);
  assert.equal(run.registry.times("putBack").length, 1);
  assertBetween(run.accepted(), 520, 640);
  assertBetween(run.left(), 3_520, 5_000);
  assert.equal(run.registry.listed(), true);
});

Deno.test("hold() of IN writes nothing where the instance is in service", async () => {
  await using run = begin({}, { goal: IN });
  await run.clock.advance(10_000);
  assert.deepEqual(run.writes(), []);
  assert.equal(run.left(), 0);
});

Deno.test("hold() of IN waits for an instance that has gone", async () => {
  await using run = begin({ state: "outOfService" }, { goal: IN });
  run.registry.before("putBack", () => run.registry.become("absent"));
  await run.clock.advance(3_000);
  assert.notEqual(run.state.phase, "gone");
  assert.equal(run.state.acceptedAt, undefined);
  run.registry.become("outOfService");
  await run.clock.advance(3_000);
  assert.equal(run.registry.state(), "inService");
  assertBetween(run.accepted(), 3_000, 6_000);
});

Deno.test("hold() believes a NotFoundError of the write only after a second look", async () => {
  for (const goal of [OUT, IN]) {
    await using run = begin({ state: goal === OUT ? "inService" : "outOfService" }, { goal });
    const verb = goal === OUT ? "takeOut" : "putBack";
    run.registry.fail(verb, new NotFoundError("no instance"), 2);
    await run.clock.advance(100);
    assert.equal(run.state.error?.outcome, "unreachable");
    assert.match(run.messages("failed")[0] ?? "", /service: the answer is that it is not there/);
    assert.deepEqual([run.state.phase === "gone", run.state.acceptedAt], [false, undefined]);
    await run.clock.advance(3_000);
    const [first = NaN, second = NaN, third = NaN, ...more] = run.writes();
    assertBetween(second - first, 225, 550);
    assertBetween(third - second, 450, 1_100);
    assert.deepEqual(more, []);
    assert.equal(run.state.error, undefined);
    assertBetween(run.accepted(), third, third + 200);
    assert.deepEqual(run.events("deregistered"), []);
  }
});

Deno.test("hold() takes a second look that fails for a failure", async () => {
  await using run = begin();
  run.registry.fail("takeOut", new NotFoundError("no instance"));
  run.registry.before("locate", () => {});
  run.registry.fail("locate", new RefusedError("answered 403"));
  await run.clock.advance(100);
  assert.equal(run.state.error?.outcome, "refused");
  assert.notEqual(run.state.phase, "gone");
  await run.clock.advance(3_000);
  assert.equal(run.registry.state(), "outOfService");
});

Deno.test("hold() takes out what is not ready, for it may be so in a moment", async () => {
  await using run = begin({ state: "notReady", recordLagMs: 520 });
  await run.clock.advance(3_000);
  assert.deepEqual(run.writes(), [0]);
  assert.equal(run.registry.state(), "outOfService");
  assertBetween(run.accepted(), 520, 640);
  assert.deepEqual(run.events("held"), []);
});

Deno.test("hold() takes out what is only partly out", async () => {
  await using run = begin({ state: "partlyOut" });
  await run.clock.advance(3_000);
  assert.deepEqual(run.writes(), [0]);
  assert.equal(run.accepted(), 0);
  assert.equal(run.registry.state(), "outOfService");
});

Deno.test("hold() takes a second registration for a return into service", async () => {
  await using run = begin();
  await run.clock.advance(2_000);
  run.registry.become("partlyOut");
  await run.clock.advance(6_000);
  assert.equal(run.writes().length, 2);
  assert.equal(run.messages("turned").length, 1);
  assertBetween(run.accepted(), 2_000, 8_000);
});

Deno.test("hold() of IN writes nothing while the app is not ready, and waits", async () => {
  await using run = begin({ state: "notReady" }, { goal: IN });
  await run.clock.advance(10_000);
  assert.deepEqual(run.writes(), []);
  assert.deepEqual([run.state.acceptedAt, run.state.why], [undefined, NOT_READY]);
  assertBetween(run.looks().length, 9, 12);
  assert.equal(run.messages("held").length, 1);
  run.registry.become("inService");
  await run.clock.advance(2_000);
  assert.deepEqual(run.writes(), []);
  assertBetween(run.accepted(), 10_000, 11_200);
  assert.ok(run.left() >= run.accepted());
  assert.equal(run.state.why, undefined);
});

Deno.test("hold() of IN is not done with what is put back before its app is ready", async () => {
  await using run = begin({ state: "outOfService" }, { goal: IN });
  await run.clock.advance(1_000);
  assert.equal(run.accepted(), 0);
  run.registry.become("notReady");
  await run.clock.advance(6_000);
  assert.deepEqual([run.state.acceptedAt, run.state.settledAt], [undefined, undefined]);
  assert.deepEqual(run.events("turned"), []);
  assert.equal(run.writes().length, 1);
});

Deno.test("hold() of IN puts back what is only partly out", async () => {
  await using run = begin({ state: "partlyOut" }, { goal: IN });
  await run.clock.advance(3_000);
  assert.equal(run.registry.times("putBack").length, 1);
  assert.equal(run.registry.state(), "inService");
});

const KILLED: Partial<FakeRegistryOptions> = { state: "outOfService", signsOfLife: true };

Deno.test("hold() that awaits life never puts back what gives no sign of it", async () => {
  const run = begin(KILLED, { goal: IN }, true);
  await run.clock.advance(20_000);
  assert.deepEqual(run.writes(), []);
  assertBetween(run.looks().length, 18, 23);
  assert.equal(run.messages("held").length, 1);
  assert.match(run.state.why ?? "", /no heartbeat since/);
  await run.stop();
  const { outcome, reason } = verdictOf(run.registration, run.start, run.clock.now());
  assert.equal(outcome, "notConfirmed");
  assert.match(reason, /^10\.0\.0\.7:8080 of orders: out of service, .* no heartbeat since/);
});

Deno.test("hold() that awaits life puts back after the first heartbeat", async () => {
  await using run = begin(KILLED, { goal: IN }, true);
  await run.clock.advance(7_000);
  assert.deepEqual(run.writes(), []);
  run.registry.beat();
  await run.clock.advance(2_000);
  assert.equal(run.writes().length, 1);
  assertBetween(run.accepted(), 7_000, 8_300);
  assert.equal(run.state.why, undefined);
});

Deno.test("hold() that awaits life puts back at once what callers get in part already", async () => {
  await using run = begin({ ...KILLED, state: "partlyOut" }, { goal: IN }, true);
  await run.clock.advance(1_000);
  assert.deepEqual(run.writes(), [0]);
});

Deno.test("hold() that awaits life puts back at once what registers after the first look", async () => {
  const late = begin({ ...KILLED, state: "absent" }, { goal: IN }, true);
  await late.clock.advance(3_000);
  late.registry.become("outOfService");
  await late.clock.advance(1_300);
  assert.equal(late.writes().length, 1);
  const anew = begin(KILLED, { goal: IN }, true);
  await anew.clock.advance(3_000);
  anew.registry.become("absent");
  await anew.clock.advance(3_000);
  anew.registry.become("outOfService");
  await anew.clock.advance(1_300);
  assert.equal(anew.writes().length, 1);
  for (const run of [late, anew]) {
    assert.deepEqual([run.registry.state(), run.state.why], ["inService", undefined]);
    await run.stop();
  }
});

Deno.test("hold() awaits life only where it is told to and the registry shows it", async () => {
  const byHand = begin(KILLED, { goal: IN }, false);
  const blind = begin({ state: "outOfService" }, { goal: IN }, true);
  for (const run of [byHand, blind]) {
    await run.clock.advance(1_000);
    assert.deepEqual(run.writes(), [0]);
    assert.equal(run.registry.state(), "inService");
    await run.stop();
  }
});
