/** The settings of the two calls beside the registries: to the app, and to others at the end. */

import { callUrl } from "./url.ts";
import type { HttpRequest } from "../http/endpoint.ts";
import type * as z from "zod/mini";
import { secondsFromOne, text } from "../settings/kinds.ts";
import { tried } from "../tried.ts";

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
    if (input.length > MAX_HEADERS_SIZE) return undefined;
    const lines = input.split(/\r?\n/).filter((line) => line.trim() !== "");
    if (lines.length > MAX_HEADERS) return undefined;
    const entries = lines.map((line): [string, string] => {
      const [, name = "", value = ""] = /^([^:]*):(.*)$/.exec(line) ?? [];
      return [name.trim(), value.trim()];
    });
    // `Headers` throws at whatever is no header.
    return tried(() => Object.fromEntries(new Headers(entries)));
  },
);

const offlineOnly = { lenient: true, only: "offline" } as const;
const ofUrl = { schema: callUrl, ...offlineOnly } as const;
// What it calls changes something, and that is a POST: Spring's actuator takes nothing else, Dubbo's
// QoS takes it like a GET.
const ofMethod = {
  help: "HTTP method of that call.",
  schema: method,
  fallback: "POST",
  ...offlineOnly,
} as const;
const ofHeaders = {
  help: "File with headers for that call, each line `Name: value`, for example `Authorization`.",
  schema: headers,
  file: true,
  ...offlineOnly,
} as const;
const ofTimeout = {
  help: "Seconds for that call, with all its tries.",
  schema: secondsFromOne,
  fallback: "5",
  ...offlineOnly,
} as const;

/** What to call, and how. */
export const appSettings = {
  appOfflineUrl: {
    env: "APP_OFFLINE_URL",
    help:
      "Endpoint of the app. `offline` calls it once: when each registry has answered the write, " +
      "or gets none for now. `{ip}` `{port}` `{service}` `{instance}` in it are filled in.",
    ...ofUrl,
  },
  appOfflineMethod: { env: "APP_OFFLINE_METHOD", ...ofMethod },
  appOfflineHeaders: { env: "APP_OFFLINE_HEADERS_FILE", ...ofHeaders },
  appOfflineTimeout: { env: "APP_OFFLINE_TIMEOUT", ...ofTimeout },
  afterDrainUrl: {
    env: "AFTER_DRAIN_URL",
    help: "Endpoint that `offline` calls at its end, after the drain. Filled in as above.",
    ...ofUrl,
  },
  afterDrainMethod: { env: "AFTER_DRAIN_METHOD", ...ofMethod },
  afterDrainHeaders: { env: "AFTER_DRAIN_HEADERS_FILE", ...ofHeaders },
  afterDrainTimeout: { env: "AFTER_DRAIN_TIMEOUT", ...ofTimeout },
} as const;
