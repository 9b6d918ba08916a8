import assert from "node:assert/strict";
import { UnreachableError } from "../../src/errors.ts";
import type { Endpoint, HttpAnswer, HttpRequest } from "../../src/http/endpoint.ts";
import { hedged } from "../../src/http/hedge.ts";
import { createFakeClock } from "../support/fake_clock.ts";

/** What becomes of a request: an answer or a failure after some time, or nothing at all. */
type Fate = { afterMs: number; status?: number } | "never";

const LOGIN: HttpRequest = {
  method: "POST",
  path: "/login",
  queueTest: { method: "GET", path: "/state" },
};
const LOOK: HttpRequest = { method: "GET", path: "/look" };

/** A server whose requests have the fates that stand under their path, one after the other. */
function prepare(fates: Record<string, Fate[]>, connects = true) {
  const clock = createFakeClock();
  const start = clock.now();
  const sent: { path: string; at: number; fresh: boolean }[] = [];
  const endpoint: Endpoint = {
    root: "http://nacos",
    connect() {
      if (connects) return Promise.resolve("10.0.0.7");
      return Promise.reject(new UnreachableError("refused"));
    },
    async request({ path, fresh = false, method }, signal): Promise<HttpAnswer> {
      sent.push({ path, at: clock.now() - start, fresh });
      const fate = fates[path]?.shift() ?? "never";
      await clock.sleep(fate === "never" ? 2 ** 31 : fate.afterMs, signal);
      if (signal.aborted) throw new UnreachableError("no answer in time");
      const { status } = fate as { status?: number };
      if (status === undefined) throw new UnreachableError("connection reset");
      const body = `${sent.filter((one) => one.path === path).length}`;
      return { status, body, excerpt: body, request: `${method} ${path}` };
    },
  };
  const end = new AbortController();
  const ask = (request: HttpRequest) => hedged(endpoint, clock).request(request, end.signal);
  return { clock, sent, ask, end, endpoint, elapsed: () => clock.now() - start };
}

Deno.test("hedged() sends a request once where it is answered soon, and leaves no timer", async () => {
  const { clock, sent, ask } = prepare({ "/look": [{ afterMs: 4_900, status: 200 }] });
  assert.equal((await clock.advanceUntil(ask(LOOK))).status, 200);
  assert.equal(sent.length, 1);
  assert.equal(clock.sleeping, 0);
});

Deno.test("hedged() asks anew on a connection of its own beside one that stays open", async () => {
  const { clock, sent, ask, elapsed } = prepare({
    "/look": ["never", { afterMs: 10, status: 200 }],
  });
  assert.equal((await clock.advanceUntil(ask(LOOK))).status, 200);
  assert.deepEqual(sent.map(({ fresh }) => fresh), [false, true]);
  assert.ok(elapsed() >= 5_000 && elapsed() <= 7_510, `${elapsed()}`);
});

Deno.test("hedged() takes the old request's answer where that comes first", async () => {
  const { clock, sent, ask, elapsed } = prepare({
    "/look": [{ afterMs: 26_000, status: 200 }, "never", "never"],
  });
  assert.equal((await clock.advanceUntil(ask(LOOK))).status, 200);
  assert.equal(elapsed(), 26_000);
  // The pauses grow: after 5 to 7.5 s, 10 to 15 s after that.
  assert.equal(sent.length, 3);
});

Deno.test("hedged() fails only when no request is open any more", async () => {
  const both = prepare({ "/look": [{ afterMs: 9_000, status: 200 }, { afterMs: 10 }] });
  assert.equal((await both.clock.advanceUntil(both.ask(LOOK))).status, 200);
  const alone = prepare({ "/look": [{ afterMs: 10 }] });
  const failed = alone.clock.advanceUntil(alone.ask(LOOK));
  await assert.rejects(failed, { outcome: "unreachable", message: "connection reset" });
  assert.equal(alone.elapsed(), 10);
});

Deno.test("hedged() sends a lost login anew after 10 to 15 s, where a cheap question is answered at once", async () => {
  const { clock, sent, ask } = prepare({
    "/login": ["never", { afterMs: 80, status: 200 }],
    "/state": [{ afterMs: 900, status: 404 }],
  });
  assert.equal((await clock.advanceUntil(ask(LOGIN))).status, 200);
  const [, state, login] = sent;
  assert.deepEqual(sent.map(({ path }) => path), ["/login", "/state", "/login"]);
  assert.ok(state!.at >= 10_000 && state!.at <= 15_000, `${state!.at}`);
  assert.equal(login!.at, state!.at + 900);
  assert.deepEqual(sent.map(({ fresh }) => fresh), [false, true, true]);
});

Deno.test("hedged() never repeats a login that waits in a busy server's queue", async () => {
  const { clock, sent, ask, elapsed } = prepare({
    "/login": [{ afterMs: 100_000, status: 200 }],
    "/state": [{ afterMs: 1_100, status: 404 }, "never", { afterMs: 5_000, status: 404 }],
  });
  assert.equal((await clock.advanceUntil(ask(LOGIN))).status, 200);
  assert.equal(elapsed(), 100_000);
  assert.equal(sent.filter(({ path }) => path === "/login").length, 1);
  assert.equal(clock.sleeping, 0);
});

Deno.test("hedged() keeps the open request while nothing takes a connection", async () => {
  const { clock, sent, ask } = prepare({ "/look": [{ afterMs: 60_000, status: 200 }] }, false);
  assert.equal((await clock.advanceUntil(ask(LOOK))).status, 200);
  assert.equal(sent.length, 1);
});

Deno.test("hedged() ends with its signal, all requests with it", async () => {
  const { clock, ask, end } = prepare({});
  const asking = ask(LOOK);
  await clock.advance(30_000);
  end.abort();
  await assert.rejects(asking, { outcome: "unreachable", message: "no answer in time" });
  await clock.settle();
  assert.equal(clock.sleeping, 0);
});

Deno.test("hedged() tries a server for which every request costs much before it asks anew", async () => {
  const busy = prepare({ "/look": [{ afterMs: 60_000, status: 200 }] });
  const queueTest: HttpRequest = { method: "HEAD", path: "/state" };
  const ask = ({ endpoint, clock, end }: ReturnType<typeof prepare>) =>
    hedged(endpoint, clock, queueTest).request(LOOK, end.signal);
  await busy.clock.advanceUntil(ask(busy));
  assert.equal(busy.sent.filter(({ path }) => path === "/look").length, 1);
  const lost = prepare({
    "/look": ["never", { afterMs: 80, status: 200 }],
    "/state": [{ afterMs: 5, status: 401 }],
  });
  await lost.clock.advanceUntil(ask(lost));
  assert.deepEqual(lost.sent.map(({ path }) => path), ["/look", "/state", "/look"]);
});

Deno.test("hedged() ends with a bug while it asks anew, and hides none", async () => {
  const { clock, endpoint, end } = prepare({});
  const broken: Endpoint = { ...endpoint, connect: () => Promise.reject(new TypeError("a bug")) };
  const asking = hedged(broken, clock).request(LOOK, end.signal);
  await assert.rejects(clock.advanceUntil(asking), TypeError);
  await clock.settle();
  assert.equal(clock.sleeping, 0);
});

Deno.test("hedged() sends nothing that lasts where its signal has fired before", async () => {
  const { clock, ask, end } = prepare({});
  end.abort();
  await assert.rejects(ask(LOOK), { message: "no answer in time" });
  assert.equal(clock.sleeping, 0);
});
