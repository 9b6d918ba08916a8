/**
 * How people write the addresses of Nacos servers.
 *
 * @module
 */

import { type Schema, text } from "../../settings/setting.ts";

const DEFAULT_PORT = 8848;

/** One server address as it was written. */
export interface ServerAddress {
  /** Scheme, host and port: `http://nacos:8848`. */
  readonly origin: string;
  /** The path of the URL without a slash at its end, where one was written: `/my/nacos`. */
  readonly path: string | undefined;
}

/**
 * Reads one address.
 *
 * @param address `host`, `host:port`, `[ipv6]:port` or an http(s) URL
 * @returns undefined where it cannot be one
 */
function parseAddress(address: string): ServerAddress | undefined {
  const hasScheme = /^[a-z]+:\/\//i.test(address);
  let url: URL;
  try {
    url = new URL(hasScheme ? address : `http://${address}`);
  } catch {
    return undefined;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  if (url.username || url.password || url.search || url.hash) return undefined;
  if (!/^([\w.-]+|\[.*)$/.test(url.hostname)) return undefined;
  // As the Java client does: a bare host means port 8848, a URL means what it says.
  if (!hasScheme && !/:\d+$/.test(address.replace(/\/.*$/, ""))) url.port = String(DEFAULT_PORT);
  if (url.port === "0") return undefined;
  return { origin: url.origin, path: url.pathname.replace(/\/+$/, "") || undefined };
}

/** A list of server addresses. */
export const serverAddresses: Schema<ServerAddress[]> = text(
  "host:port or http(s)://host:port/path, several separated by commas; user and password go into " +
    "NACOS_USERNAME and NACOS_PASSWORD",
  (input) => {
    const addresses: ServerAddress[] = [];
    for (const part of input.split(/[,;\s]+/).filter((part) => part !== "")) {
      const address = parseAddress(part);
      if (address === undefined) return undefined;
      addresses.push(address);
    }
    return addresses.length > 0 ? addresses : undefined;
  },
);

/** A context path as it is put behind an origin: empty for the root, else with a slash first. */
export const contextPath: Schema<string> = text(
  "a path such as /nacos, or / for none",
  (input) => {
    const path = input.replace(/^\/*/, "/").replace(/\/+$/, "");
    return /^[\w/.~%-]*$/.test(path) ? path : undefined;
  },
);

/**
 * The root URLs of the servers, each once.
 *
 * @param addresses as written
 * @param path the context path for those written without one
 */
export function rootUrls(addresses: readonly ServerAddress[], path: string): string[] {
  return [...new Set(addresses.map((address) => address.origin + (address.path ?? path)))];
}
