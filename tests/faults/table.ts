/** docs/faults.md, from what was seen. */

import { KILL_DRAIN_MS, type KillResult } from "./kills.ts";
import { KINDS } from "./kinds.ts";
import { type Moment, MOMENTS } from "./moments.ts";
import { MOST_KIB } from "./program.ts";
import { SITES } from "./sites.ts";
import { DEADLINE_MS, DRAIN_MS, PASSING_MS, type Span, type TrialResult } from "./trial.ts";
import { runTool } from "../../scripts/tool.ts";

const FILE = new URL("../../docs/faults.md", import.meta.url);

interface Seen {
  readonly results: readonly TrialResult[];
  readonly kills: readonly KillResult[];
  readonly seed: number;
  readonly seconds: number;
}

export async function writeTable({ results, kills, seed, seconds }: Seen): Promise<void> {
  const wrong = results.filter((one) => one.problems.length > 0);
  const most = Math.max(...results.map((one) => one.kib)) / 1024;
  const late = Math.max(...results.map((one) => one.ms - DEADLINE_MS[one.span]));
  const commit = (await runTool("git", ["rev-parse", "--short", "HEAD"])).trim();
  const s = (ms: number) => ms / 1000;
  const text = `[service-offline](../README.md)

# What broken answers do to a run

Written by \`deno task test:faults --write\` on ${
    new Date().toISOString().slice(0, 10)
  } (commit ${commit}), not by hand: ${results.length} runs of \`offline\`, each on an instance of its own at a real registry (${
    SITES.map((site) => site.label).join(", ")
  }; Nacos with auth on), through a proxy that spoils the answers of one moment of the run. \`DRAIN_SECONDS=${
    s(DRAIN_MS)
  }\`. ${seconds} s in all.

Of every run this was asked: does it end before the drain is over, or, where nothing was accepted, before the deadline? Does it end later than the deadline? Is the last line true, compared with what the registry says when it is asked directly? Does it stay below ${
    MOST_KIB / 1024
  } MiB?

**${results.length - wrong.length} of ${results.length} runs kept all of it.** Peak memory ${
    most.toFixed(1)
  } MiB, the latest end ${(late / 1000).toFixed(1)} s after the deadline.

A cell stands for ${
    SITES.map((site) => site.label).join(" · ")
  }, in this order, or for all of them where it holds one value; – : the registry has no such moment. **✗** : something of the above was not kept.

## A fault that passes

The requests of that moment get the fault for ${
    s(PASSING_MS)
  } s from the first one on, then the registry is well again (deadline ${
    s(DEADLINE_MS.passing)
  } s). Right is: out of service, exit code 0. The numbers: seconds until the registry's record said so.

${tableOf(results, "passing")}

## A fault that stays

The same to the end of the run (deadline ${
    s(DEADLINE_MS.lasting)
  } s). Right is: held to the deadline as long as the registry has not shown that the instance is out, and never exit code 0 while it is in service. The numbers: exit codes (0 out of service, 69 no usable answer, 75 written but not seen, 77 refused); + : out of service in the registry all the same.

${tableOf(results, "lasting")}

## The faults

“no answer ever”: the request is taken, nothing comes. “answer lost”: the registry has done what was asked, the connection ends without an answer. “slow”, “cut in mid-body”, “truncated JSON”: of the registry's own answer. All others come from somebody else, and the registry gets no request. The bomb is 256 MiB of spaces in 256 kB.

## Kills

${killsInWords(kills, seed)}
${wrong.length > 0 ? `\n## Not kept\n\n${wrong.map(wrongInWords).join("\n")}\n` : ""}`;
  await Deno.writeTextFile(FILE, text);
}

function killsInWords(kills: readonly KillResult[], seed: number): string {
  const drains = kills.map((one) => one.drainedMs / 1000);
  const right = kills.filter((one) => one.problems.length === 0).length;
  const wasOut = kills.filter((one) => one.wasOut).length;
  const range = `${Math.min(...drains).toFixed(1)} to ${Math.max(...drains).toFixed(1)} s`;
  return `${kills.length} runs (seed ${seed}) were killed with SIGKILL at a random moment, ${wasOut} ` +
    "of them after they had seen that the instance is out, and run again within a second with the " +
    "same environment. Right is: one drain in all, where the time between the two runs does not " +
    `count, exit code 0, out of service. **${right} of ${kills.length} were.** From the first ` +
    `moment out to the end of the second run, start-up included: ${range}, with ` +
    `\`DRAIN_SECONDS=${KILL_DRAIN_MS / 1000}\`.`;
}

function tableOf(results: readonly TrialResult[], span: Span): string {
  const moments = Object.entries(MOMENTS) as [Moment, string][];
  const rows = KINDS.map((kind) => {
    const cells = moments.map(([moment]) =>
      together(SITES.map(({ label, moments }) => {
        if (!moments.includes(moment)) return "–";
        const found = results.find((one) =>
          one.site === label && one.kind === kind && one.moment === moment && one.span === span
        );
        return found ? cellOf(found) : "?";
      }))
    );
    const peaks = results.filter((one) => one.kind === kind && one.span === span)
      .map((one) => one.kib / 1024);
    return `| ${[kind.name, ...cells, Math.max(...peaks).toFixed(0)].join(" | ")} |`;
  });
  const head = ["", ...moments.map(([, words]) => words), "peak, MiB"];
  return [`| ${head.join(" | ")} |`, `|${head.map(() => "---|").join("")}`, ...rows].join("\n");
}

/** What is the same at all registries is said once. */
function together(cells: readonly string[]): string {
  const [first, ...others] = cells;
  return first !== undefined && others.every((one) => one === first) ? first : cells.join(" · ");
}

function cellOf(result: TrialResult): string {
  if (result.problems.length > 0) return "**✗**";
  if (result.span === "passing") return ((result.acceptedMs ?? NaN) / 1000).toFixed(0);
  const isOut = result.code !== 0 && result.truth.record === "out of service";
  return `${result.code}${isOut ? "+" : ""}`;
}

function wrongInWords({ kind, moment, span, site, problems, reason }: TrialResult): string {
  return `- ${kind.name}, ${MOMENTS[moment]}, ${span}, ${site}: ${problems.join("; ")}. ` +
    `Its last line: \`${reason}\``;
}
