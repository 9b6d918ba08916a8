import assert from "node:assert/strict";
import { offline } from "../../src/commands/offline.ts";
import type { Ending } from "../../src/commands/run.ts";
import { RefusedError, UnreachableError } from "../../src/errors.ts";
import type { Traffic } from "../../src/traffic/traffic.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createFakeRegistry, type FakeRegistryOptions } from "../support/fake_registry.ts";
import {
  createFakeRun,
  type FakeRun,
  type FakeRunOptions,
  recordOfRun,
} from "../support/fake_run.ts";

type About = Partial<FakeRegistryOptions>;

function prepare(abouts: readonly About[] = [{}], options: FakeRunOptions = {}) {
  const clock = createFakeClock();
  const start = clock.now();
  const registries = abouts.map((about) => createFakeRegistry({ clock, ...about }));
  const [registry = createFakeRegistry({ clock })] = registries;
  const run = createFakeRun(clock, registries, options);
  return {
    clock,
    start,
    registries,
    registry,
    run,
    /** Seconds since the start. */
    seconds: () => (clock.now() - start) / 1000,
    end: (what: FakeRun = run): Promise<Ending> => clock.advanceUntil(offline(what)),
  };
}

/** The record of a run that began 20 s ago and drained for 18 s. */
const cutOff = (now: number) =>
  recordOfRun(now, {
    startedAt: now - 20_000,
    deadline: now + 25_000,
    registries: [{ name: "nacos", acceptedAt: now - 19_000, settledAt: now - 18_000 }],
  });

function assertAbout(value: number, expected: number, tolerance = 1) {
  assert.ok(Math.abs(value - expected) <= tolerance, `${value} is not about ${expected}`);
}

Deno.test("offline takes the instance out, drains and is done", async () => {
  const { registry, run, end, seconds } = prepare([{ recordLagMs: 520 }]);
  const { outcome, parts, fields } = await end();
  assert.equal(outcome, "done");
  assert.equal(registry.listed(), false);
  assertAbout(seconds(), 40.6, 0.3);
  assert.match(parts.join("; "), /nacos: 10\.0\.0\.7:8080 of orders is out of service.*drained 40/);
  assert.equal(fields?.missingMs, 0);
  assert.ok((run.recordFile?.read()?.finishedAt ?? 0) > 0);
});

Deno.test("offline keeps the instance out to the end", async () => {
  const { clock, registry, run } = prepare();
  const ending = offline(run);
  for (let i = 0; i < 5; i++) {
    await clock.advance(6_000);
    registry.become("inService");
  }
  await clock.advanceUntil(ending);
  assert.equal(registry.state(), "outOfService");
});

Deno.test("offline looks once more at the end of the drain, whenever somebody brought it back", async () => {
  for (const seconds of [2.5, 5.4, 8.3, 9.9]) {
    const { clock, registry, run } = prepare([{}], { settings: { drainSeconds: 10 } });
    const ending = offline(run);
    await clock.advance(seconds * 1000);
    registry.become("inService");
    const { outcome } = await clock.advanceUntil(ending);
    assert.equal(outcome, "done");
    assert.equal(registry.state(), "outOfService", `${seconds} s`);
  }
});

Deno.test("offline believes only a second look where it is out of service already", async () => {
  // What `online` has written shows in the record 0.6 s later (Nacos 2.2.4, 3.1.0).
  for (const drainSeconds of [0, 1, 3]) {
    const about: About = { state: "outOfService" };
    const { clock, registry, run } = prepare([about], { settings: { drainSeconds } });
    const ending = offline(run);
    await clock.advance(600);
    registry.become("inService");
    const { outcome, parts } = await clock.advanceUntil(ending);
    assert.equal(outcome, "done");
    assert.match(parts.join(), /accepted after/);
    assert.equal(registry.state(), "outOfService", `${drainSeconds} s`);
  }
});

Deno.test("offline drains anew when the instance came back", async () => {
  const { clock, registry, run, seconds } = prepare([{}], {
    settings: { drainSeconds: 10, gracePeriodSeconds: 120 },
  });
  const ending = offline(run);
  await clock.advance(3_000);
  registry.become("inService");
  assert.equal((await clock.advanceUntil(ending)).outcome, "done");
  assert.ok(seconds() >= 13 && seconds() <= 19, String(seconds()));
});

