/**
 * The registries there are. A new one is a folder beside this file and a line in each of the two.
 *
 * @module
 */

import { createNacos } from "./nacos/nacos.ts";
import { nacosSettings } from "./nacos/settings.ts";
import type { Registry, RegistryDeps } from "./registry.ts";
import { commonSettings } from "../settings/common.ts";
import type { Values } from "../settings/setting.ts";

/** Every setting of the program. */
export const SETTINGS: typeof commonSettings & typeof nacosSettings = {
  ...commonSettings,
  ...nacosSettings,
};

/**
 * The registries that the settings name.
 *
 * @param values the settings, complete
 * @param deps clock, log and the end of the run
 */
export function createRegistries(
  values: Values<typeof SETTINGS>,
  deps: RegistryDeps,
): Registry[] {
  return [
    createNacos(values, { ...deps, log: deps.log.of("nacos") }),
  ];
}
