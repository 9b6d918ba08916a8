/**
 * What it takes to find and take out everything that a pod has registered: 1, 10 and 100
 * registrations in a registry with 5,000 services (Eureka: instances) of others, on real servers,
 * with OFFLINE_SCOPE=named beside it in the same run.
 *
 * Times are the program's own, from its start to the registry's own record, and the bench looks at
 * each record itself. Needs Java 17 and Maven.
 *
 * `--only=2.2.4,3.1.0,eureka --rounds=4 --services=5000`; POD_BUNDLE names another bundle than that
 * in dist.
 *
 * @module
 */

import { bound, boundInWords } from "./footprint/report.ts";
import { startTap, type Tap } from "./footprint/tap.ts";
import { median, QUIET, ratio, round } from "./measure.ts";
import { eurekaSite } from "./pod/eureka_site.ts";
import { nacosSite } from "./pod/nacos_site.ts";
import { type Entry, forEach, type Site } from "./pod/site.ts";
import { ship, shippedAt } from "../scripts/shipped.ts";
import { removeRecords } from "../tests/support/hook.ts";

const SIZES = [1, 10, 100] as const;
const SCOPES = ["pod", "named"] as const;
/** All registrations of the largest pod are to be out by then. */
const MAX_LAST_MS = 3_000;
/** The named one may come so much later than alone. */
const MAX_NAMED_RATIO = 1.25;
/** What is less than this is noise. */
const MIN_SEEN_MS = 10;
/** The record is 0.6 s behind a write (2.2.4, 3.1.0). */
const RECORD_MS = 1_500;
const QUIET_LOAD = 0.7;
const TIMEOUT_MS = 60_000;

/** One run of the hook. */
interface PodRun {
  /** When the named one's record agreed, ms after the start. */
  readonly namedMs: number;
  /** The same of the last one. */
  readonly lastMs: number;
  readonly requests: number;
  readonly cpuMs: number;
  readonly kib: number;
}

const option = (name: string, fallback: string) =>
  Deno.args.find((one) => one.startsWith(`--${name}=`))?.split("=", 2)[1] ?? fallback;
const rounds = Number(option("rounds", "4"));
const services = Number(option("services", "5000"));
const SITES: Readonly<Record<string, () => Promise<Site>>> = {
  "2.2.4": () => nacosSite("2.2.4", services),
  "3.1.0": () => nacosSite("3.1.0", services),
  "eureka": () => eurekaSite(services),
};

// Away from any deno.json, as in an image.
const folder = await Deno.makeTempDir({ prefix: "pod-" });
const built = Deno.env.get("POD_BUNDLE") ?? new URL("../dist/service-offline.js", import.meta.url);
const shipped = shippedAt(await ship(built, folder));
const loadBefore = round(Deno.loadavg()[0] ?? NaN, 2);
if (loadBefore > QUIET_LOAD) console.log(`\n*** Load ${loadBefore}: not a quiet machine. ***`);
const results = [];
try {
  for (const name of option("only", Object.keys(SITES).join(",")).split(",")) {
    const start = SITES[name];
    if (!start) throw new Error(`No server ${name}: ${Object.keys(SITES).join(", ")}`);
    results.push(await measureSite(await start()));
  }
} finally {
  await Deno.remove(folder, { recursive: true });
}
const bounds = results.flatMap(({ server, rows }) => {
  const largest = rows.find(({ size }) => size === Math.max(...SIZES));
  const { size, namedMs = NaN, aloneMs = NaN, lastMs = NaN } = largest ?? {};
  const last = ratio(lastMs, MAX_LAST_MS);
  // At Eureka the two are 20 ms.
  const named = ratio(Math.max(0, namedMs - MIN_SEEN_MS), aloneMs);
  return [
    bound(`the last of ${size} out, to ${MAX_LAST_MS} ms, ${server}`, last, 1),
    bound(
      `the named one less ${MIN_SEEN_MS} ms, to OFFLINE_SCOPE=named, ${server}`,
      named,
      MAX_NAMED_RATIO,
    ),
  ];
});
console.log("\nBounds");
for (const one of bounds) console.log(`  ${boundInWords(one)}`);
console.log(JSON.stringify({ loadBefore, rounds, services, results, bounds }));
Deno.exit(0);

