import { type AppCall, createCall } from "./call.ts";
import type { appSettings } from "./settings.ts";
import type { Clock } from "../clock.ts";
import type { commonSettings } from "../settings/common.ts";
import type { Problem } from "../settings/read.ts";
import type { Values } from "../settings/setting.ts";

/**
 * The calls of a run: to the app, with the registry's write, and to whoever is to know, after the
 * drain. Undefined where the settings name no endpoint.
 *
 * @param problems what is wrong with the settings: with another method than was meant, or without
 * the headers, nothing is called
 */
export function createAppCalls(
  values: Partial<Values<typeof appSettings & typeof commonSettings>>,
  problems: readonly Problem[],
  clock: Clock,
): Record<"appOffline" | "afterDrain", AppCall | undefined> {
  const prepare = (name: "appOffline" | "afterDrain"): AppCall | undefined => {
    const url = values[`${name}Url`];
    const isWrong = problems.some(({ key }) => key === `${name}Method` || key === `${name}Headers`);
    if (url === undefined || isWrong) return undefined;
    return createCall({
      clock,
      url,
      method: values[`${name}Method`] ?? "POST",
      headers: values[`${name}Headers`] ?? {},
      timeoutMs: (values[`${name}Timeout`] ?? 5) * 1000,
      caCerts: values.caFile,
    });
  };
  return { appOffline: prepare("appOffline"), afterDrain: prepare("afterDrain") };
}
