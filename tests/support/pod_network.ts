/**
 * Pods on this machine: network namespaces that have an address each and a way to this machine, as a
 * pod has to its node. All of it ends with this process, however that dies. Needs root and iproute2.
 */

/** Where a pod's processes run. */
export interface PodPlace {
  /** Its address, the only one on its `eth0`. */
  readonly ip: string;
  /** Begins the command line of what runs there; the process id stays. */
  readonly launcher: readonly string[];
}

export interface PodNetwork extends AsyncDisposable {
  /** This machine's address, where servers listen that pods reach. */
  readonly host: string;
  readonly pods: readonly PodPlace[];
}

/** Why there can be none here; undefined where there can. */
export function missingForPods(): string | undefined {
  return Deno.uid() === 0
    ? undefined
    : "network namespaces need root (or, once all is built: unshare --map-root-user --net sh -c " +
      "'ip link set lo up; deno test -A tests/registries/pods_test.ts')";
}

/** Makes pods. Their addresses are of the range for tests of networks (RFC 2544). */
export async function startPodNetwork(count: number): Promise<PodNetwork> {
  const random = (below: number) => Math.floor(Math.random() * below);
  const net = `198.${18 + random(2)}.${random(256)}`;
  const id = crypto.randomUUID().slice(0, 6);
  const host = `${net}.1`;
  await using running = new AsyncDisposableStack();
  const pods: PodPlace[] = [];
  for (let number = 2; number < count + 2; number++) {
    const ip = `${net}.${number}`;
    const pid = running.use(await startNamespace()).pid;
    const device = `so-${id}-${number}`;
    const launcher = ["nsenter", `--net=/proc/${pid}/ns/net`, "--"];
    // The namespace takes its interface along when it goes, and with that the other end.
    await run(["ip", "link", "add", device, "type", "veth", "peer", "eth0", "netns", String(pid)]);
    await run(["ip", "address", "add", host, "peer", `${ip}/32`, "dev", device]);
    await run(["ip", "link", "set", device, "up"]);
    await run([...launcher, "ip", "link", "set", "lo", "up"]);
    await run([...launcher, "ip", "address", "add", ip, "peer", `${host}/32`, "dev", "eth0"]);
    await run([...launcher, "ip", "link", "set", "eth0", "up"]);
    await run([...launcher, "ip", "route", "add", "default", "via", host]);
    pods.push({ ip, launcher });
  }
  const all = running.move();
  return { host, pods, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** A namespace lives as long as a process in it, and that as long as its stdin. */
async function startNamespace(): Promise<AsyncDisposable & { readonly pid: number }> {
  const holder = new Deno.Command("unshare", {
    args: ["--net", "sh", "-c", "echo made; exec cat"],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = holder.stdout.getReader();
  const { done } = await reader.read();
  await reader.cancel();
  if (done) throw new Error("Cannot make a network namespace: unshare has ended");
  return {
    pid: holder.pid,
    async [Symbol.asyncDispose]() {
      await holder.stdin.close();
      await holder.status;
    },
  };
}

async function run([command = "", ...args]: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args, stdout: "null" }).output();
  if (success) return;
  throw new Error(`${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
