/**
 * Drops the page cache, and proves it.
 *
 * @module
 */

/** How the page cache can be dropped here. */
export interface PageCache {
  /** In words, for the report. */
  readonly how: string;
  /**
   * Drops it.
   *
   * @returns the share of the files that is in memory all the same, 0 to 1; NaN where unknown
   */
  drop(): Promise<number>;
}

const DROP = "/proc/sys/vm/drop_caches";
/** With more than this left in memory nothing was dropped worth the name. */
const MOST_LEFT = 0.1;

/**
 * Finds a way to drop the page cache.
 *
 * Pages that a running process has mapped stay, however it is asked: the files must be copies that
 * nobody else runs.
 *
 * @param files what the programs are made of
 * @returns undefined where there is no way
 */
export async function pageCache(files: readonly string[]): Promise<PageCache | undefined> {
  const ways: PageCache[] = [
    {
      how: `echo 3 >${DROP}: the page cache of the whole machine`,
      async drop() {
        await Deno.writeTextFile(DROP, "3\n", { create: false });
        return await resident(files);
      },
    },
    {
      how: "POSIX_FADV_DONTNEED on the programs and their libraries only (dd iflag=nocache): " +
        `${DROP} cannot be written`,
      async drop() {
        for (const file of files) await output("dd", `if=${file}`, "iflag=nocache", "count=0");
        return await resident(files);
      },
    },
  ];
  // What was copied a moment ago and is not on the disk yet cannot be dropped.
  await output("sync", ...files);
  for (const way of ways) {
    const left = await way.drop().catch(() => 1);
    if (!(left > MOST_LEFT)) return way;
  }
  return undefined;
}

/** The share of some files that is in the page cache. */
async function resident(files: readonly string[]): Promise<number> {
  try {
    const text = await output("fincore", "-b", "-n", "-r", "-o", "RES,SIZE", ...files);
    const sums = text.trim().split("\n").map((line) => line.split(/\s+/).map(Number));
    const sum = (column: number) => sums.reduce((all, row) => all + (row[column] ?? 0), 0);
    return sum(0) / sum(1);
  } catch {
    return NaN;
  }
}

/** The shared libraries of some executables, as the loader finds them. */
export async function librariesOf(executables: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  for (const executable of executables) {
    // A static one ends with 1.
    const text = await output("ldd", executable).catch(() => "");
    for (const [, path] of text.matchAll(/(?:=> |^\s*)(\/\S+) \(/gm)) if (path) found.add(path);
  }
  return [...found];
}

async function output(program: string, ...args: string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command(program, { args, stderr: "null" }).output();
  if (!success) throw new Error(`${program} ${args.join(" ")} failed`);
  return new TextDecoder().decode(stdout);
}
