/**
 * `deno task demo`: requests of callers around the stop of a pod, once with the shell script as its
 * preStop hook and once with the program, at the same time. `deno task demo eureka` for Eureka.
 *
 * What runs is real, but for the registry, which is the stand-in of the tests, and the times, which
 * are a tenth: callers that cache their list, pods that close their port, and the program as a child
 * process with its own permissions. The script needs bash and curl, so the demo sends its requests.
 *
 * @module
 */

import { type DemoRegistry, REGISTRIES } from "./demo/registry.ts";
import { createRows } from "./demo/rows.ts";
import { PER_SECOND, SCRIPT_SLEEP_MS, type Second, startService } from "./demo/service.ts";
import { REPOSITORY } from "./places.ts";
import { pause } from "../tests/support/pause.ts";

/** Seconds before the stop, and after the last request that failed. */
const BEFORE = 2;
const AFTER = 1;
/** A second is shown when its requests have been answered. */
const SHOWN_AFTER_MS = 150;
/** At the left the script, at the right the program. */
const WAYS = ["script", "program"] as const;

const word = Deno.args[0] ?? "nacos";
const start = REGISTRIES[word];
if (!start || Deno.args.length > 1) {
  console.error(`Usage: deno task demo [${Object.keys(REGISTRIES).join(" | ")}]`);
  Deno.exit(64);
}
await cacheProgram();
const registry = await start();
say(introduction(registry));
const sums = await stopBoth(registry);
say(`\n${registry.meaning}`);
await registry.shutdown();
Deno.exit(conclude(sums));

/** The program's modules, so that its start takes as long as that of an executable. */
async function cacheProgram(): Promise<void> {
  const args = ["cache", "--quiet", "src/main.ts"];
  const { success } = await new Deno.Command(Deno.execPath(), { args, cwd: REPOSITORY }).spawn()
    .status;
  if (!success) throw new Error("deno cache src/main.ts has failed");
}

function introduction({ label, times, drainSeconds }: DemoRegistry): string {
  return `\
One pod of a service is stopped, twice at the same time: at the left with the
shell script as preStop hook, at the right with service-offline. Each service
has two pods and gets ${PER_SECOND} requests a second.

The callers, the pods and the program are real. ${label} is a stand-in in this
process, and the demo sends the script's requests itself, without bash and curl.
All times are a tenth of the real ones: ${times},
the script sleeps ${SCRIPT_SLEEP_MS / 1000} s, DRAIN_SECONDS is ${drainSeconds}.

One line is one second: █ answered, ░ failed (connection refused).
`;
}

/** Shows every second when it has passed. @returns the requests of each way */
async function stopBoth(registry: DemoRegistry): Promise<Second[]> {
  const rows = createRows(Deno.stdout.isTerminal() && !Deno.noColor);
  say(rows.head("the script", "service-offline"));
  const services = await Promise.all(WAYS.map((way) => startService(registry, `orders-${way}`)));
  const beganAt = performance.now();
  let stopped: Promise<unknown> | undefined;
  let second = 1;
  /** The last one that is shown. */
  let last = Infinity;
  for (; second <= last; second++) {
    await pause(Math.max(0, beganAt + second * 1000 + SHOWN_AFTER_MS - performance.now()));
    const now = services.map(({ seconds }) => seconds[second - 1] ?? { ok: 0, failed: 0 });
    say(rows.second(second, ...now));
    if (now.some(({ failed }) => failed > 0)) last = Math.max(last, second + AFTER);
    if (second !== BEFORE) continue;
    const stops = services.map((service, i) =>
      service.stop(WAYS[i] ?? "program", (what) => say(rows.event(i, what)))
    );
    stopped = Promise.all(stops).finally(() => last = second + AFTER);
    // Its error is that of the demo, at the end.
    stopped.catch(() => {});
  }
  await stopped;
  await Promise.all(services.map((service) => service.end()));
  const sums = services.map(({ seconds }) => sum(seconds));
  say(rows.sum(...sums));
  return sums;
}

function sum(seconds: readonly Second[]): Second {
  const add = (part: keyof Second) => seconds.reduce((all, one) => all + (one?.[part] ?? 0), 0);
  return { ok: add("ok"), failed: add("failed") };
}

/** @returns the exit code */
function conclude([script, program]: readonly Second[]): number {
  const asClaimed = script && script.failed > 0 && program?.failed === 0 && program.ok > 0;
  if (asClaimed) return 0;
  console.error("\nThis is not what the demo claims: the script loses requests, the program none.");
  return 1;
}

function say(text: string): void {
  console.log(text);
}
