import assert from "node:assert/strict";
import { RefusedError, UnreachableError } from "../../src/errors.ts";
import { IN, OUT } from "../../src/lifecycle/goal.ts";
import { verdictOf } from "../../src/lifecycle/verdict.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createFakeRegistry, type FakeRegistryOptions } from "../support/fake_registry.ts";
import { createLogEvents } from "../support/log_events.ts";
import { registrationAt, startHolding } from "../support/states.ts";

const A = "http://a";
const B = "http://b";
const TWO = { addresses: { [A]: 0 }, separate: { [B]: "inService" } } as const;

/** Starts the loop of a registry with several addresses; times are milliseconds since its start. */
function begin(
  about: Partial<FakeRegistryOptions>,
  goal = OUT,
  { awaitLife = false, mayWrite = true } = {},
) {
  const clock = createFakeClock();
  const start = clock.now();
  const registry = createFakeRegistry({ clock, ...about });
  const registration = registrationAt(registry, {}, goal);
  const { log, messages } = createLogEvents(clock);
  const { stop } = startHolding(registration, { clock, log, startedAt: start }, {
    watchMs: 5_000,
    mayWrite: () => mayWrite,
    awaitLife,
  });
  return {
    clock,
    registry,
    messages,
    accepted: () => (registration.state.acceptedAt ?? NaN) - start,
    looks: (address: string) => registry.calls.filter((one) => one.address === address).length,
    /** When and where was written; no address: where the registry chose. */
    writes: () =>
      registry.calls.filter(({ verb }) => verb === "takeOut" || verb === "putBack")
        .map(({ at, address }) => ({ at: at - start, address })),
    verdict: () => verdictOf(registration, start, clock.now()),
    async [Symbol.asyncDispose]() {
      await stop();
      assert.equal(clock.sleeping, 0);
    },
  };
}

Deno.test("hold() writes at an address that does not follow, and counts from there", async () => {
  await using run = begin(TWO);
  await run.clock.advance(900);
  assert.equal(run.accepted(), 0);
  await run.clock.advance(4_000);
  assert.deepEqual(run.writes(), [{ at: 0, address: undefined }, { at: 1_000, address: B }]);
  assert.deepEqual([run.registry.state(A), run.registry.state(B)], [
    "outOfService",
    "outOfService",
  ]);
  assert.equal(run.accepted(), 1_000, "its callers began to leave only then");
  assert.match(run.messages("written").join("\n"), /http:\/\/b has not followed: .* there too/);
  assert.equal(run.verdict().outcome, "done");
});

Deno.test("hold() writes nothing more where the addresses follow, and looks there once", async () => {
  await using run = begin({
    addresses: { [A]: 0, [B]: 600, "http://c": 30_000 },
    recordLagMs: 500,
  });
  await run.clock.advance(60_000);
  assert.equal(run.writes().length, 1);
  assert.deepEqual([run.looks(A), run.looks(B), run.looks("http://c")], [0, 1, 1]);
  assert.ok(run.accepted() < 700);
});

Deno.test("hold() goes on looking at an address that it had to write", async () => {
  await using run = begin(TWO);
  await run.clock.advance(10_000);
  run.registry.become("inService", B);
  await run.clock.advance(10_000);
  assert.equal(run.registry.state(B), "outOfService");
  assert.ok(run.accepted() > 10_000, "the drain starts anew");
});

Deno.test("hold() looks everywhere at once where the first is out already", async () => {
  await using run = begin({ ...TWO, state: "outOfService" });
  await run.clock.advance(500);
  assert.deepEqual(run.writes().map(({ address }) => address), [B]);
  assert.equal(run.verdict().outcome, "done");
});

Deno.test("hold() names an address that stays in service", async () => {
  await using run = begin(TWO);
  await run.clock.advance(500);
  run.registry.dropWrites(99);
  await run.clock.advance(5_000);
  assert.ok(run.writes().length > 2, "it is tried again");
  assert.equal(run.registry.state(B), "inService");
  const { outcome, reason } = run.verdict();
  assert.equal(outcome, "notConfirmed");
  assert.match(reason, /http:\/\/b/);
});

Deno.test("hold() is not held up by an address that refuses, and names it", async () => {
  await using run = begin(TWO);
  await run.clock.advance(500);
  run.registry.fail("takeOut", new RefusedError("PUT http://b answered 403"), 99);
  await run.clock.advance(5_000);
  assert.equal(run.accepted(), 0, "the callers of the first left then");
  const { outcome, reason } = run.verdict();
  assert.equal(outcome, "notConfirmed");
  assert.match(reason, /not at http:\/\/b \(PUT http:\/\/b answered 403\)/);
  assert.deepEqual(run.messages("address_failed"), ["PUT http://b answered 403"]);
});

Deno.test("hold() tries an address that fails until the end, and nothing is accepted before", async () => {
  await using run = begin(TWO);
  await run.clock.advance(500);
  run.registry.fail("takeOut", new UnreachableError("PUT http://b answered 503"), 3);
  await run.clock.advance(1_500);
  assert.ok(isNaN(run.accepted()));
  await run.clock.advance(20_000);
  assert.equal(run.registry.state(B), "outOfService");
  assert.ok(run.accepted() > 1_500);
});

Deno.test("hold() goes on where an address gives no answer, and says that it is not known", async () => {
  await using run = begin(TWO);
  run.registry.fail("locateAt", new UnreachableError("Cannot connect to http://b"), 99);
  run.registry.become("outOfService", B);
  await run.clock.advance(8_000);
  assert.equal(run.accepted(), 0);
  assert.deepEqual(run.messages("address_failed"), ["Cannot connect to http://b"]);
  const { outcome, reason } = run.verdict();
  assert.equal(outcome, "done");
  assert.match(reason, /what http:\/\/b has is not known/);
});

Deno.test("hold() writes nothing where an address does not have the instance, until it has", async () => {
  await using run = begin({ addresses: { [A]: 0 }, separate: { [B]: "absent" } });
  await run.clock.advance(8_000);
  assert.deepEqual(run.writes(), [{ at: 0, address: undefined }]);
  assert.equal(run.verdict().outcome, "done");
  run.registry.become("inService", B);
  await run.clock.advance(8_000);
  assert.equal(run.registry.state(B), "outOfService");
});

Deno.test("hold() puts back at an address that is still out", async () => {
  const about = { addresses: { [A]: 0 }, separate: { [B]: "outOfService" } } as const;
  await using run = begin({ ...about, state: "outOfService" }, IN);
  await run.clock.advance(3_000);
  assert.deepEqual(run.writes().map(({ address }) => address), [undefined, B]);
  assert.equal(run.registry.state(B), "inService");
  assert.ok(run.registry.listed());
  assert.equal(run.verdict().outcome, "done");
});

Deno.test("hold() that awaits life awaits it at every address", async () => {
  const separate = { [B]: "outOfService" } as const;
  const about = { addresses: { [A]: 0 }, separate, signsOfLife: true } as const;
  await using run = begin(about, IN, { awaitLife: true });
  await run.clock.advance(3_000);
  assert.deepEqual(run.writes(), []);
  assert.match(run.verdict().reason, /http:\/\/b \(out of service, and there was no heartbeat/);
  run.registry.beat();
  await run.clock.advance(10_000);
  assert.equal(run.registry.state(B), "inService");
});
