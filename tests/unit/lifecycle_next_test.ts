import assert from "node:assert/strict";
import { UnreachableError } from "../../src/errors.ts";
import { type Goal, IN, OUT } from "../../src/lifecycle/goal.ts";
import { heardOf, listed, next, type Rules, wrote } from "../../src/lifecycle/next.ts";
import type { State } from "../../src/lifecycle/state.ts";
import type { InstanceState, Sighting } from "../../src/registry/registry.ts";

const NEW: State = { phase: "asking", elsewhere: new Map(), turns: 0 };

function rules(goal: Goal = OUT, more: Partial<Rules> = {}): Rules {
  const usual = { listLagMs: 10_000, awaitLife: false, force: false, mayWrite: true };
  return { goal, ...usual, ...more };
}

function sighting(state: InstanceState, isAlive = true): Sighting {
  return { label: "it", address: "a", state, isAlive, details: {} };
}

/** The phases that a row of looks leads through, one a second. */
function phases(goal: Goal, ...looks: (InstanceState | "absent" | "write")[]): string[] {
  let state = NEW;
  return looks.map((look, second) => {
    const now = second * 1000;
    state = look === "write"
      ? wrote(state, now)
      : next(state, look === "absent" ? undefined : sighting(look), rules(goal), now);
    return state.phase;
  });
}

Deno.test("next() goes from phase to phase as the record says", () => {
  const out = phases(OUT, "inService", "write", "inService", "outOfService", "inService");
  assert.deepEqual(out, ["differs", "written", "written", "accepted", "differs"]);
  assert.deepEqual(phases(OUT, "absent", "notReady", "write", "absent"), [
    "absent",
    "differs",
    "written",
    "gone",
  ]);
  assert.deepEqual(phases(IN, "absent", "outOfService", "write", "notReady", "inService"), [
    "absent",
    "differs",
    "written",
    "held",
    "accepted",
  ]);
  assert.deepEqual(phases(IN, "inService", "absent"), ["accepted", "absent"]);
});

Deno.test("next() changes no state that it is given", () => {
  const before = Object.freeze({ ...NEW, elsewhere: Object.freeze(new Map()) as never });
  assert.equal(next(before, sighting("inService"), rules(), 5).phase, "differs");
  assert.deepEqual(before, NEW);
});

Deno.test("next() believes that an instance is gone that was never accepted after the list's lag", () => {
  const seen = next(NEW, sighting("inService"), rules(), 0);
  const gone = next(seen, undefined, rules(), 1_000);
  assert.deepEqual([gone.phase, gone.acceptedAt], ["gone", undefined]);
  const later = next(gone, undefined, rules(), 11_000);
  assert.deepEqual([later.acceptedAt, later.settledAt], [1_000, 1_000]);
});

Deno.test("next() writes for nobody who gives no sign of life, where that is awaited", () => {
  const awaiting = rules(IN, { awaitLife: true });
  assert.equal(next(NEW, sighting("outOfService", false), awaiting, 0).phase, "held");
  assert.equal(next(NEW, sighting("outOfService"), awaiting, 0).phase, "differs");
});

Deno.test("next() leaves alone what stands for other pods too, for as long as it does", () => {
  const other = { ...sighting("inService"), shared: "it stands for 2 pods" };
  const shared = next(NEW, other, rules(), 1_000);
  assert.deepEqual([shared.phase, shared.why], ["shared", "it stands for 2 pods"]);
  assert.deepEqual([shared.acceptedAt, shared.settledAt], [1_000, 1_000], "it is drained");
  // Whatever a further address says.
  const before = next(NEW, sighting("outOfService"), rules(), 0);
  const later = next(before, other, rules(), 1_000);
  assert.equal(heardOf(later, "b", { state: "agrees" }, 1_500).phase, "shared");
  assert.equal(
    next(shared, undefined, rules(IN), 2_000).why,
    undefined,
    "that was of the one before",
  );
  const own = next(shared, sighting("inService"), rules(), 2_000);
  assert.deepEqual([own.phase, own.why, own.acceptedAt], ["differs", undefined, undefined]);
});

Deno.test("next() keeps what was accepted where the other command has taken over", () => {
  const accepted = next(NEW, sighting("outOfService"), rules(), 0);
  const back = next(accepted, sighting("inService"), rules(OUT, { mayWrite: false }), 1_000);
  assert.deepEqual([back.acceptedAt, back.turns], [0, 0]);
  assert.equal(next(accepted, sighting("inService"), rules(), 1_000).turns, 1);
});

Deno.test("heardOf() waits for an address that differs, not for one that refuses", () => {
  const accepted = next(NEW, sighting("outOfService"), rules(), 0);
  const differing = heardOf(accepted, "b", { state: "differs" }, 1_000);
  assert.deepEqual([differing.phase, differing.acceptedAt], ["agreed", undefined]);
  const followed = heardOf(differing, "b", { state: "agrees" }, 2_000);
  assert.deepEqual([followed.phase, followed.acceptedAt], ["accepted", 2_000]);
  const refused = heardOf(differing, "b", { state: "differs", failed: "refused" }, 3_000);
  assert.deepEqual([refused.phase, refused.acceptedAt], ["accepted", 0]);
});

Deno.test("listed() settles with the moments of the run before, if both have been seen again", () => {
  const answers = (isListed: boolean) => ({
    answers: [{ address: "a", listed: isListed, others: 1 }],
    failures: [],
  });
  const resumed = { ...NEW, earlier: { acceptedAt: -9_000, settledAt: -8_000 } };
  const accepted = next(resumed, sighting("outOfService"), rules(), 0);
  const settled = listed(accepted, answers(false), OUT, 100);
  assert.deepEqual([settled.phase, settled.acceptedAt, settled.settledAt], [
    "settled",
    -9_000,
    -8_000,
  ]);
  const still = listed(accepted, answers(true), OUT, 100);
  assert.deepEqual([still.phase, still.earlier], ["accepted", undefined]);
  assert.equal(listed(still, answers(false), OUT, 200).settledAt, 200);
});

Deno.test("next() forgets what the last look failed with, and keeps how far it has come", () => {
  const accepted = next(NEW, sighting("outOfService"), rules(), 0);
  const failed = { ...accepted, error: new UnreachableError("x") };
  const after = next(failed, sighting("outOfService"), rules(), 9);
  assert.deepEqual([after.error, after.acceptedAt], [undefined, 0]);
});
