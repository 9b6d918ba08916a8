import assert from "node:assert/strict";
import { UnreachableError } from "../../src/errors.ts";
import { gather } from "../../src/lifecycle/gather.ts";
import type { Registration } from "../../src/lifecycle/state.ts";
import type { Others } from "../../src/registry/registry.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createFakeRegistry } from "../support/fake_registry.ts";
import { createLogEvents } from "../support/log_events.ts";
import { become, registrationAt } from "../support/states.ts";

const NONE: Others = { found: [], isLarge: false, reach: "all", leftAlone: [] };

function prepare(
  answer: () => Promise<Partial<Others>> = () => Promise.resolve({}),
  scope: { readonly isProven: boolean } = { isProven: false },
) {
  const clock = createFakeClock();
  const { log, messages } = createLogEvents(clock);
  const registry = createFakeRegistry({ clock });
  const looks: number[] = [];
  const start = clock.now();
  const named = registrationAt({
    ...registry,
    scope: { reach: "pod", isForeign: false, ...scope },
    async others() {
      looks.push((clock.now() - start) / 1000);
      return { ...NONE, ...await answer() };
    },
  });
  const found: Registration[] = [];
  const { signal } = new AbortController();
  const gathering = gather(
    named,
    { clock, log, startedAt: start, signal },
    (one) => void found.push(one),
  );
  assert.ok(gathering);
  /** Runs what is due, as the supervisor does. */
  async function run(seconds: number, floorAt = Infinity): Promise<void> {
    for (let i = 0; i <= seconds; i++) {
      gathering?.plan(floorAt);
      if (gathering && gathering.job.dueAt <= clock.now()) await gathering.job.run();
      if (i < seconds) await clock.advance(1_000);
    }
  }
  return { clock, start, registry, named, gathering, looks, found, messages, run };
}

const further = (label: string) => ({
  label,
  registry: createFakeRegistry({ clock: createFakeClock() }),
});

Deno.test("gather() has nothing to do where the registry cannot tell", () => {
  const clock = createFakeClock();
  const named = registrationAt(createFakeRegistry({ clock }));
  const context = { clock, log: createLogEvents(clock).log, startedAt: 0 };
  const { signal } = new AbortController();
  assert.equal(gather(named, { ...context, signal }, () => {}), undefined);
});

Deno.test("gather() leaves the first second to the named one, and looks again after 10, 30 and 60 s", async () => {
  const { named, clock, looks, run, gathering } = prepare();
  await run(3);
  assert.deepEqual(looks, []);
  assert.ok(gathering.isDone(clock.now(), clock.now()), "nothing is waited for before");
  become(named, { wroteAt: clock.now() });
  assert.ok(!prepareIsDone(gathering, clock.now()));
  await run(90);
  assert.deepEqual(looks, [3, 13, 33, 63]);
});

function prepareIsDone(
  gathering: { plan(floorAt: number): void; isDone(now: number, floorAt: number): boolean },
  now: number,
): boolean {
  gathering.plan(Infinity);
  return gathering.isDone(now, now);
}

Deno.test("gather() looks for nothing beside what is absent, unless the address is seen to be the pod's", async () => {
  const unproven = prepare();
  become(unproven.named, { phase: "absent" });
  await unproven.run(5);
  assert.deepEqual(unproven.looks, []);
  const proven = prepare(undefined, { isProven: true });
  become(proven.named, { phase: "absent" });
  await proven.run(5);
  assert.deepEqual(proven.looks, [0]);
});

Deno.test("gather() looks once more at the end of the drain, which waits for the answer", async () => {
  const { named, clock, start, looks, run, gathering } = prepare();
  become(named, { wroteAt: start });
  const floorAt = start + 4_000;
  await run(3, floorAt);
  assert.deepEqual(looks, [0]);
  assert.ok(!gathering.isDone(floorAt, floorAt));
  await run(1, floorAt);
  assert.deepEqual(looks, [0, 4]);
  assert.ok(gathering.isDone(clock.now(), floorAt));
});

Deno.test("gather() asks for a large list only twice", async () => {
  const { named, start, looks, run } = prepare(() => Promise.resolve({ isLarge: true }));
  become(named, { wroteAt: start });
  await run(50, start + 40_000);
  assert.deepEqual(looks, [0, 40]);
});

Deno.test("gather() hands over what it finds, names it and what it leaves alone, and each only once", async () => {
  const answers = [
    { found: [further("a of A"), further("b of B")], leftAlone: ["c of C"] },
    { leftAlone: ["c of C"] },
  ];
  const { named, start, found, run, messages, gathering } = prepare(() =>
    Promise.resolve(answers.shift() ?? {})
  );
  become(named, { wroteAt: start });
  await run(15);
  assert.deepEqual(found.map(({ isFurther, state }) => [isFurther, state.label]), [
    [true, "a of A"],
    [true, "b of B"],
  ]);
  assert.deepEqual(messages("further"), ["also registered: a of A; b of B"]);
  assert.equal(messages("left_alone").length, 1);
  assert.equal(gathering.reached()?.reach, "all");
});

Deno.test("gather() tries again after an error, and waits for the look at the end all the same", async () => {
  let fails = true;
  const { named, clock, start, looks, run, gathering } = prepare(() => {
    const answer = fails ? Promise.reject(new UnreachableError("gone")) : Promise.resolve({});
    fails = false;
    return answer;
  });
  become(named, { wroteAt: start });
  await run(0);
  const floorAt = start + 30_000;
  assert.ok(!gathering.isDone(clock.now(), floorAt));
  assert.equal(gathering.reached()?.why, "gone");
  await run(5, floorAt);
  assert.equal(looks.length, 2);
  assert.equal(gathering.reached()?.reach, "all");
  await run(20, floorAt);
  fails = true;
  await run(5, floorAt);
  assert.equal(looks.at(-1), 30);
  assert.ok(gathering.isDone(clock.now(), floorAt), "one that has failed is over");
  assert.deepEqual([gathering.reached()?.reach, gathering.reached()?.why], ["partly", "gone"]);
});

Deno.test("gather() asks for a list that takes over 5 s once, and again in time for the end", async () => {
  let isSlow = true;
  const { clock, named, start, looks, run, gathering } = prepare(async () => {
    if (!isSlow) return {};
    await clock.advance(5_000);
    throw new UnreachableError("no answer in time");
  });
  become(named, { wroteAt: start });
  await run(20, start + 40_000);
  assert.deepEqual(looks, [0]);
  assert.equal(gathering.reached()?.reach, "named");
  isSlow = false;
  await run(12, start + 40_000);
  assert.deepEqual(looks, [0, 35]);
  assert.equal(gathering.reached()?.reach, "all");
  // It was quick now: so is the one at the end, for what comes until then.
  await run(5, start + 40_000);
  assert.deepEqual(looks, [0, 35, 40]);
  assert.ok(gathering.isDone(clock.now(), start + 40_000));
});

Deno.test("gather() knows only the named one as long as its first look is not answered", async () => {
  const { named, start, gathering, run } = prepare(() => new Promise(() => {}));
  const reach = () => gathering.reached()?.reach;
  assert.equal(reach(), undefined);
  become(named, { wroteAt: start });
  run(0);
  await Promise.resolve();
  assert.equal(reach(), "named");
});

Deno.test("gather() says once where only the named one is known", async () => {
  const { named, start, run, messages } = prepare(() =>
    Promise.resolve({ reach: "named", why: "403" })
  );
  become(named, { wroteAt: start });
  await run(35);
  assert.deepEqual(messages("not_all_known"), ["only the named registration is known: 403"]);
});
