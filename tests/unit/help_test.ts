import assert from "node:assert/strict";
import { OUTCOMES } from "../../src/errors.ts";
import { COMMANDS, helpText, SWITCHES } from "../../src/help.ts";
import { KINDS } from "../../src/registry/registries.ts";
import { flagOf, namesOf, type SettingsTable } from "../../src/settings/setting.ts";
import { SETTINGS } from "../support/settings.ts";

const TABLE: SettingsTable = SETTINGS;
const TEXT = helpText(KINDS);
const UNBROKEN = TEXT.replaceAll(/\n {6}/g, " ");

Deno.test("helpText() names every command, switch, setting and exit code", () => {
  const names = [
    ...Object.keys(COMMANDS),
    ...Object.keys(SWITCHES),
    ...Object.values(TABLE).map((setting) => setting.env),
  ];
  for (const name of names) assert.match(TEXT, new RegExp(`^  ${name}\\b`, "m"));
  for (const { code, meaning } of Object.values(OUTCOMES)) {
    assert.match(TEXT, new RegExp(`^  ${code} +${meaning.slice(0, 12)}`, "m"));
  }
});

Deno.test("helpText() says of every setting what it is, its flag, default and other names", () => {
  for (const setting of Object.values(TABLE)) {
    const { env, secret, help, fallback, required } = setting;
    const [line = ""] = new RegExp(`^  ${env}\\b.*$`, "m").exec(UNBROKEN) ?? [];
    assert.equal(line.startsWith(`  ${env}, ${flagOf(setting)} `), !secret, line);
    assert.ok(line.includes(help), line);
    assert.equal(/ Required( without \w+)?\./.test(line), required !== undefined, line);
    assert.ok(fallback === undefined || line.includes(` Default: ${fallback}.`), line);
    const [, ...others] = namesOf(setting);
    assert.ok(others.length === 0 || line.endsWith(` Also read: ${others.join(", ")}.`), line);
  }
});

Deno.test("helpText() fits a terminal of 80 columns and ends with a line break", () => {
  assert.deepEqual(TEXT.split("\n").filter((line) => line.length > 80), []);
  assert.ok(TEXT.endsWith("\n"));
  assert.doesNotMatch(TEXT, /undefined|\[object| $/m);
});

Deno.test("helpText() groups the settings, and has an example for each way", () => {
  for (const { title } of KINDS) assert.match(TEXT, new RegExp(`^${title}:$`, "m"));
  for (const way of ["/opt/service_offline_nacos.sh", "[sidecar]", "check", "online --strict"]) {
    assert.ok(TEXT.slice(TEXT.indexOf("Examples:"), TEXT.indexOf("Each setting is")).includes(way));
  }
});
