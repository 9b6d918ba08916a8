/** The whole table of settings, with the types of those of the registries. */

import type { eurekaSettings } from "../../src/registry/eureka/settings.ts";
import type { nacosSettings } from "../../src/registry/nacos/settings.ts";
import { KINDS } from "../../src/registry/registries.ts";
import { type OwnSettings, settingsTable } from "../../src/settings_table.ts";

export const SETTINGS = settingsTable(KINDS) as
  & OwnSettings
  & typeof nacosSettings
  & typeof eurekaSettings;
