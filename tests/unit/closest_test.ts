import assert from "node:assert/strict";
import { closest } from "../../src/closest.ts";

const COMMANDS = ["offline", "online", "status", "check", "sidecar", "install"];
const FLAGS = ["--service-name", "--group-name", "--port", "--drain-seconds", "--nacos-password"];

Deno.test("closest() sees through swapped, missing and doubled letters", () => {
  const typed = { stauts: "status", onlien: "online", ofline: "offline", offlien: "offline" };
  for (const [word, meant] of Object.entries({ ...typed, chekc: "check", statuss: "status" })) {
    assert.equal(closest(word, COMMANDS), meant, word);
  }
});

Deno.test("closest() knows other spellings and parts of a name", () => {
  for (const word of ["--serviceName", "-service-name", "--SERVICE_NAME", "--service"]) {
    assert.equal(closest(word, FLAGS), "--service-name", word);
  }
  assert.equal(closest("--drain-second", FLAGS), "--drain-seconds");
  assert.equal(closest("--prot", FLAGS), "--port");
  assert.equal(closest("stat", COMMANDS), "status");
});

Deno.test("closest() guesses nothing where nothing is like it", () => {
  for (const word of ["", "-", "x", "restart", "stop", "orders", "--bogus"]) {
    assert.equal(closest(word, COMMANDS), undefined, word);
  }
  for (const word of ["--bogus", "--verbose", "--dry-run", "-p"]) {
    assert.equal(closest(word, FLAGS), undefined, word);
  }
});

Deno.test("closest() is soon done with a word of any length", () => {
  assert.equal(closest(`--${"x".repeat(1_000_000)}`, FLAGS), undefined);
});
