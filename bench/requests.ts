/**
 * How many requests of real callers fail when a provider is stopped: Spring Cloud consumers with
 * default settings, 50 requests a second to a service with two Spring Boot providers, on a real
 * Eureka and on a real Nacos 3.1. A provider's hook is run as a preStop, then the provider gets TERM.
 *
 * - `traffic`: DRAIN_SECONDS=30, TRAFFIC_URL set to its actuator: no request may fail, and the hook
 *   ends within 12 s after the later of the floor's end and the last request.
 * - `default`: neither of the two: no request may fail.
 * - with `--reference`: `script`, one request to the registry and a sleep of 30 s; `published`, what
 *   the script that people copy sends, where this server refuses it (Nacos 3.x); and `none`.
 *
 * Each is run three times, 1, 11 and 21 s after a refresh of Eureka's lists (Nacos: after the first
 * consumer has filled its cache). Up to six services are measured at the same time; their consumers
 * are six applications in one JVM, each with a registry client and a LoadBalancer of its own.
 *
 * Needs Java 17 and Maven. `--only=eureka,nacos --variant=traffic,default --rounds=3 --reference
 * --nacos-client=3.0.3`; HOOK_BIN runs an executable in place of the source. `--json=FILE` writes the
 * rows, of which `deno task chart` draws the picture in the README.
 *
 * @module
 */

import { type Consumers, startConsumers } from "./requests/apps.ts";
import { eureka } from "./requests/eureka.ts";
import { nacos } from "./requests/nacos.ts";
import type { Registry } from "./requests/registry.ts";
import { isReference, type Measurement, type Row, rowOf } from "./requests/report.ts";
import { CONSUMERS, type Service, startService, type Variant, VARIANTS } from "./requests/stop.ts";
import { removeRecords } from "../tests/support/hook.ts";

/** One stop that is to be measured. */
interface Plan {
  readonly variant: Variant;
  /** Seconds after the renewal of the cache. */
  readonly at: number;
  /** Of the service. */
  readonly name: string;
}

const AT_ONCE = 6;
/** Starting takes a core each. */
const STARTS_AT_ONCE = 2;
/** From one round to the next, seconds in the cycle. */
const MOMENTS = [1, 11, 21];
/** The first service's providers are at 127.0.30.1 and .2. */
const FIRST_NETWORK = 30;
const SHOWN_FAILURES = 5;

const option = (name: string, fallback: string) =>
  Deno.args.find((one) => one.startsWith(`--${name}=`))?.split("=", 2)[1] ?? fallback;
const reference = Deno.args.includes("--reference");
const rounds = Number(option("rounds", "3"));
const wanted = option("variant", VARIANTS.filter((one) => reference || !isReference(one)).join());
const variants = wanted.split(",").map((word) => {
  const variant = VARIANTS.find((one) => one === word);
  if (!variant) throw new Error(`No variant ${word}: ${VARIANTS.join(", ")}`);
  return variant;
});
if (!(rounds >= 1)) throw new Error(`--rounds must be a number, 1 or more`);

const ending = new AbortController();
const { signal } = ending;
let interrupted = false;
for (const name of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(name, () => {
    // All that runs is ended on the way out; whoever asks twice does not want to wait for it.
    if (interrupted) Deno.exit(130);
    interrupted = true;
    console.error(`${name}: ending all that was started`);
    ending.abort(new Error(name));
  });
}

const REGISTRIES: Readonly<Record<string, () => Promise<Registry>>> = {
  eureka: () => eureka(signal),
  nacos: () => nacos(option("nacos-client", "3.0.3")),
};

const rows: Row[] = [];
try {
  for (const name of option("only", Object.keys(REGISTRIES).join(",")).split(",")) {
    const start = REGISTRIES[name];
    if (!start) throw new Error(`No registry ${name}: ${Object.keys(REGISTRIES).join(", ")}`);
    await measureRegistry(start);
  }
} catch (error) {
  if (!interrupted) throw error;
} finally {
  console.log(
    "\nSeconds. at: when in the cycle of the cache; accepted: from the start of the hook; lastCall, " +
      "hookEnd: from the write; afterLater: from the later of the floor's end and the last call",
  );
  rows.sort(inOrder);
  console.table(rows);
  console.log(JSON.stringify(rows));
}
const file = option("json", "");
if (file !== "" && !interrupted) writeMeasurement(file);
if (interrupted) Deno.exit(130);
const missed = rows.filter(({ verdict }) => verdict.startsWith("MISSED")).length;
console.log(missed > 0 ? `MISSED by ${missed} of ${rows.length} runs` : "All is as it must be");
Deno.exit(missed > 0 ? 1 : 0);