Deno.test("offline confirms what it has written even where DRAIN_SECONDS is 0", async () => {
  const { registry, end, seconds } = prepare([{
    recordLagMs: 520,
    addresses: { "http://n1": 120 },
  }], {
    settings: { drainSeconds: 0 },
  });
  const { outcome, parts } = await end();
  assert.equal(outcome, "done");
  assert.match(parts.join(), /callers no longer get it/);
  assert.equal(registry.listed(), false);
  assert.ok(seconds() < 2, String(seconds()));
});

Deno.test("offline drains for an instance that appears when the time is nearly over", async () => {
  const { clock, registry, run, seconds } = prepare([{ state: "absent", recordLagMs: 1_500 }], {
    settings: { drainSeconds: 10 },
  });
  const ending = offline(run);
  await clock.advance(8_600);
  registry.become("inService");
  assert.equal((await clock.advanceUntil(ending)).outcome, "done");
  assert.ok(seconds() >= 20 && seconds() <= 23, String(seconds()));
});

Deno.test("offline drains anew for what came back late, after the first drain would be over", async () => {
  const { clock, registry, run, seconds } = prepare([{ state: "absent", recordLagMs: 520 }], {
    settings: { drainSeconds: 10, gracePeriodSeconds: 120 },
  });
  const ending = offline(run);
  await clock.advance(7_000);
  registry.become("inService");
  // After the moment the drain would have ended without the instance.
  await clock.advance(4_500);
  registry.become("inService");
  assert.equal((await clock.advanceUntil(ending)).outcome, "done");
  assert.equal(registry.state(), "outOfService");
  assert.ok(seconds() >= 21.5 && seconds() <= 27, String(seconds()));
});

Deno.test("offline drains as the script and says what to set where nothing says how long", async () => {
  const { run, end, seconds } = prepare([{}], { settings: { gracePeriodSeconds: undefined } });
  assert.equal((await end()).outcome, "done");
  assert.equal(seconds(), 30);
  const [message = "", ...more] = run.messages("grace_unknown");
  assert.deepEqual(more, []);
  // 10 s of the list and 40 s of the callers' own caches, and the reserve.
  assert.match(message, /30 s .* 50 s/);
  assert.match(message, /terminationGracePeriodSeconds: 65 .*TERMINATION_GRACE_PERIOD_SECONDS=65/);
});

Deno.test("offline advises what the slowest registry's callers need", async () => {
  const eureka = { name: "eureka", callerCacheSeconds: 70, listLagSeconds: 32 };
  const { run, end } = prepare([{}, eureka], { settings: { gracePeriodSeconds: undefined } });
  await end();
  assert.match(run.messages("grace_unknown")[0] ?? "", /102 s: .*Seconds: 120 and/);
});

Deno.test("offline warns of no grace period where DRAIN_SECONDS is enough", async () => {
  for (const drainSeconds of [0, 40, 60]) {
    const { run, end } = prepare([{}], {
      settings: { gracePeriodSeconds: undefined, drainSeconds },
    });
    await end();
    assert.deepEqual(run.messages("grace_unknown"), [], String(drainSeconds));
  }
});

/** An app that gets no requests. */
function silence(quietSeconds: number): Traffic {
  const report = {
    requests: 0,
    lastRequestAt: undefined,
    requestsPerSecond: 0,
    runningSeconds: undefined,
    readable: true,
  };
  return { quietSeconds, read: () => Promise.resolve(Infinity), isQuiet: () => true, report };
}

Deno.test("offline names one grace period, with the silence where requests are counted", async () => {
  for (const gracePeriodSeconds of [undefined, 50]) {
    const { run, end } = prepare([{}], { settings: { gracePeriodSeconds } });
    await end({ ...run, traffic: silence(10) });
    const said = run.events().filter(({ message }) => /PERIOD_SECONDS=/.test(message));
    assert.ok(said.length > 0);
    for (const { message } of said) assert.match(message, /PeriodSeconds: 75 .*=75$/);
  }
});

Deno.test("offline says when requests are cut off where the grace period is unknown", async () => {
  const { run, end } = prepare([{}], {
    settings: { gracePeriodSeconds: undefined, drainSeconds: 10 },
  });
  await end({ ...run, traffic: silence(10) });
  const [message = "", ...more] = run.messages("grace_unknown");
  assert.deepEqual(more, []);
  assert.match(message, /^TERMINATION_GRACE_PERIOD_SECONDS is not known: .* 40\.0 s.*=75$/);
});

