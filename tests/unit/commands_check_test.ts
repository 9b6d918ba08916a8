import assert from "node:assert/strict";
import type { Hooks } from "../../src/check/hooks.ts";
import type { Told } from "../../src/check/find.ts";
import type { ReportForm } from "../../src/check/report.ts";
import { check } from "../../src/commands/check.ts";
import type { Run } from "../../src/commands/run.ts";
import { RefusedError } from "../../src/errors.ts";
import type { Finding } from "../../src/registry/examine.ts";
import type { Traffic } from "../../src/traffic/traffic.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import {
  createFakeRegistry,
  type FakeRegistry,
  type FakeRegistryOptions,
} from "../support/fake_registry.ts";
import { createFakeRun, type FakeRunOptions } from "../support/fake_run.ts";
import { ENOUGH_TIME } from "../support/reports.ts";

const HOOKS: Hooks = { postStart: ["a"], preStop: ["b"], isExec: false, isThere: true };
const GRACE = { gracePeriodSeconds: 65 };
const REFUSED: Finding = { about: "write", ok: false, text: "answered 403" };

function prepare(
  about: Partial<FakeRegistryOptions> = {},
  options: FakeRunOptions = {},
  more: Partial<Run> = {},
) {
  const clock = createFakeClock();
  const registry = createFakeRegistry({ clock, ...about });
  const settings = { ...GRACE, ...options.settings };
  const run = { ...createFakeRun(clock, [registry], { ...options, settings }), ...more };
  let text = "";
  const ask = (form: ReportForm["form"] = "text", given: Partial<Told> = {}) =>
    clock.advanceUntil(check(
      run,
      { settings: [], hooks: () => HOOKS, disabled: false, said: [], ...given },
      { form, all: false, colour: false },
      (report) => text = report,
    ));
  return { clock, registry, run, ask, text: () => text };
}

Deno.test("check says what offline would end with, and changes nothing", async () => {
  const { registry, ask, text } = prepare();
  assert.equal((await ask()).outcome, "done");
  assert.match(text(), /^Verdict: .* exit code 0 now \(done, or nothing to do\)$/m);
  assert.doesNotMatch(text(), /WARNING/);
  assert.deepEqual([...registry.times("takeOut"), ...registry.times("putBack")], []);
});

Deno.test("check ends as refused where no address lets it write, and it would", async () => {
  const outcome = async (about: Partial<FakeRegistryOptions>) =>
    (await prepare(about).ask()).outcome;
  assert.equal(await outcome({ findings: [REFUSED] }), "refused");
  assert.equal(await outcome({ findings: [REFUSED], state: "notReady" }), "refused");
  assert.equal(await outcome({ findings: [REFUSED, { ...REFUSED, ok: null }] }), "done");
  assert.equal(await outcome({ findings: [REFUSED, { ...REFUSED, ok: true }] }), "done");
  assert.equal(await outcome({ findings: [REFUSED], state: "outOfService" }), "done");
  assert.equal(await outcome({ findings: [REFUSED], state: "absent" }), "notFound");
});

Deno.test("check warns where no address lets the permission to write be verified", async () => {
  const unknown: Finding = { about: "write", ok: null, text: "answered 500" };
  const said = async (about: Partial<FakeRegistryOptions>) => {
    const { ask, text } = prepare(about);
    await ask();
    return /WARNING: nacos: whether it can be taken out is not known: .*answered 500/.test(text());
  };
  assert.equal(await said({ findings: [unknown] }), true);
  assert.equal(await said({ findings: [REFUSED, unknown] }), true);
  assert.equal(await said({ findings: [unknown, { ...unknown, ok: true }] }), false);
  assert.equal(await said({ findings: [unknown], state: "outOfService" }), false);
});

Deno.test("check warns of addresses that do not know of each other", async () => {
  const addresses = { "http://a": 0 };
  const warning = /WARNING: nacos: its addresses do not know of each other, or one lags: (.*);/;
  const one = prepare({ addresses, separate: { "http://b": "absent" } });
  await one.ask();
  const [, why] = warning.exec(one.text()) ?? [];
  assert.match(why ?? "", /record of http:\/\/a: in service; .*http:\/\/b: not registered/);
  const cluster = prepare({ addresses: { ...addresses, "http://b": 0 } });
  await cluster.ask();
  assert.doesNotMatch(cluster.text(), warning);
  const findings = ["v1", "v3"].map((generation): Finding => {
    return { about: "server", ok: true, text: "Nacos", generation };
  });
  const moving = prepare({ findings });
  await moving.ask();
  assert.match(moving.text(), /WARNING: .* one has the API v1, another v3;/);
});

