/** The registries there are: a further one is a folder beside this file and a line in `KINDS`. */

import { eureka } from "./eureka/kind.ts";
import type { Kind } from "./kind.ts";
import { nacos } from "./nacos/kind.ts";
import type { Registry, RegistryDeps } from "./registry.ts";
import { asServiceOfflineError } from "../errors.ts";
import type { Problem, Reading } from "../settings/read.ts";
import type { SettingsTable } from "../settings/setting.ts";
import type { Spring } from "../settings/spring.ts";

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

/** The settings as they were read. */
interface Given {
  readonly values: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
  readonly origins: Reading<SettingsTable>["origins"];
  /** The app's own word that it does not register, by the registry's name. */
  readonly off?: ReadonlyMap<string, string>;
}

/** What Spring's switches say: `eureka.client.register-with-eureka=false`, by the registry's name. */
export function switchedOff(kinds: readonly Kind[], spring: Spring): Map<string, string> {
  return new Map(kinds.flatMap(({ name, offSwitches = [] }) => {
    const off = offSwitches.find((one) =>
      /^(false|off|no|0)$/i.test(spring(one)?.text?.trim() ?? "")
    );
    return off === undefined ? [] : [[name, `${off}=false`]];
  }));
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
  const { values, problems, off } = given;
  const isWrong = (key: string) => problems.some((problem) => problem.key === key);
  // A wrapper of another registry means that one, wherever its address stands.
  const isOff = ({ name }: Kind) =>
    off?.has(name) && [name, undefined].includes(values["registry"] as string);
  const named = kinds.filter((kind) =>
    values[kind.address] !== undefined || isWrong(kind.address) || isOff(kind)
  );
  const isDefault = named.length === 0 && isForDefault(kinds, given);
  const used = named.length > 0 ? named : isDefault ? kinds.slice(0, 1) : meant(kinds, values);
  const unused = kinds.filter((kind) => !used.includes(kind));
  const relevant = problems.filter(({ key }) => !unused.some(({ settings }) => key in settings));
  if (isDefault) deps.log.info("default", defaultInWords(kinds));
  else if (named.length === 0) {
    const unnamed = { key: "registry", message: unnamedInWords(used), lenient: false };
    // What else is missing depends on which is meant.
    const others = relevant.filter(({ key }) =>
      used.length === 1 || !used.some(({ settings }) => key in settings)
    );
    return { used, registries: [], problems: [unnamed, ...others] };
  }
  const registries: Registry[] = [];
  for (const { name, settings, address, create } of used) {
    if (relevant.some(({ key, lenient }) => !lenient && key in settings)) continue;
    if (off?.has(name) && values[address] === undefined) continue;
    try {
      registries.push(create(values as never, { ...deps, log: deps.log.of(name) }));
    } catch (thrown) {
      const { outcome, message } = asServiceOfflineError(thrown);
      if (outcome !== "settings") throw thrown;
      relevant.push({ key: name, message, lenient: false });
    }
  }
  // Nobody misses the settings of a registry in which the app is not.
  const isMoot = (key: string) =>
    used.some(({ name, settings }) => off?.has(name) && key in settings);
  return { used, registries, problems: relevant.filter(({ key }) => !isMoot(key)) };
}

/** Where none has an address: the wrapper's, or all. */
function meant(kinds: readonly Kind[], values: Given["values"]): readonly Kind[] {
  const wrapper = kinds.filter(({ name }) => name === values["registry"]);
  return wrapper.length > 0 ? wrapper : kinds;
}

/**
 * Whether the first registry's default address is meant: what stood in its script. Not where Spring
 * or another registry's settings say anything: what is configured like this has an address too,
 * which only is not seen here.
 */
function isForDefault([first, ...others]: readonly Kind[], { values, origins }: Given): boolean {
  const { registry } = values;
  if (others.some(({ name }) => name === registry)) return false;
  const foreign = registry === first?.name
    ? []
    : others.flatMap(({ settings }) => Object.values(settings).map(({ env }) => env));
  return !Object.values(origins).some(({ isSpring, env }) => isSpring || foreign.includes(env));
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
