/** An instance in the words of the API: what a registration says, and what answers say of it. */

import type { EurekaStatus } from "../support/eureka_under_test.ts";

/** A port; JSON has the number as a number, the flag as a string. */
interface EurekaPort {
  readonly $: number;
  readonly "@enabled": "true" | "false";
}

/** The lease as answers show it; times are milliseconds since 1970, as numbers. */
interface LeaseInfo {
  readonly renewalIntervalInSecs: number;
  readonly durationInSecs: number;
  readonly registrationTimestamp: number;
  /** When its last heartbeat came; real servers add the duration. */
  lastRenewalTimestamp: number;
  readonly evictionTimestamp: 0;
  readonly serviceUpTimestamp: number;
}

/** An instance with the fields, and their order, of the server's JSON. */
export interface InstanceInfo {
  /** Absent where it was registered without one. */
  readonly instanceId?: string;
  /** Of the pod or the machine; in place of an id. */
  readonly hostName: string;
  /** In upper case. */
  readonly app: string;
  readonly ipAddr: string;
  status: EurekaStatus;
  /** UNKNOWN where there is none. */
  overriddenStatus: EurekaStatus;
  /** The plain port; 7001 where none was given. */
  readonly port: EurekaPort;
  /** The TLS port; 7002 and not enabled where none was given. */
  readonly securePort: EurekaPort;
  readonly countryId: 1;
  readonly dataCenterInfo: unknown;
  readonly leaseInfo: LeaseInfo;
  /** As it was given; an empty one has a Java class in it. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly vipAddress?: string;
  readonly isCoordinatingDiscoveryServer: "false";
  /** Milliseconds since 1970, as a string. */
  lastUpdatedTimestamp: string;
  /** When the application has last changed it, milliseconds since 1970, as a string. */
  lastDirtyTimestamp: string;
  actionType: "ADDED" | "MODIFIED";
}

const STATUSES: readonly string[] = ["UP", "DOWN", "STARTING", "OUT_OF_SERVICE", "UNKNOWN"];

/** The status of that very name; undefined for anything else, also in lower case. */
export function statusNamed(name: string | null): EurekaStatus | undefined {
  return name !== null && STATUSES.includes(name) ? name as EurekaStatus : undefined;
}

/** The id by which the registry knows an instance. */
export function idOf(info: Pick<InstanceInfo, "instanceId" | "hostName">): string {
  return info.instanceId ?? info.hostName;
}

/**
 * Reads a registration.
 * @param body of the request, JSON
 * @param app of the path, in upper case
 * @returns the instance, or the text that a server refuses it with (HTTP 400)
 */
export function readRegistration(body: string, app: string): InstanceInfo | string {
  const unreadable = '{"error": "cannot parse request body"}';
  const given = parsed(body);
  const said = given && textOf(given["app"])?.toUpperCase();
  if (!given || !said) return unreadable;
  const [port, securePort] = [portOf(given["port"], 7001, "true"), portOf(given["securePort"])];
  if (!port || !securePort) return unreadable;
  const hostName = textOf(given["hostName"]);
  const instanceId = textOf(given["instanceId"]);
  const ipAddr = textOf(given["ipAddr"]);
  if (!(instanceId ?? hostName)) return "Missing instanceId";
  if (!hostName) return "Missing hostname";
  if (!ipAddr) return "Missing ip address";
  if (said !== app) return `Mismatched appName, expecting ${app} but was ${said}`;
  if (!given["dataCenterInfo"]) return "Missing dataCenterInfo";
  const now = Date.now();
  const lease = recordOf(given["leaseInfo"]);
  const metadata = recordOf(given["metadata"]);
  const empty = Object.keys(metadata).length === 0;
  const vipAddress = textOf(given["vipAddress"]);
  const status = statusNamed(textOf(given["status"])?.toUpperCase() ?? "UP") ?? "UNKNOWN";
  return {
    ...(instanceId ? { instanceId } : {}),
    hostName,
    app,
    ipAddr,
    status,
    overriddenStatus: statusNamed(
      textOf(given["overriddenStatus"]) ?? textOf(given["overriddenstatus"]) ?? null,
    ) ?? "UNKNOWN",
    port,
    securePort,
    countryId: 1,
    dataCenterInfo: given["dataCenterInfo"],
    leaseInfo: {
      renewalIntervalInSecs: Number(lease["renewalIntervalInSecs"] ?? 30),
      durationInSecs: Number(lease["durationInSecs"] ?? 90),
      registrationTimestamp: now,
      lastRenewalTimestamp: now,
      evictionTimestamp: 0,
      serviceUpTimestamp: status === "UP" ? now : 0,
    },
    metadata: empty
      ? { "@class": "java.util.Collections$EmptyMap" }
      : metadata as Record<string, string>,
    ...(vipAddress ? { vipAddress } : {}),
    isCoordinatingDiscoveryServer: "false",
    lastUpdatedTimestamp: String(now),
    lastDirtyTimestamp: textOf(given["lastDirtyTimestamp"]) ?? String(now),
    actionType: "ADDED",
  };
}

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const { instance } = JSON.parse(body);
    return instance && typeof instance === "object" ? instance : undefined;
  } catch {
    return undefined;
  }
}

/** What is omitted gets the defaults of the server; a bare number is refused. */
function portOf(given: unknown, port = 7002, enabled = "false"): EurekaPort | undefined {
  if (given === undefined) return { $: port, "@enabled": enabled === "true" ? "true" : "false" };
  if (given === null || typeof given !== "object") return undefined;
  const fields = recordOf(given);
  return {
    $: Number(fields["$"]),
    "@enabled": `${fields["@enabled"]}` === "true" ? "true" : "false",
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function recordOf(value: unknown): Record<string, unknown> {
  return value && typeof value === "object" ? { ...value } : {};
}
