import assert from "node:assert/strict";
import { UnreachableError } from "../../src/errors.ts";
import { lookJob } from "../../src/lifecycle/look_job.ts";
import { createFakeClock } from "../support/fake_clock.ts";

/** A job whose looks end so: a pause in ms, or what is thrown. */
function prepare(...looks: (number | Error)[]) {
  const clock = createFakeClock();
  const stop = new AbortController();
  const errors: string[] = [];
  const job = lookJob({ clock, signal: stop.signal }, () => {
    const one = looks.shift() ?? 1_000;
    return one instanceof Error ? Promise.reject(one) : Promise.resolve(one);
  }, ({ message }) => void errors.push(message));
  return {
    clock,
    job,
    stop,
    errors,
    /** Runs it once as the supervisor does; the pause that follows, ms. */
    async run(during: () => void = () => {}): Promise<number> {
      job.dueAt = Infinity;
      const ended = job.run();
      during();
      await ended;
      return job.dueAt - clock.now();
    },
  };
}

function assertBetween(value: number, least: number, most: number) {
  assert.ok(value >= least && value <= most, `${value}: ${least} to ${most}`);
}

Deno.test("lookJob() is due at once, and then after the pause that the look gives", async () => {
  const { clock, job, run } = prepare(4_000, Infinity);
  assert.equal(job.dueAt, clock.now());
  assertBetween(await run(), 3_600, 4_400);
  assert.equal(await run(), Infinity);
});

Deno.test("lookJob() hands over an error and waits longer after each, until one look is answered", async () => {
  const error = () => new UnreachableError("no answer");
  const { errors, run } = prepare(error(), error(), error(), 0, error());
  assertBetween(await run(), 225, 550);
  assertBetween(await run(), 450, 1_100);
  assertBetween(await run(), 900, 2_200);
  assert.equal(await run(), 0);
  assertBetween(await run(), 225, 550);
  assert.equal(errors.length, 4);
});

Deno.test("lookJob() keeps an earlier moment that somebody has asked for meanwhile", async () => {
  const { clock, job, run } = prepare(60_000);
  assert.equal(await run(() => void (job.dueAt = clock.now() + 2_000)), 2_000);
});

Deno.test("lookJob() neither looks nor says anything once the signal has fired", async () => {
  const { errors, stop, run } = prepare(new UnreachableError("cut off"), 1_000);
  assert.equal(await run(() => stop.abort()), Infinity);
  assert.equal(await run(), Infinity);
  assert.deepEqual(errors, []);
});
