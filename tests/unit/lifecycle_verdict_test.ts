import assert from "node:assert/strict";
import { NotFoundError, OUTCOMES, RefusedError, UnreachableError } from "../../src/errors.ts";
import { type Goal, IN, NOT_READY, OUT } from "../../src/lifecycle/goal.ts";
import type { State } from "../../src/lifecycle/state.ts";
import { lastLine, type Verdict, verdictOf, worst } from "../../src/lifecycle/verdict.ts";
import type { CallersViews } from "../../src/registry/registry.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createFakeRegistry } from "../support/fake_registry.ts";
import { registrationAt } from "../support/states.ts";

const clock = createFakeClock();
const START = clock.now();
const LABEL = "10.0.0.7:8080 of orders";

type About = Partial<State> & { readonly goal?: Goal };

function verdict({ goal = OUT, ...state }: About, endedAt = START + 60_000): Verdict {
  const registry = createFakeRegistry({ clock, listLagSeconds: 10 });
  return verdictOf(registrationAt(registry, state, goal), START, endedAt);
}

function views(...listed: boolean[]): CallersViews {
  const answers = listed.map((one, i) => ({ address: `http://n${i + 1}`, listed: one, others: 2 }));
  return { answers, failures: [] };
}

const WRITTEN = { label: LABEL, wroteAt: START + 100, acceptedAt: START + 520 };

Deno.test("verdictOf() is done with both moments once callers no longer get it", () => {
  const { outcome, reason } = verdict({ ...WRITTEN, settledAt: START + 640 });
  assert.equal(outcome, "done");
  assert.match(reason, /10\.0\.0\.7:8080 of orders is out of service.*520 ms.*640 ms/);
});

Deno.test("verdictOf() says that nothing had to be written", () => {
  const { wroteAt: _, ...already } = WRITTEN;
  assert.match(verdict({ ...already, settledAt: START + 640 }).reason, /out of service already/);
});

Deno.test("verdictOf() is done where the app has deregistered itself", () => {
  const { outcome, reason } = verdict({ ...WRITTEN, settledAt: START + 640, phase: "gone" });
  assert.equal(outcome, "done");
  assert.match(reason, /deregistered/);
});

Deno.test("verdictOf() is not confirmed where every list goes on showing it", () => {
  const { outcome, reason } = verdict({ ...WRITTEN, views: views(true, true) });
  assert.equal(outcome, "notConfirmed");
  assert.match(reason, /still listed at http:\/\/n1, http:\/\/n2/);
});

Deno.test("verdictOf() is not confirmed, naming it, where one of two lists goes on showing it", () => {
  const lagging = { ...WRITTEN, views: views(false, true) };
  const { outcome, reason } = verdict(lagging);
  assert.equal(outcome, "notConfirmed");
  assert.match(reason, /still listed at http:\/\/n2/);
  assert.doesNotMatch(reason, /n1/);
  assert.equal(verdict(lagging, START + 10_000).outcome, "done", "the list may still follow");
});

Deno.test("verdictOf() is not confirmed where the record of one address stays as it was", () => {
  const elsewhere = new Map(
    [
      ["http://n2", { state: "differs", why: "PUT answered 403", failed: "refused" }],
      ["http://n3", { state: "agrees" }],
    ] as const,
  );
  for (const settledAt of [undefined, START + 700]) {
    const { outcome, reason } = verdict({ ...WRITTEN, settledAt, elsewhere });
    assert.equal(outcome, "notConfirmed");
    assert.match(reason, /but not at http:\/\/n2 \(PUT answered 403\)$/);
  }
});

Deno.test("verdictOf() says of which address nothing is known", () => {
  const elsewhere = new Map([["http://n2", { state: "unknown", why: "no answer" }]] as const);
  const { outcome, reason } = verdict({ ...WRITTEN, settledAt: START + 700, elsewhere });
  assert.equal(outcome, "done");
  assert.match(reason, /; what http:\/\/n2 has is not known$/);
  const listed = { ...WRITTEN, elsewhere, views: views(false, true) };
  assert.equal(verdict(listed, START + 2_000).outcome, "notConfirmed");
});

Deno.test("verdictOf() is refused where an address works, and tells nothing of what it hands out", () => {
  const why = "GET http://n2 answered 401; check user app";
  const elsewhere = new Map([["http://n2", { state: "unknown", why, failed: "refused" }]] as const);
  for (const settledAt of [undefined, START + 700]) {
    const { outcome, reason } = verdict({ ...WRITTEN, settledAt, elsewhere });
    assert.equal(outcome, "refused");
    assert.ok(reason.endsWith(`; what http://n2 has is not known (${why})`), reason);
  }
});

Deno.test("verdictOf() of `online` wants nothing of an address where the app does not register", () => {
  const elsewhere = new Map([["http://n2", { state: "none" }]] as const);
  const absent = { ...WRITTEN, elsewhere, goal: IN, views: views(true, false) };
  assert.equal(verdict(absent).outcome, "done");
  const out = { ...WRITTEN, elsewhere, views: views(false, true) };
  assert.equal(verdict(out).outcome, "notConfirmed");
});

Deno.test("verdictOf() is done where the run ended before a list could follow", () => {
  const { outcome, reason } = verdict({ ...WRITTEN, views: views(true) }, START + 2_500);
  assert.equal(outcome, "done");
  assert.match(reason, /still listed at/);
});

