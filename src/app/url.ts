import { readUrl } from "../http/server_address.ts";
import type * as z from "zod/mini";
import type { InstanceNames } from "../registry/registry.ts";
import { text } from "../settings/kinds.ts";

const GAP = /\{(ip|port|service|instance)\}/g;

/** An http(s) URL in which the names of the instance may be left open. */
export const callUrl: z.ZodMiniType<string> = text(
  "http(s)://host:port/path without # and without user and password, which go into the headers " +
    "file; " +
    "{ip}, {port}, {service} and {instance} are filled in, other braces are written %7B and %7D",
  (input) => {
    const sample = input.replaceAll(GAP, "1");
    const read = /[{}]/.test(sample) ? undefined : readUrl(sample);
    return read && !read.credentials ? input : undefined;
  },
);

/**
 * Fills the gaps of a URL, encoded for where they stand.
 *
 * @throws {TypeError} one of them is not known, or does not fit into a host name
 */
export function fillIn(url: string, names: InstanceNames): URL {
  const [, origin = "", rest = ""] = /^(\w+:\/\/[^/?#\\]*)(.*)$/.exec(url) ?? [];
  const filled = (part: string, encode: (value: string) => string) =>
    part.replaceAll(GAP, (gap, name: keyof InstanceNames) => {
      const value = names[name];
      if (value === undefined) throw new TypeError(`${gap} is not known`);
      return encode(value);
    });
  // In a host name an IPv6 address stands in brackets; with one colon it is an address and a port.
  const inHost = (value: string) => /:.*:/.test(value) ? `[${value}]` : value;
  // First without the parameters, of which one may be secret: the error of `URL` shows what it got.
  const root = new URL(filled(origin, inHost)).origin;
  return new URL(root + filled(rest, encodeURIComponent));
}
