/**
 * Every setting of the program, from the tables that stand beside what they are for.
 *
 * @module
 */

import { commonSettings } from "./common.ts";
import type { Values } from "./setting.ts";
import { appSettings } from "../app/settings.ts";
import { eurekaSettings } from "../registry/eureka/settings.ts";
import { nacosSettings } from "../registry/nacos/settings.ts";
import { trafficSettings } from "../traffic/settings.ts";

/** Every setting of the program. */
export const SETTINGS:
  & typeof commonSettings
  & typeof trafficSettings
  & typeof nacosSettings
  & typeof eurekaSettings
  & typeof appSettings = {
    ...commonSettings,
    ...trafficSettings,
    ...nacosSettings,
    ...eurekaSettings,
    ...appSettings,
  };

/** The values of all settings. */
export type AllValues = Values<typeof SETTINGS>;
