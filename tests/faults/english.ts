/** docs/faults.md. */

import type { Facts } from "./table.ts";

/** What is said of the runs. */
export function inEnglish(facts: Facts): string {
  const { date, commit, runs, kept, sites, drain, seconds, mostMib, peakMib, latest } = facts;
  const { passing, lasting, kills, wrong } = facts;
  return `[service-offline](../README.md) · [简体中文](zh-CN/faults.md)

# What broken answers do to a run

Written by \`deno task test:faults --write\` on ${date} (commit ${commit}), not by hand: ${runs} runs of \`offline\`, each on an instance of its own at a real registry (${
    sites.join(", ")
  }; Nacos with auth on), through a proxy that spoils the answers of one moment of the run. \`DRAIN_SECONDS=${drain}\`. ${seconds} s in all.

Of every run this was asked: does it end before the drain is over, or, where nothing was accepted, before the deadline? Does it end later than the deadline? Is the last line true, compared with what the registry says when it is asked directly? Does it stay below ${mostMib} MiB?

**${kept} of ${runs} runs kept all of it.** Peak memory ${peakMib} MiB, the latest end ${latest} s after the deadline.

A cell stands for ${
    sites.join(" · ")
  }, in this order, or for all of them where it holds one value; – : the registry has no such moment. **✗** : something of the above was not kept.

## A fault that passes

The requests of that moment get the fault for ${passing.faulty} s from the first one on, then the registry is well again (deadline ${passing.deadline} s). Right is: out of service, exit code 0. The numbers: seconds until the registry's record said so.

${passing.table((english) => english)}

## A fault that stays

The same to the end of the run (deadline ${lasting.deadline} s). Right is: held to the deadline as long as the registry has not shown that the instance is out, and never exit code 0 while it is in service. The numbers: exit codes (0 out of service, 69 no usable answer, 75 written but not seen, 77 refused); + : out of service in the registry all the same.

${lasting.table((english) => english)}

## The faults

“no answer ever”: the request is taken, nothing comes. “answer lost”: the registry has done what was asked, the connection ends without an answer. “slow”, “cut in mid-body”, “truncated JSON”: of the registry's own answer. All others come from somebody else, and the registry gets no request. The bomb is 256 MiB of spaces in 256 kB.

## Kills

${kills.runs} runs (seed ${kills.seed}) were killed with SIGKILL at a random moment, ${kills.wereOut} of them after they had seen that the instance is out, and run again within a second with the same environment. Right is: one drain in all, where the time between the two runs does not count, exit code 0, out of service. **${kills.right} of ${kills.runs} were.** From the first moment out to the end of the second run, start-up included: ${kills.shortest} to ${kills.longest} s, with \`DRAIN_SECONDS=${kills.drain}\`.
${wrong.length > 0 ? `\n## Not kept\n\n${wrong.join("\n")}\n` : ""}`;
}
