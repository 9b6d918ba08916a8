/**
 * The cluster that the tests run on: any that `KUBECONFIG` names, else the one-node cluster of the
 * lab beside this repository.
 */

import { REPOSITORY } from "../../scripts/places.ts";
import { runTool } from "../../scripts/tool.ts";

export interface Cluster {
  /** The address of this machine as pods reach it: servers under test listen there. */
  readonly hostAddress: string;
  /** Runs kubectl to its end and gives its stdout. Throws where it fails, with its stderr. */
  kubectl(...words: readonly string[]): Promise<string>;
  /** Starts kubectl, its stdout piped: for what goes on, such as `logs --follow`. */
  spawn(...words: readonly string[]): Deno.ChildProcess;
  /** Gives images to the nodes: a docker archive, which may hold several, or an OCI archive of one. */
  importImages(archive: string): Promise<void>;
  /** Ends the kubelet by a signal and starts it again; only in the lab. */
  readonly restartKubelet:
    | ((signal: "TERM" | "KILL", secondsDown: number) => Promise<void>)
    | undefined;
}

/**
 * Whether its nodes mount an image as a volume, with a subPath: containerd 2.2 or CRI-O 1.33, and the
 * feature gate before Kubernetes 1.35. containerd 2.1 mounts the image and leaves the subPath out.
 */
export function hasImageVolumes(): boolean {
  if (Deno.env.get("KUBECONFIG")) return Deno.env.get("KUBE_IMAGE_VOLUMES") === "yes";
  return exists(`${labFolder()}/bin/containerd`);
}

/** How a cluster gets them, for whoever skips a test. */
export const NO_IMAGE_VOLUMES: string =
  "no image volumes: make a newer lab by tests/kubernetes/lab/newer.sh, " +
  "or set KUBE_IMAGE_VOLUMES=yes where the cluster of KUBECONFIG has them";

/** Where a cluster comes from; undefined where there is none. */
interface Source {
  open(): Promise<Cluster>;
}

/** Why there is no cluster, for whoever skips a test. */
export const NO_CLUSTER: string =
  "no cluster: set KUBECONFIG, KUBE_IMAGE_IMPORT and KUBE_HOST_ADDRESS, " +
  "or build the lab of ../shared/kubernetes, which KUBE_LAB finds elsewhere";

let opened: Promise<Cluster> | undefined;

/** Whether {@linkcode openCluster} will find one. */
export function hasCluster(): boolean {
  return source() !== undefined;
}

/** The cluster; the lab is started where it does not run, and is left running. */
export function openCluster(): Promise<Cluster> {
  const found = source();
  if (!found) throw new Error(NO_CLUSTER);
  return opened ??= found.open();
}

function source(): Source | undefined {
  const kubeconfig = Deno.env.get("KUBECONFIG");
  if (kubeconfig) return { open: () => Promise.resolve(anyCluster(kubeconfig)) };
  const lab = labFolder();
  const home = Deno.env.get("HOME") ?? "/root";
  const work = Deno.env.get("KUBE_LAB_DIR") ?? `${home}/.cache/kube-lab`;
  return exists(`${lab}/up.sh`) && exists(`${work}/bin/kubectl`)
    ? { open: () => labCluster(lab, work) }
    : undefined;
}

function labFolder(): string {
  return Deno.env.get("KUBE_LAB") ?? `${REPOSITORY}/../shared/kubernetes`;
}

/** `KUBE_IMAGE_IMPORT` is a command that takes the archive as its last word. */
function anyCluster(kubeconfig: string): Cluster {
  const [importer, ...words] = setting("KUBE_IMAGE_IMPORT", "kind load image-archive").split(" ");
  return {
    hostAddress: setting("KUBE_HOST_ADDRESS", "172.18.0.1"),
    ...kubectlOf("kubectl", kubeconfig),
    importImages: async (archive) => {
      await runTool(importer ?? "", [...words, archive], { env: { KUBECONFIG: kubeconfig } });
    },
    restartKubelet: undefined,
  };
}

async function labCluster(lab: string, work: string): Promise<Cluster> {
  const env = { KUBE_LAB_DIR: work };
  const tools = kubectlOf(`${work}/bin/kubectl`, `${work}/run/admin.kubeconfig`);
  // up.sh does nothing where it runs already, and fails at times: its `ip … | grep -q` under pipefail
  // takes a broken pipe for "no such address".
  const runs = await tools.kubectl("get", "--raw", "/readyz").then(() => true, () => false);
  if (!runs) await runTool(`${lab}/up.sh`, [], { env });
  await pinBridge("kbr0");
  const socket = `${work}/run/containerd.sock`;
  return {
    hostAddress: "10.244.0.1",
    ...tools,
    importImages: async (archive) => {
      await runTool("ctr", ["-a", socket, "-n", "k8s.io", "images", "import", archive]);
    },
    restartKubelet: async (signal, secondsDown) => {
      const down = [signal, String(secondsDown)];
      // It ends in up.sh.
      await runTool(`${lab}/restart-kubelet.sh`, down, { env })
        .catch(() => runTool(`${lab}/up.sh`, [], { env }));
    },
  };
}

/**
 * Gives the bridge of the lab an address that stays. By itself it takes the lowest of its ports', which
 * changes as pods come and go; a pod that knows the one before loses what it sends for a second and
 * more: of 40 hooks two never got a connection to their registry.
 */
async function pinBridge(name: string): Promise<void> {
  const type = Deno.readTextFileSync(`/sys/class/net/${name}/addr_assign_type`).trim();
  const isPinned = type === "3";
  if (!isPinned) await runTool("ip", ["link", "set", name, "address", "02:00:0a:f4:00:01"]);
}

function kubectlOf(program: string, kubeconfig: string): Pick<Cluster, "kubectl" | "spawn"> {
  const env = { KUBECONFIG: kubeconfig };
  return {
    kubectl: (...words) => runTool(program, words, { env }),
    spawn: (...words) =>
      new Deno.Command(program, {
        args: [...words],
        env,
        stdin: "null",
        stdout: "piped",
        stderr: "null",
      }).spawn(),
  };
}

function setting(name: string, example: string): string {
  const value = Deno.env.get(name);
  if (value) return value;
  throw new Error(
    `Cannot test on the cluster of KUBECONFIG: set ${name}, for example to ${example}`,
  );
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
