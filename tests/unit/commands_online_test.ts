import assert from "node:assert/strict";
import { offline } from "../../src/commands/offline.ts";
import { online } from "../../src/commands/online.ts";
import { ALIVE_MS } from "../../src/commands/rival.ts";
import { RefusedError, UnreachableError } from "../../src/errors.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createFakeRegistry, type FakeRegistryOptions } from "../support/fake_registry.ts";
import { createFakeRun, type FakeRunOptions, recordOfRun } from "../support/fake_run.ts";

function prepare(
  about: Partial<FakeRegistryOptions> = {},
  options: FakeRunOptions = {},
) {
  const clock = createFakeClock();
  const start = clock.now();
  const registry = createFakeRegistry({ clock, state: "outOfService", ...about });
  const run = createFakeRun(clock, [registry], options);
  return {
    clock,
    registry,
    run,
    begin: (background = false) => online(run, { background }),
    end: () => clock.advanceUntil(online(run, { background: false })),
    seconds: () => (clock.now() - start) / 1000,
  };
}

Deno.test("online puts back what is out of service, and is done when callers get it", async () => {
  const { registry, end, seconds } = prepare({
    recordLagMs: 520,
    addresses: { "http://n1": 0, "http://n2": 2_000 },
  });
  const { outcome, parts } = await end();
  assert.equal(outcome, "done");
  assert.match(parts.join(), /nacos: 10\.0\.0\.7:8080 of orders is in service/);
  assert.equal(registry.times("putBack").length, 1);
  assert.equal(registry.listed(), true);
  assert.ok(seconds() >= 2.5 && seconds() < 5, String(seconds()));
});

Deno.test("online writes nothing where the instance is in service", async () => {
  const { registry, end, seconds } = prepare({ state: "inService" });
  const { outcome, parts } = await end();
  assert.equal(outcome, "done");
  assert.match(parts.join(), /already/);
  assert.deepEqual(registry.times("putBack"), []);
  assert.ok(seconds() < 1);
});

Deno.test("online waits for the app to register", async () => {
  for (const state of ["inService", "outOfService"] as const) {
    const { clock, registry, begin } = prepare({ state: "absent" });
    const ending = begin();
    await clock.advance(40_000);
    registry.become(state);
    assert.equal((await clock.advanceUntil(ending)).outcome, "done");
    assert.equal(registry.state(), "inService");
    assert.equal(registry.times("putBack").length, state === "inService" ? 0 : 1);
  }
});

Deno.test("online waits until the app reports that it is ready, and says so if it does not", async () => {
  const late = prepare({ state: "notReady" });
  const ending = late.begin();
  await late.clock.advance(40_000);
  late.registry.become("inService");
  assert.equal((await late.clock.advanceUntil(ending)).outcome, "done");
  const never = prepare({ state: "notReady" }, { settings: { onlineTimeoutSeconds: 25 } });
  const { outcome, parts } = await never.end();
  assert.deepEqual([outcome, never.seconds()], ["notConfirmed", 25]);
  assert.match(parts.join(), /its app does not report that it is ready/);
  for (const { registry } of [late, never]) assert.deepEqual(registry.times("putBack"), []);
});

Deno.test("online gives up after ONLINE_TIMEOUT_SECONDS", async () => {
  const { registry, end, seconds } = prepare({ state: "absent" }, {
    settings: { onlineTimeoutSeconds: 25 },
  });
  const { outcome, parts } = await end();
  assert.equal(outcome, "notFound");
  assert.match(parts.join(), /never registered/);
  assert.deepEqual(registry.times("putBack"), []);
  assert.equal(seconds(), 25);
});

