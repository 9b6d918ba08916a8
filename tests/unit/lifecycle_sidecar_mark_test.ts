import assert from "node:assert/strict";
import { sidecarMark } from "../../src/lifecycle/sidecar_mark.ts";
import { createMemoryDisk } from "../support/memory_disk.ts";

Deno.test("sidecarMark() is seen by whoever has the same identity, until it is cleared", () => {
  const disk = createMemoryDisk();
  disk.folders.add("/tmp");
  const [mark, same] = [1, 2].map(() => sidecarMark(disk, ["10.0.0.7", "8080 orders"]));
  const other = sidecarMark(disk, ["10.0.0.8", "8080 orders"]);
  assert.ok(mark && same);
  assert.equal(same.isSet(), false);
  mark.set();
  mark.set();
  assert.deepEqual([same.isSet(), other.isSet()], [true, false]);
  mark.clear();
  mark.clear();
  assert.equal(same.isSet(), false);
});

Deno.test("sidecarMark() does without a /tmp", () => {
  const disk = createMemoryDisk();
  disk.full = "No space left";
  const mark = sidecarMark(disk, ["x"]);
  mark.set();
  assert.equal(mark.isSet(), false);
});
