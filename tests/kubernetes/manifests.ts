/** Manifests of the tests' app. */

import type { Manifest } from "./space.ts";

export interface AppPod {
  /** Its label `app`, and the name of what owns it. */
  readonly name: string;
  readonly image: string;
  /** Its environment beside `podip`, which is always there. */
  readonly env: Readonly<Record<string, string>>;
  /** `postStart` and `preStop`, each the command of an exec. */
  readonly hooks?: { readonly postStart?: readonly string[]; readonly preStop?: readonly string[] };
  /** terminationGracePeriodSeconds. @default {90} */
  readonly graceSeconds?: number;
  /** More of the container: probes, resources, securityContext. */
  readonly container?: Manifest;
  /** More of the pod: volumes, other containers. */
  readonly pod?: Manifest;
}

const POD_IP = { name: "podip", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } };

/** A list of environment variables, beginning with the pod's address. */
export function envList(env: Readonly<Record<string, string>>): Manifest[] {
  return [POD_IP, ...Object.entries(env).map(([name, value]) => ({ name, value }))];
}

/** The spec of a pod; without service account and service variables, which the lab has not. */
export function podSpec(pod: AppPod): Manifest {
  const { postStart, preStop } = pod.hooks ?? {};
  const exec = (command: readonly string[]) => ({ exec: { command } });
  return {
    terminationGracePeriodSeconds: pod.graceSeconds ?? 90,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    ...pod.pod,
    containers: [
      {
        name: "app",
        image: pod.image,
        imagePullPolicy: "Never",
        env: envList(pod.env),
        lifecycle: {
          ...(postStart ? { postStart: exec(postStart) } : {}),
          ...(preStop ? { preStop: exec(preStop) } : {}),
        },
        readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
        ...pod.container,
      },
      ...(pod.pod?.["containers"] as Manifest[] | undefined ?? []),
    ],
  };
}

export function deployment(pod: AppPod, replicas = 1, more: Manifest = {}): Manifest {
  const labels = { app: pod.name };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: pod.name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: podSpec(pod) },
      ...more,
    },
  };
}

export function barePod(pod: AppPod, name = pod.name): Manifest {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: pod.name } },
    spec: podSpec(pod),
  };
}

/** The command of a container in which TERM kills the app: it deregisters nothing. */
export function killedApp(first = ""): readonly string[] {
  return ["sh", "-c", `${first} /app & app=$!; trap 'kill -9 $app' TERM; wait`];
}
