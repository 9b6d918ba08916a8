import assert from "node:assert/strict";
import { OUTCOMES } from "../../src/errors.ts";
import { COMMANDS, helpText, SWITCHES } from "../../src/help.ts";
import { SETTINGS } from "../../src/settings/all.ts";

Deno.test("helpText() names every command, switch, setting and exit code", () => {
  const text = helpText();
  const names = [
    ...Object.keys(COMMANDS),
    ...Object.keys(SWITCHES),
    ...Object.values(SETTINGS).map((setting) => setting.env),
  ];
  for (const name of names) {
    assert.match(text, new RegExp(`^  ${name}\\b`, "m"));
  }
  for (const { code, meaning } of Object.values(OUTCOMES)) {
    assert.match(text, new RegExp(`^  ${code} +${meaning.slice(0, 12)}`, "m"));
  }
});

Deno.test("helpText() fits a terminal's lists and ends with a line break", () => {
  assert.ok(helpText().endsWith("\n"));
  assert.doesNotMatch(helpText(), /undefined|\[object/);
});
