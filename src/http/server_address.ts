/**
 * How people write the addresses of servers.
 *
 * @module
 */

import type { Credentials } from "./credentials.ts";
import { text } from "../settings/setting.ts";
import type { Schema } from "../shape.ts";

/** One server address as it was written. */
export interface ServerAddress {
  /** Scheme, host and port: `http://nacos:8848`. */
  readonly origin: string;
  /** The path of the URL without doubled slashes and one at its end, where one was written: `/my/nacos`. */
  readonly path: string | undefined;
  /** The user that stood in the URL, where one may. */
  readonly credentials: Credentials | undefined;
}

/** How the servers of one kind of registry are written. */
export interface AddressForm {
  /** What stands between two of them. */
  readonly separator: RegExp;
  /** The port of a bare host. */
  readonly defaultPort: number;
  /** Whether a URL may carry `user:password@`. */
  readonly credentials: boolean;
  /** What the text should be, for whoever has written something else. */
  readonly expected: string;
}

/**
 * A list of server addresses.
 *
 * @param form how they are written
 */
export function serverAddresses(form: AddressForm): Schema<ServerAddress[]> {
  return text(form.expected, (input) => {
    const addresses: ServerAddress[] = [];
    for (const part of input.split(form.separator).filter((part) => part !== "")) {
      const address = parseAddress(part, form);
      if (address === undefined) return undefined;
      addresses.push(address);
    }
    return addresses.length > 0 ? addresses : undefined;
  });
}

/** Reads `host`, `host:port`, `[ipv6]:port` or an http(s) URL. */
function parseAddress(address: string, form: AddressForm): ServerAddress | undefined {
  const hasScheme = /^[a-z]+:\/\//i.test(address);
  let url: URL;
  let credentials: Credentials | undefined;
  try {
    url = new URL(hasScheme ? address : `http://${address}`);
    if (url.username || url.password) {
      // One without the other is a password with a comma in it, or half of one.
      if (!form.credentials || !url.username || !url.password) return undefined;
      const [username, password] = [url.username, url.password].map(decodeURIComponent);
      credentials = { username: username ?? "", password: password ?? "" };
    }
  } catch {
    return undefined;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  // An @ in the path is the end of a password with a slash in it.
  if (url.search || url.hash || url.pathname.includes("@")) return undefined;
  if (!/^([\w.-]+|\[.*)$/.test(url.hostname)) return undefined;
  // As the Java clients do: a bare host means the usual port, a URL means what it says.
  if (!hasScheme && !/:\d+$/.test(address.replace(/\/.*$/, ""))) {
    url.port = String(form.defaultPort);
  }
  if (url.port === "0") return undefined;
  const path = url.pathname.replaceAll(/\/{2,}/g, "/").replace(/\/$/, "") || undefined;
  return { origin: url.origin, path, credentials };
}
