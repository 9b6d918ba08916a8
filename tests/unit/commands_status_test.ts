import assert from "node:assert/strict";
import type { ReportForm } from "../../src/check/report.ts";
import { status } from "../../src/commands/status.ts";
import { RefusedError } from "../../src/errors.ts";
import type { RunRecord } from "../../src/lifecycle/record.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createFakeRegistry, type FakeRegistryOptions } from "../support/fake_registry.ts";
import { createFakeRun, type FakeRunOptions, recordOfRun } from "../support/fake_run.ts";
import { NOTHING_MORE } from "../support/reports.ts";

const form = (json: boolean): ReportForm => ({
  form: json ? "json" : "text",
  all: false,
  colour: false,
});

function prepare(about: Partial<FakeRegistryOptions> = {}, options: FakeRunOptions = {}) {
  const clock = createFakeClock();
  const registry = createFakeRegistry({ clock, ...about });
  const run = createFakeRun(clock, [registry], options);
  const printed: string[] = [];
  const ask = (json: boolean) =>
    clock.advanceUntil(status(run, form(json), (text) => void printed.push(text)));
  return { clock, registry, run, ask, printed, text: () => printed.join("\n") };
}

Deno.test("status says for people what the registry and its callers' lists say", async () => {
  const { ask, text, registry } = prepare({
    state: "outOfService",
    addresses: { "http://n1": 0, "http://n2": 1_000_000 },
    failures: ["GET http://n3: no answer in time"],
    others: 1,
  });
  const { outcome } = await ask(false);
  assert.equal(outcome, "done");
  assert.match(text(), /nacos.*10\.0\.0\.7:8080 of orders.*out of service/);
  assert.match(text(), /weight: 1$/m);
  assert.match(text(), /http:\/\/n1: .*1 other instance$/m);
  assert.match(text(), /Fake nacos/);
  assert.match(text(), /GET http:\/\/n3: no answer in time/);
  assert.match(text(), /record: none/);
  assert.deepEqual([...registry.times("takeOut"), ...registry.times("putBack")], []);
});

Deno.test("status prints nothing that a terminal obeys, and no line that a server has made", async () => {
  const evil = "x\r\nnacos: all is well\x1b]0;owned\x07\x9b2J\u202e";
  const about = { failures: [evil], addresses: { [`http://${evil}`]: 0 } };
  const plain = prepare(about);
  await plain.ask(false);
  const lines = plain.text().split("\n");
  assert.ok(lines.some((line) => line.includes("all is well")));
  for (const line of lines) assert.doesNotMatch(line, /^nacos: all|[\p{Cc}\p{Bidi_C}]/u);
  const inJson = prepare(about);
  await inJson.ask(true);
  assert.doesNotMatch(inJson.text(), /[^\P{Cc}\n]|\p{Bidi_C}/u);
  assert.deepEqual(JSON.parse(inJson.text()).registries[0].failures, [evil]);
});

Deno.test("status --json is one object with the same", async () => {
  const { ask, printed } = prepare({ addresses: { "http://n1": 0 } });
  assert.equal((await ask(true)).outcome, "done");
  assert.equal(printed.length, 1);
  const { registries, record } = JSON.parse(printed[0] ?? "");
  const { reason, ...nacos } = registries[0];
  assert.match(reason, /in service/);
  assert.deepEqual(nacos, {
    registry: "nacos",
    instance: "10.0.0.7:8080 of orders",
    state: "inService",
    inService: true,
    server: { address: "http://n1", version: "Fake nacos" },
    details: { weight: 1 },
    records: [],
    callers: [{ address: "http://n1", listed: true, others: 2 }],
    ...NOTHING_MORE,
  });
  assert.equal(record, null);
});

Deno.test("status names the states in which callers do not get all of it", async () => {
  const states = {
    notReady: /registered, but its app does not report that it is ready$/m,
    partlyOut: /partly out of service$/m,
    outOfService: /: out of service$/m,
  } as const;
  for (const [state, words] of Object.entries(states) as [keyof typeof states, RegExp][]) {
    const people = prepare({ state });
    assert.equal((await people.ask(false)).outcome, "done", state);
    assert.match(people.text(), words);
  }
});

Deno.test("status --json says that callers get no instance that is not ready", async () => {
  for (const [state, inService] of [["notReady", false], ["inService", true]] as const) {
    const { ask, text } = prepare({ state });
    await ask(true);
    assert.equal(JSON.parse(text()).registries[0].inService, inService, state);
  }
});

Deno.test("status says what is like an instance that is not registered", async () => {
  const nearMisses = ["10.0.0.7:8080 is registered with namespaceId=prod"];
  const people = prepare({ state: "absent", nearMisses });
  assert.equal((await people.ask(false)).outcome, "notFound");
  assert.match(people.text(), /not registered/);
  assert.match(people.text(), /namespaceId=prod/);
  const machines = prepare({ state: "absent", nearMisses });
  await machines.ask(true);
  const [nacos] = JSON.parse(machines.text()).registries;
  assert.deepEqual([nacos.inService, nacos.nearMisses, nacos.outcome], [
    null,
    nearMisses,
    "notFound",
  ]);
});