Deno.test("online names what is like the one that is not there: by hand at once, at a start later", async () => {
  const nearMisses = ["10.0.0.7:8080 is registered with namespaceId=prod"];
  for (const background of [false, true]) {
    const { clock, registry, run, begin } = prepare({ state: "absent", nearMisses });
    const { outcome, parts } = await clock.advanceUntil(begin(background));
    assert.equal(outcome, "notFound");
    assert.match(parts.join(), /never registered; .*namespaceId=prod$/);
    const [asked, ...more] = registry.times("nearMisses").map((at) => at - run.startedAt);
    assert.deepEqual(more, []);
    if (background) assert.ok(asked !== undefined && asked >= 90_000 && asked < 93_000, `${asked}`);
    else assert.equal(asked, 0);
  }
});

Deno.test("online that gives up says what the registry said", async () => {
  const refused = prepare({}, { settings: { onlineTimeoutSeconds: 25 } });
  refused.registry.fail("putBack", new RefusedError("answered 403"), 1_000);
  const { outcome, parts } = await refused.end();
  assert.equal(outcome, "refused");
  assert.match(parts.join(), /answered 403/);
  const silent = prepare({}, { settings: { onlineTimeoutSeconds: 25 } });
  silent.registry.hang("locate");
  assert.equal((await silent.end()).outcome, "unreachable");
  const dropped = prepare({}, { settings: { onlineTimeoutSeconds: 25 } });
  dropped.registry.dropWrites(1_000);
  assert.equal((await dropped.end()).outcome, "notConfirmed");
  const unseen = prepare({ addresses: { "http://n1": 1_000_000 } }, {
    settings: { onlineTimeoutSeconds: 25 },
  });
  assert.equal((await unseen.end()).outcome, "notConfirmed");
});

Deno.test("online tries again until it works", async () => {
  const { registry, end } = prepare();
  registry.fail("locate", new UnreachableError("no answer"), 3);
  registry.fail("putBack", new UnreachableError("no answer"), 2);
  registry.dropWrites(1);
  assert.equal((await end()).outcome, "done");
  assert.equal(registry.state(), "inService");
});

Deno.test("online puts back at two registries at once, and one that fails does not stop the other", async () => {
  const clock = createFakeClock();
  const make = (name: string) => createFakeRegistry({ clock, name, state: "outOfService" });
  const [nacos, eureka] = [make("nacos"), make("eureka")];
  nacos.fail("locate", new UnreachableError("refused"), 1_000);
  const run = createFakeRun(clock, [nacos, eureka], { settings: { onlineTimeoutSeconds: 25 } });
  const { outcome, parts } = await clock.advanceUntil(online(run, { background: false }));
  assert.equal(outcome, "unreachable");
  assert.equal(eureka.state(), "inService");
  assert.equal(eureka.times("putBack")[0], run.startedAt);
  assert.match(parts[0] ?? "", /^nacos: refused/);
  assert.match(parts[1] ?? "", /^eureka: .*in service/);
});

Deno.test("online with settings that allow no registry ends at once with their outcome", async () => {
  const clock = createFakeClock();
  const run = createFakeRun(clock, [], { problems: ["port is not set"], problemOutcome: "usage" });
  const { outcome, parts } = await clock.advanceUntil(
    online({ ...run, recordFile: undefined }, { background: false }),
    0,
  );
  assert.deepEqual([outcome, ...parts], ["usage", "port is not set"]);
});

Deno.test("online with a lenient problem works, and ends with the problem's outcome", async () => {
  const { registry, end } = prepare({}, { problems: ["Cannot use LOG_FORMAT"] });
  const { outcome, parts } = await end();
  assert.equal(registry.state(), "inService");
  assert.equal(outcome, "settings");
  assert.ok(parts.includes("Cannot use LOG_FORMAT"));
});

