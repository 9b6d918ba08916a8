import assert from "node:assert/strict";
import { offline } from "../../src/commands/offline.ts";
import { sidecar } from "../../src/commands/sidecar.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createFakeRegistry, type FakeRegistryOptions } from "../support/fake_registry.ts";
import { createFakeRun, recordOfRun } from "../support/fake_run.ts";

const settings = { drainSeconds: 10 };

function prepare(about: Partial<FakeRegistryOptions> = {}) {
  const clock = createFakeClock();
  const registry = createFakeRegistry({ clock, state: "outOfService", ...about });
  const run = createFakeRun(clock, [registry], { settings });
  const told = new AbortController();
  const begin = () => createFakeRun(clock, [registry], { settings, disk: run.disk });
  return { clock, registry, run, begin, told, ending: sidecar(run, begin, told.signal) };
}

Deno.test("sidecar puts the instance back, waits, and takes it out when it is told to end", async () => {
  const { clock, registry, run, told, ending } = prepare();
  await clock.advance(3_600_000);
  assert.equal(registry.state(), "inService");
  assert.match(run.messages("standing_by")[0] ?? "", /is in service.*waiting for TERM/);
  const toldAt = clock.now();
  told.abort();
  const { outcome, parts } = await clock.advanceUntil(ending);
  assert.equal(outcome, "done");
  assert.match(parts.join("; "), /out of service.*drained 10\.0 s/);
  assert.equal(registry.state(), "outOfService");
  assert.ok(registry.times("takeOut").every((at) => at - toldAt < 200));
});

Deno.test("sidecar puts back only after a heartbeat what was there before it", async () => {
  const { clock, registry, told, ending } = prepare({ signsOfLife: true });
  await clock.advance(20_000);
  assert.deepEqual(registry.times("putBack"), []);
  registry.beat();
  await clock.advance(2_000);
  assert.equal(registry.state(), "inService");
  told.abort();
  assert.equal((await clock.advanceUntil(ending)).outcome, "done");
});

Deno.test("sidecar stays where the app never registers, and writes nothing then", async () => {
  const { clock, registry, run, told, ending } = prepare({ state: "absent" });
  await clock.advance(600_000);
  assert.match(run.messages("standing_by")[0] ?? "", /never registered.*waiting for TERM/);
  told.abort();
  const { outcome } = await clock.advanceUntil(ending);
  assert.equal(outcome, "notFound");
  assert.deepEqual([registry.times("putBack"), registry.times("takeOut")], [[], []]);
});

Deno.test("sidecar that is told to end while it still waits for the app does not put it back", async () => {
  const { clock, registry, told, ending } = prepare({ state: "absent" });
  await clock.advance(5_000);
  told.abort();
  await clock.advance(1_000);
  registry.become("inService");
  const { outcome } = await clock.advanceUntil(ending);
  assert.equal(outcome, "done");
  assert.equal(registry.state(), "outOfService");
  assert.deepEqual(registry.times("putBack"), []);
});

Deno.test("sidecar ends after two looks where the offline of its own preStop has ended", async () => {
  const { clock, registry, begin, told, ending } = prepare();
  await clock.advance(60_000);
  await clock.advanceUntil(offline(begin()));
  const writes = registry.times("takeOut").length;
  const toldAt = clock.now();
  told.abort();
  const { outcome, parts } = await clock.advanceUntil(ending);
  assert.equal(outcome, "done");
  assert.match(parts.join(), /has ended already/);
  assert.deepEqual([registry.times("takeOut").length, clock.now() - toldAt < 3_000], [
    writes,
    true,
  ]);
});

Deno.test("sidecar drains where the instance is in service again after its own preStop", async () => {
  const { clock, registry, begin, told, ending } = prepare();
  await clock.advance(60_000);
  await clock.advanceUntil(offline(begin()));
  await clock.advance(3_600_000);
  registry.become("inService");
  told.abort();
  const { outcome, parts } = await clock.advanceUntil(ending);
  assert.equal(outcome, "done");
  assert.match(parts.join("; "), /out of service, accepted.*drained 10\.0 s/);
  assert.equal(registry.state(), "outOfService");
});

Deno.test("sidecar ends at once by no record alone, whenever that says a run has ended", async () => {
  for (const finishedAt of [1, Date.UTC(2200, 0, 1)]) {
    const { clock, registry, run, told, ending } = prepare();
    await clock.advance(60_000);
    run.recordFile?.write(recordOfRun(clock.now(), { finishedAt }));
    told.abort();
    assert.match((await clock.advanceUntil(ending)).parts.join("; "), /drained 10\.0 s/);
    assert.equal(registry.state(), "outOfService");
  }
});

Deno.test("sidecar drains anew where the record is that of a container before it", async () => {
  const earlier = prepare();
  await earlier.clock.advance(60_000);
  await earlier.clock.advanceUntil(offline(earlier.begin()));
  await earlier.clock.advance(60_000);
  const { clock, registry, begin } = earlier;
  const told = new AbortController();
  const ending = sidecar(begin(), begin, told.signal);
  await clock.advance(60_000);
  assert.equal(registry.state(), "inService");
  told.abort();
  assert.match((await clock.advanceUntil(ending)).parts.join("; "), /drained 10\.0 s/);
});

Deno.test("sidecar takes out and drains although its online has hit a bug", async () => {
  const clock = createFakeClock();
  const registry = createFakeRegistry({ clock });
  const run = createFakeRun(clock, [registry], { settings });
  const broken = {
    ...run,
    recordFile: {
      read(): never {
        throw new TypeError("x is undefined");
      },
      write: () => undefined,
      tidy() {},
    },
  };
  const told = new AbortController();
  const begin = () => createFakeRun(clock, [registry], { settings, disk: run.disk });
  const ending = sidecar(broken, begin, told.signal);
  await clock.advance(3_600_000);
  assert.match(run.messages("internal")[0] ?? "", /TypeError: x is undefined at /);
  assert.equal(run.messages("standing_by").length, 1);
  told.abort();
  const { outcome, parts } = await clock.advanceUntil(ending);
  assert.equal(outcome, "done");
  assert.match(parts.join("; "), /drained 10\.0 s/);
  assert.equal(registry.state(), "outOfService");
});
