import assert from "node:assert/strict";
import {
  NotFoundError,
  RefusedError,
  ServiceOfflineError,
  UnreachableError,
} from "../../src/errors.ts";
import { firstAnswer, type Node } from "../../src/registry/first_answer.ts";
import { createPool, orAbsent } from "../../src/registry/pool.ts";
import { createFakeClock, type FakeClock } from "../support/fake_clock.ts";

/** How one address behaves at each try; the last one stays. */
interface Behaviour {
  /** Until a connection is accepted, milliseconds. */
  readonly connectMs?: number;
  /** Until the question is answered, milliseconds. */
  readonly answerMs?: number;
  readonly connectError?: Error;
  readonly error?: Error;
}

interface FakeNode extends Node {
  readonly name: string;
  /** When it was asked, milliseconds since the start. */
  readonly connectedAt: number[];
  readonly askedAt: number[];
  /** The most questions that were open at one time. */
  most: number;
  ask(signal: AbortSignal): Promise<string>;
}

function createNode(clock: FakeClock, name: string, behaviours: readonly Behaviour[]): FakeNode {
  const start = clock.now();
  let tries = 0;
  let open = 0;
  const now = () => behaviours[Math.min(tries, behaviours.length - 1)] ?? {};
  async function wait(ms: number, signal: AbortSignal, error: Error | undefined): Promise<void> {
    await clock.sleep(ms, signal);
    if (signal.aborted) throw new UnreachableError(`${name}: no answer in time`);
    if (error) throw error;
  }
  return {
    name,
    root: name,
    connectedAt: [],
    askedAt: [],
    most: 0,
    async connect(signal) {
      this.connectedAt.push(clock.now() - start);
      this.most = Math.max(this.most, ++open);
      const { connectMs = 1, connectError } = now();
      try {
        await wait(connectMs, signal, connectError);
      } catch (error) {
        open--;
        tries++;
        throw error;
      }
    },
    async ask(signal) {
      this.askedAt.push(clock.now() - start);
      const { answerMs = 1, error } = now();
      try {
        await wait(answerMs, signal, error);
        return `answer of ${name}`;
      } finally {
        open--;
        tries++;
      }
    },
  };
}

/** Asks addresses that behave so; each has a list of behaviours, one per try. */
function begin(...behaviours: readonly Behaviour[][]) {
  return beginWith(true, behaviours);
}

function beginWith(absence: boolean, behaviours: readonly Behaviour[][]) {
  const clock = createFakeClock();
  const start = clock.now();
  const nodes = behaviours.map((one, i) => createNode(clock, `n${i + 1}`, one));
  const end = new AbortController();
  const options = { clock, patienceMs: 2_000, absence };
  const result = firstAnswer(nodes, (node, signal) => node.ask(signal), end.signal, options);
  result.catch(() => {});
  return {
    clock,
    nodes,
    end,
    result,
    elapsed: () => clock.now() - start,
    winner: async () => (await clock.advanceUntil(result)).node.name,
  };
}

const NEVER = Infinity;
const no = (what: string) => new UnreachableError(what);

Deno.test("firstAnswer() never asks the others when the first answers", async () => {
  const { clock, nodes, result } = begin([{}], [{}], [{}]);
  const { node, answer } = await clock.advanceUntil(result);
  assert.equal(node, nodes[0]);
  assert.equal(answer, "answer of n1");
  await clock.advance(60_000);
  assert.deepEqual(nodes.map((one) => one.connectedAt.length), [1, 0, 0]);
});

Deno.test("firstAnswer() asks the next when nobody accepts a connection for 200 ms", async () => {
  const { nodes, winner, elapsed } = begin([{ connectMs: NEVER }], [{}]);
  assert.equal(await winner(), "n2");
  assert.deepEqual(nodes[1]?.connectedAt, [200]);
  assert.equal(elapsed(), 202);
});

Deno.test("firstAnswer() asks the next at once when a connection is refused", async () => {
  const { nodes, winner } = begin([{ connectError: no("refused") }], [{}]);
  assert.equal(await winner(), "n2");
  assert.deepEqual(nodes[1]?.connectedAt, [1]);
});

Deno.test("firstAnswer() asks the next beside one that is silent for two seconds", async () => {
  const { clock, nodes, winner, elapsed } = begin([{ answerMs: 9_000 }], [{ answerMs: 20_000 }]);
  await clock.advance(1_990);
  assert.deepEqual(nodes[1]?.connectedAt, []);
  assert.equal(await winner(), "n1");
  assert.deepEqual(nodes[1]?.connectedAt, [2_001]);
  assert.deepEqual(nodes[0]?.askedAt, [1]);
  assert.equal(elapsed(), 9_001);
});

