/** What is thrown and nobody catches does not end the process, and with it the drain. */

import assert from "node:assert/strict";

const MAIN = new URL("../../src/system.ts", import.meta.url);

Deno.test("onStray() takes rejections and errors in listeners, and the process goes on", async () => {
  const program = `
import { onStray } from "${MAIN}";
onStray((thrown) => console.log("taken:", thrown.message));
Promise.reject(new Error("a rejection"));
const told = new AbortController();
told.signal.addEventListener("abort", () => {
  throw new Error("in a listener");
});
told.abort();
setTimeout(() => console.log("went on"), 100);
`;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--cached-only", program],
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  assert.deepEqual(
    text.trim().split("\n"),
    ["taken: in a listener", "taken: a rejection", "went on"],
    new TextDecoder().decode(stderr),
  );
  assert.equal(code, 0);
});
