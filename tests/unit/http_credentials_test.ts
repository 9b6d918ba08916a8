import assert from "node:assert/strict";
import { loginOf } from "../../src/http/credentials.ts";
import { createFakeClock } from "../support/fake_clock.ts";
import { createLogEvents } from "../support/log_events.ts";

/** What comes of the settings of a login, and what is said. */
function given(values: Record<string, string>, from: Record<string, string> = {}) {
  const { log, messages } = createLogEvents(createFakeClock());
  const login = loginOf("EUREKA", values, log, (key) => from[key]);
  return { ...login, said: messages("no_password") };
}

Deno.test("loginOf() puts user and password together, that of the file first", () => {
  const eurekaUsername = "me";
  const { credentials, said } = given({ eurekaUsername, eurekaPassword: "pw" });
  assert.deepEqual([credentials, said], [{ username: "me", password: "pw" }, []]);
  const both = { eurekaUsername, eurekaPassword: "pw", eurekaPasswordFile: "other" };
  assert.equal(given(both).credentials?.password, "other");
});

Deno.test("loginOf() names the variables that were read", () => {
  const from = { eurekaUsername: "SPRING_USER", eurekaPasswordFile: "EUREKA_PASSWORD_FILE" };
  assert.equal(given({}, from).variables, "SPRING_USER and EUREKA_PASSWORD_FILE");
  assert.equal(given({}).variables, "EUREKA_USERNAME and EUREKA_PASSWORD");
});

Deno.test("loginOf() is nobody without a user, and says nothing", () => {
  const advice = "set EUREKA_USERNAME and EUREKA_PASSWORD_FILE (or EUREKA_PASSWORD)";
  for (const values of [{ eurekaPassword: "pw" }, {}] as const) {
    const { credentials, said, ...login } = given(values);
    assert.deepEqual([credentials, said, login.advice], [undefined, [], advice]);
  }
});

Deno.test("loginOf() is nobody without a password, and says so", () => {
  const { credentials, said, advice } = given({ eurekaUsername: "me" });
  assert.equal(credentials, undefined);
  assert.match(said.join(), /^EUREKA_USERNAME is me, but no password is known: not logging in$/);
  assert.match(advice, /^no password of user me is known: check EUREKA_PASSWORD_FILE \(or /);
});