Deno.test("offline with the grace period it advises is not cut", async () => {
  const { run, end } = prepare([{ recordLagMs: 600, addresses: { "http://n1": 5_000 } }], {
    settings: { gracePeriodSeconds: 65 },
  });
  assert.equal((await end()).fields?.missingMs, 0);
  assert.deepEqual(run.messages("drain_cut"), []);
});

Deno.test("offline does not call the wait for a further address a drain", async () => {
  for (const hangs of [false, true]) {
    const { registry, run, end } = prepare([{ addresses: { n1: 0, n2: 0 } }], {
      settings: { gracePeriodSeconds: 30, drainSeconds: 3 },
    });
    if (hangs) registry.hang("locateAt");
    const { parts, fields } = await end();
    assert.deepEqual(run.messages("drain_cut"), []);
    assert.equal(fields?.missingMs, 0);
    assert.doesNotMatch(parts.join(), /too short/);
  }
});

Deno.test("offline says in its ending that the drain was too short", async () => {
  const { end, seconds } = prepare([{}], { settings: { gracePeriodSeconds: 30 } });
  const { outcome, parts } = await end();
  assert.equal(outcome, "done");
  assert.equal(seconds(), 15);
  assert.match(parts.at(-1) ?? "", /drained 15\.0 s \(25\.0 s too short\)/);
});

Deno.test("offline writes before anything else, even with a second left", async () => {
  const { registry, end, seconds } = prepare([{ answerMs: 400 }], {
    settings: { gracePeriodSeconds: 1 },
  });
  await end();
  assert.equal(registry.state(), "outOfService");
  assert.ok(seconds() <= 1.4, String(seconds()));
});

Deno.test("offline asks two registries at once, and one that fails does not stop the other", async () => {
  const { registries, end, seconds, run } = prepare([
    { name: "nacos" },
    { name: "eureka", callerCacheSeconds: 30 },
  ]);
  registries[1]?.fail("locate", new UnreachableError("GET http://eureka: refused"), 1_000);
  const { outcome, parts, fields } = await end();
  assert.equal(registries[0]?.state(), "outOfService");
  assert.equal(registries[0]?.times("takeOut")[0], run.startedAt);
  assert.equal(outcome, "unreachable");
  assert.match(parts[0] ?? "", /^nacos: .*out of service/);
  assert.match(parts[1] ?? "", /^eureka: GET http:\/\/eureka: refused/);
  assert.ok(seconds() >= 40);
  const reported = fields?.registries as { registry: string; outcome: string }[];
  assert.deepEqual(reported.map((one) => [one.registry, one.outcome]), [
    ["nacos", "done"],
    ["eureka", "unreachable"],
  ]);
});

Deno.test("offline drains, and has the registry's outcome, where nothing can be taken out", async () => {
  const { registry, end, seconds } = prepare();
  registry.fail("locate", new RefusedError("login of user app failed"), 1_000);
  const { outcome, parts } = await end();
  assert.equal(outcome, "refused");
  assert.match(parts.join(), /login of user app failed/);
  assert.ok(seconds() >= 40);
});

Deno.test("offline keeps an open request as long as the deadline allows", async () => {
  const { registry, end, seconds } = prepare();
  registry.hang("locate");
  const { outcome, parts } = await end();
  assert.equal(outcome, "unreachable");
  assert.match(parts.join(), /no answer/);
  assert.equal(seconds(), 45);
});

Deno.test("offline reports an instance that never registered, and what is like it", async () => {
  const nearMisses = ["10.0.0.7:8080 is registered with namespaceId=prod"];
  const { registry, end, seconds } = prepare([{ state: "absent", nearMisses }]);
  const { outcome, parts } = await end();
  assert.equal(outcome, "notFound");
  assert.match(parts.join(), /never registered.*namespaceId=prod/);
  assert.deepEqual(registry.times("takeOut"), []);
  assertAbout(seconds(), 45);
});

Deno.test("offline is not confirmed where the record never follows", async () => {
  const { registry, end } = prepare();
  registry.dropWrites(1_000);
  assert.equal((await end()).outcome, "notConfirmed");
});

