import assert from "node:assert/strict";
import { abortable } from "../../src/registry/abortable.ts";

Deno.test("abortable() gives what comes in time, whatever fires later", async () => {
  const end = new AbortController();
  assert.equal(await abortable(Promise.resolve("token"), end.signal, "no token"), "token");
  const error = new Error("refused");
  const failed = abortable(Promise.reject(error), end.signal, "no token");
  await assert.rejects(failed, (thrown) => thrown === error);
  end.abort();
});

Deno.test("abortable() ends with its signal, and nobody minds a failure after that", async () => {
  const end = new AbortController();
  const open = Promise.withResolvers<string>();
  const waits = abortable(open.promise, end.signal, "no token in time");
  end.abort();
  const expected = { outcome: "unreachable", message: "no token in time" };
  await assert.rejects(waits, expected);
  await assert.rejects(abortable(open.promise, end.signal, "no token in time"), expected);
  open.reject(new Error("refused"));
  await new Promise((resolve) => setTimeout(resolve, 0));
});
