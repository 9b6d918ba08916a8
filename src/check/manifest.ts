/** The patch of the Deployment to paste. */

import type { EffectiveSetting } from "./settings.ts";

/** What goes into the patch. */
export interface ManifestOptions {
  /** Those without a variable are defaults, and left out. */
  readonly settings: readonly EffectiveSetting[];
  /** terminationGracePeriodSeconds. */
  readonly grace: number;
  /** The registry after which the wrapper is named. */
  readonly registry: string;
}

/** Differ in each pod, are in every patch, or would switch the hook off. */
const LEFT_OUT = [
  "podip",
  "instanceId",
  "TERMINATION_GRACE_PERIOD_SECONDS",
  "SERVICE_OFFLINE_DISABLED",
];

/**
 * The patch. It is merged strategically: what else the container has stays as it is. The user
 * replaces the names in capitals; an API server refuses YOUR-CONTAINER.
 */
export function manifest({ settings, grace, registry }: ManifestOptions): string {
  const given = settings.filter(({ name, variable }) => variable && !LEFT_OUT.includes(name));
  const byName = new Map(given.map((one) => [one.variable ?? one.name, one]));
  const env = [...byName].flatMap(([name, { secret, value }]) => [
    `        - name: ${name}`,
    ...secret
      // `null` removes a value that stands in the manifest: the API server takes no `valueFrom` beside.
      ? [
        "          value: null",
        `          valueFrom: {secretKeyRef: {name: YOUR-SECRET, key: ${name}}}`,
      ]
      : [`          value: ${quoted(value)}`],
  ]);
  const hint = settings.some(({ name, variable }) => name === "instanceId" && variable)
    ? ["        # Set instanceId yourself: it differs in each pod."]
    : [];
  return `spec:
  template:
    spec:
      terminationGracePeriodSeconds: ${grace}
      containers:
      - name: YOUR-CONTAINER
        env:
        - name: podip
          valueFrom: {fieldRef: {fieldPath: status.podIP}}
        - name: TERMINATION_GRACE_PERIOD_SECONDS
          value: "${grace}"
${[...env, ...hint].map((line) => line + "\n").join("")}\
        lifecycle:
          # This replaces a hook that the container has. Put its command before this one, as in
          # [sh, -c, "touch /tmp/health; sh /opt/service_online.sh"]
          postStart:
            exec: {command: [sh, /opt/service_online.sh]}
          preStop:
            exec: {command: [sh, /opt/service_offline_${registry}.sh]}
`;
}

/**
 * A YAML string that Kubernetes reads as this text: a JSON string, with escapes for the characters
 * that YAML does not allow. Kubernetes makes `$` of `$$`.
 */
function quoted(text: string): string {
  return JSON.stringify(text.replaceAll("$", "$$$$")).replaceAll(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
