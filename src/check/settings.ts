/**
 * The settings in effect, as they may be shown.
 *
 * @module
 */

import type { Origin } from "../settings/read.ts";
import type { Setting, SettingsTable } from "../settings/setting.ts";

/** One setting that has a value. */
export interface EffectiveSetting {
  /** Its own name; it may have come by another one. */
  readonly name: string;
  /** Its value, `***` for a secret; of a file its path. */
  readonly value: string;
  /** Whether nobody may see it. */
  readonly secret: boolean;
  /** Where it comes from, in words. */
  readonly source: string;
  /** The variable to set it with; undefined for a default. */
  readonly variable?: string;
}

/**
 * The settings that have a value, in the order of the table.
 *
 * @param table those that are used
 * @param origins where the values come from
 */
export function effectiveSettings(
  table: SettingsTable,
  origins: Readonly<Record<string, Origin>>,
): EffectiveSetting[] {
  return Object.entries(table).flatMap(([key, setting]): EffectiveSetting[] => {
    const origin = origins[key];
    if (origin === undefined) {
      const { env: name, fallback: value } = setting;
      return value === undefined ? [] : [{ name, value, secret: false, source: "default" }];
    }
    const secret = isSecret(setting, origin.text);
    return [{
      name: setting.env,
      value: secret ? "***" : origin.text,
      secret,
      source: origin.from,
      variable: origin.env,
    }];
  });
}

/** A URL may carry a password, or something like one in its parameters; `{ip}` there is none. */
function isSecret({ secret, addresses, file }: Setting, text: string): boolean {
  if (secret) return true;
  if (file || !(addresses || text.includes("://"))) return false;
  return text.includes("@") || /[?&](?![^=&]*=\{\w+\}(?:&|$))/.test(text);
}