async function measureRegistry(start: () => Promise<Registry>): Promise<void> {
  const say = teller();
  signal.throwIfAborted();
  await using registry = await start();
  await using consumers = await startConsumers(registry, CONSUMERS);
  say(`${registry.label} and ${CONSUMERS} consumers run`);
  const run = crypto.randomUUID().slice(0, 6);
  const possible = variants.filter((one) => one !== "published" || registry.published);
  const plans = possible.flatMap((variant) =>
    Array.from({ length: rounds }, (_, i): Plan => {
      const at = MOMENTS[i % MOMENTS.length] ?? 0;
      return { variant, at, name: `${variant}-${i}-${run}` };
    })
  );
  for (let first = 0; first < plans.length; first += AT_ONCE) {
    const batch = plans.slice(first, first + AT_ONCE);
    try {
      await measureBatch(batch, registry, consumers, say);
    } finally {
      removeRecords(...batch.map(({ name }) => name));
    }
  }
}

/** What was not measured this time stays as it is there. */
function writeMeasurement(file: string): void {
  const nameOf = ({ registry, variant }: Row) => `${registry} ${variant}`;
  const isAnew = new Set(rows.map(nameOf));
  const { rows: before }: Measurement = exists(file)
    ? JSON.parse(Deno.readTextFileSync(file))
    : { rows: [] };
  const all = [...before.filter((row) => !isAnew.has(nameOf(row))), ...rows].sort(inOrder);
  Deno.writeTextFileSync(file, `${JSON.stringify({ rows: all }, null, 2)}\n`);
}

function inOrder(a: Row, b: Row): number {
  const order = ({ registry, variant, at }: Row) =>
    `${registry} ${VARIANTS.indexOf(variant)} ${at}`;
  return order(a).localeCompare(order(b), "en", { numeric: true });
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Some services at the same time: each is stopped at its own moment. */
async function measureBatch(
  batch: readonly Plan[],
  registry: Registry,
  consumers: Consumers,
  say: (text: string) => void,
): Promise<void> {
  await using running = new AsyncDisposableStack();
  const services: [Plan, Service][] = [];
  const waiting = [...batch];
  const startSome = async () => {
    for (let plan = waiting.shift(); plan; plan = waiting.shift()) {
      signal.throwIfAborted();
      const number = FIRST_NETWORK + batch.indexOf(plan);
      const { name } = plan;
      const service = await startService({ registry, consumers, name, number, running, signal });
      services.push([plan, service]);
    }
  };
  await allOrStop(Array.from({ length: STARTS_AT_ONCE }, startSome));
  say(`${2 * batch.length} providers run`);
  // All at the same time, when nothing else starts: the consumers' caches keep their distance.
  const loads = services.map(([, service]) => service.load());
  await allOrStop(loads);
  say("all are called");
  await allOrStop(
    services.map(async ([{ variant, at }, service], i) => {
      const { cycleMs } = registry;
      const renewedAt = await registry.renewedAt(await loads[i] ?? 0);
      const cycles = Math.ceil((Date.now() - renewedAt - at * 1000) / cycleMs);
      const begin = renewedAt + cycles * cycleMs + at * 1000;
      const stopped = await service.stop(variant, begin);
      const row = rowOf(registry.label, variant, at, stopped);
      rows.push(row);
      say(JSON.stringify(row));
      if (row.verdict.startsWith("MISSED")) {
        for (const { at, error } of stopped.failures.slice(0, SHOWN_FAILURES)) {
          console.log(`${new Date(at).toISOString()} ${error}`);
        }
        console.log(stopped.hook?.stdout);
      }
    }),
  );
}

/** Waits for all; when one fails, the others are ended first. */
async function allOrStop(tasks: readonly Promise<unknown>[]): Promise<void> {
  const stop = (error: unknown) => ending.abort(error);
  for (const task of tasks) task.catch(stop);
  await Promise.allSettled(tasks);
  await Promise.all(tasks);
}

function teller(): (text: string) => void {
  const beganAt = Date.now();
  return (text) => console.log(`${Math.round((Date.now() - beganAt) / 1000)} s: ${text}`);
}
