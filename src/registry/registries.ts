/** The registries there are: a further one is a folder beside this file and a line in `KINDS`. */

import { eureka } from "./eureka/kind.ts";
import type { Kind } from "./kind.ts";
import { nacos } from "./nacos/kind.ts";
import type { Registry, RegistryDeps } from "./registry.ts";
import { asServiceOfflineError } from "../errors.ts";
import type { Problem } from "../settings/read.ts";

/** The first one is the default. */
export const KINDS: readonly Kind[] = [nacos, eureka];

/** What the settings give to work with. */
interface Assembly {
  /** Those that are named; none: the default. */
  readonly used: readonly Kind[];
  /** Those of them that can be asked. */
  readonly registries: readonly Registry[];
  /** What is wrong with the settings, without those of registries that are not named. */
  readonly problems: readonly Problem[];
}

/**
 * The registries that the settings name. One whose own settings are wrong is left out, and does not
 * keep the others from their work.
 *
 * @param values the settings, as far as they could be read
 * @param problems what is missing or wrong with them
 */
export function createRegistries(
  kinds: readonly Kind[],
  values: Readonly<Record<string, unknown>>,
  problems: readonly Problem[],
  deps: RegistryDeps,
): Assembly {
  const isWrong = (key: string) => problems.some((problem) => problem.key === key);
  const named = kinds.filter(({ address }) => values[address] !== undefined || isWrong(address));
  const used = named.length > 0 ? named : kinds.slice(0, 1);
  if (named.length === 0) deps.log.info("default", defaultInWords(kinds));
  const unused = kinds.filter((kind) => !used.includes(kind));
  const relevant = problems.filter(({ key }) => !unused.some(({ settings }) => key in settings));
  const registries: Registry[] = [];
  for (const { name, settings, create } of used) {
    if (relevant.some(({ key, lenient }) => !lenient && key in settings)) continue;
    try {
      registries.push(create(values as never, { ...deps, log: deps.log.of(name) }));
    } catch (thrown) {
      const { outcome, message } = asServiceOfflineError(thrown);
      if (outcome !== "settings") throw thrown;
      relevant.push({ key: name, message, lenient: false });
    }
  }
  return { used, registries, problems: relevant };
}

/** `neither NACOS_SERVER_ADDR nor EUREKA_URL is set: using Nacos, the default`. */
function defaultInWords(kinds: readonly Kind[]): string {
  const names = kinds.map(({ address, settings }) => settings[address]?.env);
  return `neither ${names.join(" nor ")} is set: using ${kinds[0]?.title}, the default`;
}
