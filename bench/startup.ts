/**
 * Start-up time and peak memory of the minified bundle as the kit's launcher starts it, against an
 * empty Deno program, interleaved in one run; and the bundle's size. `--version` is measured, after the
 * whole settings table has been loaded. With `--status`, `status` against the server that
 * NACOS_SERVER_ADDR and friends name is measured beside them.
 *
 * @module
 */

import { measuredRun, median, ratio, round } from "./measure.ts";
import { shippedArgs } from "../scripts/program.ts";

const RUNS = 40;
const BUNDLE = new URL("../dist/service-offline.js", import.meta.url);

interface Measured {
  readonly name: string;
  readonly args: readonly string[];
  readonly ms: number[];
  readonly kib: number[];
}

// In a folder of their own: beside a deno.json Deno reads that, the lock file and what they name,
// which costs 2 MiB and is not there where the program runs.
const folder = await Deno.makeTempDir();
const empty = `${folder}/empty.js`;
const bundle = `${folder}/service-offline.js`;
await Deno.writeTextFile(empty, "");
await Deno.copyFile(BUNDLE, bundle);
const run = (name: string, ...args: string[]): Measured => ({ name, args, ms: [], kib: [] });
const programs = [
  run("empty", "run", empty),
  run("bundle --version", ...shippedArgs(bundle), "--version"),
];
if (Deno.args.includes("--status")) {
  programs.push(run("bundle status", ...shippedArgs(bundle), "status"));
}

const once = (program: Measured) => measuredRun([Deno.execPath(), ...program.args]);

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
