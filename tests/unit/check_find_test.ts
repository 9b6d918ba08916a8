import assert from "node:assert/strict";
import { find, type Subject, type Told } from "../../src/check/find.ts";
import type { Hooks } from "../../src/check/hooks.ts";
import type { Finding } from "../../src/registry/examine.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createFakeRegistry, type FakeRegistryOptions } from "../support/fake_registry.ts";
import { createFakeRun } from "../support/fake_run.ts";
import { ENOUGH_TIME, NOTHING_MORE } from "../support/reports.ts";

const HOOKS: Hooks = {
  postStart: ["sh", "/opt/service_online.sh"],
  preStop: ["sh", "/opt/service_offline_nacos.sh"],
  isExec: false,
  isThere: true,
};

const TOLD: Told = { settings: [], hooks: () => HOOKS, disabled: false, said: [] };

function found(
  about: Partial<FakeRegistryOptions> = {},
  more: Partial<Subject> = {},
  told: Partial<Told> = {},
) {
  const clock = createFakeClock();
  const registry = createFakeRegistry({ clock, ...about });
  const run = createFakeRun(clock, [registry], { settings: { gracePeriodSeconds: 65 } });
  return clock.advanceUntil(find({ ...run, ...more }, { ...TOLD, ...told }));
}

Deno.test("find() has all of it as plain data", async () => {
  const { yaml, ...report } = await found();
  assert.match(yaml ?? "", /^spec:/);
  assert.deepEqual(report, structuredClone(report));
  assert.deepEqual(report, {
    outcome: "done",
    exitCode: 0,
    problems: [],
    notes: [],
    warnings: [],
    settings: [],
    registries: [{
      registry: "nacos",
      instance: "10.0.0.7:8080 of orders",
      state: "inService",
      inService: true,
      server: { address: "http://nacos:8848", version: "Fake nacos" },
      details: { weight: 1 },
      records: [],
      callers: [{ address: "http://nacos:8848", listed: true, others: 2 }],
      ...NOTHING_MORE,
      reason: "nacos: 10.0.0.7:8080 of orders: in service",
      removes: false,
      addresses: [{
        address: "http://nacos:8848",
        findings: [{ about: "write", ok: true, text: "allowed" }],
      }],
    }],
    traffic: null,
    calls: [],
    time: ENOUGH_TIME,
  });
});

Deno.test("find() has neither time nor YAML where no registry can be asked", async () => {
  const { time, yaml, warnings, outcome, exitCode } = await found({}, {
    registries: [],
    problems: ["port is not set"],
    settings: { stopReserveSeconds: 15 },
  });
  assert.deepEqual([time, yaml, warnings], [null, null, []]);
  assert.deepEqual([outcome, exitCode], ["settings", 78]);
});

Deno.test("find() has the log for notes, but not what the report says elsewhere", async () => {
  const said = ["own_address", "problem", "login_refused"].map((event) => {
    return { event, message: `the ${event}` };
  });
  assert.deepEqual((await found({}, {}, { said })).notes, ["the own_address"]);
});

Deno.test("find() names the URLs that only offline calls", async () => {
  const call = () => Promise.resolve();
  assert.deepEqual((await found({}, { afterDrain: call })).calls, ["AFTER_DRAIN_URL"]);
  const both = await found({}, { afterDrain: call, appOffline: call });
  assert.deepEqual(both.calls, ["APP_OFFLINE_URL", "AFTER_DRAIN_URL"]);
});

Deno.test("find() warns of an address that fails only where another one works", async () => {
  const broken: Finding = { about: "server", ok: false, text: "answered 500" };
  const warning = "nacos: http://nacos:8848 does not work, see above";
  assert.deepEqual((await found({ findings: [broken] })).warnings, [warning]);
  const refused: Finding = { about: "write", ok: false, text: "answered 403" };
  const { warnings, outcome } = await found({ findings: [broken, refused] });
  assert.deepEqual([warnings, outcome], [[], "refused"]);
});

Deno.test("find() is refused by an address that works and tells nothing, as offline is", async () => {
  const login: Finding = { about: "login", ok: false, text: "answered 401" };
  const { registries: [report], outcome } = await found({ findings: [login] });
  assert.equal(outcome, "refused");
  assert.match(report?.reason ?? "", /; what http:\/\/nacos:8848 has is not known: answered 401$/);
});

Deno.test("find() is done where an address refuses only the login, and another takes the write", async () => {
  const login: Finding = { about: "login", ok: false, text: "no such user" };
  const read: Finding = { about: "read", ok: true, text: "allowed" };
  const write: Finding = { about: "write", ok: false, text: "not without a login" };
  const one = await found({ findings: [login, read, write] });
  assert.equal(one.outcome, "refused");
  assert.match(one.registries[0]?.reason ?? "", /may not be taken out: not without a login$/);
  const taken: Finding = { about: "write", ok: true, text: "allowed" };
  assert.equal((await found({ findings: [login, read, write, taken] })).outcome, "done");
  const unread = { ...read, ok: false };
  assert.equal((await found({ findings: [login, unread, write, taken] })).outcome, "refused");
});

Deno.test("find() ends as done where the off switch is set, and still says what it saw", async () => {
  const { outcome, warnings, registries } = await found({ state: "absent" }, {}, {
    disabled: true,
  });
  assert.equal(outcome, "done");
  assert.match(warnings.join(), /^SERVICE_OFFLINE_DISABLED is set/);
  assert.equal(registries[0]?.outcome, "notFound");
});

Deno.test("find() has no patch for a sidecar, unless the grace period is wrong", async () => {
  const hooks = () => undefined;
  const right = await found({}, {}, { hooks });
  assert.equal(right.yaml, "# Nothing to patch: a sidecar stands by here.\n");
  const short = { gracePeriodSeconds: 30, stopReserveSeconds: 15 };
  const { yaml } = await found({}, { settings: short }, { hooks });
  assert.match(yaml ?? "", /terminationGracePeriodSeconds: 65\n/);
  assert.doesNotMatch(yaml ?? "", /preStop|podip/);
  const unknown = await found({}, { settings: { stopReserveSeconds: 15 } }, { hooks });
  assert.match(unknown.yaml ?? "", /terminationGracePeriodSeconds/);
});

Deno.test("find() leaves podip out of the patch where the instance was found without", async () => {
  const patch = async (about: Partial<FakeRegistryOptions>) => (await found(about)).yaml ?? "";
  assert.doesNotMatch(await patch({}), /podip/);
  assert.match(await patch({ state: "absent" }), /name: podip\n.*fieldPath: status\.podIP/);
});
