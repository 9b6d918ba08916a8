import assert from "node:assert/strict";
import type { AppCall } from "../../src/app/call.ts";
import { offline } from "../../src/commands/offline.ts";
import type { InstanceNames } from "../../src/registry/registry.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createFakeRegistry, type FakeRegistryOptions } from "../support/fake_registry.ts";
import { createFakeRun, type FakeRunOptions, recordOfRun } from "../support/fake_run.ts";

/** What a call was given, and when it was made, milliseconds since the start. */
interface Made {
  readonly name: "appOffline" | "afterDrain";
  readonly at: number;
  readonly names: InstanceNames;
  readonly mostMs: number;
}

interface About extends FakeRunOptions {
  readonly registry?: Partial<FakeRegistryOptions>;
  /** How long each call takes, milliseconds. */
  readonly tookMs?: number;
  readonly ok?: boolean;
}

function prepare({ registry: about = {}, tookMs = 0, ok = true, ...options }: About = {}) {
  const clock = createFakeClock();
  const start = clock.now();
  const registry = createFakeRegistry({ clock, ...about });
  const made: Made[] = [];
  const call = (name: Made["name"]): AppCall => async (names, mostMs, signal) => {
    const calledAt = clock.now();
    made.push({ name, at: calledAt - start, names, mostMs });
    await clock.sleep(Math.min(tookMs, mostMs), signal);
    return { ok, reason: `${name} was called`, calledAt, tookMs: clock.now() - calledAt };
  };
  const run = {
    ...createFakeRun(clock, [registry], options),
    appOffline: call("appOffline"),
    afterDrain: call("afterDrain"),
  };
  return { clock, start, registry, run, made, end: () => clock.advanceUntil(offline(run)) };
}

const SHORT = { settings: { drainSeconds: 10, gracePeriodSeconds: 60 } };

Deno.test("offline tells the app right after the write, and whoever else after the drain", async () => {
  const { registry, run, made, start, end } = prepare({ registry: { answerMs: 300 }, ...SHORT });
  const { outcome, fields, parts } = await end();
  assert.equal(outcome, "done");
  assert.deepEqual(made.map(({ name }) => name), ["appOffline", "afterDrain"]);
  const [told, after] = made;
  const wroteAt = (registry.times("takeOut")[0] ?? 0) - start;
  assert.ok(told!.at >= wroteAt && told!.at <= wroteAt + 700, `${told!.at}, written ${wroteAt}`);
  assert.ok(after!.at >= 10_000);
  assert.deepEqual(told!.names, {
    ip: "10.0.0.7",
    port: "8080",
    service: "orders",
    instance: "nacos id",
  });
  assert.deepEqual(fields?.["appOffline"], {
    ok: true,
    reason: "appOffline was called",
    calledMs: told!.at,
    tookMs: 0,
  });
  assert.equal(fields?.["appToldAt"], new Date(start + told!.at).toISOString());
  assert.doesNotMatch(parts.join(), /was called/, "only what has failed");
  assert.equal(run.recordFile?.read()?.appToldAt, start + told!.at);
});

Deno.test("offline says in its last line which call has failed, and ends as it would have", async () => {
  const { run, end } = prepare({ ok: false, ...SHORT });
  const { outcome, parts, fields } = await end();
  assert.equal(outcome, "done");
  assert.equal(fields?.["appToldAt"], null);
  assert.match(parts.join("; "), /APP_OFFLINE_URL: appOffline was called; AFTER_DRAIN_URL: after/);
  assert.equal(run.events("call_failed").length, 2);
  assert.equal(run.recordFile?.read()?.appToldAt, 0, "a later run tries again");
});

Deno.test("offline is not delayed by a call that hangs, and gives it until the deadline", async () => {
  const { clock, start, registry, made, end } = prepare({
    tookMs: Infinity,
    settings: { drainSeconds: 10, gracePeriodSeconds: 35, stopReserveSeconds: 15 },
  });
  await end();
  const listed = registry.times("callersViews").length;
  assert.ok(listed > 0, "the loop goes on");
  const [told, after] = made;
  assert.ok(told!.mostMs > 19_000 && told!.mostMs <= 20_000, `${told!.mostMs} ms`);
  assert.equal(after!.mostMs, 1_000, "the first has taken all there was; a second is the least");
  assert.ok(clock.now() - start <= 21_100);
});

Deno.test("offline that is resumed does not tell the app again, but whoever else", async () => {
  const { start, run, made, end } = prepare(SHORT);
  run.recordFile?.write(recordOfRun(start, { appToldAt: start - 1_000 }));
  const { fields } = await end();
  assert.deepEqual(made.map(({ name }) => name), ["afterDrain"]);
  assert.deepEqual([fields?.["resumed"], fields?.["appOffline"]], [true, null]);
  assert.equal(fields?.["appToldAt"], new Date(start - 1_000).toISOString());
});

Deno.test("offline tells nobody once `online` has undone it", async () => {
  const { clock, run, registry, made } = prepare(SHORT);
  registry.hang("locate");
  const ending = offline(run);
  await clock.advance(2_000);
  const record = run.recordFile?.read();
  assert.ok(record);
  run.recordFile?.write({ ...record, undoneAt: clock.now() });
  assert.equal((await clock.advanceUntil(ending)).outcome, "undone");
  assert.deepEqual(made, []);
});

Deno.test("offline that is undone does not wait for a call that hangs", async () => {
  const { clock, run, made } = prepare({ tookMs: Infinity, ...SHORT });
  const ending = offline(run);
  await clock.advance(3_000);
  assert.deepEqual(made.map(({ name }) => name), ["appOffline"]);
  const undoneAt = clock.now();
  const record = run.recordFile?.read();
  assert.ok(record);
  run.recordFile?.write({ ...record, undoneAt });
  assert.equal((await clock.advanceUntil(ending)).outcome, "undone");
  assert.ok(clock.now() - undoneAt <= 2_000, `${clock.now() - undoneAt} ms`);
  assert.equal(clock.sleeping, 0);
});

Deno.test("offline removes first and tells then", async () => {
  const { start, registry, made, end } = prepare({ registry: { removes: true }, ...SHORT });
  const { fields } = await end();
  assert.ok(made[1]!.at >= (registry.times("remove")[0] ?? Infinity) - start);
  assert.deepEqual(fields?.["removals"], [{
    registry: "nacos",
    outcome: "done",
    reason: "10.0.0.7:8080 of orders is removed",
  }]);
});

Deno.test("offline without a registry to ask tells the app at once", async () => {
  const { run, clock, made } = prepare();
  const blind = { ...run, registries: [], problems: ["port is wrong"] };
  await clock.advanceUntil(offline(blind));
  assert.deepEqual(made.map(({ name, names }) => [name, names]), [["appOffline", {}], [
    "afterDrain",
    {},
  ]]);
  assert.ok(made[0]!.at <= 100, `${made[0]!.at} ms`);
});
