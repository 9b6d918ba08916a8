/** The whole table of settings, with the types of those of the registries, and how it is read. */

import assert from "node:assert/strict";
import type { eurekaSettings } from "../../src/registry/eureka/settings.ts";
import type { nacosSettings } from "../../src/registry/nacos/settings.ts";
import { KINDS } from "../../src/registry/registries.ts";
import { readSettings } from "../../src/settings/read.ts";
import type { Setting, SettingsTable, Values } from "../../src/settings/setting.ts";
import { isProperty } from "../../src/settings/setting.ts";
import { spellings } from "../../src/settings/spellings.ts";
import { type OwnSettings, settingsTable } from "../../src/settings_table.ts";

export const SETTINGS = settingsTable(KINDS) as
  & OwnSettings
  & typeof nacosSettings
  & typeof eurekaSettings;

/** What an environment sets without a mistake; a file's content says which it is. */
export function valuesOf<T extends SettingsTable>(
  table: T,
  env: Readonly<Record<string, string | undefined>>,
): Values<T> {
  const { values, problems } = readSettings(table, {
    flags: {},
    env: (name) => env[name],
    readFile: (path) => `content of ${path}`,
  });
  assert.deepEqual(problems, []);
  return values as Values<T>;
}

/** A variable for each name of a setting, the one that goes first in front; of Spring's the usual one. */
export function variablesOf({ env, standIns = [] }: Setting): string[] {
  return [env, ...standIns].flatMap((one) => {
    if (typeof one === "string") return isProperty(one) ? spellings(one)[0] ?? [] : one;
    const [map = ""] = one.properties;
    // The port of an app with TLS counts under a condition only.
    return one.name.includes("<") ? spellings(map, "default-zone")[0] ?? [] : [];
  });
}
