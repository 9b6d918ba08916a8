import assert from "node:assert/strict";
import { asWrittenAt, isOpen, isUnderWay, type RunRecord } from "../../src/lifecycle/record.ts";
import { recordFile } from "../../src/lifecycle/record_file.ts";
import { createMemoryDisk, OWN_FOLDER, recordOn } from "../support/memory_disk.ts";

const IDENTITY = ["8080", "10.0.0.7", "orders", "DEFAULT_GROUP", "public", "DEFAULT"];
const RECORD: RunRecord = {
  run: "a1",
  instance: "10.0.0.7:8080 of orders",
  startedAt: 1_000,
  deadline: 46_000,
  writtenAt: 3_000,
  registries: [{ name: "nacos", acceptedAt: 1_500, settledAt: 0 }],
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

Deno.test("recordFile() leaves one file in one folder and nothing temporary", () => {
  const disk = createMemoryDisk();
  for (let i = 0; i < 2; i++) {
    const file = recordFile(disk, IDENTITY);
    file.read();
    file.write(RECORD);
    file.write(RECORD);
  }
  assert.equal(recordOn(disk).slice(0, OWN_FOLDER.length + 1), `${OWN_FOLDER}/`);
  assert.deepEqual([...disk.folders], [OWN_FOLDER]);
});

Deno.test("recordFile() reads nothing where there is nothing, or garbage", () => {
  const disk = createMemoryDisk();
  const file = recordFile(disk, IDENTITY);
  assert.equal(file.read(), undefined);
  file.write(RECORD);
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
    disk.files.set(recordOn(disk), text);
    assert.equal(file.read(), undefined, text);
  }
});

Deno.test("recordFile() believes no moments that no run can have", () => {
  const nacos = { name: "nacos", acceptedAt: 1_500, settledAt: 1_600 };
  const [past, left, early, future] = [
    { ...nacos, acceptedAt: 999 },
    { ...nacos, settledAt: 1_499 },
    { ...nacos, acceptedAt: -1 },
    { ...nacos, settledAt: 3_001 },
  ].map((one) => ({ registries: [nacos, one] }));
  const changes: readonly Partial<RunRecord>[] = [
    past!,
    left!,
    early!,
    future!,
    { deadline: 1e300 },
    { deadline: -1 },
    { startedAt: -1 },
    { startedAt: 3_001, registries: [], writtenAt: 1e300 },
    { undoneAt: 1e300 },
    { undoneAt: -1 },
    { finishedAt: 1e300 },
    { appToldAt: 1e300 },
  ];
  const disk = createMemoryDisk();
  for (const change of changes) {
    recordFile(disk, IDENTITY).write({ ...RECORD, ...change });
    assert.equal(recordFile(disk, IDENTITY).read(), undefined, JSON.stringify(change));
  }
  recordFile(disk, IDENTITY).write({ ...RECORD, registries: [nacos] });
  assert.ok(recordFile(disk, IDENTITY).read());
});

Deno.test("recordFile() believes only what is its user's own, and for that one alone", () => {
  const disk = createMemoryDisk();
  const file = recordFile(disk, IDENTITY);
  file.write(RECORD);
  const path = recordOn(disk);
  const others = [{ uid: 1000 }, { mode: 0o100640 }, { mode: 0o100602 }, { isFile: false }];
  for (const about of others) {
    disk.differs.set(path, about);
    assert.equal(file.read(), undefined, JSON.stringify(about));
  }
  disk.differs.clear();
  assert.deepEqual(file.read(), RECORD);
});

