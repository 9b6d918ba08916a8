/**
 * The settings of the two calls beside the registries: to the app itself, and to whatever is to be
 * told at the end.
 *
 * @module
 */

import { callUrl } from "./url.ts";
import type { HttpRequest } from "../http/endpoint.ts";
import * as z from "zod/mini";
import { secondsFromOne, text } from "../settings/kinds.ts";
import type { Setting } from "../settings/setting.ts";

/** The methods a call may have. */
export type CallMethod = HttpRequest["method"];

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

const method: z.ZodMiniType<CallMethod> = text(
  METHODS.join(", "),
  (input) => METHODS.find((one) => one === input.toUpperCase()),
);

/** No server takes more, and `Headers` takes over a minute for 20,000 (Deno 2.9.6). */
const MAX_HEADERS = 100;
const MAX_HEADERS_SIZE = 32_768;

/** Names in lower case, so that one of them replaces what is sent by itself. */
const headers: z.ZodMiniType<Readonly<Record<string, string>>> = text(
  `one header a line, each "Name: value", at most ${MAX_HEADERS} in ${MAX_HEADERS_SIZE} characters`,
  (input) => {
    try {
      if (input.length > MAX_HEADERS_SIZE) return undefined;
      const lines = input.split(/\r?\n/).filter((line) => line.trim() !== "");
      if (lines.length > MAX_HEADERS) return undefined;
      // `Headers` throws at whatever is no header.
      return Object.fromEntries(
        new Headers(lines.map((line): [string, string] => {
          const [, name = "", value = ""] = /^([^:]*):(.*)$/.exec(line) ?? [];
          return [name.trim(), value.trim()];
        })),
      );
    } catch {
      return undefined;
    }
  },
);

const ofUrl = <Env extends string>(env: Env, help: string) =>
  ({ env, help, schema: callUrl, lenient: true, only: "offline" }) as const satisfies Setting;

// What it calls changes something, and that is a POST: Spring's actuator takes nothing else, Dubbo's
// QoS takes it like a GET.
const ofMethod = <Env extends string>(env: Env) =>
  ({
    env,
    help: "Its method.",
    schema: method,
    fallback: "POST",
    lenient: true,
    only: "offline",
  }) as const;

const ofHeaders = <Env extends string>(env: Env) =>
  ({
    env,
    help: "File of headers for it, a line `Name: value` each: `Authorization` for example.",
    schema: headers,
    file: true,
    lenient: true,
    only: "offline",
  }) as const;

const ofTimeout = <Env extends string>(env: Env) =>
  ({
    env,
    help: "Seconds for all of it.",
    schema: secondsFromOne,
    fallback: "5",
    lenient: true,
    only: "offline",
  }) as const;

/** What to call, and how. */
export const appSettings = {
  appOfflineUrl: ofUrl(
    "APP_OFFLINE_URL",
    "Endpoint of the app that is called once, when each registry has answered the write or it is " +
      "clear that it gets none for now. " +
      "`{ip}` `{port}` `{service}` `{instance}` in it are filled in.",
  ),
  appOfflineMethod: ofMethod("APP_OFFLINE_METHOD"),
  appOfflineHeaders: ofHeaders("APP_OFFLINE_HEADERS_FILE"),
  appOfflineTimeout: ofTimeout("APP_OFFLINE_TIMEOUT"),
  afterDrainUrl: ofUrl(
    "AFTER_DRAIN_URL",
    "Endpoint that `offline` calls at its end, after the drain; filled in as above.",
  ),
  afterDrainMethod: ofMethod("AFTER_DRAIN_METHOD"),
  afterDrainHeaders: ofHeaders("AFTER_DRAIN_HEADERS_FILE"),
  afterDrainTimeout: ofTimeout("AFTER_DRAIN_TIMEOUT"),
} as const;
