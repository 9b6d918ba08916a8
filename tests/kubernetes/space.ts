/**
 * A namespace of one test: what is applied there, what its pods print, and what the cluster says of
 * them.
 */

import type { Cluster } from "./cluster.ts";

export type Manifest = Readonly<Record<string, unknown>>;

export interface Pod {
  readonly name: string;
  /** Its address; an empty text before it has one. */
  readonly ip: string;
  readonly ready: boolean;
  /** How often its containers, not those of its start, were started anew. */
  readonly restarts: number;
  /** `status.reason`: `Evicted`. */
  readonly reason: string;
  /** `status.phase`: `Running`, `Failed`. */
  readonly phase: string;
  readonly message: string;
  readonly terminating: boolean;
}

interface Event {
  /** `Killing`, `FailedPreStopHook`. */
  readonly reason: string;
  readonly message: string;
}

export interface LogLine {
  /** When the runtime took it, milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
}

export interface PodLog extends AsyncDisposable {
  readonly lines: readonly LogLine[];
  /**
   * Waits for a line, long enough for an `online` that looks once more 30 s after its last write.
   * @returns the first that matches, also one that came before the call
   */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<LogLine>;
  readonly ended: Promise<readonly LogLine[]>;
}

export interface Space extends AsyncDisposable {
  readonly name: string;
  /** kubectl in this namespace. Throws where it fails. */
  kubectl(...words: readonly string[]): Promise<string>;
  /** Applies objects, as `kubectl apply` does, by the server's strict validation. */
  apply(...manifests: readonly Manifest[]): Promise<void>;
  /** The pods of an app (`app=NAME`), in the order of their names. */
  pods(app: string): Promise<Pod[]>;
  /** One pod; undefined where it has gone. */
  pod(name: string): Promise<Pod | undefined>;
  /** Waits until there are so many ready pods of an app, none of them told to end. */
  waitReady(app: string, count?: number, timeoutMs?: number): Promise<Pod[]>;
  /** Follows the log of a container; by default the pod's only one. */
  log(pod: string, container?: string): PodLog;
  events(pod: string): Promise<Event[]>;
  /**
   * Tells a pod to end, and does not wait for it.
   * @returns when it was told, milliseconds since the epoch
   */
  delete(pod: string, ...flags: readonly string[]): Promise<number>;
  waitGone(pod: string, timeoutMs?: number): Promise<void>;
}

/** Asks again and again. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | false>,
  timeoutMs = 60_000,
  everyMs = 200,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  while (true) {
    const found = await ask();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`${what}: not after ${timeoutMs / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

/** Makes a namespace; disposing of it removes it with all that is in it. */
export async function createSpace(cluster: Cluster): Promise<Space> {
  const name = `so-${crypto.randomUUID().slice(0, 8)}`;
  const kubectl = (...words: readonly string[]) => cluster.kubectl("-n", name, ...words);
  const read = async (...words: readonly string[]) =>
    JSON.parse(await kubectl("get", ...words, "-o", "json"));
  await cluster.kubectl("create", "namespace", name);

  const space: Space = {
    name,
    kubectl,
    async apply(...items) {
      const file = Deno.makeTempFileSync({ suffix: ".json" });
      Deno.writeTextFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
      try {
        await kubectl("apply", "--validate=strict", "-f", file);
      } finally {
        Deno.removeSync(file);
      }
    },
    pods: async (app) => (await read("pods", "-l", `app=${app}`)).items.map(podOf),
    async pod(pod) {
      const { items } = await read("pods", `--field-selector=metadata.name=${pod}`);
      return items.map(podOf)[0];
    },
    async waitReady(app, count = 1, timeoutMs = 90_000) {
      let seen: Pod[] = [];
      try {
        return await until(`${count} ready pods of ${app}`, async () => {
          seen = await space.pods(app);
          const good = seen.filter(({ ready, terminating }) => ready && !terminating);
          return good.length === count && good;
        }, timeoutMs);
      } catch (error) {
        const [one] = seen;
        const why = one ? JSON.stringify(await space.events(one.name)) : "no pod";
        throw new Error(`${error instanceof Error ? error.message : error}: ${why}`);
      }
    },
    log: (pod, container) => followLog(cluster, name, pod, container),
    async events(pod) {
      const { items } = await read("events", `--field-selector=involvedObject.name=${pod}`);
      return items.map(({ reason, message }: Event) => ({ reason, message }));
    },
    async delete(pod, ...flags) {
      const at = Date.now();
      await kubectl("delete", "pod", pod, "--wait=false", ...flags);
      return at;
    },
    async waitGone(pod, timeoutMs) {
      await until(`the end of ${pod}`, async () => await space.pod(pod) === undefined, timeoutMs);
    },
    async [Symbol.asyncDispose]() {
      // Pods would else keep their grace period.
      const now = ["--now", "--wait=false", "--ignore-not-found"];
      await kubectl("delete", "deployments,statefulsets,pods", "--all", ...now);
      await cluster.kubectl("delete", "namespace", name, "--wait=false");
    },
  };
  return space;
}

interface PodObject {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly podIP?: string;
    readonly phase?: string;
    readonly reason?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  readonly restartCount: number;
  readonly state: { readonly terminated?: { readonly message?: string } };
  readonly lastState: { readonly terminated?: { readonly message?: string } };
}

function podOf({ metadata, status }: PodObject): Pod {
  const containers = status.containerStatuses ?? [];
  const messages = containers.map(({ state, lastState }) =>
    (state.terminated ?? lastState.terminated)?.message ?? ""
  );
  return {
    name: metadata.name,
    ip: status.podIP ?? "",
    ready: status.conditions?.some((one) => one.type === "Ready" && one.status === "True") ?? false,
    restarts: containers.reduce((sum, { restartCount }) => sum + restartCount, 0),
    reason: status.reason ?? "",
    phase: status.phase ?? "",
    message: messages.find((text) => text !== "") ?? "",
    terminating: metadata.deletionTimestamp !== undefined,
  };
}

function followLog(
  cluster: Cluster,
  namespace: string,
  pod: string,
  container: string | undefined,
): PodLog {
  const which = container === undefined ? [] : ["-c", container];
  const words = ["-n", namespace, "logs", "--follow", "--timestamps", pod, ...which];
  const child = cluster.spawn(...words);
  const lines: LogLine[] = [];
  let over = false;
  const reading = (async () => {
    let rest = "";
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + part).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) {
        const [, time = "", text = ""] = /^(\S+) ?(.*)$/.exec(line) ?? [];
        lines.push({ at: Date.parse(time), text });
      }
    }
    await child.status;
    over = true;
    return lines;
  })();
  return {
    lines,
    ended: reading,
    async waitFor(pattern, timeoutMs = 120_000) {
      const find = () => Promise.resolve(lines.find(({ text }) => pattern.test(text)));
      const end = Date.now() + timeoutMs;
      while (true) {
        const found = await find();
        if (found) return found;
        if (over || Date.now() > end) {
          const all = lines.map(({ text }) => text).join("\n");
          throw new Error(`${over ? "The log ended" : "Waited"} without ${pattern}:\n${all}`);
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    async [Symbol.asyncDispose]() {
      try {
        child.kill("SIGTERM");
      } catch {
        // It has ended already.
      }
      await reading;
    },
  };
}