Deno.test("offline is not confirmed where callers go on getting the instance", async () => {
  const { end } = prepare([{ addresses: { "http://n1": 1_000_000 } }]);
  const { outcome, parts } = await end();
  assert.equal(outcome, "notConfirmed");
  assert.match(parts.join(), /still listed at http:\/\/n1/);
});

Deno.test("offline with settings that allow no registry drains and keeps their outcome", async () => {
  for (const problemOutcome of ["settings", "usage"] as const) {
    const { run, end, seconds } = prepare([], { problems: ["port is not set"], problemOutcome });
    const { outcome, parts } = await end({ ...run, recordFile: undefined });
    assert.equal(outcome, problemOutcome);
    assert.equal(parts[0], "port is not set");
    assert.match(parts[1] ?? "", /drained 40\.0 s/);
    assert.equal(seconds(), 40);
  }
});

Deno.test("offline with settings that allow no registry drains DRAIN_SECONDS, cut to the deadline", async () => {
  const drainOf = async (settings: FakeRunOptions["settings"] & object) => {
    const { run, end, seconds } = prepare([], { problems: ["x"], settings });
    await end({ ...run, recordFile: undefined });
    return seconds();
  };
  assert.equal(await drainOf({ drainSeconds: 12 }), 12);
  assert.equal(await drainOf({ gracePeriodSeconds: 30 }), 15);
  assert.equal(await drainOf({ gracePeriodSeconds: undefined }), 30);
});

Deno.test("offline with a lenient problem works, and ends with the problem's outcome", async () => {
  const { registry, end } = prepare([{}], { problems: ["Cannot use DRAIN_SECONDS"] });
  const { outcome, parts } = await end();
  assert.equal(registry.state(), "outOfService");
  assert.equal(outcome, "settings");
  assert.ok(parts.includes("Cannot use DRAIN_SECONDS"));
});

Deno.test("offline goes on with a run that was cut off and drains only what is left", async () => {
  const { clock, registry, run, start, seconds } = prepare([{ state: "outOfService" }]);
  run.recordFile?.write(cutOff(start));
  const { outcome, fields } = await clock.advanceUntil(offline(run));
  assert.equal(outcome, "done");
  assert.equal(seconds(), 22);
  assert.deepEqual(registry.times("takeOut"), []);
  assert.equal(fields?.missingMs, 0);
  assert.equal(run.messages("resumed").length, 1);
});

Deno.test("offline goes on with what a run that was cut off has measured, whatever the clock says", async () => {
  for (const writtenAgo of [0, 12_000, 22_000]) {
    const { clock, run, start, seconds } = prepare([{ state: "outOfService" }]);
    run.recordFile?.write(cutOff(start - writtenAgo));
    assert.equal((await clock.advanceUntil(offline(run))).outcome, "done");
    assert.equal(run.messages("resumed").length, 1);
    assert.equal(seconds(), 22, `${writtenAgo} ms`);
  }
});

Deno.test("offline drains anew where the instance is in service again after a run that was cut off", async () => {
  const settings = { drainSeconds: 10 };
  const { clock, registry, run, start, seconds } = prepare([{ answerMs: 100 }], { settings });
  run.recordFile?.write(cutOff(start));
  const { outcome, parts } = await clock.advanceUntil(offline(run));
  assert.equal(outcome, "done");
  assert.match(parts.join("; "), /accepted after.*drained 10\.\d s/);
  assert.equal(registry.state(), "outOfService");
  assert.equal(run.messages("turned").length, 1);
  assertAbout(seconds(), 10.5, 0.5);
});

Deno.test("offline does not end by a record before it has seen the instance, to its own deadline", async () => {
  const settings = { drainSeconds: 10 };
  const late = prepare([{ state: "outOfService" }], { settings });
  late.run.recordFile?.write(cutOff(late.start));
  late.registry.fail("locate", new UnreachableError("no answer"), 2);
  assert.equal((await late.end()).outcome, "done");
  assert.ok(late.seconds() > 0.1, String(late.seconds()));
  const never = prepare([{ state: "outOfService" }], { settings });
  never.run.recordFile?.write(cutOff(never.start));
  never.registry.hang("locate");
  assert.equal((await never.end()).outcome, "unreachable");
  assert.equal(never.seconds(), 45);
  // A third run still knows.
  const [nacos] = never.run.recordFile?.read()?.registries ?? [];
  assert.equal(nacos?.acceptedAt, never.start - 19_000);
});

