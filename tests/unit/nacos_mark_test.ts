import assert from "node:assert/strict";
import { isMarked, marked, ownWeight } from "../../src/registry/nacos/mark.ts";

Deno.test("marked() is a weight that Nacos takes, and ownWeight() gives it back", () => {
  for (const weight of [0, 0.01, 0.1, 0.5, 1, 1.5, 3, 7.25, 99.9, 1234.5678, 9_999.999, 10_000]) {
    const written = marked(weight);
    assert.ok(!isMarked(weight) && isMarked(written), String(weight));
    assert.ok(written >= 0 && written <= 10_000, String(written));
    assert.ok(Math.abs(written - weight) <= 1e-9 * Math.max(1, weight), String(written));
    assert.equal(ownWeight(written), weight);
    assert.equal(ownWeight(weight), weight);
    assert.equal(marked(written), written);
    // As JSON and forms carry it.
    assert.ok(isMarked(Number(String(written))));
  }
});

Deno.test("marked() keeps eight digits of a longer weight", () => {
  const written = marked(1 / 3);
  assert.ok(isMarked(written));
  assert.equal(ownWeight(written), 0.33333333);
  assert.equal(ownWeight(1 / 3), 1 / 3);
});

Deno.test("isMarked() takes no weight that Nacos or r-nacos may have for one", () => {
  // Weights with four bytes.
  for (const weight of [0.1, 0.7, 1, 3, 1234.5]) assert.ok(!isMarked(Math.fround(weight)));
});
