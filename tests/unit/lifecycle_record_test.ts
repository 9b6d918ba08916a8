import assert from "node:assert/strict";
import { isUnderWay, recordFile, type RunRecord } from "../../src/lifecycle/record.ts";
import { createMemoryDisk } from "../support/memory_disk.ts";

const IDENTITY = ["8080", "10.0.0.7", "orders", "DEFAULT_GROUP", "public", "DEFAULT"];
const RECORD: RunRecord = {
  instance: "10.0.0.7:8080 of orders",
  startedAt: 1_000,
  deadline: 46_000,
  registries: [{ name: "nacos", acceptedAt: 1_500, leftAt: 0 }],
  appToldAt: 0,
  finishedAt: 0,
  undoneAt: 0,
};

Deno.test("recordFile() reads what it has written", () => {
  const file = recordFile(createMemoryDisk(), IDENTITY);
  assert.equal(file.write(RECORD), undefined);
  assert.deepEqual(file.read(), RECORD);
  file.write({ ...RECORD, finishedAt: 42_000 });
  assert.deepEqual(file.read(), { ...RECORD, finishedAt: 42_000 });
});

Deno.test("recordFile() leaves one file and nothing temporary", () => {
  const disk = createMemoryDisk();
  const file = recordFile(disk, IDENTITY);
  file.write(RECORD);
  file.write(RECORD);
  assert.deepEqual([...disk.files.keys()], [file.path]);
});

Deno.test("recordFile() reads nothing where there is nothing, or garbage", () => {
  const disk = createMemoryDisk();
  const file = recordFile(disk, IDENTITY);
  assert.equal(file.read(), undefined);
  const { deadline: _, ...incomplete } = RECORD;
  const wrongType = { ...RECORD, startedAt: "yesterday" };
  const texts = [
    "",
    "{",
    "null",
    "[]",
    "42",
    JSON.stringify(incomplete),
    JSON.stringify(wrongType),
  ];
  for (const text of texts) {
    disk.files.set(file.path, text);
    assert.equal(file.read(), undefined, text);
  }
});

Deno.test("recordFile() replaces garbage", () => {
  const disk = createMemoryDisk();
  const file = recordFile(disk, IDENTITY);
  disk.files.set(file.path, "garbage");
  file.write(RECORD);
  assert.deepEqual(file.read(), RECORD);
});

Deno.test("write() gives the reason where the disk takes nothing, and leaves what was there", () => {
  const disk = createMemoryDisk();
  const file = recordFile(disk, IDENTITY);
  file.write(RECORD);
  disk.full = "Read-only file system (os error 30)";
  assert.equal(
    file.write({ ...RECORD, finishedAt: 42_000 }),
    "Read-only file system (os error 30)",
  );
  assert.deepEqual(file.read(), RECORD);
  assert.deepEqual([...disk.files.keys()], [file.path]);
});

Deno.test("write() leaves nothing temporary where the file cannot be put in its place", () => {
  const disk = createMemoryDisk();
  const file = recordFile({
    ...disk,
    rename() {
      throw new Error("Operation not permitted");
    },
  }, IDENTITY);
  assert.equal(file.write(RECORD), "Operation not permitted");
  assert.equal(disk.files.size, 0);
});

Deno.test("recordFile() keeps instances apart", () => {
  const disk = createMemoryDisk();
  const identities = [
    IDENTITY,
    IDENTITY.with(0, "8081"),
    IDENTITY.with(1, "10.0.0.8"),
    IDENTITY.with(2, "orders2"),
    IDENTITY.with(3, "SHOP"),
    IDENTITY.with(4, "prod"),
    IDENTITY.with(5, "HZ"),
    IDENTITY.with(2, "订单"),
    IDENTITY.with(2, "支付"),
    IDENTITY.with(2, "a/b"),
    IDENTITY.with(2, "a b"),
    IDENTITY.with(2, "a_b"),
    ["8080", "10.0.0.7", "x".repeat(300)],
    ["8080", "10.0.0.8", "x".repeat(300)],
  ];
  const paths = identities.map((identity) => recordFile(disk, identity).path);
  assert.equal(new Set(paths).size, identities.length);
  assert.equal(recordFile(disk, [...IDENTITY]).path, paths[0]);
});

Deno.test("recordFile() stays in /tmp and can be written, whatever the instance is called", () => {
  const names = [
    "../../etc/passwd",
    "a/b",
    "x".repeat(500),
    "订".repeat(200),
    "fe80::1%eth0",
    "\0",
    "$(id)",
  ];
  for (const name of names) {
    const file = recordFile(createMemoryDisk(), ["8080", "10.0.0.7", name]);
    assert.match(file.path, /^\/tmp\/[^/\0\s]+$/);
    assert.equal(file.write(RECORD), undefined);
  }
});

Deno.test("isUnderWay() is true from the start to the deadline", () => {
  assert.equal(isUnderWay(RECORD, RECORD.startedAt), true);
  assert.equal(isUnderWay(RECORD, RECORD.deadline - 1), true);
  assert.equal(isUnderWay(RECORD, RECORD.deadline), false);
});

Deno.test("isUnderWay() is false for a run from the future, as after a clock that was set back", () => {
  assert.equal(isUnderWay(RECORD, RECORD.startedAt - 1), false);
});

Deno.test("isUnderWay() is false for a run that is finished or undone, and for none", () => {
  assert.equal(isUnderWay({ ...RECORD, finishedAt: 2_000 }, 3_000), false);
  assert.equal(isUnderWay({ ...RECORD, undoneAt: 2_000 }, 3_000), false);
  assert.equal(isUnderWay(undefined, 3_000), false);
});