Deno.test("online --background waits for a heartbeat, by hand it does not", async () => {
  const settings = { onlineTimeoutSeconds: 25 };
  const dead = prepare({ signsOfLife: true }, { settings });
  const { outcome, parts } = await dead.clock.advanceUntil(dead.begin(true));
  assert.equal(outcome, "notConfirmed");
  assert.match(parts.join(), /out of service, and there was no heartbeat since/);
  assert.deepEqual(dead.registry.times("putBack"), []);
  const alive = prepare({ signsOfLife: true }, { settings });
  const ending = alive.begin(true);
  await alive.clock.advance(5_000);
  alive.registry.beat();
  assert.equal((await alive.clock.advanceUntil(ending)).outcome, "done");
  assert.equal(alive.registry.state(), "inService");
  const byHand = prepare({ signsOfLife: true }, { settings });
  assert.equal((await byHand.end()).outcome, "done");
  assert.deepEqual(byHand.registry.times("putBack"), [byHand.run.startedAt]);
});

Deno.test("online --background gives way to an `offline` that begins meanwhile", async () => {
  const { clock, registry, run, begin } = prepare({ state: "absent" });
  const ending = begin(true);
  await clock.advance(20_000);
  const stopping = createFakeRun(clock, [registry], { disk: run.disk });
  const drained = offline(stopping);
  const { outcome, parts } = await clock.advanceUntil(ending);
  assert.ok(clock.now() - stopping.startedAt <= 1_000);
  assert.equal(outcome, "done");
  assert.match(parts.join(), /`offline` has begun/);
  registry.become("inService");
  assert.equal((await clock.advanceUntil(drained)).outcome, "done");
  assert.equal(registry.state(), "outOfService");
  assert.deepEqual(registry.times("putBack"), []);
});

Deno.test("online --background does not put back what an `offline` is taking out", async () => {
  const { clock, registry, run, begin } = prepare({ state: "inService", addresses: { n1: 3_000 } });
  registry.become("absent");
  const ending = begin(true);
  await clock.advance(5_000);
  registry.become("inService");
  await clock.advance(1_200);
  const drained = offline(createFakeRun(clock, [registry], { disk: run.disk }));
  await clock.advanceUntil(ending);
  assert.equal((await clock.advanceUntil(drained)).outcome, "done");
  assert.equal(registry.state(), "outOfService");
  assert.deepEqual(registry.times("putBack"), []);
});

Deno.test("online --background gives way to an `offline` that began right before it", async () => {
  // In a pod that is stopped right after its start, postStart's process may come late.
  const { clock, registry, run } = prepare({ state: "inService", recordLagMs: 3_000 });
  const drained = offline(createFakeRun(clock, [registry], { disk: run.disk }));
  await clock.advance(1_000);
  const late = createFakeRun(clock, [registry], { disk: run.disk });
  const { outcome, parts } = await clock.advanceUntil(online(late, { background: true }));
  assert.equal(outcome, "done");
  assert.match(parts.join(), /`offline` has begun/);
  assert.equal((await clock.advanceUntil(drained)).outcome, "done");
  assert.equal(registry.state(), "outOfService");
  assert.deepEqual(registry.times("putBack"), []);
});

Deno.test("online --background that gives way leaves the `offline` alone", async () => {
  const { clock, registry, run, begin } = prepare({ state: "absent" });
  const ending = begin(true);
  await clock.advance(5_000);
  offline(createFakeRun(clock, [registry], { disk: run.disk }));
  await clock.advanceUntil(ending);
  const record = run.recordFile?.read();
  assert.deepEqual([record?.undoneAt, record?.finishedAt], [0, 0]);
});

Deno.test("online --background gives way to an `offline` that has begun before it and lives", async () => {
  for (const before of [500, 20_000]) {
    const { clock, registry, run } = prepare({ state: "inService" });
    const drained = offline(run);
    await clock.advance(before);
    const late = createFakeRun(clock, [registry], { disk: run.disk });
    const { outcome, parts } = await clock.advanceUntil(online(late, { background: true }));
    assert.equal(outcome, "done");
    assert.match(parts.join(), /`offline` has begun/);
    assert.equal((await clock.advanceUntil(drained)).outcome, "done");
    assert.deepEqual(registry.times("putBack"), []);
  }
});

