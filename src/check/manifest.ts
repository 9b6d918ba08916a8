/** The patch of the Deployment to paste. */

import { type Hooks, OWN } from "./hooks.ts";
import type { EffectiveSetting } from "./settings.ts";
import { escapeOf } from "../plain.ts";

/** What goes into the patch. */
export interface ManifestOptions {
  /** Those without a variable are defaults, and left out. */
  readonly settings: readonly EffectiveSetting[];
  /** terminationGracePeriodSeconds. */
  readonly grace: number;
  /** Undefined in a sidecar, which needs none. */
  readonly hooks: Hooks | undefined;
  /** Whether the instance was found by the address that the container has now. */
  readonly isFound: boolean;
}

const GRACE = "TERMINATION_GRACE_PERIOD_SECONDS";

/** Differ in each pod, are in every patch, or would switch the hook off. The wrappers set one more. */
const LEFT_OUT = [...OWN, GRACE, "SERVICE_OFFLINE_DISABLED"];

/**
 * The patch. It is merged strategically: what else the container has stays as it is. The user
 * replaces the names in capitals; an API server refuses YOUR-CONTAINER.
 */
export function manifest({ settings, grace, hooks, isFound }: ManifestOptions): string {
  const { path, sets = [] } = hooks?.script ?? {};
  const left = settings.filter(({ variable }) => !variable || !sets.includes(variable));
  const env = [
    ...(hooks ? addressIn(settings, isFound) : []),
    ...sets.includes(GRACE)
      ? [`# ${path} sets ${GRACE}, which counts: ${grace} belongs there.`]
      : entry(GRACE, String(grace)),
    ...Object.entries(hooks?.env ?? {}).flatMap(([name, value]) => entry(name, value)),
    // A sidecar has them already.
    ...(hooks ? settingsIn(left, hooks) : []),
    ...(left.length < settings.length ? [`# The rest is set by ${path}.`] : []),
  ];
  const lines = [
    ...(hooks ? [] : ["# A native sidecar is one of the initContainers."]),
    "containers:",
    "- name: YOUR-CONTAINER",
    // Without entries it would be null, which removes what the container has.
    ...env.some((line) => line.startsWith("-")) ? ["  env:"] : [],
    ...indented("  ", env),
    ...indented("  ", hooks ? lifecycleOf(hooks) : []),
  ];
  return ["spec:", "  template:", "    spec:"].join("\n") + "\n" +
    indented("      ", [`terminationGracePeriodSeconds: ${grace}`, ...lines])
      .map((line) => `${line}\n`).join("");
}

function indented(by: string, lines: readonly string[]): string[] {
  return lines.map((line) => by + line);
}

/**
 * The pod's address is not always the registered one (NAT, a second network): one that was good stays
 * as it is, and so does what the app is told to register with.
 */
function addressIn(settings: readonly EffectiveSetting[], isFound: boolean): string[] {
  const given = settings.find(({ name, variable }) => name === "podip" && variable);
  if (isFound) {
    const isFlag = given?.source.startsWith("flag");
    return isFlag ? ["# Set podip yourself: it came from the command line."] : [];
  }
  if (given && (given.isMounted || given.variable !== "podip")) return [];
  return ["- name: podip", "  valueFrom: {fieldRef: {fieldPath: status.podIP}}"];
}

function settingsIn(settings: readonly EffectiveSetting[], { isExec }: Hooks): string[] {
  const leftOut = isExec ? LEFT_OUT : [...LEFT_OUT, "SERVICE_OFFLINE_REGISTRY"];
  const all = settings.filter(({ name, variable }) => variable && !leftOut.includes(name));
  // The hook reads them as `check` has.
  const given = all.filter(({ isMounted }) => !isMounted);
  const byName = new Map(given.map((one) => [one.variable ?? one.name, one]));
  const hasId = settings.some(({ name, variable, isMounted }) =>
    name === "instanceId" && variable && !isMounted
  );
  return [
    ...[...byName].flatMap(([name, { secret, value }]) => entry(name, secret ? undefined : value)),
    ...(given.length < all.length ? ["# The rest is read from the mounted files of Spring."] : []),
    ...(hasId ? ["# Set instanceId yourself: it differs in each pod."] : []),
  ];
}

/** A variable; without a value it is a secret. */
function entry(name: string, value: string | undefined): string[] {
  return [
    `- name: ${name}`,
    ...value === undefined
      // `null` removes a value that stands in the manifest: the API server takes no `valueFrom` beside.
      ? ["  value: null", `  valueFrom: {secretKeyRef: {name: YOUR-SECRET, key: ${name}}}`]
      : [`  value: ${quoted(value)}`],
  ];
}

function lifecycleOf({ postStart, preStop, isExec, isThere }: Hooks): string[] {
  const command = (words: readonly string[]) => {
    const plain = (word: string) => /^[\w./-]+$/.test(word) && !word.startsWith("-");
    return words.map((word) => plain(word) ? word : quoted(word)).join(", ");
  };
  return [
    "lifecycle:",
    ...(isThere ? [] : ["  # Nothing of the kit is here: these paths are where it belongs."]),
    ...isExec
      ? [
        "  # This replaces a hook that the container has. It is not ready before",
        "  # postStart ends, at the latest after ONLINE_TIMEOUT_SECONDS.",
      ]
      : [
        "  # This replaces a hook that the container has. Put its command before this one, as in",
        `  # [sh, -c, "touch /tmp/health; ${postStart.join(" ")}"]`,
      ],
    "  postStart:",
    `    exec: {command: [${command(postStart)}]}`,
    "  preStop:",
    `    exec: {command: [${command(preStop)}]}`,
  ];
}

/**
 * A YAML string that Kubernetes reads as this text: a JSON string, with escapes for the characters
 * that YAML does not allow. Kubernetes makes `$` of `$$`.
 */
function quoted(text: string): string {
  return JSON.stringify(text.replaceAll("$", "$$$$"))
    .replaceAll(/[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, escapeOf);
}
