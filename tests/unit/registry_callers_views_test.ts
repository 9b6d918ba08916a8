import assert from "node:assert/strict";
import { NotFoundError, RefusedError, UnreachableError } from "../../src/errors.ts";
import { collectViews } from "../../src/registry/callers_views.ts";
import type { CallersView } from "../../src/registry/registry.ts";
import { createFakeClock } from "../support/fake_clock.ts";

/** How one address answers: after so many milliseconds, with a list or an error. */
interface Behaviour {
  readonly ms?: number;
  readonly error?: Error;
}

const viewOf = (index: number): CallersView => ({
  address: `http://n${index + 1}`,
  listed: false,
  others: 2,
});

function begin(...behaviours: readonly Behaviour[]) {
  const clock = createFakeClock();
  const start = clock.now();
  const end = new AbortController();
  const askedAt: number[] = [];
  const questions = behaviours.map(({ ms = 1, error }, i) => async (signal: AbortSignal) => {
    askedAt.push(clock.now() - start);
    await clock.sleep(ms, signal);
    if (signal.aborted) throw new UnreachableError(`n${i + 1}: no answer in time`);
    if (error) throw error;
    return viewOf(i);
  });
  const result = collectViews(questions, clock, end.signal);
  result.catch(() => {});
  return {
    clock,
    end,
    result,
    askedAt,
    elapsed: () => clock.now() - start,
    views: () => clock.advanceUntil(result),
  };
}

const error = new UnreachableError("n1: refused");

Deno.test("collectViews() asks all addresses at once and keeps their order", async () => {
  const { views, askedAt, elapsed } = begin({ ms: 300 }, { ms: 100 }, { ms: 200 });
  assert.deepEqual(await views(), { answers: [0, 1, 2].map(viewOf), failures: [] });
  assert.deepEqual([askedAt, elapsed()], [[0, 0, 0], 300]);
});

Deno.test("collectViews() gives the others two seconds once one has answered", async () => {
  const { views, elapsed, clock } = begin({ ms: 9_000 }, { ms: 1_000 }, { ms: 2_900 });
  const { answers, failures } = await views();
  assert.deepEqual(answers, [viewOf(1), viewOf(2)]);
  assert.deepEqual(failures, ["n1: no answer in time"]);
  assert.deepEqual([elapsed(), clock.sleeping], [3_000, 0]);
});

Deno.test("collectViews() waits for the first answer as long as its signal allows", async () => {
  const { views, elapsed } = begin({ error }, { ms: 60_000 });
  assert.deepEqual(await views(), { answers: [viewOf(1)], failures: ["n1: refused"] });
  assert.equal(elapsed(), 60_000);
});

Deno.test("collectViews() does not wait where all have answered or failed", async () => {
  const { views, elapsed } = begin({ ms: 10, error }, { ms: 20 });
  assert.deepEqual(await views(), { answers: [viewOf(1)], failures: ["n1: refused"] });
  assert.equal(elapsed(), 20);
});

Deno.test("collectViews() throws the first address's error where none has answered", async () => {
  const { views } = begin({ ms: 50, error }, { error: new RefusedError("n2: 403") });
  await assert.rejects(views(), error);
  const bug = begin({ error: new TypeError("x is undefined") });
  await assert.rejects(bug.views(), { outcome: "internal" });
});

Deno.test("collectViews() ends when its signal fires", async () => {
  const silent = begin({ ms: Infinity }, { ms: Infinity });
  await silent.clock.advance(5_000);
  silent.end.abort();
  await assert.rejects(silent.result, { outcome: "unreachable" });
  const half = begin({ ms: 100 }, { ms: Infinity });
  await half.clock.advance(500);
  half.end.abort();
  assert.deepEqual((await half.result).answers, [viewOf(0)]);
  for (const one of [silent, half]) assert.equal(one.clock.sleeping, 0);
});

Deno.test("collectViews() takes absence for an answer only where all say so, in any order", async () => {
  const absent = new NotFoundError("n: no such app");
  const refused = new RefusedError("n: 401");
  await assert.rejects(begin({ error: absent }, { error: refused }).views(), refused);
  await assert.rejects(begin({ error: refused }, { error: absent }).views(), refused);
  await assert.rejects(begin({ error: absent }, { error: absent }).views(), absent);
});