Deno.test("online --background undoes an `offline` that was killed with its container", async () => {
  // Whatever the clock said then, and however often it was killed.
  for (const ago of [0, 10_000, 3_600_000, -3_600_000]) {
    const { clock, registry, run, begin } = prepare();
    run.recordFile?.write(recordOfRun(run.startedAt - ago));
    const ending = begin(true);
    await clock.advance(ALIVE_MS - 1);
    assert.deepEqual(registry.times("putBack"), [], "it might live");
    assert.equal((await clock.advanceUntil(ending)).outcome, "done");
    assert.equal(registry.state(), "inService");
    assert.ok((run.recordFile?.read()?.undoneAt ?? 0) >= run.startedAt + ALIVE_MS);
    assert.ok(clock.now() - run.startedAt < ALIVE_MS + 2_000);
  }
});

Deno.test("an `offline` after one that was killed with its container drains in full", async () => {
  const { clock, registry, run, begin } = prepare();
  run.recordFile?.write(recordOfRun(run.startedAt, {
    registries: [{
      name: "nacos",
      acceptedAt: run.startedAt - 9_000,
      settledAt: run.startedAt - 9_000,
    }],
  }));
  await clock.advanceUntil(begin(true));
  const stopping = createFakeRun(clock, [registry], { disk: run.disk });
  await clock.advanceUntil(offline(stopping));
  assert.equal(clock.now() - stopping.startedAt, 40_000);
});

Deno.test("online by hand ends an `offline` that is under way", async () => {
  const clock = createFakeClock();
  const registry = createFakeRegistry({ clock, recordLagMs: 520 });
  const stopping = createFakeRun(clock, [registry]);
  const stopped = offline(stopping);
  await clock.advance(10_000);
  assert.equal(registry.state(), "outOfService");
  const run = createFakeRun(clock, [registry], { disk: stopping.disk });
  const { outcome, fields } = await clock.advanceUntil(online(run, { background: false }));
  assert.deepEqual([outcome, fields?.endedOffline], ["done", true]);
  assert.match(run.messages("undo")[0] ?? "", /told to stop/);
  assert.equal((await clock.advanceUntil(stopped)).outcome, "undone");
  await clock.advance(60_000);
  assert.equal(registry.state(), "inService");
});

Deno.test("online and `offline` see each other across a step of the clock between them", async () => {
  for (const step of [-3_600_000, 3_600_000]) {
    const clock = createFakeClock();
    const registry = createFakeRegistry({ clock, addresses: { n1: 3_000 } });
    const stopping = createFakeRun(clock, [registry]);
    const stopped = offline(stopping);
    await clock.advance(10_000);
    // One clock, read with another wall time.
    const stepped = { ...clock, now: () => clock.now() + step };
    const run = createFakeRun(clock, [registry], { disk: stopping.disk });
    const putting = online({ ...run, clock: stepped, startedAt: stepped.now() }, {
      background: false,
    });
    assert.equal((await clock.advanceUntil(stopped)).outcome, "undone");
    await clock.advance(1_000);
    const again = createFakeRun(clock, [registry], { disk: stopping.disk });
    const drained = offline(again);
    assert.equal((await clock.advanceUntil(putting)).outcome, "undone");
    assert.equal((await clock.advanceUntil(drained)).outcome, "done");
    assert.equal(registry.state(), "outOfService");
  }
});

Deno.test("online by hand gives way to an `offline` that begins after it, and says so", async () => {
  const { clock, registry, run, begin } = prepare({ addresses: { n1: 20_000 } });
  const ending = begin();
  await clock.advance(5_000);
  assert.equal(registry.state(), "inService");
  const stopping = createFakeRun(clock, [registry], { disk: run.disk });
  const drained = offline(stopping);
  const { outcome, parts } = await clock.advanceUntil(ending);
  assert.ok(clock.now() - stopping.startedAt <= 1_000);
  assert.equal(outcome, "undone");
  assert.match(parts.join(), /`offline` has begun/);
  assert.equal((await clock.advanceUntil(drained)).outcome, "done");
  assert.equal(registry.times("takeOut").length, 1, "they do not fight");
  assert.equal(registry.state(), "outOfService");
});