Deno.test("offline says why a write has failed, also where its time is over during a further try", async () => {
  const { registry, end } = prepare([{}], { settings: { gracePeriodSeconds: 30 } });
  registry.fail("takeOut", new UnreachableError("PUT /status: the answer was cut"));
  registry.hang("takeOut");
  const { outcome, parts } = await end();
  assert.equal(outcome, "unreachable");
  assert.match(parts.join(), /PUT \/status: the answer was cut/);
});

Deno.test("offline keeps its own deadline where the run that was cut off had more time", async () => {
  const { clock, run, start, seconds } = prepare([{}], { settings: { gracePeriodSeconds: 30 } });
  run.recordFile?.write({ ...cutOff(start), deadline: start + 100_000 });
  const { fields } = await clock.advanceUntil(offline(run));
  // The grace period less the reserve: the kubelet counts from the second run's start, too.
  assert.equal(seconds(), 15);
  assert.equal(fields?.endedBy, "deadline");
});

Deno.test("offline drains in full after a run that has ended, was undone or is long over", async () => {
  for (const change of [{ finishedAt: 1 }, { undoneAt: 1 }, { deadline: 1 }]) {
    const { clock, run, start, seconds } = prepare();
    run.recordFile?.write({ ...cutOff(start), ...change });
    assert.equal((await clock.advanceUntil(offline(run))).outcome, "done");
    assertAbout(seconds(), 40, 0.5);
  }
});

Deno.test("offline that is killed leaves a record that a second run can go on with", async () => {
  const { clock, registry, run, start } = prepare([{ recordLagMs: 520 }]);
  offline(run);
  await clock.advance(10_000);
  const record = run.recordFile?.read();
  assert.equal(record?.startedAt, start);
  assert.equal(record?.deadline, start + 45_000);
  assert.equal(record?.finishedAt, 0);
  const [nacos] = record?.registries ?? [];
  assert.equal(nacos?.name, "nacos");
  assertAbout((nacos?.acceptedAt ?? 0) - start, 600, 200);
  assert.ok((nacos?.settledAt ?? 0) >= (nacos?.acceptedAt ?? 0));
  const second = createFakeRun(clock, [registry], { disk: run.disk });
  await clock.advanceUntil(offline(second));
  // What came after its last note does not count.
  assertAbout((clock.now() - start) / 1000, 41.1, 0.8);
});

Deno.test("offline leaves a record before the registry has answered", async () => {
  const { clock, registry, run } = prepare();
  registry.hang("locate");
  offline(run);
  await clock.advance(20);
  assert.equal(run.recordFile?.read()?.finishedAt, 0);
});

Deno.test("offline sends its first request before it writes log and record", async () => {
  const { clock, start, registry, run } = prepare([{ answerMs: 15 }]);
  const ending = offline(run);
  await clock.advance(19);
  assert.deepEqual(registry.times("takeOut"), [start + 15]);
  assert.deepEqual([run.recordFile?.read(), run.events("deadline")], [undefined, []]);
  await clock.advance(1);
  assert.equal(run.recordFile?.read()?.finishedAt, 0);
  assert.equal(run.events("deadline").length, 1);
  await clock.advanceUntil(ending);
});

Deno.test("offline works without a disk and says so", async () => {
  const { registry, run, end, seconds } = prepare();
  run.disk.full = "Read-only file system (os error 30)";
  assert.equal((await end()).outcome, "done");
  assert.equal(registry.state(), "outOfService");
  assertAbout(seconds(), 40, 0.5);
  assert.match(run.messages("no_record")[0] ?? "", /Read-only file system/);
});

Deno.test("offline ends undone when `online` says so, and writes nothing more", async () => {
  const { clock, registry, run, seconds } = prepare();
  const ending = offline(run);
  await clock.advance(7_000);
  const record = run.recordFile?.read();
  assert.ok(record);
  run.recordFile?.write({ ...record, undoneAt: clock.now() });
  registry.become("inService");
  const { outcome, parts } = await clock.advanceUntil(ending);
  assert.equal(outcome, "undone");
  assert.match(parts.join(), /`online`/);
  assert.ok(seconds() <= 8, String(seconds()));
  await clock.advance(30_000);
  assert.equal(registry.state(), "inService");
  const left = run.recordFile?.read();
  assert.deepEqual([left?.undoneAt, left?.finishedAt], [run.startedAt + 7_000, 0]);
});

