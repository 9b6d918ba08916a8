/**
 * The settings as text: for `--help` and for the README.
 *
 * @module
 */

import { flagOf } from "./read.ts";
import type { Setting, SettingsTable } from "./setting.ts";

/**
 * The settings for a terminal, two lines each.
 *
 * @param table all settings
 */
export function settingsForTerminal(table: SettingsTable): string {
  return Object.values(table).map((setting) => {
    const names = setting.secret ? setting.env : `${setting.env}, ${flagOf(setting)}`;
    const also = setting.standIns ? ` Also read: ${setting.standIns.join(", ")}.` : "";
    return `  ${names}${defaultOf(setting, " (default ", ")")}\n      ${setting.help}${also}`;
  }).join("\n");
}

/**
 * The settings as a Markdown table.
 *
 * @param table all settings
 */
export function settingsForReadme(table: SettingsTable): string {
  const rows = Object.values(table).map((setting) => {
    const flag = setting.secret ? "none: secret" : `\`${flagOf(setting)}\``;
    const also = (setting.standIns ?? []).map((name) => `\`${name}\``).join("<br>");
    return `| \`${setting.env}\` | ${flag} | ` +
      `${defaultOf(setting, "`", "`")}${setting.required ? "required" : ""} | ${also} | ` +
      `${setting.help} |`;
  });
  return [
    "| Variable | Flag | Default | Also read, in this order | Meaning |",
    "|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

function defaultOf(setting: Setting, before: string, after: string): string {
  return setting.fallback === undefined ? "" : before + setting.fallback + after;
}
