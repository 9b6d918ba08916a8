/** The harness itself: a check that never fails would prove nothing. */

import assert from "node:assert/strict";
import { registerSecret, runHook, secret, startHook } from "../support/hook.ts";
import { uniqueName } from "../support/lab.ts";
import { checkForSecrets } from "../support/secrets.ts";

Deno.test("runHook fails a run that prints a registered secret", async () => {
  const port = uniqueName();
  registerSecret(port);
  // A value that is no secret is repeated where it is wrong.
  const env = { podip: "10.0.0.1", port, serviceName: "orders" };
  await assert.rejects(
    runHook(["status"], env),
    (error: Error) => /printed a secret \(plain\)/.test(error.message),
  );
});

Deno.test("checkForSecrets finds every spelling and names none", () => {
  const value = secret();
  const bytes = new TextEncoder().encode(`user:${value}`);
  const basic = bytes.toBase64();
  const printed = {
    plain: value,
    "in JSON": JSON.stringify({ message: value }),
    "with %20": encodeURIComponent(value),
    "with lower-case hex": encodeURIComponent(value).replaceAll(
      /%../g,
      (hex) => hex.toLowerCase(),
    ),
    "with +": new URLSearchParams({ password: value }).toString(),
    base64: new TextEncoder().encode(value).toBase64(),
    "base64 without padding": new TextEncoder().encode(value).toBase64({ omitPadding: true }),
    "in basic credentials": `Basic ${basic}`,
    base64url: bytes.toBase64({ alphabet: "base64url", omitPadding: true }),
  };
  for (const [spelling, text] of Object.entries(printed)) {
    assert.throws(
      () => checkForSecrets({ stdout: `before ${text} after` }),
      (error: Error) => /printed a secret/.test(error.message) && !error.message.includes(value),
      spelling,
    );
  }
  checkForSecrets({ stdout: "nothing in here" });
});

Deno.test("runHook kills a run that does not end, and shows its output so far", async () => {
  // In its place a program that has printed its line by then on any machine.
  const launcher = ["sh", "-c", "echo has begun; exec sleep 300"];
  await assert.rejects(
    runHook(["online"], {}, { timeoutMs: 3_000, launcher }),
    (error: Error) => /had not ended after 3000 ms[\s\S]*has begun/.test(error.message),
  );
});

Deno.test("startHook gives the program no other environment than the test's", async () => {
  Deno.env.set("serviceName", "leaked-from-the-surroundings");
  try {
    const run = await runHook(["status"], { podip: "10.0.0.1", port: "80" });
    assert.match(run.stderr, /serviceName is not set/);
  } finally {
    Deno.env.delete("serviceName");
  }
});

Deno.test("waitForLine says what came instead of the line", async () => {
  await using hook = startHook(["--version"], {});
  await assert.rejects(
    hook.waitForLine(/never printed/),
    (error: Error) => /ended without a line[\s\S]*service-offline \d/.test(error.message),
  );
});
