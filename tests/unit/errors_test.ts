import assert from "node:assert/strict";
import {
  asServiceOfflineError,
  NotFoundError,
  OUTCOMES,
  RefusedError,
  traceOf,
  UnreachableError,
} from "../../src/errors.ts";

Deno.test("OUTCOMES has one exit code for each, 0 for done alone", () => {
  const codes = Object.values(OUTCOMES).map((outcome) => outcome.code);
  assert.equal(new Set(codes).size, codes.length);
  assert.equal(OUTCOMES.done.code, 0);
  // 126 and up is what shells use.
  for (const code of codes) assert.ok(code === 0 || (code >= 64 && code < 126), String(code));
});

Deno.test("the errors lead to the outcome they are named after", () => {
  assert.equal(new RefusedError("x").outcome, "refused");
  assert.equal(new UnreachableError("x").outcome, "unreachable");
  assert.equal(new NotFoundError("x").outcome, "notFound");
});

Deno.test("asServiceOfflineError() hands back an error of ours", () => {
  const error = new RefusedError("x");
  assert.equal(asServiceOfflineError(error), error);
});

Deno.test("asServiceOfflineError() calls everything else a bug and keeps what it said", () => {
  const thrown = new TypeError("x is not a function");
  const error = asServiceOfflineError(thrown);
  assert.equal(error.outcome, "internal");
  assert.equal(error.message, "TypeError: x is not a function");
  assert.equal(error.cause, thrown);
  assert.equal(asServiceOfflineError("text").message, "text");
  assert.equal(asServiceOfflineError(undefined).outcome, "internal");
});

Deno.test("traceOf() gives the stack of what was thrown, not of its wrapper", () => {
  const bug = new TypeError("x is undefined");
  for (const thrown of [bug, asServiceOfflineError(bug)]) {
    const trace = traceOf(thrown);
    assert.match(
      trace,
      /^a bug, please report it: TypeError: x is undefined at .*errors_test/,
    );
  }
  assert.match(traceOf("no error at all"), /: no error at all$/);
  assert.ok(traceOf(new Error("x".repeat(100_000))).length < 3_000);
});