Deno.test("firstAnswer() takes the second's answer while the first is still open", async () => {
  const { winner, nodes, clock } = begin([{ answerMs: NEVER }], [{}], [{}]);
  assert.equal(await winner(), "n2");
  await clock.advance(60_000);
  assert.deepEqual(nodes.map((one) => one.connectedAt.length), [1, 1, 0]);
});

Deno.test("firstAnswer() ends what is still open when it has an answer", async () => {
  const { clock, winner } = begin([{ answerMs: NEVER }], [{}]);
  await winner();
  await clock.settle();
  assert.equal(clock.sleeping, 0);
});

Deno.test("firstAnswer() goes through all addresses in turn", async () => {
  const silent = [{ connectMs: NEVER }];
  const { nodes, winner } = begin(silent, silent, silent, [{}]);
  assert.equal(await winner(), "n4");
  assert.deepEqual(nodes.map((one) => one.connectedAt[0]), [0, 200, 400, 600]);
});

Deno.test("firstAnswer() asks a failed address again while another is open", async () => {
  const { nodes, winner, elapsed } = begin(
    [{ answerMs: NEVER }],
    [{ error: no("starting") }, { error: no("starting") }, {}],
  );
  assert.equal(await winner(), "n2");
  const [first = 0, second = 0, third = 0, ...more] = nodes[1]?.connectedAt ?? [];
  assert.deepEqual(more, []);
  assert.ok(second - first >= 250 && second - first <= 510, String(second - first));
  assert.ok(third - second >= 500 && third - second <= 1_010, String(third - second));
  assert.equal(nodes[0]?.connectedAt.length, 1);
  assert.ok(elapsed() < 4_000);
});

Deno.test("firstAnswer() never has two questions open at one address", async () => {
  const failing = [{ answerMs: 700, error: no("slow and starting") }];
  const { clock, nodes, end } = begin([{ answerMs: NEVER }], failing, failing);
  await clock.advance(60_000);
  end.abort();
  await clock.settle();
  assert.ok((nodes[1]?.connectedAt.length ?? 0) > 5);
  assert.deepEqual(nodes.map((one) => one.most), [1, 1, 1]);
});

Deno.test("firstAnswer() rejects when every address has failed", async () => {
  const { clock, result, elapsed } = begin([{ error: no("one") }], [{ error: no("two") }]);
  await assert.rejects(
    clock.advanceUntil(result),
    (error: ServiceOfflineError) => error.outcome === "unreachable" && error.message === "one; two",
  );
  assert.ok(elapsed() < 100);
});

Deno.test("firstAnswer() rejects with the very error of the only address", async () => {
  const error = no("one");
  const { clock, result } = begin([{ error }]);
  await assert.rejects(clock.advanceUntil(result), (thrown) => thrown === error);
});

Deno.test("firstAnswer() rejects with the error that says most about what to do", async () => {
  const rejection = async (...errors: Error[]) => {
    const { clock, result } = begin(...errors.map((error) => [{ error }]));
    try {
      await clock.advanceUntil(result);
    } catch (error) {
      return error;
    }
  };
  const refused = new RefusedError("login failed");
  const absent = new NotFoundError("no 10.0.0.7:8080");
  const settings = new ServiceOfflineError("settings", "answered 400");
  assert.equal(await rejection(no("x"), refused), refused);
  assert.equal(await rejection(absent, no("x")), absent);
  assert.equal(await rejection(settings, no("x")), settings);
  assert.equal(await rejection(settings, settings), settings);
});

Deno.test("firstAnswer() believes in absence only where all agree, if it is told so", async () => {
  const absent = new NotFoundError("no 10.0.0.7:8080");
  const one = beginWith(false, [[{ error: absent }], [{ error: no("no leader") }]]);
  await assert.rejects(one.clock.advanceUntil(one.result), { outcome: "unreachable" });
  const both = beginWith(false, [[{ error: absent }], [{ error: absent }]]);
  await assert.rejects(both.clock.advanceUntil(both.result), { outcome: "notFound" });
});

Deno.test("firstAnswer() does not hide a bug behind an address that cannot be reached", async () => {
  const { clock, result } = begin([{ error: no("x") }], [{ error: new TypeError("bug") }]);
  await assert.rejects(
    clock.advanceUntil(result),
    (error: ServiceOfflineError) => error.outcome === "internal" && /bug/.test(error.message),
  );
});

