import assert from "node:assert/strict";
import { createOutput } from "../../src/output.ts";
import { createFakeClock } from "../support/fake_clock.ts";

/** A reader that takes so many bytes of each text at a time, when it is let. */
function startReader(most = 1_000_000) {
  const taken: string[] = [];
  let open = Promise.withResolvers<void>();
  open.resolve();
  return {
    taken,
    stop: () => void (open = Promise.withResolvers()),
    goOn: () => open.resolve(),
    async write(bytes: Uint8Array) {
      await open.promise;
      const part = bytes.subarray(0, most);
      taken.push(new TextDecoder().decode(part));
      return part.length;
    },
  };
}

function prepare(reader: { write(bytes: Uint8Array): Promise<number> }) {
  const clock = createFakeClock();
  const output = createOutput(reader, clock);
  const flush = async () => {
    const since = clock.now();
    await clock.advanceUntil(output.flush());
    return clock.now() - since;
  };
  return { clock, output, flush };
}

Deno.test("createOutput() writes each text alone and in order, also what is taken in parts", async () => {
  const reader = startReader(2);
  const { output, flush } = prepare(reader);
  for (const text of ["one\n", "two\n"]) output.write(text);
  assert.equal(await flush(), 0);
  assert.deepEqual(reader.taken, ["on", "e\n", "tw", "o\n"]);
  output.write("three\n");
  assert.equal(await flush(), 0);
  assert.equal(reader.taken.join(""), "one\ntwo\nthree\n");
});

Deno.test("createOutput() waits at the end for a reader that is slow, so that no line is lost", async () => {
  const reader = startReader();
  const { clock, output, flush } = prepare(reader);
  reader.stop();
  output.write("last\n");
  clock.sleep(900).then(reader.goOn);
  assert.equal(await flush(), 900);
  assert.deepEqual(reader.taken, ["last\n"]);
});

Deno.test("createOutput() waits a second at most for one that is stuck, and not again", async () => {
  const reader = startReader();
  const { clock, output, flush } = prepare(reader);
  reader.stop();
  output.write("one\n");
  assert.equal(await flush(), 1_000);
  await clock.advance(60_000);
  output.write("last\n");
  assert.equal(await flush(), 0);
});

Deno.test("createOutput() waits anew with each line that a slow reader takes", async () => {
  let reads = 0;
  const clock = createFakeClock();
  const output = createOutput({
    async write(bytes) {
      await clock.sleep(900);
      reads++;
      return bytes.length;
    },
  }, clock);
  for (let n = 0; n < 5; n++) output.write(`${n}\n`);
  await clock.advanceUntil(output.flush());
  assert.equal(reads, 5);
});

Deno.test("createOutput() waits for the last line also where the process itself was stopped", async () => {
  const reader = startReader();
  const fake = createFakeClock();
  let isStopped = true;
  const output = createOutput(reader, {
    now: () => fake.now() + (isStopped ? 0 : 3_000),
    sleep: fake.sleep,
    after(ms, call) {
      if (!isStopped) return fake.after(ms, call);
      // Seconds have gone by before anything in the process could go on.
      isStopped = false;
      call();
      return () => {};
    },
  });
  reader.stop();
  output.write("last\n");
  const takenByTheEnd = output.flush().then(() => [...reader.taken]);
  await fake.settle();
  reader.goOn();
  assert.deepEqual(await fake.advanceUntil(takenByTheEnd), ["last\n"]);
});

Deno.test("createOutput() keeps the newest lines for a reader that is stuck, and no more", async () => {
  const reader = startReader();
  const { output, flush } = prepare(reader);
  reader.stop();
  for (let n = 0; n < 10_000; n++) output.write(`${n}\n`);
  reader.goOn();
  await flush();
  assert.ok(reader.taken.length <= 501, `${reader.taken.length} lines`);
  assert.deepEqual([reader.taken[0], reader.taken.at(-1)], ["0\n", "9999\n"]);
});

Deno.test("createOutput() minds no reader that has gone", async () => {
  const gone = { write: () => Promise.reject(new Deno.errors.BrokenPipe("Broken pipe")) };
  const { output, flush } = prepare(gone);
  output.write("one\n");
  output.write("two\n");
  assert.equal(await flush(), 0);
});
