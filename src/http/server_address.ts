import type { Credentials } from "./credentials.ts";
import { tried } from "../tried.ts";

/** An http(s) URL as people write it. */
interface WrittenUrl {
  /** Without user and password. */
  readonly url: URL;
  /** The user that stood in it. */
  readonly credentials: Credentials | undefined;
}

/** How a user is written into a URL. */
export const WITH_USER =
  "with user:password@ or without; what is neither letter nor digit in them is written as %40 for @";

/**
 * Takes a URL apart.
 *
 * @returns undefined where it is no http(s) URL, has a fragment, port 0 or a host name that is none,
 * or looks like one whose password was not percent-encoded
 */
export function readUrl(text: string): WrittenUrl | undefined {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.hash || url.port === "0") return undefined;
  // An @ in the path is the end of a password with a slash in it.
  if (url.pathname.includes("@") || !/^([\w.-]+|\[.*)$/.test(url.hostname)) return undefined;
  // One without the other is a password with a comma in it, or half of one.
  if ((url.username === "") !== (url.password === "")) return undefined;
  const decoded = tried(() => [url.username, url.password].map(decodeURIComponent));
  if (decoded === undefined) return undefined;
  const [username = "", password = ""] = decoded;
  url.username = url.password = "";
  return { url, credentials: username === "" ? undefined : { username, password } };
}

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
}

/**
 * Reads a list of server addresses.
 *
 * @returns undefined where one of them is none, or there is none
 */
export function readAddresses(list: string, form: AddressForm): ServerAddress[] | undefined {
  const addresses: ServerAddress[] = [];
  for (const part of list.split(form.separator).filter((part) => part !== "")) {
    const address = readAddress(part, form);
    if (address === undefined) return undefined;
    addresses.push(address);
  }
  return addresses.length > 0 ? addresses : undefined;
}

/** Reads `host`, `host:port`, `[ipv6]:port` or an http(s) URL. */
function readAddress(address: string, form: AddressForm): ServerAddress | undefined {
  const hasScheme = /^[a-z]+:\/\//i.test(address);
  const { url, credentials } = readUrl(hasScheme ? address : `http://${address}`) ?? {};
  if (!url || url.search || credentials && !form.credentials) return undefined;
  // As the Java clients do: a bare host means the usual port, a URL means what it says.
  if (!hasScheme && !/:\d+$/.test(address.replace(/\/.*$/, ""))) {
    url.port = String(form.defaultPort);
  }
  const path = url.pathname.replaceAll(/\/{2,}/g, "/").replace(/\/$/, "") || undefined;
  return { origin: url.origin, path, credentials };
}