Deno.test("verdictOf() is done, saying so, where no list was seen", () => {
  const { outcome, reason } = verdict({ ...WRITTEN, error: new UnreachableError("no answer") });
  assert.equal(outcome, "done");
  assert.match(reason, /list was not seen/);
});

Deno.test("verdictOf() is what the last look failed with", () => {
  const error = new RefusedError("login of user app failed");
  assert.deepEqual(verdict({ error }), { outcome: "refused", reason: error.message });
  assert.equal(verdict({ error: new UnreachableError("x"), label: LABEL }).outcome, "unreachable");
});

Deno.test("verdictOf() is not confirmed where the record does not show the write", () => {
  const { outcome, reason } = verdict({ label: LABEL, wroteAt: START + 100 });
  assert.equal(outcome, "notConfirmed");
  assert.match(reason, /record does not show it/);
});

Deno.test("verdictOf() is not confirmed where no write was answered in time", () => {
  const { outcome, reason } = verdict({ label: LABEL });
  assert.equal(outcome, "notConfirmed");
  assert.match(reason, /seen, but no write was answered/);
});

Deno.test("verdictOf() is what the last write failed with, where a further try was cut off", () => {
  const writeError = new RefusedError("PATCH answered 403");
  const refused = { outcome: "refused", reason: "PATCH answered 403" };
  assert.deepEqual(verdict({ label: LABEL, writeError }), refused);
  const unreachable = verdict({ label: LABEL, writeError: new UnreachableError("no answer") });
  assert.equal(unreachable.outcome, "unreachable");
  const gone = verdict({ label: LABEL, writeError: new NotFoundError("404") });
  assert.equal(gone.outcome, "notConfirmed", "the next look has seen it");
});

Deno.test("verdictOf() is unreachable where the first answer never came", () => {
  const { outcome, reason } = verdict({});
  assert.equal(outcome, "unreachable");
  assert.match(reason, /no answer about 10\.0\.0\.7:8080 of orders in time/);
});

Deno.test("verdictOf() is not found, with the near misses", () => {
  const nearMisses = ["10.0.0.7:8080 is registered with namespaceId=prod", "another"];
  const { outcome, reason } = verdict({ nearMisses });
  assert.equal(outcome, "notFound");
  assert.match(reason, /was never registered; .*namespaceId=prod; another$/);
  assert.equal(verdict({ nearMisses: [] }).reason, `${LABEL} was never registered`);
});

Deno.test("verdictOf() judges `online` by the opposite", () => {
  const back = verdict({ ...WRITTEN, goal: IN, settledAt: START + 640 });
  assert.equal(back.outcome, "done");
  assert.match(back.reason, / is in service, .*callers get it/);
  const lagging = verdict({ ...WRITTEN, goal: IN, views: views(true, false) });
  assert.match(lagging.reason, /not listed yet at http:\/\/n2/);
  assert.equal(verdict({ ...WRITTEN, goal: IN, views: views(false) }).outcome, "notConfirmed");
});

Deno.test("verdictOf() of `online` says that the app is not ready", () => {
  const waiting: About = { label: LABEL, why: NOT_READY, goal: IN };
  for (const progress of [waiting, { ...waiting, wroteAt: START + 100 }]) {
    const { outcome, reason } = verdict(progress);
    assert.equal(outcome, "notConfirmed");
    assert.match(reason, /10\.0\.0\.7:8080 of orders: registered, .* not report .* ready$/);
  }
  const error = new UnreachableError("no answer");
  assert.equal(verdict({ ...waiting, error }).outcome, "unreachable");
});

Deno.test("verdictOf() of `online` judges the write where nothing holds it any more", () => {
  const unwritten = verdict({ label: LABEL, why: undefined, goal: IN });
  assert.equal(unwritten.outcome, "notConfirmed");
  assert.match(unwritten.reason, /no write was answered/);
  const { outcome, reason } = verdict({ label: LABEL, goal: IN, wroteAt: START });
  assert.equal(outcome, "notConfirmed");
  assert.match(reason, /does not show it/);
});

Deno.test("worst() takes what only a person can mend before what may pass", () => {
  const of = (...outcomes: Verdict["outcome"][]) => worst(outcomes.map((outcome) => ({ outcome })));
  assert.equal(of("done", "refused", "unreachable"), "refused");
  assert.equal(of("settings", "refused"), "settings");
  assert.equal(of("notConfirmed", "notFound", "done"), "notFound");
  assert.equal(of("unreachable", "notFound"), "unreachable");
  assert.equal(of("done", "done"), "done");
  assert.equal(of(), "done");
});

Deno.test("worst() prefers every other outcome to done", () => {
  for (const outcome of Object.keys(OUTCOMES) as Verdict["outcome"][]) {
    assert.equal(worst([{ outcome: "done" }, { outcome }]), outcome);
  }
});

Deno.test("lastLine() says how, why and with which exit code", () => {
  assert.equal(
    lastLine("refused", 77, ["nacos: login failed", "drained 40.0 s"]),
    "refused: nacos: login failed; drained 40.0 s; exit code 77",
  );
  assert.match(lastLine("done", 0, ["x"]), /^done: x; exit code 0$/);
});