Deno.test("firstAnswer() ends when its signal fires", async () => {
  const open = begin([{ answerMs: NEVER }], [{ connectMs: NEVER }]);
  await open.clock.advance(10_000);
  open.end.abort();
  await assert.rejects(open.result, { outcome: "unreachable" });
  const early = begin([{ connectMs: NEVER }], [{}]);
  await early.clock.advance(50);
  early.end.abort();
  await assert.rejects(early.result, { outcome: "unreachable" });
  assert.deepEqual(early.nodes[1]?.connectedAt, []);
  const retrying = begin([{ answerMs: NEVER }], [{ error: no("starting") }]);
  await retrying.clock.advance(20_000);
  retrying.end.abort();
  await assert.rejects(retrying.result, { outcome: "unreachable" });
  for (const one of [open, early, retrying]) assert.equal(one.clock.sleeping, 0);
});

Deno.test("firstAnswer() asks nobody when its signal has fired already", async () => {
  const clock = createFakeClock();
  const node = createNode(clock, "n1", [{}]);
  const options = { clock, patienceMs: 2_000 };
  const asked = firstAnswer([node], (one, s) => one.ask(s), AbortSignal.abort(), options);
  await assert.rejects(asked, { outcome: "unreachable" });
  assert.deepEqual(node.connectedAt, []);
});

/** A pool of addresses that behave so, and who gives its next answer. */
function createFakePool(...behaviours: readonly Behaviour[][]) {
  const clock = createFakeClock();
  const nodes = behaviours.map((one, i) => createNode(clock, `n${i + 1}`, one));
  const pool = createPool(nodes, { clock, patienceMs: 500 });
  const { signal } = new AbortController();
  return {
    clock,
    nodes,
    pool,
    order: () => pool.order.map((node) => node.name),
    ask: (options?: { absence?: boolean }) =>
      clock.advanceUntil(pool.ask((node, s) => node.ask(s), signal, options)),
  };
}

Deno.test("createPool() keeps the order of the settings while the first one answers", async () => {
  const { order, ask } = createFakePool([{}], [{}], [{}]);
  assert.deepEqual(order(), ["n1", "n2", "n3"]);
  assert.equal(await ask(), "answer of n1");
  assert.deepEqual(order(), ["n1", "n2", "n3"]);
});

Deno.test("createPool() asks whoever has answered last first, then the others in order", async () => {
  const { nodes, order, ask } = createFakePool([{ error: no("x") }, {}], [{ error: no("x") }], [
    {},
    { error: no("x") },
  ]);
  assert.equal(await ask(), "answer of n3");
  assert.deepEqual(order(), ["n3", "n1", "n2"]);
  assert.equal(await ask(), "answer of n1");
  assert.deepEqual(order(), ["n1", "n2", "n3"]);
  assert.deepEqual(nodes.map((node) => node.askedAt.length), [2, 1, 2]);
});

Deno.test("createPool() keeps its order where nobody has answered", async () => {
  const { order, ask } = createFakePool([{ error: no("one") }], [{ error: no("two") }]);
  await assert.rejects(ask(), { outcome: "unreachable", message: "one; two" });
  assert.deepEqual(order(), ["n1", "n2"]);
});

Deno.test("createPool() passes on whether one address's word is enough for absence", async () => {
  const absent = [{ error: new NotFoundError("no 10.0.0.7:8080") }];
  const { ask } = createFakePool(absent, [{ error: no("x") }]);
  await assert.rejects(ask({ absence: true }), { outcome: "notFound" });
  await assert.rejects(ask({ absence: false }), { outcome: "unreachable" });
  await assert.rejects(ask(), { outcome: "unreachable" });
});

Deno.test("createPool() asks the next one when its patience is over", async () => {
  const { nodes, ask } = createFakePool([{ answerMs: 9_000 }], [{}]);
  assert.equal(await ask(), "answer of n2");
  assert.deepEqual(nodes[1]?.connectedAt, [501]);
});

Deno.test("createPool() tells the question how often it was put to an address", async () => {
  const { clock, pool } = createFakePool([{ answerMs: NEVER }], [{}]);
  const asked: string[] = [];
  const answer = pool.ask(async (node, s, tries) => {
    asked.push(`${node.name} ${tries}`);
    if (node.name === "n2" && tries < 3) throw no("starting");
    return await node.ask(s);
  }, new AbortController().signal);
  assert.equal(await clock.advanceUntil(answer), "answer of n2");
  assert.deepEqual(asked, ["n1 1", "n2 1", "n2 2", "n2 3"]);
});

Deno.test("orAbsent() gives the answer, undefined for absence, and throws what else went wrong", async () => {
  assert.equal(await orAbsent(Promise.resolve("answer")), "answer");
  assert.equal(await orAbsent(Promise.reject(new NotFoundError("no orders"))), undefined);
  const error = no("no answer");
  await assert.rejects(orAbsent(Promise.reject(error)), (thrown) => thrown === error);
});