Deno.test("recordFile() neither reads nor writes in a folder of somebody else, and says so", () => {
  const others = [{ uid: 0 }, { mode: 0o40750 }, { mode: 0o41777 }, { isDirectory: false }];
  for (const about of others) {
    const disk = createMemoryDisk();
    recordFile(disk, IDENTITY).write(RECORD);
    disk.differs.set(OWN_FOLDER, about);
    const file = recordFile(disk, IDENTITY);
    assert.equal(file.read(), undefined, JSON.stringify(about));
    assert.match(file.write({ ...RECORD, run: "b2" }) ?? "", /is not this user's own/);
    assert.match(disk.files.get(recordOn(disk)) ?? "", /"a1"/);
    assert.equal(disk.folders.size, 1, "nothing temporary");
  }
});

Deno.test("recordFile() takes a folder with the setgid bit of a volume with an fsGroup", () => {
  const disk = createMemoryDisk();
  disk.folders.add(OWN_FOLDER);
  disk.differs.set(OWN_FOLDER, { mode: 0o42700 });
  const file = recordFile(disk, IDENTITY);
  assert.equal(file.write(RECORD), undefined);
  assert.deepEqual(file.read(), RECORD);
});

Deno.test("recordFile() sees what another process has written since", () => {
  const disk = createMemoryDisk();
  const [one, other] = [recordFile(disk, IDENTITY), recordFile(disk, IDENTITY)];
  one.write(RECORD);
  other.write({ ...RECORD, undoneAt: 2_000 });
  assert.equal(one.read()?.undoneAt, 2_000);
  disk.files.delete(recordOn(disk));
  assert.equal(one.read(), undefined);
});

Deno.test("recordFile() replaces garbage", () => {
  const disk = createMemoryDisk();
  const file = recordFile(disk, IDENTITY);
  file.write(RECORD);
  disk.files.set(recordOn(disk), "garbage");
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
  assert.equal(disk.files.size, 1);
  // Here not even the folder can be made.
  const next = recordFile(disk, IDENTITY);
  assert.equal(next.write(RECORD), "Read-only file system (os error 30)");
  assert.equal(next.read(), undefined);
});

Deno.test("write() leaves nothing temporary where the file cannot be put in its place", () => {
  const disk = createMemoryDisk();
  const file = recordFile({
    ...disk,
    rename(from, to) {
      if (to.endsWith(".json")) throw new Error("Operation not permitted");
      disk.rename(from, to);
    },
  }, IDENTITY);
  assert.equal(file.write(RECORD), "Operation not permitted");
  assert.equal(disk.files.size, 0);
});

Deno.test("tidy() does its part where there are many", () => {
  const disk = createMemoryDisk();
  const file = recordFile(disk, IDENTITY);
  file.write(RECORD);
  const now = Date.UTC(2026, 0, 2);
  disk.differs.set(recordOn(disk), { mtime: new Date(now) });
  for (let i = 0; i < 100; i++) {
    disk.files.set(`${OWN_FOLDER}/${i}.json`, "");
    disk.differs.set(`${OWN_FOLDER}/${i}.json`, { mtime: new Date(0) });
  }
  file.tidy(now);
  assert.ok(disk.files.size === 81 || disk.files.size === 82, String(disk.files.size));
  for (let i = 0; i < 100; i++) file.tidy(now);
  assert.equal(disk.files.size, 1);
  assert.deepEqual(file.read(), RECORD);
});

Deno.test("tidy() removes what is a day old, and nothing else", () => {
  const disk = createMemoryDisk();
  const file = recordFile(disk, IDENTITY);
  const now = Date.UTC(2026, 0, 2);
  file.write(RECORD);
  disk.differs.set(recordOn(disk), { mtime: new Date(now) });
  const place = (name: string, mtime: Date | null) => {
    disk.files.set(`${OWN_FOLDER}/${name}`, "");
    disk.differs.set(`${OWN_FOLDER}/${name}`, { mtime });
  };
  place("of an instance yesterday.json", new Date(now - 24 * 3_600_000 - 1));
  place("cut off.json.temporary", new Date(now - 48 * 3_600_000));
  place("of an instance today.json", new Date(now - 23 * 3_600_000));
  place("of a clock that was set back.json", new Date(now + 3_600_000));
  place("of a file system without times.json", null);
  file.tidy(now);
  assert.equal(disk.files.size, 4);
  assert.ok(![...disk.files.keys()].some((path) => /yesterday|temporary/.test(path)));
  assert.deepEqual(file.read(), RECORD);
  recordFile({
    ...disk,
    names: () => {
      throw new Error("no such folder");
    },
  }, IDENTITY).tidy(now);
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
  for (const identity of identities) recordFile(disk, identity).write(RECORD);
  assert.equal(disk.files.size, identities.length);
  recordFile(disk, [...IDENTITY]).write(RECORD);
  assert.equal(disk.files.size, identities.length);
});

Deno.test("recordFile() stays in its folder and can be written, whatever the instance is called", () => {
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
    const disk = createMemoryDisk();
    assert.equal(recordFile(disk, ["8080", "10.0.0.7", name]).write(RECORD), undefined);
    assert.match(recordOn(disk), /^\/tmp\/service-offline-\d+\/[^/\0\s]+\.json$/);
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

Deno.test("isOpen() and isUnderWay() are false for a run that is finished or undone, and for none", () => {
  assert.equal(isOpen(RECORD), true);
  for (
    const record of [{ ...RECORD, finishedAt: 2_000 }, { ...RECORD, undoneAt: 2_000 }, undefined]
  ) {
    assert.equal(isOpen(record), false);
    assert.equal(isUnderWay(record, 3_000), false);
  }
});

Deno.test("asWrittenAt() counts what the run itself has measured, however the clock was set since", () => {
  for (const now of [2_000, 3_000, 9_000_000]) {
    const { startedAt, writtenAt, registries } = asWrittenAt(RECORD, now);
    assert.deepEqual([now - startedAt, writtenAt], [2_000, now]);
    assert.deepEqual(registries, [{ name: "nacos", acceptedAt: now - 1_500, settledAt: 0 }]);
  }
});
