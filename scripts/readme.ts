/**
 * `deno task readme`: writes anew from the code what stands in texts: the tables of the README and
 * the pages in docs, the arguments of `deno` in an example and in the Dockerfile.
 */

import { OUTCOMES } from "../src/errors.ts";
import { COMMANDS, switchRows } from "../src/help.ts";
import { KINDS } from "../src/registry/registries.ts";
import { flagOf, namesOf } from "../src/settings/setting.ts";
import type { Setting } from "../src/settings/setting.ts";
import { settingGroups } from "../src/settings_table.ts";
import { DOCKERFILE, withEntrypoint } from "./entrypoint.ts";
import { argsBefore } from "./program.ts";
import { inChinese } from "./chinese/words.ts";
import { isChinese, type Page, pages } from "./pages.ts";
import { requestsInMarkdown } from "./requests_table.ts";

/** The example whose command names every variable that may be read. */
export const EXEC_FORM = new URL("../examples/exec-form-deno-eureka.yaml", import.meta.url);

/** Says a text of the code in the language of a page. */
type Say = (english: string) => string;

/** What stands in tables, by the name of their marker. */
export const TABLES: Readonly<Record<string, (say: Say) => string>> = {
  commands: (say) => twoColumns(say, ["Command", "What it does"], named(Object.entries(COMMANDS))),
  switches: (say) => twoColumns(say, ["Flag", "Meaning"], named(switchRows())),
  outcomes: (say) =>
    twoColumns(
      say,
      ["Code", "Meaning"],
      Object.values(OUTCOMES).map(({ code, meaning }) => [`${code}`, meaning]),
    ),
  settings: settingsInMarkdown,
  requests: requestsInMarkdown,
};

type Row = readonly [string, string];

function twoColumns(say: Say, head: Row, rows: readonly Row[]): string {
  return [
    `| ${head.map(say).join(" | ")} |`,
    "|---|---|",
    ...rows.map(([name, meaning]) => `| ${name} | ${say(meaning)} |`),
  ].join("\n");
}

function named(entries: readonly Row[]): Row[] {
  return entries.map(([name, meaning]) => [`\`${name}\``, meaning]);
}

/** The settings, those of each group under its title. */
export function settingsInMarkdown(say: Say): string {
  const head = ["Variable", "Flag", "Default", "Also read, in this order", "Meaning"];
  return [
    `| ${head.map(say).join(" | ")} |`,
    "|---|---|---|---|---|",
    ...settingGroups(KINDS).flatMap(({ title, settings }) => [
      `| **${say(title)}** | | | | |`,
      ...Object.values(settings).map((setting) => settingInMarkdown(setting, say)),
    ]),
  ].join("\n");
}

function settingInMarkdown(setting: Setting, say: Say): string {
  const { env, secret, fallback, required, help } = setting;
  const [, ...others] = namesOf(setting);
  const flag = secret ? say("none: secret") : `\`${flagOf(setting)}\``;
  const preset = fallback === undefined
    ? (required === true ? say("required") : required ? `${say("without")} \`${required}\`` : "")
    : `\`${fallback}\``;
  const also = others.map((name) => `\`${name}\``).join("<br>");
  return `| \`${env}\` | ${flag} | ${preset} | ${also} | ${say(help)} |`;
}

/**
 * A page with its tables as the code has them.
 *
 * @throws {Error} it has a marker of a table that is not known
 */
export function withTables({ path, text }: Page): string {
  const say = isChinese(path) ? inChinese : (english: string) => english;
  return text.replaceAll(
    /(<!-- (\w+) -->\n)[\s\S]*?(<!-- \/\2 -->)/g,
    (_, begin: string, name: string, end: string) => {
      const table = TABLES[name];
      if (table === undefined) throw new Error(`there is no table "${name}"`);
      return `${begin}${table(say)}\n${end}`;
    },
  );
}

/** The example with the arguments of `deno` as the code has them. */
export function withArguments(text: string): string {
  const args = argsBefore(true);
  const last = args.at(-1)?.split("=")[0];
  const block = new RegExp(`( *- )${args[0]}\\n(?: *- --\\S+\\n)*? *- ${last}=\\S*\\n`, "g");
  return text.replaceAll(block, (_, dash) => args.map((arg) => `${dash}${arg}\n`).join(""));
}

if (import.meta.main) {
  await Deno.writeTextFile(DOCKERFILE, withEntrypoint(await Deno.readTextFile(DOCKERFILE)));
  await Deno.writeTextFile(EXEC_FORM, withArguments(await Deno.readTextFile(EXEC_FORM)));
  for (const page of await pages()) {
    const anew = withTables(page);
    if (anew !== page.text) await Deno.writeTextFile(page.url, anew);
  }
}