Deno.test("offline does not touch what `online` does while a look is under way", async () => {
  for (const state of ["inService", "outOfService"] as const) {
    const { clock, registry, run } = prepare([{ state: "absent" }]);
    const ending = offline(run);
    await clock.advance(5_300);
    registry.before("locate", () => {
      const record = run.recordFile?.read();
      assert.ok(record);
      run.recordFile?.write({ ...record, undoneAt: clock.now() });
      registry.become(state);
    });
    assert.equal((await clock.advanceUntil(ending)).outcome, "undone");
    assert.deepEqual(registry.times("takeOut"), []);
    assert.ok((run.recordFile?.read()?.undoneAt ?? 0) > 0);
  }
});

Deno.test("offline is not ended by what `online` has left there before, on a disk that is full", async () => {
  const { registry, run, start, end, seconds } = prepare();
  // Whatever the clock said then.
  run.recordFile?.write(recordOfRun(start, { undoneAt: start + 3_600_000 }));
  run.disk.full = "No space left on device (os error 28)";
  assert.equal((await end()).outcome, "done");
  assert.equal(registry.state(), "outOfService");
  assertAbout(seconds(), 40, 0.5);
});

Deno.test("offline removes the instance where it is told to, after the drain and the last look", async () => {
  const { clock, registry, run, start, end } = prepare([{ removes: true }]);
  const { outcome, parts, fields } = await end();
  assert.equal(outcome, "done");
  assert.match(
    parts[0] ?? "",
    /is out of service, accepted .*; 10\.0\.0\.7:8080 of orders is removed$/,
  );
  assert.equal(registry.state(), "absent");
  assert.deepEqual(registry.times("remove"), [start + 40_000]);
  assert.equal(registry.calls.at(-1)?.verb, "remove");
  assert.equal(fields?.drainedMs, 40_000);
  assert.equal(run.events("removed")[0]?.registry, "nacos");
  await clock.advance(30_000);
  assert.equal(registry.calls.at(-1)?.verb, "remove");
});

Deno.test("offline removes only once its loops have ended", async () => {
  const { clock, registry, run } = prepare([{ removes: true }]);
  const ending = offline(run);
  await clock.advance(20_000);
  let endedAt = Infinity;
  registry.before("locate", async (signal) => {
    await clock.sleep(Infinity, signal);
    // A request that takes its time to be cut off.
    await clock.sleep(700);
    endedAt = clock.now();
  });
  await clock.advanceUntil(ending);
  assert.deepEqual(registry.times("remove"), [endedAt]);
});

Deno.test("offline never removes what is not out of service, has gone or was taken back", async () => {
  const failing = prepare([{ removes: true }]);
  failing.registry.fail("takeOut", new UnreachableError("no answer"), 1_000);
  await failing.end();
  const absent = prepare([{ removes: true, state: "absent" }]);
  await absent.end();
  const gone = prepare([{ removes: true }]);
  const ending = offline(gone.run);
  await gone.clock.advance(3_000);
  gone.registry.become("absent");
  await gone.clock.advanceUntil(ending);
  const undone = prepare([{ removes: true }]);
  const undoing = offline(undone.run);
  await undone.clock.advance(3_000);
  const record = undone.run.recordFile?.read();
  assert.ok(record);
  undone.run.recordFile?.write({ ...record, undoneAt: undone.clock.now() });
  await undone.clock.advanceUntil(undoing);
  for (const one of [failing, absent, gone, undone]) {
    assert.deepEqual(one.registry.times("remove"), []);
  }
});

Deno.test("offline removes no more once `online` has taken the instance back meanwhile", async () => {
  const { clock, registry, run } = prepare([{ removes: true }]);
  registry.before("remove", () => {
    const record = run.recordFile?.read();
    assert.ok(record);
    run.recordFile?.write({ ...record, undoneAt: clock.now() });
    registry.become("inService");
    throw new UnreachableError("answered 503");
  });
  await clock.advanceUntil(offline(run));
  assert.equal(registry.times("remove").length, 1);
  assert.equal(registry.state(), "inService");
  const left = run.recordFile?.read();
  assert.deepEqual([left?.undoneAt, left?.finishedAt], [run.startedAt + 40_000, 0]);
});

