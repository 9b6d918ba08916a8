/**
 * What it costs to take an instance out with the bundle, against a bash script with curl, a static
 * Go program and a minimal Deno program that all send the script's requests, and an empty Deno
 * program: start-up, peak memory, exec to the accepted write, exec to gone from the list that
 * callers fetch; on real servers, interleaved, warm and with the page cache dropped.
 *
 * Needs Java 17, Maven, Go, bash, curl, GNU time; nothing can be cold but for root.
 *
 * `--rounds=20 --cold-rounds=5 --only=2.2.4,3.1.0,eureka`; FOOTPRINT_BUNDLE names another bundle than
 * that in dist.
 *
 * @module
 */

import { eurekaSite } from "./footprint/eureka_site.ts";
import { nacosSite } from "./footprint/nacos_site.ts";
import { type PageCache, pageCache } from "./footprint/page_cache.ts";
import { type Kit, makeKit, type Program, type ProgramName } from "./footprint/programs.ts";
import { bound, boundInWords, offlineRows, phasesRows, startUpRows } from "./footprint/report.ts";
import { offlineRun, summedPeak } from "./footprint/runs.ts";
import type { Site } from "./footprint/site.ts";
import { startTap } from "./footprint/tap.ts";
import { measuredRun, round } from "./measure.ts";
import { removeRecords } from "../tests/support/hook.ts";

/** Rounds that are run and thrown away: the page cache, the server's just-in-time compiler. */
const WARM_UP_ROUNDS = 5;
const START_UP_ROUNDS = 40;
const QUIET_LOAD = 0.7;

const WORDS =
  'ms from exec to the 200 of the write ("accepted") and to gone from the list ("gone")';
const NOT_COLD =
  "\n*** NOT MEASURED: nothing with the page cache dropped. /proc/sys/vm/drop_caches " +
  "cannot be written here (root, and no container that hides it, is what it takes), and neither " +
  "did POSIX_FADV_DONTNEED work. All figures are warm. ***";

const SITES: Readonly<Record<string, () => Promise<Site>>> = {
  "2.2.4": () => nacosSite("2.2.4"),
  "3.1.0": () => nacosSite("3.1.0"),
  "eureka": eurekaSite,
};

const option = (name: string, fallback: string) =>
  Deno.args.find((one) => one.startsWith(`--${name}=`))?.split("=", 2)[1] ?? fallback;
const rounds = Number(option("rounds", "20"));
const coldRounds = Number(option("cold-rounds", "5"));
const sites = option("only", Object.keys(SITES).join(",")).split(",");

const folder = await Deno.makeTempDir({ prefix: "footprint-" });
try {
  // Later it is our own.
  const loadBefore = round(Deno.loadavg()[0] ?? NaN, 2);
  if (loadBefore > QUIET_LOAD) console.log(`\n*** Load ${loadBefore}: not a quiet machine. ***`);
  const kit = await makeKit(folder);
  const cache = await pageCache(kit.files);
  if (!cache) console.log(NOT_COLD);
  const startUp = await measureStartUp(kit, cache);
  const emptyMiB = startUp.warm.find((row) => row.program === "empty deno")?.peakMiB ?? NaN;
  const servers = [];
  for (const name of sites) {
    const start = SITES[name];
    if (!start) throw new Error(`No server ${name}: ${Object.keys(SITES).join(", ")}`);
    servers.push(await measureSite(await start(), kit, cache, emptyMiB));
  }

  const of = <Row extends { program: ProgramName }>(rows: readonly Row[] | undefined) =>
    rows?.find((row) => row.program === "bundle");
  const on224 = servers.find((one) => one.server.includes("2.2.4"));
  const bounds = [
    bound("start-up of the bundle to an empty Deno program", of(startUp.warm)?.["ms/empty"], 1.7),
    bound("its peak memory to the same", of(startUp.warm)?.["peak/empty"], 1.25),
  ];
  if (on224) {
    const measured = of(on224.warm)?.["accepted/script"];
    bounds.push(bound(`exec to accepted, warm, ${on224.server}, to the script`, measured, 1.25));
  }
  console.log("\nBounds");
  for (const one of bounds) console.log(`  ${boundInWords(one)}`);
  for (const { server, warm } of servers) {
    const peak = of(warm)?.["peak/empty"];
    console.log(`  no bound: its peak memory in the whole offline run, ${server}: ${peak} x`);
  }
  const cold = cache?.how ?? "not measured";
  if (!cache) console.log(NOT_COLD);
  console.log(
    JSON.stringify({
      loadBefore,
      rounds,
      coldRounds,
      cold,
      bytes: kit.bytes,
      startUp,
      servers,
      bounds,
    }),
  );
} finally {
  await Deno.remove(folder, { recursive: true });
}