async function measureSite(site: Site) {
  const tap = startTap(site.addr);
  try {
    const rows = [];
    // Before the first list is asked for: a Eureka keeps that for 30 s.
    for (const size of SIZES) await forEach(entriesOf(size), site.putBack);
    for (const size of SIZES) rows.push(await measureSize(site, tap, size));
    const count = await site.count();
    console.log(
      `\n${site.label}: ${site.others} (${count} counted), ${rounds} rounds, medians; ms`,
    );
    console.table(rows);
    return { server: site.label, count, rows };
  } finally {
    tap.shutdown();
    await site.shutdown();
  }
}

/** What a pod has registered, the named one first. */
function entriesOf(size: number): Entry[] {
  return Array.from({ length: size }, (_, i) => ({
    name: i === 0 ? `pod-of-${size}` : `pod-of-${size}-${i}`,
    ip: `10.9.8.${size}`,
    port: 20880,
  }));
}

async function measureSize(site: Site, tap: Tap, size: number) {
  await site.fill();
  const entries = entriesOf(size);
  const runs: Record<(typeof SCOPES)[number], PodRun[]> = { pod: [], named: [] };
  // The first is thrown away: the server's just-in-time compiler.
  for (let i = 0; i <= rounds; i++) {
    for (const scope of i % 2 === 0 ? SCOPES : SCOPES.toReversed()) {
      await forEach(entries, site.putBack);
      await new Promise((resolve) => setTimeout(resolve, RECORD_MS));
      const run = await runHook(site, tap, entries, scope);
      if (i > 0) runs[scope].push(run);
    }
  }
  const of = (scope: keyof typeof runs, part: keyof PodRun) =>
    median(runs[scope].map((run) => run[part]));
  return {
    size,
    namedMs: of("pod", "namedMs"),
    lastMs: of("pod", "lastMs"),
    lastWorstMs: Math.max(...runs.pod.map(({ lastMs }) => lastMs)),
    requests: of("pod", "requests"),
    cpuMs: of("pod", "cpuMs"),
    peakMiB: round(of("pod", "kib") / 1024),
    aloneMs: of("named", "namedMs"),
    aloneRequests: of("named", "requests"),
    aloneCpuMs: of("named", "cpuMs"),
    "named/alone": ratio(of("pod", "namedMs"), of("named", "namedMs")),
  };
}

/** Runs the hook, and makes sure that what it says is so. */
async function runHook(
  site: Site,
  tap: Tap,
  entries: readonly Entry[],
  scope: (typeof SCOPES)[number],
): Promise<PodRun> {
  const [named] = entries;
  if (named === undefined) throw new Error("a pod has at least one registration");
  removeRecords(named.name);
  tap.clear();
  const child = new Deno.Command("/usr/bin/time", {
    args: ["-f", "%U %S %M", Deno.execPath(), ...shipped.args, "offline"],
    env: {
      ...QUIET,
      ...shipped.env,
      ...site.env(tap.addr, named),
      HOME: folder,
      LOG_FORMAT: "json",
      OFFLINE_SCOPE: scope,
      DRAIN_SECONDS: "2",
      TERMINATION_GRACE_PERIOD_SECONDS: "60",
    },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
  const { code, stdout, stderr } = await child.output().finally(() => clearTimeout(timer));
  const text = new TextDecoder().decode(stdout).trim();
  const wanted = scope === "pod" ? entries : [named];
  const end = JSON.parse(text.split("\n").at(-1) ?? "");
  const accepted: number[] = end.registries.map((one: { acceptedMs: number }) => one.acceptedMs);
  const out = await Promise.all(wanted.map(site.isOut));
  // At Eureka what an app has is one entry.
  if (code !== 0 || out.includes(false) || accepted.length !== wanted.length) {
    const outs = out.filter(Boolean).length;
    throw new Error(`${site.label}, ${scope}: ${outs} of ${wanted.length} are out\n${text}`);
  }
  const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "";
  const [user = NaN, system = NaN, kib = NaN] = said.split(" ").map(Number);
  return {
    namedMs: accepted[0] ?? NaN,
    lastMs: Math.max(...accepted),
    requests: tap.exchanges.length,
    cpuMs: Math.round((user + system) * 1000),
    kib,
  };
}