Deno.test("offline whose removal fails keeps its drain and has the failure's outcome", async () => {
  const { registry, run, end, seconds } = prepare([{ removes: true }]);
  registry.fail("remove", new RefusedError("DELETE answered 401"));
  const { outcome, parts, fields } = await end();
  assert.equal(outcome, "refused");
  assert.match(parts[0] ?? "", /out of service.*; not removed: DELETE answered 401$/);
  assert.equal(parts.at(-1), "drained 40.0 s");
  assert.deepEqual([seconds(), fields?.drainedMs], [40, 40_000]);
  assert.ok((run.recordFile?.read()?.finishedAt ?? 0) > 0);
});

Deno.test("offline gives a removal the time that is left, and says so", async () => {
  const { clock, registry, end, seconds } = prepare([{ removes: true }]);
  registry.hang("remove");
  const { outcome, parts } = await end();
  assert.equal(outcome, "unreachable");
  assert.match(parts[0] ?? "", /not removed: .*no answer in time/);
  assert.deepEqual([seconds(), clock.sleeping], [45, 0]);
});

Deno.test("offline removes at one registry what another does not even answer about", async () => {
  const { registries, end } = prepare([{}, { name: "eureka", removes: true }]);
  registries[0]?.fail("locate", new RefusedError("login failed"), 1_000);
  const { outcome, parts } = await end();
  assert.equal(outcome, "refused");
  assert.equal(registries[1]?.state(), "absent");
  assert.match(parts[0] ?? "", /^nacos: login failed$/);
  assert.match(parts[1] ?? "", /^eureka: .*is removed$/);
});

Deno.test("offline leaves nothing open behind", async () => {
  const { clock, registry, end } = prepare([{}, { name: "eureka", state: "absent" }]);
  await end();
  const calls = registry.calls.length;
  await clock.advance(60_000);
  assert.equal(clock.sleeping, 0);
  assert.equal(registry.calls.length, calls);
});

Deno.test("offline that is undone right after its first note stays undone", async () => {
  const { clock, run, registry } = prepare();
  const ending = offline(run);
  await clock.advance(20);
  const record = run.recordFile?.read();
  assert.ok(record);
  run.recordFile?.write({ ...record, undoneAt: 1 });
  registry.become("inService");
  assert.equal((await clock.advanceUntil(ending)).outcome, "undone");
  assert.equal(registry.state(), "inService");
});

Deno.test("offline is not ended by an undo of the run before it, whenever that comes", async () => {
  const { clock, run, registry, start } = prepare([{ answerMs: 15 }]);
  run.recordFile?.write(cutOff(start));
  const ending = offline(run);
  await clock.advance(10);
  run.recordFile?.write({ ...cutOff(start), undoneAt: start + 10 });
  assert.equal((await clock.advanceUntil(ending)).outcome, "done");
  assert.equal(registry.state(), "outOfService");
});

Deno.test("offlines that begin at once are one run: what undoes one undoes both", async () => {
  const { clock, run, registry } = prepare();
  const endings = [offline(run)];
  await clock.advance(5);
  endings.push(offline(createFakeRun(clock, [registry], { disk: run.disk })));
  await clock.advance(5_000);
  const record = run.recordFile?.read();
  assert.ok(record);
  run.recordFile?.write({ ...record, undoneAt: clock.now() });
  for (const ending of endings) {
    assert.equal((await clock.advanceUntil(ending)).outcome, "undone");
  }
});

Deno.test("offline writes its record every two seconds to its end, and then no more", async () => {
  const { clock, run } = prepare();
  const ending = offline(run);
  await clock.advance(20);
  for (let i = 0; i < 5; i++) {
    const before = run.recordFile?.read()?.writtenAt;
    await clock.advance(2_000);
    assert.notEqual(run.recordFile?.read()?.writtenAt, before);
  }
  await clock.advanceUntil(ending);
  const text = JSON.stringify([...run.disk.files]);
  await clock.advance(10_000);
  assert.equal(JSON.stringify([...run.disk.files]), text);
});

