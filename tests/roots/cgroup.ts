/** A cgroup with a memory limit, version 1 or 2, whichever this machine has. */

export interface MemoryCgroup {
  readonly procs: string;
  pids(): number[];
  /** The most memory it had so far, files in the page cache included, bytes. */
  peakBytes(): number;
  oomKills(): number;
  remove(): Promise<void>;
}

/** Makes a cgroup. @param limitBytes the most memory its processes may have together */
export function makeMemoryCgroup(limitBytes: number): MemoryCgroup {
  const { folder, limit, peak, events } = place();
  const name = `${folder}/service-offline-${crypto.randomUUID().slice(0, 8)}`;
  const read = (file: string) => Deno.readTextFileSync(`${name}/${file}`);
  try {
    Deno.mkdirSync(name);
    Deno.writeTextFileSync(`${name}/${limit}`, String(limitBytes));
  } catch (error) {
    throw new Error(`Cannot make a cgroup with a memory limit in ${folder}: ${error}`);
  }
  return {
    procs: `${name}/cgroup.procs`,
    pids: () => read("cgroup.procs").split("\n").filter((line) => line !== "").map(Number),
    peakBytes: () => Number(read(peak)),
    oomKills: () => Number(/^oom_kill (\d+)$/m.exec(read(events))?.[1]),
    async remove() {
      for (let left = 50; left > 0; left--) {
        try {
          return Deno.removeSync(name);
        } catch {
          // The kernel still has its processes.
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
      throw new Error(`Cannot remove ${name}: it still has processes: ${read("cgroup.procs")}`);
    },
  };
}

function place() {
  const own = Deno.readTextFileSync("/proc/self/cgroup").split("\n").map((line) => line.split(":"));
  const v1 = own.find(([, controllers]) => controllers?.split(",").includes("memory"));
  if (v1) {
    const mounted = "/sys/fs/cgroup/memory";
    // In a cgroup namespace of its own the path is not below the mount.
    const folder = isFolder(`${mounted}${v1[2]}`) ? `${mounted}${v1[2]}` : mounted;
    return {
      folder,
      limit: "memory.limit_in_bytes",
      peak: "memory.max_usage_in_bytes",
      events: "memory.oom_control",
    };
  }
  const folder = "/sys/fs/cgroup";
  try {
    // Directly below the root: a cgroup that has processes can pass no controller on.
    Deno.writeTextFileSync(`${folder}/cgroup.subtree_control`, "+memory");
  } catch (error) {
    throw new Error(`Cannot use the memory controller of cgroup v2 in ${folder}: ${error}`);
  }
  return { folder, limit: "memory.max", peak: "memory.peak", events: "memory.events" };
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
