/** The settings in effect, as they may be shown. */

import type { Origin } from "../settings/places.ts";
import type { Setting, SettingsTable } from "../settings/setting.ts";

/** One setting that has a value. */
export interface EffectiveSetting {
  /** The setting's own name; the value may have come by another one. */
  readonly name: string;
  /** `***` for a secret, the path of a file. */
  readonly value: string;
  readonly secret: boolean;
  /** Where the value comes from, in words. */
  readonly source: string;
  /** The variable to set it with; undefined for a default. */
  readonly variable?: string;
  /** Whether it stands in a mounted file of Spring's. */
  readonly isMounted?: true;
}

/** The settings that have a value, in the order of the table. */
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
      ...origin.isMounted && { isMounted: true },
    }];
  });
}

/** The user part and the parameters of a URL may be secret, but no parameter like `{ip}`. */
function isSecret({ secret, addresses, file }: Setting, text: string): boolean {
  if (secret) return true;
  if (file || !(addresses || text.includes("://"))) return false;
  return text.includes("@") || /[?&](?![^=&]*=\{\w+\}(?:&|$))/.test(text);
}
