import {
  address,
  anyText,
  certificates,
  oneOf,
  privateKey,
  seconds,
  secondsFromOne,
  yesOrNo,
} from "./kinds.ts";

/** Who the instance is, how long to wait, how to report. */
export const commonSettings = {
  podip: {
    env: "podip",
    // What the app is told to register with says more than where the pod is.
    standIns: ["spring.cloud.nacos.discovery.ip", "eureka.instance.ip-address", "POD_IP"],
    help: "Address the instance is registered with. Without it the program takes the local " +
      "address of its connection to the registry.",
    schema: address,
    lenient: true,
  },
  scope: {
    env: "OFFLINE_SCOPE",
    help: "How much is taken out. `pod`: everything that is registered at the pod's addresses. " +
      "`named`: only what the settings name. Without it: `pod`, where the addresses are seen to be " +
      "the pod's own; else what has the named one's port.",
    schema: oneOf("pod", "named"),
    lenient: true,
  },
  caFile: {
    env: "CA_FILE",
    help: "PEM file with certificates to trust besides the usual ones.",
    schema: certificates,
    file: true,
    lenient: true,
  },
  clientCertFile: {
    env: "CLIENT_CERT_FILE",
    help: "PEM file with the certificate to show to registries that want one, and with those " +
      "between it and its authority.",
    schema: certificates,
    file: true,
    lenient: true,
  },
  clientKeyFile: {
    env: "CLIENT_KEY_FILE",
    help: "PEM file with the key of that certificate; it may be the same file.",
    schema: privateKey,
    file: true,
    lenient: true,
  },
  drainSeconds: {
    env: "DRAIN_SECONDS",
    help: "How long to keep serving after the registry has accepted the write. Without it: until " +
      "callers' own caches have run out.",
    schema: seconds,
    lenient: true,
    only: "offline",
  },
  gracePeriodSeconds: {
    env: "TERMINATION_GRACE_PERIOD_SECONDS",
    help: "The pod's terminationGracePeriodSeconds. The hook ends STOP_RESERVE_SECONDS before it.",
    schema: seconds,
    lenient: true,
    only: "offline",
  },
  stopReserveSeconds: {
    env: "STOP_RESERVE_SECONDS",
    help: "Part of the grace period that is left to the app for its own shutdown after TERM.",
    schema: seconds,
    fallback: "15",
    lenient: true,
    only: "offline",
  },
  removeAfterDrain: {
    env: "REMOVE_AFTER_DRAIN",
    help:
      "`true`: at the end of the drain `offline` removes what the app would leave behind: at Eureka " +
      "the instance (a later heartbeat brings it back UP), at Nacos a persistent one.",
    schema: yesOrNo,
    fallback: "false",
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
  registry: {
    env: "SERVICE_OFFLINE_REGISTRY",
    help: "The registry that is meant where none has an address. The wrappers set it.",
    schema: anyText,
  },
  disabled: {
    env: "SERVICE_OFFLINE_DISABLED",
    help: "`true`: `offline`, `online` and `sidecar` do nothing.",
    schema: yesOrNo,
    fallback: "false",
    lenient: true,
  },
  logFormat: {
    env: "LOG_FORMAT",
    help: "`text`, or `json`: one JSON object a line.",
    schema: oneOf("text", "json"),
    fallback: "text",
    lenient: true,
  },
} as const;
