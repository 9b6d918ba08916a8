import assert from "node:assert/strict";
import { credentialsOf } from "../../src/http/credentials.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createLogEvents } from "../support/log_events.ts";

/** What comes of a user and a password, and what is said. */
function given(username?: string, password?: string) {
  const { log, messages } = createLogEvents(createFakeClock());
  const credentials = credentialsOf("EUREKA_USERNAME", username, password, log);
  return { credentials, said: messages("no_password") };
}

Deno.test("credentialsOf() puts user and password together", () => {
  assert.deepEqual(given("me", "pw"), {
    credentials: { username: "me", password: "pw" },
    said: [],
  });
});

Deno.test("credentialsOf() is nobody without a user, and says nothing", () => {
  assert.deepEqual(given(undefined, "pw"), { credentials: undefined, said: [] });
  assert.deepEqual(given(), { credentials: undefined, said: [] });
});

Deno.test("credentialsOf() is nobody without a password, and says so", () => {
  const { credentials, said } = given("me");
  assert.equal(credentials, undefined);
  assert.match(said.join(), /^EUREKA_USERNAME is me, but no password is known: not logging in$/);
});
