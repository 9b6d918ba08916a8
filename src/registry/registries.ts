/** The registries there are: a further one is a folder beside this file and a line in `KINDS`. */

import { choose, type Given } from "./choice.ts";
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
  /** Those that are named; none: the default, or those that may be meant. */
  readonly used: readonly Kind[];
  /** Those of them that can be asked. */
  readonly registries: readonly Registry[];
  /** What is wrong with the settings, without those of registries that are not named. */
  readonly problems: readonly Problem[];
}

/**
 * The registries that the settings name. One whose own settings are wrong is left out, and does not
 * keep the others from their work.
 */
export function createRegistries(
  kinds: readonly Kind[],
  given: Given,
  deps: RegistryDeps,
): Assembly {
  const { used, how } = choose(kinds, given);
  const { values, off } = given;
  const has = ({ settings }: Kind, key: string) => key in settings;
  const unused = kinds.filter((kind) => !used.includes(kind));
  const problems = given.problems.filter(({ key }) => !unused.some((kind) => has(kind, key)));
  if (how === "unknown") {
    const unnamed = { key: "registry", message: unnamedInWords(used), lenient: false };
    // What else is missing depends on which is meant.
    const others = problems.filter(({ key }) =>
      used.length === 1 || !used.some((kind) => has(kind, key))
    );
    return { used, registries: [], problems: [unnamed, ...others] };
  }
  if (how === "default") deps.log.info("default", defaultInWords(kinds));
  const registries: Registry[] = [];
  for (const kind of used) {
    const { name, address, create } = kind;
    if (problems.some(({ key, lenient }) => !lenient && has(kind, key))) continue;
    if (off?.has(name) && values[address] === undefined) continue;
    try {
      registries.push(create(values as never, { ...deps, log: deps.log.of(name) }));
    } catch (thrown) {
      const { outcome, message } = asServiceOfflineError(thrown);
      if (outcome !== "settings") throw thrown;
      problems.push({ key: name, message, lenient: false });
    }
  }
  // Nobody misses the settings of a registry in which the app is not.
  const isMoot = (key: string) => used.some((kind) => off?.has(kind.name) && has(kind, key));
  return { used, registries, problems: problems.filter(({ key }) => !isMoot(key)) };
}

/** `neither NACOS_SERVER_ADDR nor EUREKA_URL is set: using Nacos, the default`. */
function defaultInWords(kinds: readonly Kind[]): string {
  const names = kinds.map(({ address, settings }) => settings[address]?.env);
  return `neither ${names.join(" nor ")} is set: using ${kinds[0]?.title}, the default`;
}

/** `no registry has an address: set NACOS_SERVER_ADDR or EUREKA_URL`. */
function unnamedInWords(kinds: readonly Kind[]): string {
  const names = kinds.map(({ address, settings }) => settings[address]?.env);
  const whose = kinds.length === 1
    ? `${kinds[0]?.title} has no address`
    : "no registry has an address";
  return `${whose}: set ${names.join(" or ")}`;
}
