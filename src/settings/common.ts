/**
 * The settings that do not belong to one registry.
 *
 * @module
 */

import { address, certificates, oneOf, seconds, secondsFromOne, yesOrNo } from "./kinds.ts";

/** Who the instance is, how long to wait, how to report. */
export const commonSettings = {
  podip: {
    env: "podip",
    // What the app is told to register with says more than where the pod is.
    standIns: [
      "SPRING_CLOUD_NACOS_DISCOVERY_IP",
      "EUREKA_INSTANCE_IP_ADDRESS",
      "EUREKA_INSTANCE_IPADDRESS",
      "POD_IP",
    ],
    help: "Address the instance is registered with; without it, the local address of the " +
      "connection to the registry.",
    schema: address,
    lenient: true,
  },
  caFile: {
    env: "CA_FILE",
    help: "PEM file of certificates to trust besides the usual ones.",
    schema: certificates,
    file: true,
    lenient: true,
  },
  drainSeconds: {
    env: "DRAIN_SECONDS",
    help: "How long to keep serving once the registry has accepted; default: until callers' " +
      "own caches have run out.",
    schema: seconds,
    lenient: true,
    only: "offline",
  },
  gracePeriodSeconds: {
    env: "TERMINATION_GRACE_PERIOD_SECONDS",
    help: "The pod's terminationGracePeriodSeconds; the hook ends STOP_RESERVE_SECONDS before it.",
    schema: seconds,
    lenient: true,
    only: "offline",
  },
  stopReserveSeconds: {
    env: "STOP_RESERVE_SECONDS",
    help: "Part of the grace period left to the app for its own shutdown after TERM.",
    schema: seconds,
    fallback: "15",
    lenient: true,
    only: "offline",
  },
  onlineTimeoutSeconds: {
    env: "ONLINE_TIMEOUT_SECONDS",
    help: "How long `online` waits for the app to register.",
    schema: secondsFromOne,
    fallback: "180",
    lenient: true,
    only: "online",
  },
  disabled: {
    env: "SERVICE_OFFLINE_DISABLED",
    help: "`true` makes `offline` and `online` do nothing.",
    schema: yesOrNo,
    fallback: "false",
    lenient: true,
  },
  logFormat: {
    env: "LOG_FORMAT",
    help: "`text`, or `json` for one JSON object a line.",
    schema: oneOf("text", "json"),
    fallback: "text",
    lenient: true,
  },
} as const;
