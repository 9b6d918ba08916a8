/** docs/faults.md in both languages, from what was seen. */

import { inChinese } from "./chinese.ts";
import { inEnglish } from "./english.ts";
import { KILL_DRAIN_MS, type KillResult } from "./kills.ts";
import { KINDS } from "./kinds.ts";
import { type Moment, MOMENTS } from "./moments.ts";
import { MOST_KIB } from "./program.ts";
import { SITES } from "./sites.ts";
import { DEADLINE_MS, DRAIN_MS, PASSING_MS, type Span, type TrialResult } from "./trial.ts";
import { runTool } from "../../scripts/tool.ts";

const DOCS = new URL("../../docs/", import.meta.url);

interface Seen {
  readonly results: readonly TrialResult[];
  readonly kills: readonly KillResult[];
  readonly seed: number;
  readonly seconds: number;
}

/** What the pages say, in either language. */
export interface Facts {
  readonly date: string;
  readonly commit: string;
  readonly runs: number;
  readonly kept: number;
  readonly sites: readonly string[];
  /** Seconds; so are all times. */
  readonly drain: number;
  readonly seconds: number;
  readonly mostMib: number;
  readonly peakMib: string;
  readonly latest: string;
  readonly passing: { readonly faulty: number } & SpanFacts;
  readonly lasting: SpanFacts;
  readonly kills: KillFacts;
  /** What was not kept, a line each. */
  readonly wrong: readonly string[];
}

interface SpanFacts {
  readonly deadline: number;
  /** @param say gives the heads in the language of the page */
  table(say: (english: string) => string): string;
}

interface KillFacts {
  readonly runs: number;
  readonly seed: number;
  readonly wereOut: number;
  readonly right: number;
  readonly shortest: string;
  readonly longest: string;
  readonly drain: number;
}

export async function writeTable(seen: Seen): Promise<void> {
  const commit = (await runTool("git", ["rev-parse", "--short", "HEAD"])).trim();
  const facts = factsOf(seen, commit);
  await Deno.writeTextFile(new URL("faults.md", DOCS), inEnglish(facts));
  await Deno.writeTextFile(new URL("zh-CN/faults.md", DOCS), inChinese(facts));
}

function factsOf({ results, kills, seed, seconds }: Seen, commit: string): Facts {
  const wrong = results.filter((one) => one.problems.length > 0);
  const late = Math.max(...results.map((one) => one.ms - DEADLINE_MS[one.span]));
  const span = (span: Span): SpanFacts => ({
    deadline: DEADLINE_MS[span] / 1000,
    table: (say) => tableOf(results, span, say),
  });
  return {
    date: new Date().toISOString().slice(0, 10),
    commit,
    runs: results.length,
    kept: results.length - wrong.length,
    sites: SITES.map((site) => site.label),
    drain: DRAIN_MS / 1000,
    seconds,
    mostMib: MOST_KIB / 1024,
    peakMib: (Math.max(...results.map((one) => one.kib)) / 1024).toFixed(1),
    latest: (late / 1000).toFixed(1),
    passing: { faulty: PASSING_MS / 1000, ...span("passing") },
    lasting: span("lasting"),
    kills: killFactsOf(kills, seed),
    wrong: wrong.map(wrongInWords),
  };
}

function killFactsOf(kills: readonly KillResult[], seed: number): KillFacts {
  const drains = kills.map((one) => one.drainedMs / 1000);
  return {
    runs: kills.length,
    seed,
    wereOut: kills.filter((one) => one.wasOut).length,
    right: kills.filter((one) => one.problems.length === 0).length,
    shortest: Math.min(...drains).toFixed(1),
    longest: Math.max(...drains).toFixed(1),
    drain: KILL_DRAIN_MS / 1000,
  };
}

function tableOf(
  results: readonly TrialResult[],
  span: Span,
  say: (english: string) => string,
): string {
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
    return `| ${[say(kind.name), ...cells, Math.max(...peaks).toFixed(0)].join(" | ")} |`;
  });
  const head = ["", ...moments.map(([, words]) => say(words)), say("peak, MiB")];
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