Deno.test("status reports a registry that gives no answer, beside one that does", async () => {
  const clock = createFakeClock();
  const nacos = createFakeRegistry({ clock });
  const eureka = createFakeRegistry({ clock, name: "eureka" });
  eureka.fail("locate", new RefusedError("answered 403"));
  let printed = "";
  const run = createFakeRun(clock, [nacos, eureka]);
  const ending = await clock.advanceUntil(
    status(run, form(false), (text) => void (printed = text)),
  );
  assert.equal(ending.outcome, "refused");
  assert.match(printed, /^nacos: .*in service/m);
  assert.match(printed, /^eureka: .*answered 403/m);
});

Deno.test("status shows the record it has read where the list is refused", async () => {
  const { registry, ask, text } = prepare({ state: "outOfService" });
  registry.fail("callersViews", new RefusedError("GET list answered 403"), 2);
  assert.equal((await ask(false)).outcome, "done");
  assert.match(text(), /^nacos: 10\.0\.0\.7:8080 of orders: out of service$/m);
  assert.match(text(), /weight: 1$/m);
  assert.match(text(), /callers' list was not seen: GET list answered 403/);
  await ask(true);
  const [nacos] = JSON.parse(text().slice(text().indexOf("{"))).registries;
  assert.deepEqual([nacos.state, nacos.inService, nacos.callers], ["outOfService", false, []]);
  assert.match(nacos.failures.join(), /GET list answered 403/);
});

Deno.test("status says which address has what, where they differ", async () => {
  const addresses = { "http://a": 0 };
  const { ask, text } = prepare({ addresses, separate: { "http://b": "outOfService" } });
  assert.equal((await ask(false)).outcome, "done");
  assert.match(text(), /^ {2}the record of http:\/\/a: in service$/m);
  assert.match(text(), /^ {2}the record of http:\/\/b: out of service$/m);
  const cluster = prepare({ addresses: { ...addresses, "http://b": 0 } });
  await cluster.ask(false);
  assert.doesNotMatch(cluster.text(), /the record of/);
});

Deno.test("status gives up after 20 seconds", async () => {
  const { clock, registry, run, ask, text } = prepare();
  registry.hang("locate");
  assert.equal((await ask(false)).outcome, "unreachable");
  assert.equal(clock.now() - run.startedAt, 20_000);
  assert.match(text(), /no answer in time/);
  assert.equal(clock.sleeping, 0);
});

Deno.test("status says how the last `offline` here ended", async () => {
  const { clock, run, ask, printed } = prepare();
  const now = clock.now();
  const record = recordOfRun(now);
  const said = async (change: Partial<RunRecord>) => {
    run.recordFile?.write({ ...record, ...change });
    await ask(false);
    return printed.at(-1)?.split("\n").at(-1) ?? "";
  };
  assert.match(
    await said({}),
    /began 2025-12-31T23:59:50.000Z, has until 2026-01-01T00:00:35.000Z/,
  );
  assert.match(await said({ finishedAt: now }), /ended 2026-01-01T00:00:00.000Z/);
  assert.match(await said({ undoneAt: now }), /undone 2026-01-01T00:00:00.000Z/);
  assert.match(await said({ deadline: now - 1 }), /cut off/);
});

Deno.test("status --json has the record as it stands", async () => {
  const { clock, run, ask, text } = prepare();
  const record = recordOfRun(clock.now(), {
    registries: [{ name: "nacos", acceptedAt: clock.now() - 9_000, settledAt: 0 }],
  });
  run.recordFile?.write(record);
  await ask(true);
  assert.deepEqual(JSON.parse(text()).record, record);
});

Deno.test("status with settings that allow no registry says so and keeps their outcome", async () => {
  const clock = createFakeClock();
  const run = createFakeRun(clock, [], { problems: ["port is not set"] });
  const printed: string[] = [];
  const ending = await clock.advanceUntil(
    status(run, form(true), (text) => void printed.push(text)),
  );
  assert.deepEqual([ending.outcome, ...ending.parts], ["settings", "port is not set"]);
  assert.deepEqual(printed.map((text) => JSON.parse(text)), [
    { problems: ["port is not set"], registries: [], record: null },
  ]);
});

Deno.test("status with a lenient problem reports, and ends with the problem's outcome", async () => {
  const { ask, text } = prepare({}, { problems: ["Cannot use LOG_FORMAT"] });
  const { outcome, parts } = await ask(false);
  assert.equal(outcome, "settings");
  assert.ok(parts.includes("Cannot use LOG_FORMAT"));
  assert.match(text(), /in service/);
});
