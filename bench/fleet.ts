/**
 * Many hooks at once on one real Nacos with auth: whether all are out, how long it takes, and what it
 * costs the server and one hook, beside a lean script in the same run.
 *
 * `deno task bench:fleet [--server 3.1.0|2.2.4] [--runs 3] [--only 350]`; each hook takes some 25 MiB.
 *
 * @module
 */

import { median, QUIET, ratio, round } from "./measure.ts";
import { ship, shippedAt } from "../scripts/shipped.ts";
import { deregister, patch, record, register } from "../tests/support/nacos_client.ts";
import {
  type NacosVersion,
  type RealNacos,
  startRealNacos,
} from "../tests/support/nacos_server.ts";

/** Hooks that begin at the same time. */
interface Round {
  readonly name: string;
  /** How many, wave after wave. */
  readonly waves: readonly number[];
  readonly env: Readonly<Record<string, string>>;
}

const ROUNDS: readonly Round[] = [
  {
    name: "350, DRAIN_SECONDS=3, grace 150",
    waves: [350],
    env: { DRAIN_SECONDS: "3", TERMINATION_GRACE_PERIOD_SECONDS: "150" },
  },
  { name: "500, grace 120", waves: [500], env: { TERMINATION_GRACE_PERIOD_SECONDS: "120" } },
];
/** Once: what fits into the memory at a time. */
const WAVES: Round = {
  name: "1000 in 4 waves, DRAIN_SECONDS=3, grace 150",
  waves: [250, 250, 250, 250],
  env: { DRAIN_SECONDS: "3", TERMINATION_GRACE_PERIOD_SECONDS: "150" },
};
const SCRIPT_HOOKS = Number(Deno.env.get("FLEET_SCRIPTS") ?? 350);

/** One process that has ended. */
interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly cpuSeconds: number;
}

interface Pod {
  readonly ip: string;
  readonly port: number;
  readonly serviceName: string;
}

const CLOCK_TICKS = 100;

/** The seconds that a process has had of the processors. */
function cpuSeconds(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /, "").split(" ");
  return (Number(stat[11]) + Number(stat[12])) / CLOCK_TICKS;
}

async function runTimed(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const child = new Deno.Command("/usr/bin/time", {
    args: ["-f", "%U %S", ...command],
    env: { ...env },
    clearEnv: true,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { code, stdout, stderr } = await child.output();
  const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1) ?? "";
  const [user = NaN, system = NaN] = said.split(" ").map(Number);
  return { code, stdout: new TextDecoder().decode(stdout), cpuSeconds: user + system };
}

function podsOf(count: number): Pod[] {
  return Array.from({ length: count }, (_, i) => ({
    serviceName: `fleet-${i % 20}`,
    ip: `10.7.${Math.floor(i / 200)}.${i % 200 + 1}`,
    port: 8080,
  }));
}

/** A heartbeat would queue behind the logins; a real client's are a connection of their own. */
const metadata = {
  "preserved.heart.beat.timeout": "900000",
  "preserved.ip.delete.timeout": "900000",
};

async function areOut(server: RealNacos, pods: readonly Pod[]): Promise<number> {
  let out = 0;
  for (const pod of pods) if ((await record(server, pod))?.enabled === false) out++;
  return out;
}

/** Nacos lets go of a client without heartbeats after three minutes, whatever its instances say. */
async function putBack(server: RealNacos, pods: readonly Pod[]): Promise<void> {
  for (const pod of pods) {
    await register(server, { ...pod, weight: 2, metadata });
    await patch(server, pod, { enabled: "true", weight: "2" });
  }
}

const failures: string[] = [];

async function measure(
  server: RealNacos,
  name: string,
  waves: readonly (readonly Pod[])[],
  start: (pod: Pod) => Promise<Ended>,
): Promise<Record<string, string | number>> {
  const ended: Ended[] = [];
  const outMs: number[] = [];
  let seconds = 0;
  let serverSeconds = 0;
  let out = 0;
  for (const wave of waves) {
    await putBack(server, wave);
    const serverBefore = cpuSeconds(server.pid);
    const waveAt = performance.now();
    ended.push(
      ...await Promise.all(wave.map(async (pod) => {
        const one = await start(pod);
        outMs.push(acceptedMs(one) ?? performance.now() - waveAt);
        return one;
      })),
    );
    seconds += (performance.now() - waveAt) / 1000;
    serverSeconds += cpuSeconds(server.pid) - serverBefore;
    // The record is 0.6 s behind (3.1.0), and a lean script does not look.
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    out += await areOut(server, wave);
  }
  const pods = waves.flat();
  const failed = ended.filter(({ code }) => code !== 0);
  for (const { code, stdout } of failed.slice(0, 3)) {
    console.log(`  ended with ${code}: ${stdout.trim().split("\n").at(-1)?.slice(0, 600)}`);
  }
  // A lean script is only there to compare with: it may fail as scripts do.
  const isHook = !name.includes("scripts");
  if (isHook && (failed.length > 0 || out < pods.length)) failures.push(`${server.label}: ${name}`);
  const result = {
    server: server.label,
    name,
    out: `${out} of ${pods.length}`,
    failed: failed.length,
    seconds: round(seconds),
    outMedianS: round(median(outMs) / 1000),
    outLastS: round(Math.max(...outMs) / 1000),
    serverCpuMsPerHook: Math.round(serverSeconds / pods.length * 1000),
    hookCpuMs: Math.round(median(ended.map((one) => one.cpuSeconds)) * 1000),
  };
  console.log(JSON.stringify(result));
  return result;
}

/** When the registry's own record agreed, as the end line has it. */
function acceptedMs({ stdout }: Ended): number | undefined {
  try {
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "").registries[0].acceptedMs ?? undefined;
  } catch {
    return undefined;
  }
}

