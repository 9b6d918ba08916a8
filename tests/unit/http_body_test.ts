import assert from "node:assert/strict";
import { json, readBody } from "../../src/http/body.ts";

const MIB = 1024 * 1024;

/** A body that comes in pieces of some bytes, and tells how much was read of it. */
function bodyOf(text: string, piece: number) {
  const bytes = new TextEncoder().encode(text);
  const state = { sent: 0 };
  const body = {
    read(into: Uint8Array): Promise<number | null> {
      const count = Math.min(piece, into.length, bytes.length - state.sent);
      if (count === 0) return Promise.resolve(null);
      into.set(bytes.subarray(state.sent, state.sent += count));
      return Promise.resolve(count);
    },
  };
  return { body, state };
}

Deno.test("readBody() reads a text that comes in pieces, cut within a character or not", async () => {
  const text = "Grüße, 世界 👋 ".repeat(50);
  for (const piece of [1, 2, 3, 7, 4096]) {
    assert.deepEqual(await readBody(bodyOf(text, piece).body, 4096), { text, isCut: false });
  }
  assert.deepEqual(await readBody(bodyOf("", 1).body, 10), { text: "", isCut: false });
});

Deno.test("readBody() gives up what is too long as soon as that is clear", async () => {
  const { body, state } = bodyOf("x".repeat(10 * MIB), 1000);
  assert.deepEqual(await readBody(body, 5_000), { text: "x".repeat(4_096), isCut: true });
  assert.ok(state.sent <= 7_000, `${state.sent}`);
  const { text, isCut } = await readBody(bodyOf("x".repeat(5_000), 1000).body, 5_000);
  assert.deepEqual([text.length, isCut], [5_000, false]);
});

/** Items of some 200 bytes each, with all that JSON may have in a string. */
const itemsOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    id: i,
    metadata: { note: `"}]{[\\" ü 世 ${i}\\`, nested: { a: [1, 2, []] } },
    padding: "x".repeat(100),
  }));

Deno.test("readBody() takes a long list item by item, wherever its pieces are cut", async () => {
  const items = itemsOf(5_000);
  for (const piece of [997, 65_536, 4 * MIB]) {
    const taken: unknown[] = [];
    const sent = JSON.stringify({ before: "[{", list: items, äfter: [{ a: 1 }] }, null, 1);
    const { text, isCut } = await readBody(bodyOf(sent, piece).body, 10, (item) =>
      // The second list's items are none of ours.
      Object.hasOwn(Object(item), "id") ? taken.push(item) - 1 : undefined);
    assert.equal(isCut, false);
    const { before, list, äfter } = json(text) as Record<string, unknown[]>;
    assert.deepEqual([before, äfter], ["[{", [{ a: 1 }]]);
    const whole = list?.map((one) => typeof one === "number" ? taken[one] : one);
    assert.deepEqual(whole, items);
    assert.equal(taken.length, 5_000);
  }
});

Deno.test("readBody() leaves a short list as it is", async () => {
  const sent = JSON.stringify(itemsOf(100));
  const { text } = await readBody(bodyOf(sent, 5_000).body, 10, () => assert.fail("taken"));
  assert.equal(text, sent);
});

Deno.test("readBody() gives up a list that is none, or has an end nowhere", async () => {
  const hostile = {
    "one text": `["${"x".repeat(MIB)}"]`,
    "one item": `[{"a":"${"x".repeat(MIB)}"}]`,
    "deep": "[".repeat(MIB),
    "deep objects": '{"a":'.repeat(MIB),
    "much besides": `[${"1234567890,".repeat(MIB / 4)}1]`,
    "items of nothing": `[${"{},".repeat(MIB)}{}]`,
    "items of another kind": `[${`{"other":"${"y".repeat(90)}"},`.repeat(MIB / 25)}{}]`,
  };
  for (const [name, sent] of Object.entries(hostile)) {
    const { body } = bodyOf(sent, 65_536);
    const { isCut } = await readBody(body, 10, (item) => Object(item).id);
    assert.ok(isCut, name);
  }
});

Deno.test("readBody() reads no list for ever", async () => {
  const piece = new TextEncoder().encode(`[${'{"id":1},'.repeat(100_000)}`);
  let sent = 0;
  const body = {
    read(into: Uint8Array) {
      const count = Math.min(into.length, piece.length);
      into.set(piece.subarray(0, count));
      sent += count;
      return Promise.resolve(count);
    },
  };
  assert.ok((await readBody(body, 10, () => 1)).isCut);
  assert.ok(sent < 80 * MIB);
});

Deno.test("json() takes no text that is deeper than what servers say", () => {
  const nested = (depth: number) => "[".repeat(depth) + "{}" + "]".repeat(depth);
  assert.ok(json(nested(99)));
  assert.equal(json(nested(100)), undefined);
  assert.equal(json('{"a":[],"b":'.repeat(101) + "1" + "}".repeat(101)), undefined);
  assert.ok(json(JSON.stringify(Array(1000).fill({ a: [] }))));
  // What stands in a string is no bracket: Dubbo's ranges of versions, in a list of 200 instances.
  const texts = ["[1.0,2.0)", "[0,10),[10,20)", '\\"[{', "]}]}"];
  for (const text of texts) assert.ok(json(JSON.stringify(Array(200).fill({ a: text }))), text);
  assert.equal(json(`["]]]]",`.repeat(101) + "1" + "]".repeat(101)), undefined);
  assert.equal(json("{"), undefined);
});