Deno.test("offline says at its start that the grace period is too short, and what to set", async () => {
  const short = prepare([{}], { settings: { gracePeriodSeconds: 50 } });
  await short.end();
  assert.match(short.run.messages("grace_short")[0] ?? "", /up to 50 s: .*PeriodSeconds: 65/);
  for (
    const settings of [{ gracePeriodSeconds: 60 }, { gracePeriodSeconds: 50, drainSeconds: 5 }]
  ) {
    const enough = prepare([{}], { settings });
    await enough.end();
    assert.deepEqual(enough.run.messages("grace_short"), []);
  }
});

Deno.test("offline names why a removal failed, not that its last try was cut off", async () => {
  const { registry, end } = prepare([{ removes: true }]);
  registry.fail("remove", new UnreachableError("DELETE answered 500"));
  registry.hang("remove");
  assert.match((await end()).parts[0] ?? "", /; not removed: DELETE answered 500$/);
});

Deno.test("offline writes at an address that another one has answered for meanwhile", async () => {
  const [a, b] = ["http://a", "http://b"];
  const { clock, registry, run } = prepare(
    [{ addresses: { [a]: 0 }, separate: { [b]: "inService" } }],
    { settings: { gracePeriodSeconds: 90 } },
  );
  // Where the question goes on to the other address, as `createPool` does once the first has failed.
  let first = a;
  const { locate, locateAt } = registry;
  registry.locate = async (signal) => {
    const found = first === a ? await locate(signal) : await locateAt(b, signal);
    return found && { ...found, address: first };
  };
  const ending = offline(run);
  await clock.advance(6_000);
  first = b;
  await clock.advance(6_000);
  registry.become("inService", a);
  assert.equal((await clock.advanceUntil(ending)).outcome, "done");
  assert.deepEqual([registry.state(a), registry.state(b)], ["outOfService", "outOfService"]);
});

Deno.test("offline waits for the first look at each address, however short the drain", async () => {
  const [a, b] = ["http://a", "http://b"];
  for (const slowMs of [0, 1_200, 3_000]) {
    const about: About = { addresses: { [a]: 0 }, separate: { [b]: "inService" } };
    const { clock, registry, run } = prepare([about], { settings: { drainSeconds: 0 } });
    const { locateAt } = registry;
    registry.locateAt = async (address, signal) => {
      await clock.sleep(slowMs, signal);
      return await locateAt(address, signal);
    };
    assert.equal((await clock.advanceUntil(offline(run))).outcome, "done");
    assert.equal(registry.state(b), "outOfService", `${slowMs} ms`);
  }
});

Deno.test("offline takes out what a registry that started again empty gets back", async () => {
  for (const drainSeconds of [0, 3]) {
    const settings = { drainSeconds, gracePeriodSeconds: 60 };
    const { clock, registry, run } = prepare([{}], { settings });
    registry.fail("takeOut", new UnreachableError("connection reset"), 1);
    const ending = offline(run);
    await clock.advance(100);
    registry.become("absent");
    await clock.advance(4_000);
    registry.become("inService");
    const { outcome, parts } = await clock.advanceUntil(ending);
    assert.equal(outcome, "done");
    assert.match(parts.join(), /accepted after/);
    assert.equal(registry.state(), "outOfService");
  }
});

Deno.test("offline goes on at the registry although something beside it has hit a bug", async () => {
  const clock = createFakeClock();
  const registry = createFakeRegistry({ clock });
  registry.fail("locate", new UnreachableError("down"), 2);
  const run = createFakeRun(clock, [registry]);
  const log = {
    ...run.log,
    info(event: string, message: string) {
      if (event === "deadline") throw new TypeError("a bug");
      run.log.info(event, message);
    },
  };
  await clock.advanceUntil(offline({ ...run, log }));
  assert.equal(registry.state(), "outOfService");
  assert.match(run.messages("internal")[0] ?? "", /TypeError: a bug/);
});

Deno.test("offline looks at the end of a short drain, with several addresses, and ends then", async () => {
  const clock = createFakeClock();
  const addresses = { "http://a": 0, "http://b": 0 };
  const registry = createFakeRegistry({ clock, state: "outOfService", answerMs: 30, addresses });
  const run = createFakeRun(clock, [registry], { settings: { drainSeconds: 3 } });
  await clock.advanceUntil(offline(run));
  assert.ok(clock.now() - run.startedAt < 3_100, String(clock.now() - run.startedAt));
});