async function bench(version: NacosVersion, runs: number, only: string, folder: string) {
  const server = await startRealNacos({ version, auth: true });
  try {
    const { admin } = server;
    if (!admin) throw new Error(`${server.label} has no administrator`);
    const all = podsOf(1000);
    const login = {
      NACOS_SERVER_ADDR: server.addr,
      NACOS_USERNAME: admin.username,
      NACOS_PASSWORD: admin.password,
    };
    const deno = [`${folder}/deno`, ...shipped.args];
    const hook = (env: Readonly<Record<string, string>>) => (pod: Pod) =>
      runTimed(
        [...deno, "offline"],
        {
          ...QUIET,
          ...shipped.env,
          ...login,
          ...env,
          HOME: folder,
          LOG_FORMAT: "json",
          podip: pod.ip,
          serviceName: pod.serviceName,
          port: String(pod.port),
        },
      );
    const script = (pod: Pod) =>
      runTimed(["bash", new URL("./footprint/offline.sh", import.meta.url).pathname], {
        ...login,
        PATH: Deno.env.get("PATH") ?? "",
        REGISTRY: version === "3.1.0" ? "nacos-v3" : "nacos-v1",
        podip: pod.ip,
        serviceName: pod.serviceName,
        groupName: "DEFAULT_GROUP",
        namespaceId: "public",
        port: String(pod.port),
        metadata: JSON.stringify(metadata),
      });
    const results = [];
    for (const { name, waves, env } of [...ROUNDS, WAVES]) {
      if (!name.includes(only)) continue;
      for (let i = 0; i < (name === WAVES.name ? 1 : runs); i++) {
        let from = 0;
        const pods = waves.map((count) => all.slice(from, from += count));
        results.push(await measure(server, name, pods, hook(env)));
      }
    }
    const few = all.slice(0, SCRIPT_HOOKS);
    const lean = await measure(server, `${SCRIPT_HOOKS} scripts`, [few], script);
    results.push(lean);
    for (const pod of all) await deregister(server, pod);
    return results.map((one) => ({
      ...one,
      cpuRatio: ratio(Number(one["hookCpuMs"]), Number(lean["hookCpuMs"])),
    }));
  } finally {
    await server.shutdown();
  }
}

function option(name: string): string | undefined {
  const at = Deno.args.indexOf(name);
  return at < 0 ? undefined : Deno.args[at + 1];
}

// Away from any deno.json, as in an image.
const folder = await Deno.makeTempDir();
await Deno.copyFile(Deno.execPath(), `${folder}/deno`);
const built = Deno.env.get("FLEET_BUNDLE") ??
  new URL("../dist/service-offline.js", import.meta.url);
const shipped = shippedAt(await ship(built, folder));
const versions = option("--server")?.split(",") ?? ["3.1.0", "2.2.4"];
const results = [];
for (const version of versions) {
  const runs = Number(option("--runs") ?? 3);
  results.push(...await bench(version as NacosVersion, runs, option("--only") ?? "", folder));
}
await Deno.remove(folder, { recursive: true });
console.table(results);
console.log(failures.length === 0 ? "all out, none failed" : `not all out: ${failures.join("; ")}`);
Deno.exit(failures.length === 0 ? 0 : 1);
