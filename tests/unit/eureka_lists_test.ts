import assert from "node:assert/strict";
import { UnreachableError } from "../../src/errors.ts";
import type { EurekaInstance } from "../../src/registry/eureka/instance.ts";
import { createLists } from "../../src/registry/eureka/lists.ts";
import type { EurekaServer } from "../../src/registry/eureka/server.ts";
import { createFakeClock } from "../support/fake_clock.ts";

const { signal } = new AbortController();
const LIST: readonly EurekaInstance[] = [];

/** Servers whose lists take so long each, milliseconds; an error is what the first request gives. */
function prepare(...behaviours: readonly (number | Error)[]) {
  const clock = createFakeClock();
  const start = clock.now();
  const asked = behaviours.map(() => 0);
  const nobody = () => Promise.reject(new Error("nobody asks"));
  const servers = behaviours.map((behaviour, i): EurekaServer => ({
    user: undefined,
    root: `http://n${i + 1}`,
    ownAddress: undefined,
    connect: () => Promise.resolve(),
    instance: nobody,
    async instances() {
      const isFirst = asked[i] === 0;
      asked[i] = (asked[i] ?? 0) + 1;
      if (typeof behaviour === "number") await clock.sleep(isFirst ? behaviour : 0);
      else if (isFirst) throw behaviour;
      return [...LIST];
    },
    apps: nobody,
    prove: nobody,
    keepBack: nobody,
    release: nobody,
    remove: nobody,
  }));
  const lists = createLists("orders", servers, clock);
  return {
    clock,
    asked,
    servers,
    lists,
    elapsed: () => clock.now() - start,
    at: (i: number) => {
      const server = servers[i];
      assert.ok(server);
      return clock.advanceUntil(lists.at(server, signal));
    },
    ahead: () => servers.map((server) => lists.mayBeAhead(server)),
  };
}

Deno.test("createLists() asks every server at once to warm up", async () => {
  const { clock, asked, lists } = prepare(1_000, 1_000);
  lists.warmUp(signal);
  await clock.settle();
  assert.deepEqual(asked, [1, 1]);
});

Deno.test("createLists() waits for a list that is under way instead of asking twice", async () => {
  const { asked, lists, at, elapsed } = prepare(300);
  lists.warmUp(signal);
  assert.deepEqual(await at(0), LIST);
  assert.deepEqual([asked, elapsed()], [[1], 300]);
  await at(0);
  assert.deepEqual(asked, [2]);
});

Deno.test("createLists() lets a list come before the first write, and goes on once all are there", async () => {
  const { clock, lists, ahead, elapsed } = prepare(20, 60);
  lists.warmUp(signal);
  await clock.advanceUntil(lists.beforeWrite());
  assert.equal(elapsed(), 60);
  assert.deepEqual(ahead(), [false, false]);
  assert.equal(clock.sleeping, 0);
});

Deno.test("createLists() lets the first write wait a tenth of a second at most, and no other", async () => {
  const { clock, lists, elapsed } = prepare(20, 5_000);
  lists.warmUp(signal);
  await clock.advanceUntil(lists.beforeWrite());
  assert.equal(elapsed(), 100);
  await clock.advanceUntil(lists.beforeWrite());
  assert.equal(elapsed(), 100);
});

Deno.test("createLists() does not let a write wait where no list is under way", async () => {
  const { clock, lists, elapsed } = prepare(20);
  await clock.advanceUntil(lists.beforeWrite());
  assert.deepEqual([elapsed(), clock.sleeping], [0, 0]);
});

Deno.test("createLists() takes a list that comes after the write for ahead, for 30 s", async () => {
  const { clock, lists, at, ahead } = prepare(20, 5_000);
  lists.warmUp(signal);
  await clock.advanceUntil(lists.beforeWrite());
  await at(1);
  assert.deepEqual(ahead(), [false, true]);
  await clock.advance(29_999);
  await at(1);
  assert.deepEqual(ahead(), [false, true]);
  await clock.advance(1);
  assert.deepEqual(ahead(), [false, false]);
});

Deno.test("createLists() counts from the first answer, not from a failure", async () => {
  const { clock, lists, at, ahead } = prepare(20, new UnreachableError("answered 503"));
  lists.warmUp(signal);
  await clock.advanceUntil(lists.beforeWrite());
  assert.deepEqual(ahead(), [false, false]);
  await clock.advance(40_000);
  await at(1);
  assert.deepEqual(ahead(), [false, true]);
  await clock.advance(30_000);
  assert.deepEqual(ahead(), [false, false]);
});

Deno.test("createLists() takes no list for ahead before anything was written", async () => {
  const { at, ahead } = prepare(20, 20);
  await at(0);
  assert.deepEqual(ahead(), [false, false]);
});

Deno.test("createLists() waits for a list no longer than whoever asks", async () => {
  const { lists, servers, asked } = prepare(5_000);
  lists.warmUp(signal);
  const end = new AbortController();
  const [server] = servers;
  assert.ok(server);
  const late = lists.at(server, end.signal);
  end.abort();
  await assert.rejects(late, { outcome: "unreachable", message: "http://n1: no list in time" });
  assert.deepEqual(asked, [1]);
});

Deno.test("createLists() passes a failure on to who waits for it, and asks again", async () => {
  const { lists, at, asked } = prepare(new UnreachableError("answered 503"));
  lists.warmUp(signal);
  await assert.rejects(at(0), { message: "answered 503" });
  assert.deepEqual(await at(0), LIST);
  assert.deepEqual(asked, [2]);
});
