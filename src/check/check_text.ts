/** What `check` prints for people: 24 lines where all is well, the verdict last. */

import { type Line, marked, textOf } from "./lines.ts";
import { checkedLines } from "./registry_lines.ts";
import type { CheckReport } from "./report.ts";
import { settingLines } from "./setting_lines.ts";
import { timeLines } from "./time_lines.ts";
import { OUTCOMES } from "../errors.ts";
import { trafficInWords } from "../traffic/traffic.ts";

const SHORT_TITLE = "Settings given (--all: also defaults and details; --yaml: the patch to paste)";
const YAML_TITLE = [
  "Manifest: a patch of the Deployment. `check --yaml` prints only this.",
  "Replace the names in capitals, then run: kubectl patch deployment NAME --patch-file FILE",
  "Remove a preStop or postStart with httpGet first, or the API server refuses the patch.",
];

/**
 * The report of `check`.
 *
 * @param all also defaults, each finding, the YAML
 */
export function checkText(report: CheckReport, all: boolean, colour: boolean): string {
  const { problems, notes, time, yaml } = report;
  // What the YAML mends.
  const isTimeMissing = time !== null && (time.available === null || time.missing > 0);
  const isYaml = yaml !== null && (all || isTimeMissing);
  return textOf([
    ...section(all ? "Settings" : SHORT_TITLE, settingLines(report.settings, all)),
    ...section("Problems", problems.map((problem): Line => [false, `  ${problem}`])),
    ...section("Notes", notes.map((note) => `  ${note}`)),
    ...report.registries.flatMap((one) => [...checkedLines(one, all), ""]),
    ...section("The app", appLines(report)),
    ...(time ? [...timeLines(time, report.traffic !== null), ""] : []),
    ...(isYaml ? [...YAML_TITLE, "", ...yaml.trimEnd().split("\n"), ""] : []),
    ...verdictLines(report),
  ], colour);
}

function section(title: string, lines: readonly Line[]): Line[] {
  return lines.length > 0 ? [title, ...lines, ""] : [];
}

function appLines({ traffic, calls }: CheckReport): Line[] {
  const read = traffic && (traffic.readable ? trafficInWords(traffic) : "see the notes");
  return [
    ...(traffic ? [marked("  ", traffic.readable, `TRAFFIC_URL: ${read}`)] : []),
    ...calls.map((name) => marked("  ", null, `${name}: set; it is not called now`)),
  ];
}

function verdictLines({ warnings, outcome, exitCode }: CheckReport): Line[] {
  const { meaning } = OUTCOMES[outcome];
  const text = ` \`offline\` would end with exit code ${exitCode} now (${meaning})`;
  return [
    ...warnings.map((warning): Line => [null, "WARNING:", ` ${warning}`]),
    [outcome === "done" && (warnings.length === 0 || null), "Verdict:", text],
  ];
}