/** Loads every program without letting it do anything. */
async function measureStartUp(kit: Kit, cache: PageCache | undefined) {
  const once = (program: Program) =>
    measuredRun(program.startUp, { env: { ...kit.env, ...program.env } });
  await interleaved(kit.programs, 2, once);
  const warm = startUpRows(await interleaved(kit.programs, START_UP_ROUNDS, once));
  console.log(`\nStart-up, warm, ${START_UP_ROUNDS} rounds (the script: bash that does nothing)`);
  console.table(warm);
  if (!cache) return { warm };

  const left: number[] = [];
  const cold = startUpRows(
    await interleaved(kit.programs, coldRounds, async (program) => {
      left.push(await chill(cache));
      return await once(program);
    }),
  );
  sayCold("Start-up", cache, left);
  console.table(cold);
  return { warm, cold };
}

/** Lets every program take the instance of a server out. */
async function measureSite(
  site: Site,
  kit: Kit,
  cache: PageCache | undefined,
  emptyMiB: number,
) {
  const tap = startTap(site.addr);
  const stage = { kit, site, tap };
  const programs = kit.programs.filter((program) => program.offline !== undefined);
  const once = (program: Program) => offlineRun(program, stage);
  try {
    console.log(`\n${site.label}`);
    for (const note of site.notes) console.log(`  ${note}`);
    await interleaved(programs, WARM_UP_ROUNDS, once);
    const warmRuns = await interleaved(programs, rounds, once);
    const warm = offlineRows(warmRuns, emptyMiB);
    console.log(`${site.label}, warm, ${rounds} rounds; ${WORDS}`);
    console.table(warm);
    const phases = phasesRows(warmRuns);
    console.log(`${site.label}, warm: where the time until "accepted" goes, ms`);
    console.table(phases);

    const summedMiB: Partial<Record<ProgramName, number>> = {};
    for (const program of programs) {
      summedMiB[program.name] = round(await summedPeak(program, stage) / 1024);
    }
    console.log(
      "peak MiB above is of the largest process alone, as GNU time has it; of all that live at " +
        `once (shared pages counted for each): ${JSON.stringify(summedMiB)}`,
    );
    const result = { server: site.label, notes: site.notes, warm, phases, summedMiB };
    if (!cache) return result;

    const left: number[] = [];
    const coldRuns = await interleaved(programs, coldRounds, async (program) => {
      left.push(await chill(cache));
      return await once(program);
    });
    sayCold(site.label, cache, left);
    const cold = offlineRows(coldRuns, emptyMiB);
    console.table(cold);
    return { ...result, cold };
  } finally {
    tap.shutdown();
    await site.shutdown();
    removeRecords(site.service);
  }
}

/** Runs every program in turn, for some rounds. */
async function interleaved<Result>(
  programs: readonly Program[],
  rounds: number,
  once: (program: Program) => Promise<Result>,
): Promise<Map<ProgramName, Result[]>> {
  const results = new Map(programs.map(({ name }) => [name, [] as Result[]]));
  for (let i = 0; i < rounds; i++) {
    // In an order of its own: what a run leaves behind may slow the next.
    const order = programs.map((program) => ({ program, at: Math.random() }))
      .sort((a, b) => a.at - b.at);
    for (const { program } of order) results.get(program.name)?.push(await once(program));
  }
  return results;
}

/**
 * Drops the page cache, and reads the launcher again, so that only the program is cold.
 *
 * @returns the share of the programs that is in memory all the same
 */
async function chill(cache: PageCache): Promise<number> {
  const left = await cache.drop();
  await measuredRun(["/bin/true"]);
  return left;
}

function sayCold(what: string, cache: PageCache, left: readonly number[]): void {
  const most = round(Math.max(...left) * 100);
  const share = isNaN(most)
    ? "how much stayed in memory is not known (no fincore)"
    : `at most ${most} % ` +
      "of the programs' files stayed in memory (libraries that others have mapped)";
  console.log(
    `${what}, page cache dropped before each run, ${coldRounds} rounds: ${cache.how}; ${share}; ` +
      "a disk's own cache, and that of a virtual machine's host, are out of reach",
  );
}
