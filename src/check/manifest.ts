/**
 * What to write into the manifest, as a patch of a Deployment.
 *
 * @module
 */

import type { EffectiveSetting } from "./settings.ts";

/** What goes into it. */
export interface ManifestOptions {
  /** What is set; what comes from nowhere but a default is left out. */
  readonly settings: readonly EffectiveSetting[];
  /** terminationGracePeriodSeconds. */
  readonly grace: number;
  /** The registry after which the wrapper is named. */
  readonly registry: string;
}

/** What every pod has for itself, what stands in the patch in any case, and what would undo it. */
const OWN = [
  "podip",
  "instanceId",
  "TERMINATION_GRACE_PERIOD_SECONDS",
  "SERVICE_OFFLINE_DISABLED",
];

/**
 * The patch: strategic merge, so what the container has besides stays as it is. The names in
 * capitals are to be replaced; as they stand no API server takes the one of the container.
 *
 * @param options what goes into it
 */
export function manifest({ settings, grace, registry }: ManifestOptions): string {
  const given = settings.filter(({ name, variable }) => variable && !OWN.includes(name));
  const byName = new Map(given.map((one) => [one.variable ?? one.name, one]));
  const env = [...byName].flatMap(([name, { secret, value }]) => [
    `        - name: ${name}`,
    ...secret
      // `null` takes away a value that stands in the manifest; beside it this would be refused.
      ? [
        "          value: null",
        `          valueFrom: {secretKeyRef: {name: YOUR-SECRET, key: ${name}}}`,
      ]
      : [`          value: ${quoted(value)}`],
  ]);
  const hint = settings.some(({ name, variable }) => name === "instanceId" && variable)
    ? ["        # instanceId is another one in each pod: it is left to you."]
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
          # A hook that the container has already is replaced: put its command before this one, as
          # [sh, -c, "touch /tmp/health; sh /opt/service_online.sh"]
          postStart:
            exec: {command: [sh, /opt/service_online.sh]}
          preStop:
            exec: {command: [sh, /opt/service_offline_${registry}.sh]}
`;
}

/**
 * A text as YAML and Kubernetes take it for that text: JSON, whose strings are YAML's, less the
 * characters that YAML does not take as they are; `$$` is Kubernetes' own way to write `$`.
 */
function quoted(text: string): string {
  return JSON.stringify(text.replaceAll("$", "$$$$")).replaceAll(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
