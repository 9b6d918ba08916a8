import assert from "node:assert/strict";
import { tellAt } from "../../src/commands/tell_app.ts";
import { RefusedError, UnreachableError } from "../../src/errors.ts";
import type { State } from "../../src/lifecycle/state.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createFakeRegistry } from "../support/fake_registry.ts";
import { registrationAt } from "../support/states.ts";

const registry = createFakeRegistry({ clock: createFakeClock() });
const START = 100_000;

/** Whether it is time so long after the start, for registries that have come so far. */
function isTime(afterMs: number, ...states: Partial<State>[]): boolean {
  const registrations = states.map((state) => registrationAt(registry, state));
  return START + afterMs >= tellAt(registrations, START);
}

const unreachable = { error: new UnreachableError("refused") };

Deno.test("tellAt() waits for the write, however long a registry takes", () => {
  assert.equal(isTime(0, {}), false);
  assert.equal(isTime(60_000, {}), false, "a login may queue for that long");
  assert.equal(isTime(60_000, { label: "10.0.0.7:8080 of orders" }), false);
  assert.equal(isTime(200, { wroteAt: START + 200 }), true);
});

Deno.test("tellAt() takes a write that is open for a second for one", () => {
  assert.equal(isTime(900, { writingSince: START }), false);
  assert.equal(isTime(1_000, { writingSince: START }), true);
});

Deno.test("tellAt() does not wait where there will be no write", () => {
  assert.equal(isTime(0, { acceptedAt: START }), true, "out already, or deregistered");
  assert.equal(isTime(0, { nearMisses: [] }), true, "not registered");
  assert.equal(isTime(0, { error: new RefusedError("403") }), true);
  assert.equal(isTime(0), true, "no registry can be asked");
});

Deno.test("tellAt() lets an unreachable registry be tried for five seconds", () => {
  assert.equal(isTime(4_999, unreachable), false);
  assert.equal(isTime(5_000, unreachable), true);
});

Deno.test("tellAt() waits for each of several registries", () => {
  assert.equal(isTime(60_000, {}, { wroteAt: START }), false, "callers of the other still get it");
  assert.equal(isTime(900, { writingSince: START }, { wroteAt: START }), false);
  assert.equal(isTime(1_000, { writingSince: START }, { wroteAt: START }), true);
  assert.equal(isTime(100, { wroteAt: START }, { wroteAt: START }), true);
  assert.equal(isTime(100, { nearMisses: [] }, { wroteAt: START }), true);
  assert.equal(isTime(100, unreachable, { wroteAt: START }), false);
  assert.equal(isTime(5_000, unreachable, { wroteAt: START }), true);
  assert.equal(isTime(100, {}, { acceptedAt: START }), false, "the other may still write");
  assert.equal(isTime(100, unreachable, { nearMisses: [] }), false);
  assert.equal(isTime(5_000, unreachable, { nearMisses: [] }), true);
});