Deno.test("check ends as the look does", async () => {
  const { registry, ask, text } = prepare({ nearMisses: ["it is in groupName=x"] });
  registry.become("absent");
  const { outcome, parts } = await ask();
  assert.equal(outcome, "notFound");
  assert.match(parts.join(), /not registered; it is in groupName=x/);
  assert.match(text(), /exit code 66 now/);
  registry.fail("locate", new RefusedError("answered 403"));
  assert.equal((await ask()).outcome, "refused");
});

Deno.test("check warns of a drain that would be cut, and of the last instance", async () => {
  const { ask, text } = prepare({ others: 0 }, { settings: { gracePeriodSeconds: 30 } });
  assert.equal((await ask()).outcome, "done");
  assert.match(text(), /WARNING: the drain would be cut by 35 s: .*: 65 /);
  assert.match(text(), /WARNING: nacos: this is the last instance/);
  assert.match(text(), /^ {6}terminationGracePeriodSeconds: 65$/m);
  assert.match(text(), /Remove a preStop or postStart with httpGet first/);
});

Deno.test("check keeps a grace period that is longer than it has to be", async () => {
  const { ask, text } = prepare({}, { settings: { gracePeriodSeconds: 300 } });
  await ask("yaml");
  assert.match(text(), /^spec:\n[^]*terminationGracePeriodSeconds: 300$/m);
});

Deno.test("check ends as offline does where the callers' list cannot be read", async () => {
  const cases: [(registry: FakeRegistry) => void, RegExp][] = [
    [(one) => one.fail("callersViews", new RefusedError("list answered 403")), /list answered 403/],
    [(one) => one.hang("callersViews"), /no answer in time/],
  ];
  for (const [breakList, reason] of cases) {
    const { clock, registry, run, ask, text } = prepare();
    breakList(registry);
    assert.equal((await ask()).outcome, "done");
    assert.match(text(), reason);
    assert.match(text(), /exit code 0 now/);
    assert.match(text(), /WARNING: nacos: the callers' list was not seen/);
    assert.doesNotMatch(text(), /last instance/);
    assert.ok(clock.now() - run.startedAt <= 5_000, "the rest is said soon");
    breakList(registry);
    await ask("json");
    assert.match(JSON.parse(text()).registries[0].failures.join(), reason);
  }
});

Deno.test("check gives up after 20 seconds", async () => {
  const { clock, registry, run, ask } = prepare();
  registry.hang("locate");
  assert.equal((await ask()).outcome, "unreachable");
  assert.equal(clock.now() - run.startedAt, 20_000);
  assert.equal(clock.sleeping, 0);
});

Deno.test("check --json has all of it, and of the values no more than is shown", async () => {
  const secret = { nacosPassword: "geheim" };
  const { ask, text } = prepare({}, { settings: secret as object, problems: ["port: wrong"] });
  const said = [{ event: "default", message: "Nacos" }, { event: "problem", message: "no" }];
  assert.equal((await ask("json", { said })).outcome, "settings");
  const { yaml, registries, ...report } = JSON.parse(text());
  assert.deepEqual(report, {
    outcome: "settings",
    exitCode: 78,
    problems: ["port: wrong"],
    notes: ["Nacos"],
    warnings: [],
    settings: [],
    traffic: null,
    calls: [],
    time: ENOUGH_TIME,
  });
  assert.equal(registries[0].addresses[0].findings[0].about, "write");
  assert.match(yaml, /^spec:/);
  assert.doesNotMatch(text(), /geheim/);
});

Deno.test("check says that nothing would be done where it is switched off", async () => {
  const { ask, text } = prepare({ state: "absent" }, { problems: ["port: wrong"] });
  assert.equal((await ask("text", { disabled: true })).outcome, "done");
  assert.match(text(), /SERVICE_OFFLINE_DISABLED is set/);
});

Deno.test("check reads the traffic twice, and warns where that tells nothing", async () => {
  for (const readable of [true, false]) {
    let reads = 0;
    const report = {
      requests: 0,
      lastRequestAt: 1_700_000_000_000,
      requestsPerSecond: 1,
      runningSeconds: undefined,
      readable,
    };
    const { clock, ask, text } = prepare({}, {}, {
      traffic: {
        quietSeconds: 10,
        read() {
          reads++;
          return Promise.resolve(clock.now() + 1_000);
        },
        isQuiet: () => true,
        report,
      } satisfies Traffic,
    });
    assert.equal((await ask()).outcome, "done");
    assert.equal(reads, 2);
    assert.match(text(), readable ? /ok +TRAFFIC_URL: 1\.0 req/ : /WARNING: TRAFFIC_URL tells/);
    assert.match(text(), /up to 60 s, .*, and while requests arrive/);
    await ask("json");
    assert.deepEqual(JSON.parse(text()).traffic, {
      requests: 0,
      lastRequestAt: "2023-11-14T22:13:20.000Z",
      requestsPerSecond: 1,
      runningSeconds: null,
      readable,
    });
  }
});
