/**
 * Start-up time and peak memory of the minified bundle as the kit's launcher starts it, against an
 * empty Deno program, interleaved in one run; and the bundle's size. `--version` is measured, after the
 * whole settings table has been loaded. With `--status`, `status` against the server that
 * NACOS_SERVER_ADDR and friends name is measured beside them.
 *
 * @module
 */

import { measuredRun, median, QUIET, ratio, round } from "./measure.ts";
import { ship, shippedAt } from "../scripts/shipped.ts";

const RUNS = 40;
const BUNDLE = new URL("../dist/service-offline.js", import.meta.url);

interface Measured {
  readonly name: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly ms: number[];
  readonly kib: number[];
}

// In a folder of their own: beside a deno.json Deno reads that, the lock file and what they name,
// which costs 2 MiB and is not there where the program runs.
const folder = await Deno.makeTempDir();
const empty = `${folder}/empty.js`;
await Deno.writeTextFile(empty, "");
const shipped = shippedAt(await ship(BUNDLE, folder));
const run = (name: string, args: readonly string[], env = QUIET): Measured => ({
  ...{ name, args, env },
  ms: [],
  kib: [],
});
const bundle = (command: string) =>
  run(`bundle ${command}`, [...shipped.args, command], { ...QUIET, ...shipped.env });
const programs = [
  run("empty", ["run", empty]),
  bundle("--version"),
];
if (Deno.args.includes("--status")) programs.push(bundle("status"));

const once = ({ args, env }: Measured) => measuredRun([Deno.execPath(), ...args], { env });

for (const program of programs) await once(program); // fills the page cache
for (let i = 0; i < RUNS; i++) {
  for (const program of programs) {
    const { ms, kib } = await once(program);
    program.ms.push(ms);
    program.kib.push(kib);
  }
}
await Deno.remove(folder, { recursive: true });

const [base] = programs;
if (base === undefined) throw new Error("nothing was measured");
const results = programs.map((program) => ({
  program: program.name,
  medianMs: round(median(program.ms)),
  startUpRatio: ratio(median(program.ms), median(base.ms)),
  medianPeakMiB: round(median(program.kib) / 1024),
  peakRatio: ratio(median(program.kib), median(base.kib)),
}));
console.table(results);
const bundleBytes = (await Deno.stat(BUNDLE)).size;
console.log(`bundle: ${bundleBytes} bytes; ${RUNS} runs of each, interleaved`);
console.log(JSON.stringify({ runs: RUNS, bundleBytes, results }));
