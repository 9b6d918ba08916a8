/** Every setting of the program, from the tables that stand beside what they are for. */

import { appSettings } from "./app/settings.ts";
import type { Kind } from "./registry/kind.ts";
import { commonSettings } from "./settings/common.ts";
import type { SettingsTable } from "./settings/setting.ts";
import { trafficSettings } from "./traffic/settings.ts";

/** Settings that belong together. */
export interface SettingGroup {
  readonly title: string;
  readonly settings: SettingsTable;
}

/** The settings that the program itself looks at; those of a registry only that one looks at. */
export type OwnSettings = typeof commonSettings & typeof trafficSettings & typeof appSettings;

/** The settings as they are shown, those of the registries under their names. */
export function settingGroups(kinds: readonly Kind[]): readonly SettingGroup[] {
  return [
    { title: "Instance, times, log", settings: commonSettings },
    ...kinds,
    { title: "Requests that the app still gets", settings: trafficSettings },
    { title: "Calls to the app and others", settings: appSettings },
  ];
}

/** All settings in one table. Those of the registries are in it too, unknown to the type. */
export function settingsTable(kinds: readonly Kind[]): OwnSettings {
  return Object.assign({}, ...settingGroups(kinds).map(({ settings }) => settings));
}
