import assert from "node:assert/strict";
import * as z from "zod/mini";
import { shape } from "../../src/shape.ts";

Deno.test("shape() gives a value that is what it should be, and undefined for others", () => {
  const read = shape(() => z.object({ name: z.string() }));
  assert.deepEqual(read({ name: "orders", more: 1 }), { name: "orders" });
  for (const other of [undefined, null, "orders", [], {}, { name: 7 }]) {
    assert.equal(read(other), undefined);
  }
});

Deno.test("shape() makes its schema with the first value, and once", () => {
  let made = 0;
  const read = shape(() => {
    made++;
    return z.string();
  });
  assert.equal(made, 0);
  assert.deepEqual([read("a"), read(1), read("b")], ["a", undefined, "b"]);
  assert.equal(made, 1);
});
