/**
 * The registries there are. A new one is a folder beside this file, a line in the list below, and its
 * settings in `settings/all.ts`.
 *
 * @module
 */

import { createEureka } from "./eureka/eureka.ts";
import { eurekaSettings } from "./eureka/settings.ts";
import { createNacos } from "./nacos/nacos.ts";
import { nacosSettings } from "./nacos/settings.ts";
import type { Registry, RegistryDeps } from "./registry.ts";
import { asServiceOfflineError } from "../errors.ts";
import { type AllValues, SETTINGS } from "../settings/all.ts";
import type { Problem } from "../settings/read.ts";
import type { SettingsTable } from "../settings/setting.ts";

/** One kind of registry. */
interface Kind {
  readonly name: string;
  readonly settings: SettingsTable;
  /** The setting that says where it is: whoever sets it names this registry. */
  readonly address: keyof AllValues;
  readonly create: (values: AllValues, deps: RegistryDeps) => Registry;
}

/** The first one is meant where none is named. */
const KINDS: readonly Kind[] = [
  { name: "nacos", settings: nacosSettings, address: "nacosServerAddr", create: createNacos },
  { name: "eureka", settings: eurekaSettings, address: "eurekaUrl", create: createEureka },
];

/** What the settings give to work with. */
export interface Assembly {
  /** Those that are named and can be asked. */
  readonly registries: readonly Registry[];
  /** What is wrong with the settings, without those of registries that are not named. */
  readonly problems: readonly Problem[];
}

/**
 * The registries that the settings name. One whose own settings are wrong is left out, and does not
 * keep the other from its work.
 *
 * @param values the settings, as far as they could be read
 * @param problems what is missing or wrong with them
 * @param deps clock, log and the end of the run
 */
export function createRegistries(
  values: Partial<AllValues>,
  problems: readonly Problem[],
  deps: RegistryDeps,
): Assembly {
  const { used, isNamed } = usedKinds(values, problems);
  if (!isNamed) {
    deps.log.info(
      "default",
      "neither NACOS_SERVER_ADDR nor EUREKA_URL is set: it is Nacos, by default",
    );
  }
  const table = settingsInUse(values, problems);
  const relevant = problems.filter(({ key }) => key in table);
  const registries: Registry[] = [];
  for (const { name, settings, create } of used) {
    if (relevant.some(({ key, lenient }) => !lenient && key in settings)) continue;
    try {
      registries.push(create(values as AllValues, { ...deps, log: deps.log.of(name) }));
    } catch (thrown) {
      const { outcome, message } = asServiceOfflineError(thrown);
      if (outcome !== "settings") throw thrown;
      relevant.push({ key: name, message, lenient: false });
    }
  }
  return { registries, problems: relevant };
}

/**
 * The settings without those of registries that are not named.
 *
 * @param values the settings, as far as they could be read
 * @param problems what is missing or wrong with them
 */
export function settingsInUse(
  values: Partial<AllValues>,
  problems: readonly Problem[],
): SettingsTable {
  const { used } = usedKinds(values, problems);
  const unused = KINDS.filter((kind) => !used.includes(kind));
  const isUsed = ([key]: [string, unknown]) => !unused.some(({ settings }) => key in settings);
  return Object.fromEntries(Object.entries(SETTINGS).filter(isUsed));
}

/** Those that the settings name; else the first one, unnamed. */
function usedKinds(values: Partial<AllValues>, problems: readonly Problem[]) {
  const about = (key: string) => problems.some((problem) => problem.key === key);
  const named = KINDS.filter(({ address }) => values[address] !== undefined || about(address));
  const isNamed = named.length > 0;
  return { used: isNamed ? named : KINDS.slice(0, 1), isNamed };
}
