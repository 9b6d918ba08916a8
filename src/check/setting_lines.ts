/** The settings in effect, for people. */

import type { Line } from "./lines.ts";
import type { EffectiveSetting } from "./settings.ts";

/** No line is longer, so that it fits a terminal. */
const MAX_COLUMNS = 96;

/** @param all one under the other, with defaults and sources; else only those that are given */
export function settingLines(settings: readonly EffectiveSetting[], all: boolean): Line[] {
  if (!all) return flowed(settings.filter(({ variable }) => variable !== undefined).map(short));
  const width = Math.max(0, ...settings.map(({ name }) => name.length));
  return settings.map(({ name, value, source }) =>
    `  ${name.padEnd(width)}  ${value}  (${source})`
  );
}

/** The source only where it is not the setting's own variable. */
function short({ name, value, source }: EffectiveSetting): string {
  const from = source.replace(/^environment variable /, "");
  return `${name}=${value}${from === name ? "" : ` (${from})`}`;
}

function flowed(words: readonly string[]): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const longer = `${lines.at(-1)}  ${word}`;
    if (lines.length > 0 && longer.length <= MAX_COLUMNS) lines.splice(-1, 1, longer);
    else lines.push(`  ${word}`);
  }
  return lines;
}
