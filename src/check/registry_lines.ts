/** What one registry and its addresses say, for people. */

import { type Line, marked } from "./lines.ts";
import { differingRecords, STATES } from "./look.ts";
import type { CheckedRegistry, RegistryReport } from "./report.ts";
import { listFailures } from "./warnings.ts";
import type { AddressFindings, Finding } from "../registry/examine.ts";

/**
 * What it comes to, then the facts.
 *
 * @param facts about server and instance, as far as they are to be shown
 */
export function registryLines(report: RegistryReport, facts: readonly string[]): Line[] {
  const callers = report.callers.map(({ address, listed, others }) => {
    const rest = `${others} other instance${others === 1 ? "" : "s"}`;
    return `callers at ${address}: ${listed ? "this one" : "not this one"}, ${rest}`;
  });
  const further = report.further.map(({ instance, state }) =>
    `also: ${instance}: ${state === null ? "not seen any more" : STATES[state]}`
  );
  const left = report.leftAlone.map((label) => `left alone: ${label}`);
  const doubts = [...differingRecords(report), ...report.failures, ...report.nearMisses];
  const { outcome, state } = report;
  const isGood = outcome === "done" && (state === "inService" || null);
  return [
    [isGood, report.reason],
    ...[...facts, ...callers, ...further, ...left].map((line) => `  ${line}`),
    ...doubts.map((doubt): Line => [null, `  ${doubt}`]),
  ];
}

/** `weight: 1` and the like. */
export function factsOf(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).map(([key, value]) =>
    `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`
  );
}

/**
 * The same of a checked one, and its addresses.
 *
 * @param all also details, and each finding on a line of its own where all are good
 */
export function checkedLines(report: CheckedRegistry, all: boolean): Line[] {
  const { details, addresses, further, state } = report;
  const short = Object.entries(details).filter(([, value]) => typeof value !== "object");
  const facts = all ? factsOf(details) : [factsOf(Object.fromEntries(short)).join(", ")];
  // Each address says what is wrong with it, but not with its list.
  const shown = { ...report, reason: reasonAbove(report), failures: listFailures(report) };
  const count = further.length + (state === null ? 0 : 1);
  const sum = `  would take out: ${count} registration${count === 1 ? "" : "s"}`;
  return [
    ...registryLines(shown, facts.filter((fact) => fact !== "")),
    ...further.length > 0 ? [sum] : [],
    ...addresses.flatMap((one) => addressLines(one, all)),
  ];
}

/** The reason, without what the lines of the addresses say. */
function reasonAbove({ reason, addresses }: CheckedRegistry): string {
  const bad = addresses.flatMap(({ findings }) => findings.filter(({ ok }) => !ok));
  return bad.reduce((rest, { text }) => rest.replace(text, () => "see below"), reason)
    .replaceAll(/(?<=see below); see below/g, "");
}

function addressLines({ address, findings }: AddressFindings, all: boolean): Line[] {
  if (!all && findings.every(({ ok }) => ok)) {
    const server = findings.filter(({ about }) => about === "server").map(({ text }) => text);
    return [marked("  ", true, [address, ...server].join(": ")), " ".repeat(9) + inShort(findings)];
  }
  // What fails for one reason is said once.
  const groups = Map.groupBy(
    findings,
    (one) => isPermission(one) && !one.ok ? `${one.ok} ${answerIn(one)}` : one,
  );
  return [`  address ${address}`, ...[...groups.values()].map(findingLine)];
}

function findingLine(alike: readonly Finding[]): Line {
  const { ok = null, text = "" } = alike[0] ?? {};
  const what = alike.map(({ about }) => about).join(" and ");
  if (alike.some(isPermission)) {
    const doubt = ok === null ? "not verifiable: " : "";
    return marked("    ", ok, `permission to ${what}: ${doubt}${text}`);
  }
  return marked("    ", ok, text.startsWith(what) ? text : `${what}: ${text}`);
}

/** What came of a request, whichever that was. */
function answerIn({ text }: Finding): string {
  return text.replace(/^[A-Z]+ \S+ (?=answered)/, "");
}

/** Good findings, without the server. */
function inShort(findings: readonly Finding[]): string {
  const may = findings.filter(isPermission).map(({ about }) => about).join(" and ");
  const rest = findings.filter((one) => !isPermission(one) && one.about !== "server");
  return [
    ...rest.map(({ about, text }) => about === "connection" ? text : `${about} ${text}`),
    ...(may ? [`may ${may}`] : []),
  ].join("; ");
}

function isPermission({ about }: Finding): boolean {
  return about === "read" || about === "write";
}
