/** Which registries the settings mean. */

import type { Kind } from "./kind.ts";
import type { Problem, Reading } from "../settings/read.ts";
import type { SettingsTable } from "../settings/setting.ts";
import type { Spring } from "../settings/spring.ts";

/** The settings as they were read. */
export interface Given {
  readonly values: Readonly<Record<string, unknown>>;
  readonly problems: readonly Problem[];
  readonly origins: Reading<SettingsTable>["origins"];
  /** The app's own word that it does not register, by the registry's name. */
  readonly off?: ReadonlyMap<string, string>;
}

/** The registries that are meant, and how that is known. */
interface Choice {
  readonly used: readonly Kind[];
  /** `unknown`: these may be meant. */
  readonly how: "named" | "default" | "unknown";
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

/** Chooses those that have an address, the default, or those that the wrapper leaves. */
export function choose(kinds: readonly Kind[], given: Given): Choice {
  const { values, problems, off } = given;
  const wrapper = values["registry"];
  const named = kinds.filter(({ name, address }) =>
    values[address] !== undefined || problems.some(({ key }) => key === address) ||
    // A wrapper of another registry means that one, wherever its address stands.
    off?.has(name) && (wrapper === undefined || wrapper === name)
  );
  if (named.length > 0) return { used: named, how: "named" };
  if (isForDefault(kinds, given)) return { used: kinds.slice(0, 1), how: "default" };
  const ofWrapper = kinds.filter(({ name }) => name === wrapper);
  return { used: ofWrapper.length > 0 ? ofWrapper : kinds, how: "unknown" };
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
