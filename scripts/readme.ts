/**
 * `deno task readme`: writes anew from the code what stands in texts: the tables of the README, the
 * permissions in an example.
 */

import { OUTCOMES } from "../src/errors.ts";
import { COMMANDS, switchRows } from "../src/help.ts";
import { KINDS } from "../src/registry/registries.ts";
import { flagOf, namesOf } from "../src/settings/setting.ts";
import type { Setting } from "../src/settings/setting.ts";
import { settingGroups } from "../src/settings_table.ts";
import { permissionFlags } from "./permissions.ts";

export const README = new URL("../README.md", import.meta.url);

/** The example whose command names every variable that may be read. */
export const EXEC_FORM = new URL("../examples/exec-form-deno-eureka.yaml", import.meta.url);

/** The tables, by the name of their marker. */
function tables(): Record<string, string> {
  const rows = (head: string, lines: string[]) => [head, "|---|---|", ...lines].join("\n");
  const named = (entries: readonly (readonly [name: string, meaning: string])[]) =>
    entries.map(([name, meaning]) => `| \`${name}\` | ${meaning} |`);
  return {
    commands: rows("| Command | What it does |", named(Object.entries(COMMANDS))),
    switches: rows("| Flag | Meaning |", named(switchRows())),
    settings: settingsInMarkdown(),
    outcomes: rows(
      "| Code | Meaning |",
      Object.values(OUTCOMES).map(({ code, meaning }) => `| ${code} | ${meaning} |`),
    ),
  };
}

/** The settings, those of each group under its title. */
export function settingsInMarkdown(): string {
  return [
    "| Variable | Flag | Default | Also read, in this order | Meaning |",
    "|---|---|---|---|---|",
    ...settingGroups(KINDS).flatMap(({ title, settings }) => [
      `| **${title}** | | | | |`,
      ...Object.values(settings).map(settingInMarkdown),
    ]),
  ].join("\n");
}

function settingInMarkdown(setting: Setting): string {
  const { env, secret, fallback, required, help } = setting;
  const [, ...others] = namesOf(setting);
  const flag = secret ? "none: secret" : `\`${flagOf(setting)}\``;
  const preset = fallback === undefined
    ? (required === true ? "required" : required ? `without \`${required}\`` : "")
    : `\`${fallback}\``;
  const also = others.map((name) => `\`${name}\``).join("<br>");
  return `| \`${env}\` | ${flag} | ${preset} | ${also} | ${help} |`;
}

/** A README with its tables as the code has them. */
export function withTables(text: string): string {
  let result = text;
  for (const [name, table] of Object.entries(tables())) {
    const marked = new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
    if (!marked.test(result)) throw new Error(`README.md has no table "${name}"`);
    result = result.replace(marked, (_, begin, end) => `${begin}${table}\n${end}`);
  }
  return result;
}

/** The example with the permissions as the code has them. */
export function withPermissions(text: string): string {
  const flags = permissionFlags();
  const last = flags.at(-1)?.split("=")[0];
  const block = new RegExp(`( *- )${flags[0]}\\n(?: *- --\\S+\\n)*? *- ${last}=\\S*\\n`, "g");
  return text.replaceAll(block, (_, dash) => flags.map((flag) => `${dash}${flag}\n`).join(""));
}

if (import.meta.main) {
  await Deno.writeTextFile(EXEC_FORM, withPermissions(await Deno.readTextFile(EXEC_FORM)));
  await Deno.writeTextFile(README, withTables(await Deno.readTextFile(README)));
}
