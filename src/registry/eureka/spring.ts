/** What Spring Cloud Netflix (4.3.1) makes of several properties. */

import type { Derived, Spring, SpringValue } from "../../settings/spring.ts";

const URLS = "eureka.client.service-url";
const DEFAULT_ZONE = "default-zone";
const ZONES = "eureka.client.availability-zones";

/** A URL without a path: Spring asks for /apps at the root, where ours means /eureka. */
const AT_THE_ROOT = /^(https?:\/\/[^/?#]+)\/*$/i;

/** The addresses of each zone of the region; a zone without any has those of the default zone. */
export const serviceUrls: Derived = {
  name: `${URLS}.<zone>`,
  properties: [URLS, ZONES, "eureka.client.region"],
  find(spring) {
    const ofDefault = spring(URLS, DEFAULT_ZONE);
    const values = zonesOf(spring).map((zone) => spring(URLS, zone) ?? ofDefault);
    const found = [...new Set(values)].filter((one) => one?.text !== undefined);
    const [first] = found;
    if (first === undefined) return ofDefault ?? values.find((one) => one !== undefined);
    const text = found.map((one) => one?.text).join(",")
      .split(/[,\s]+/).map((url) => url.replace(AT_THE_ROOT, "$1/apps")).join(",");
    const { env: _, ...rest } = first;
    const from = found.map((one) => one?.from).join(", ");
    return text === first.text ? first : { ...rest, text, from };
  },
};

function zonesOf(spring: Spring): string[] {
  const region = spring("eureka.client.region")?.text?.trim() || "us-east-1";
  const listed = spring(ZONES, region)?.text?.split(",").map((zone) => zone.trim()) ?? [];
  const zones = listed.filter((zone) => zone !== "");
  return zones.length > 0 ? zones : [DEFAULT_ZONE];
}

/** The port of an app with TLS. */
export const securePort: Derived = {
  name: "eureka.instance.secure-port",
  properties: ["eureka.instance.secure-port", "eureka.instance.secure-port-enabled"],
  find(spring): SpringValue | undefined {
    const isOn =
      spring("eureka.instance.secure-port-enabled")?.text?.trim().toLowerCase() === "true";
    return isOn ? spring("eureka.instance.secure-port") : undefined;
  },
};