Deno.test("online tells an `offline` again whose last note has crossed its own", async () => {
  const { clock, run, begin } = prepare();
  run.recordFile?.write(recordOfRun(run.startedAt));
  const ending = begin();
  await clock.advance(500);
  run.recordFile?.write(recordOfRun(run.startedAt, { writtenAt: run.startedAt + 500 }));
  await clock.advanceUntil(ending);
  assert.ok((run.recordFile?.read()?.undoneAt ?? 0) > 0);
  assert.equal(run.messages("undo").length, 1);
});

Deno.test("online says that it could not tell an `offline` to stop", async () => {
  const { run, registry, end } = prepare();
  run.recordFile?.write(recordOfRun(run.startedAt));
  run.disk.full = "No space left on device (os error 28)";
  const { outcome, parts, fields } = await end();
  assert.deepEqual([outcome, fields?.endedOffline], ["done", false]);
  assert.equal(registry.state(), "inService");
  assert.deepEqual(run.messages("undo"), []);
  assert.match(run.messages("undo_failed").join(), /could not be told to stop \(No space left/);
  assert.match(parts.at(-1) ?? "", /could not be told to stop.*takes the instance out again/);
});

Deno.test("online puts back again what the last write of an undone `offline` has taken out", async () => {
  const { clock, registry, run, begin } = prepare({ state: "inService" });
  run.recordFile?.write(recordOfRun(run.startedAt));
  const ending = begin();
  await clock.advance(900);
  registry.become("outOfService");
  assert.equal((await clock.advanceUntil(ending)).outcome, "done");
  assert.equal(registry.state(), "inService");
});

Deno.test("online leaves the record of an `offline` that has ended alone", async () => {
  const { run, end } = prepare();
  const record = recordOfRun(run.startedAt - 50_000, { finishedAt: run.startedAt - 50_000 });
  run.recordFile?.write(record);
  await end();
  assert.deepEqual(run.recordFile?.read(), record);
});

Deno.test("online leaves nothing open behind", async () => {
  const { clock, registry, end } = prepare({ state: "absent" }, {
    settings: { onlineTimeoutSeconds: 5 },
  });
  await end();
  const calls = registry.calls.length;
  await clock.advance(60_000);
  assert.equal(clock.sleeping, 0);
  assert.equal(registry.calls.length, calls);
});

Deno.test("online ends only once each address was looked at, and puts back there as well", async () => {
  const clock = createFakeClock();
  const registry = createFakeRegistry({
    clock,
    answerMs: 5,
    addresses: { "http://a": 0, "http://b": 30_000 },
    separate: { "http://b": "inService" },
  });
  // Out of service behind a list that does not show it yet.
  registry.become("outOfService", "http://b");
  await clock.advance(1_000);
  await clock.advanceUntil(online(createFakeRun(clock, [registry]), { background: false }));
  assert.equal(registry.state("http://b"), "inService");
});

Deno.test("online --background leaves alone what an `offline` takes out that ends meanwhile", async () => {
  for (const at of [8_100, 8_500, 8_900, 9_100, 9_500, 9_900]) {
    const clock = createFakeClock();
    const registry = createFakeRegistry({ clock });
    const run = createFakeRun(clock, [registry], { settings: { drainSeconds: 10 } });
    const drained = offline(run);
    await clock.advance(at);
    const late = createFakeRun(clock, [registry], { disk: run.disk });
    await clock.advanceUntil(online(late, { background: true }));
    await clock.advanceUntil(drained);
    assert.deepEqual([at, registry.state(), registry.times("putBack")], [at, "outOfService", []]);
  }
});

const OPERATOR = { othersWish: "an operator has disabled it" };

Deno.test("online leaves alone what somebody else keeps out of service, and ends at once", async () => {
  for (const background of [true, false]) {
    const { clock, registry, run, begin, seconds } = prepare(OPERATOR);
    const { outcome, parts } = await clock.advanceUntil(begin(background));
    // Whoever calls it by hand wants it in service.
    assert.equal(outcome, background ? "done" : "notConfirmed");
    assert.match(parts.join(), /left out of service.*an operator has disabled it.*--force/);
    assert.match(run.messages("kept").join(), /an operator has disabled it/);
    assert.deepEqual(registry.times("putBack"), []);
    assert.ok(seconds() < 1, String(seconds()));
  }
});

Deno.test("online --force puts back what somebody else keeps out of service", async () => {
  const { clock, registry, run } = prepare(OPERATOR);
  const ending = online(run, { background: false, force: true });
  assert.equal((await clock.advanceUntil(ending)).outcome, "done");
  assert.equal(registry.state(), "inService");
});

Deno.test("online puts back what the record says that an `offline` has taken out, mark or not", async () => {
  const registries = [{ name: "nacos", acceptedAt: 0, settledAt: 0, takenOut: true }];
  for (const background of [true, false]) {
    const { clock, registry, run, begin } = prepare(OPERATOR);
    const finishedAt = run.startedAt - 1_000;
    run.recordFile?.write(
      recordOfRun(run.startedAt - 50_000, { finishedAt, writtenAt: finishedAt, registries }),
    );
    assert.equal((await clock.advanceUntil(begin(background))).outcome, "done");
    assert.equal(registry.state(), "inService");
    // Who takes it out from now on is not that `offline`.
    assert.deepEqual(run.recordFile?.read()?.registries.map(({ takenOut }) => takenOut), [false]);
    registry.become("outOfService");
    registry.wish(OPERATOR.othersWish);
    const again = createFakeRun(clock, [registry], { disk: run.disk });
    await clock.advanceUntil(online(again, { background }));
    assert.equal(registry.state(), "outOfService");
  }
});

Deno.test("online does not believe a record that is undone, a day old, or found it out already", async () => {
  const of = (takenOut: boolean) => [{ name: "nacos", acceptedAt: 0, settledAt: 0, takenOut }];
  const day = 24 * 60 * 60 * 1000;
  const at = (ms: number) => ({ finishedAt: ms, writtenAt: ms });
  const now = prepare().run.startedAt;
  const records = [
    recordOfRun(now - 9_000, { ...at(now - 1_000), undoneAt: now - 1_000, registries: of(true) }),
    recordOfRun(now - 2 * day, { ...at(now - day - 1), registries: of(true) }),
    recordOfRun(now - 9_000, { ...at(now - 1_000), registries: of(false) }),
  ];
  for (const record of records) {
    const { clock, registry, run, begin } = prepare(OPERATOR);
    run.recordFile?.write(record);
    await clock.advanceUntil(begin(true));
    assert.equal(registry.state(), "outOfService");
  }
});

Deno.test("online puts back what a killed `offline` may have written after its last note", async () => {
  const { clock, registry, run, begin } = prepare(OPERATOR);
  run.recordFile?.write(recordOfRun(run.startedAt - 60_000));
  assert.equal((await clock.advanceUntil(begin(true))).outcome, "done");
  assert.equal(registry.state(), "inService");
});

Deno.test("online remembers the mark that a new registration of the app has lost", async () => {
  const { clock, registry, begin } = prepare({ signsOfLife: true });
  const ending = begin(true);
  await clock.advance(5_000);
  registry.wish(OPERATOR.othersWish);
  registry.beat();
  assert.equal((await clock.advanceUntil(ending)).outcome, "done");
  assert.equal(registry.state(), "inService");
});

Deno.test("online leaves a further address alone that somebody else keeps out of service", async () => {
  const { registry, end } = prepare({
    ...OPERATOR,
    state: "inService",
    separate: { "http://n2": "outOfService" },
  });
  assert.equal((await end()).outcome, "done");
  assert.equal(registry.state("http://n2"), "outOfService");
});

Deno.test("online looks once more for what the app registers late, where it is asked to", async () => {
  for (const late of [true, false]) {
    const clock = createFakeClock();
    const start = clock.now();
    const further = createFakeRegistry({ clock, state: "outOfService" });
    const named = createFakeRegistry({ clock, state: "outOfService" });
    let isGiven = false;
    const registry = {
      ...named,
      scope: { reach: "pod", isForeign: false, isProven: true } as const,
      others() {
        const isThere = clock.now() >= start + 20_000 && !isGiven;
        isGiven ||= isThere;
        const found = isThere ? [{ label: "further", registry: further }] : [];
        return Promise.resolve({ found, isLarge: true, reach: "all" as const, leftAlone: [] });
      },
    };
    const ending = await clock.advanceUntil(
      online(createFakeRun(clock, [registry]), { background: late }),
    );
    assert.equal(ending.outcome, "done");
    assert.equal(further.state(), late ? "inService" : "outOfService");
  }
});

Deno.test("online puts back a further registration that its app makes anew after the named one", async () => {
  const clock = createFakeClock();
  const further = createFakeRegistry({ clock, state: "outOfService" });
  const named = createFakeRegistry({ clock, state: "outOfService" });
  // What was found are those of the process before; Nacos takes them away within a second.
  const found = [{ label: "further", registry: further }];
  const registry = {
    ...named,
    scope: { reach: "pod", isForeign: false, isProven: true } as const,
    others() {
      if (found.length > 0) further.become("absent");
      return Promise.resolve({
        found: found.splice(0),
        isLarge: true,
        reach: "all" as const,
        leftAlone: [],
      });
    },
  };
  const end = online(createFakeRun(clock, [registry]), { background: true });
  await clock.advance(9_000);
  assert.equal(named.state(), "inService");
  further.become("outOfService");
  assert.equal((await clock.advanceUntil(end)).outcome, "done");
  assert.equal(further.state(), "inService");
});

Deno.test("online names nothing like a further registration that has gone since it was found", async () => {
  const clock = createFakeClock();
  const further = createFakeRegistry({ clock, state: "absent" });
  const found = [{ label: "further", registry: further }];
  const registry = {
    ...createFakeRegistry({ clock, state: "outOfService" }),
    scope: { reach: "pod", isForeign: false, isProven: true } as const,
    others: () =>
      Promise.resolve({
        found: found.splice(0),
        isLarge: true,
        reach: "all" as const,
        leftAlone: [],
      }),
  };
  await clock.advanceUntil(online(createFakeRun(clock, [registry]), { background: false }));
  assert.ok(further.times("locate").length > 0);
  assert.deepEqual(further.times("nearMisses"), []);
});

Deno.test("online leaves alone what is back while it waits for what the app registers late", async () => {
  const { clock, registry } = prepare();
  const others = () =>
    Promise.resolve({ found: [], isLarge: true, reach: "all" as const, leftAlone: [] });
  const scope = { reach: "pod", isForeign: false, isProven: true } as const;
  const run = createFakeRun(clock, [{ ...registry, scope, others }]);
  const ending = online(run, { background: true });
  await clock.advance(5_000);
  assert.equal(registry.state(), "inService");
  // An operator, or an offline whose record is not seen here.
  registry.become("outOfService");
  const looks = registry.times("locate").length;
  const { outcome } = await clock.advanceUntil(ending);
  assert.equal(outcome, "done");
  assert.equal(registry.state(), "outOfService");
  assert.equal(registry.times("putBack").length, 1);
  assert.equal(registry.times("locate").length, looks);
});

Deno.test("online in the background is done at once where it has put nothing back", async () => {
  const { clock, begin, seconds } = prepare({ state: "inService" });
  await clock.advanceUntil(begin(true));
  assert.ok(seconds() < 1);
});
