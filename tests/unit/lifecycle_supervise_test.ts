import assert from "node:assert/strict";
import { createSupervisor, type Job } from "../../src/lifecycle/supervise.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { rethrow } from "../support/states.ts";

Deno.test("until() runs each job when it is due, and ends by the decision", async () => {
  const clock = createFakeClock();
  const start = clock.now();
  const supervisor = createSupervisor(clock, rethrow);
  const ran: string[] = [];
  const every = (name: string, ms: number): Job => {
    const job: Job = {
      dueAt: start,
      run() {
        ran.push(`${name} ${clock.now() - start}`);
        job.dueAt = clock.now() + ms;
      },
    };
    return job;
  };
  supervisor.add(every("a", 300), every("b", 500));
  const end = supervisor.until((now) =>
    now >= start + 700 ? { end: "over" } : { wakeAt: start + 700 }
  );
  assert.equal(await clock.advanceUntil(end), "over");
  assert.deepEqual(ran, ["a 0", "b 0", "a 300", "b 500", "a 600"]);
  assert.equal(clock.sleeping, 0);
});

Deno.test("a job that runs is not started again, and its end is decided on", async () => {
  const clock = createFakeClock();
  const supervisor = createSupervisor(clock, rethrow);
  const answer = Promise.withResolvers<void>();
  let runs = 0;
  const job: Job = {
    dueAt: clock.now(),
    async run() {
      runs++;
      // Made due by somebody else meanwhile.
      job.dueAt = clock.now();
      await answer.promise;
      job.dueAt = Infinity;
    },
  };
  supervisor.add(job);
  let isOver = false;
  const end = supervisor.until(() => isOver ? { end: "over" } : { wakeAt: Infinity });
  await clock.advance(60_000);
  assert.equal(runs, 1);
  isOver = true;
  answer.resolve();
  assert.equal(await end, "over");
  await supervisor.idle();
});

Deno.test("a job that gives no promise is decided on once, also where it has thrown", async () => {
  const clock = createFakeClock();
  const thrown: unknown[] = [];
  const supervisor = createSupervisor(clock, (one) => thrown.push(one));
  const error = new Error("a bug");
  supervisor.add({
    dueAt: clock.now() + 1_000,
    run() {
      throw error;
    },
  });
  const decidedAt: number[] = [];
  const start = clock.now();
  const end = supervisor.until((now) => {
    decidedAt.push(now - start);
    return now >= start + 2_000 ? { end: "over" } : { wakeAt: start + 2_000 };
  });
  assert.equal(await clock.advanceUntil(end), "over");
  assert.deepEqual(decidedAt, [0, 1_000, 2_000]);
  assert.deepEqual(thrown, [error]);
});

Deno.test("wake() lets it decide at once", async () => {
  const clock = createFakeClock();
  const supervisor = createSupervisor(clock, rethrow);
  let isOver = false;
  const end = supervisor.until(() => isOver ? { end: "over" } : { wakeAt: Infinity });
  await clock.advance(1_000);
  isOver = true;
  supervisor.wake();
  assert.equal(await end, "over");
  assert.equal(clock.sleeping, 0);
});

Deno.test("during() goes on with the jobs while something else is waited for", async () => {
  const clock = createFakeClock();
  const supervisor = createSupervisor(clock, rethrow);
  let runs = 0;
  const job: Job = { dueAt: clock.now(), run: () => void (runs++, job.dueAt = clock.now() + 100) };
  supervisor.add(job);
  const slow = clock.sleep(1_050).then(() => "answered");
  assert.equal(await clock.advanceUntil(supervisor.during(slow)), "answered");
  assert.equal(runs, 11);
  await assert.rejects(supervisor.during(Promise.reject(new Error("it failed"))), /it failed/);
});

Deno.test("what a job throws is told, and the others go on", async () => {
  const clock = createFakeClock();
  const bugs: unknown[] = [];
  const supervisor = createSupervisor(clock, (thrown) => void bugs.push(thrown));
  const bug = new TypeError("a bug");
  let runs = 0;
  supervisor.add(
    {
      dueAt: 0,
      run() {
        throw bug;
      },
    },
    { dueAt: 0, run: () => Promise.reject(bug) },
    { dueAt: clock.now() + 100, run: () => void runs++ },
  );
  const end = supervisor.until(() => runs > 0 ? { end: "over" } : { wakeAt: Infinity });
  assert.equal(await clock.advanceUntil(end), "over");
  assert.deepEqual(bugs, [bug, bug]);
  await supervisor.idle();
});
