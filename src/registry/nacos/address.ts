/**
 * How people write where Nacos is.
 *
 * @module
 */

import type * as z from "zod/mini";
import { text } from "../../settings/kinds.ts";
import { readAddresses, type ServerAddress } from "../../http/server_address.ts";

/** What to change where a path is not there. */
export const PATH_ADVICE = "is the context path right (NACOS_SERVER_ADDR, NACOS_CONTEXT_PATH)?";

/** A list of Nacos servers. */
export const nacosAddresses: z.ZodMiniType<ServerAddress[]> = text(
  "host:port or http(s)://host:port/path, several separated by commas; user and password go into " +
    "NACOS_USERNAME and NACOS_PASSWORD",
  (input) => readAddresses(input, { separator: /[,;\s]+/, defaultPort: 8848, credentials: false }),
);

/** A context path as it is put behind an origin: empty for the root, else with a slash first. */
export const contextPath: z.ZodMiniType<string> = text(
  "a path such as /nacos, or / for none",
  (input) => {
    const path = input.replace(/^\/*/, "/").replace(/\/+$/, "");
    return /^[\w/.~%-]*$/.test(path) ? path : undefined;
  },
);

/**
 * The root URLs of the servers, each once.
 *
 * @param path the context path for those written without one
 */
export function rootUrls(
  addresses: readonly Pick<ServerAddress, "origin" | "path">[],
  path: string,
): string[] {
  return [...new Set(addresses.map((address) => address.origin + (address.path ?? path)))];
}
