/** What `check` warns of: it does not change the exit code of `offline`. */

import { differingRecords } from "./look.ts";
import type { CheckedRegistry, CheckReport, RegistryReport, TimeReport } from "./report.ts";
import { reachInWords } from "../lifecycle/gather.ts";
import { graceAdvice, SCRIPT_SLEEP_SECONDS } from "../lifecycle/plan.ts";
import type { AddressFindings, Finding } from "../registry/examine.ts";

/** What is said where the off switch is set. */
export const OFF = "SERVICE_OFFLINE_DISABLED is set: `offline` does nothing";

/** The warnings, the most important first. */
export function warningsOf(
  { disabled, registries, traffic, time }:
    & Pick<CheckReport, "registries" | "traffic" | "time">
    & { readonly disabled: boolean },
): string[] {
  const of = (one: CheckedRegistry) => [
    ...misnamed(one),
    ...unseenList(one),
    ...unverified(one),
    ...apart(one),
    ...last(one),
    ...leftBehind(one),
    ...unknownOthers(one),
    ...badAddresses(one),
  ];
  const unread = time !== null && traffic?.readable === false;
  return [
    ...(disabled ? [OFF] : []),
    ...(time ? timeWarnings(time, traffic?.readable ?? false) : []),
    ...registries.flatMap((one) => of(one).map((text) => `${one.registry}: ${text}`)),
    ...(unread ? ["TRAFFIC_URL tells nothing: `offline` does not wait for requests to end"] : []),
  ];
}

function timeWarnings(time: TimeReport, isTrafficKnown: boolean): string[] {
  const { available, callers, missing, grace, drainSeconds } = time;
  const cut = available === null
    ? [
      "TERMINATION_GRACE_PERIOD_SECONDS is not known, so nobody knows whether the pod has the time; " +
      `the drain is ${drainSeconds ?? SCRIPT_SLEEP_SECONDS} s: ${graceAdvice(grace)}`,
    ]
    : missing > 0
    ? [`the drain would be cut by ${missing} s: ${graceAdvice(grace)}`]
    : [];
  const short = drainSeconds !== null && drainSeconds < callers && !isTrafficKnown
    ? [`callers may go on calling for up to ${callers} s, DRAIN_SECONDS is ${drainSeconds}`]
    : [];
  return [...cut, ...short];
}

/** Whether what the settings name is not there, but others of the pod are. */
export function isMisnamed({ state, reach, further }: RegistryReport): boolean {
  return state === null && reach !== null && further.length > 0;
}

function misnamed(report: CheckedRegistry): string[] {
  if (!isMisnamed(report)) return [];
  return [`${report.instance} is not registered; the rest of the pod would be taken out`];
}

/** Why the lists were not seen, where no address has shown its own. */
export function listFailures({ callers, failures }: RegistryReport): readonly string[] {
  return callers.length > 0 ? [] : failures;
}

function unseenList(report: CheckedRegistry): string[] {
  if (listFailures(report).length === 0) return [];
  return ["the callers' list was not seen, nor would `offline` see it"];
}

/** What was found about the permission to write; an instance that is out already needs none. */
export function writesOf(report: CheckedRegistry): Finding[] {
  const { state, addresses } = report;
  if (state === "outOfService" || state === null && !isMisnamed(report)) return [];
  return addresses.flatMap(({ findings }) => findings.filter(({ about }) => about === "write"));
}

function unverified(report: CheckedRegistry): string[] {
  const writes = writesOf(report);
  const unknown = writes.find(({ ok }) => ok === null);
  if (unknown === undefined || writes.some(({ ok }) => ok === true)) return [];
  return [`whether it can be taken out is not known: ${unknown.text}`];
}

function apart(report: CheckedRegistry): string[] {
  const findings = report.addresses.flatMap((one) => one.findings);
  const generations = new Set(findings.flatMap(({ generation }) => generation ?? []));
  const why = generations.size > 1
    ? [`one has the API ${[...generations].join(", another ")}`]
    : differingRecords(report);
  if (why.length === 0) return [];
  return [
    `its addresses do not know of each other, or one lags: ${why.join("; ")}; ` +
    "`offline` writes at each that keeps the old state",
  ];
}

function last({ inService, callers }: CheckedRegistry): string[] {
  const isLast = inService && callers.length > 0 && callers.every(({ others }) => others === 0);
  return isLast ? ["this is the last instance callers can see"] : [];
}

/** Nacos keeps the record of a persistent instance for ever (`ephemeral=false`). */
function leftBehind({ details, removes }: CheckedRegistry): string[] {
  if (details["ephemeral"] !== false || removes) return [];
  return [
    "it is a persistent instance: its record stays when the pod has gone, one more with each " +
    "rollout; REMOVE_AFTER_DRAIN=true removes it",
  ];
}

function unknownOthers({ reach, why, leftAlone }: CheckedRegistry): string[] {
  const left = leftAlone.length > 0
    ? [
      `what else is at the pod's address is left alone: ${why}; OFFLINE_SCOPE=pod takes it out too`,
    ]
    : [];
  if (reach === null || reach === "all" || why === null) return left;
  return [...left, `what else the pod has registered: ${reachInWords(reach)}: ${why}`];
}

function badAddresses({ outcome, addresses }: CheckedRegistry): string[] {
  // Otherwise the outcome says so.
  if (outcome !== "done" && outcome !== "notFound") return [];
  return addresses.filter(isBad).map(({ address }) => `${address} does not work, see above`);
}

function isBad({ findings }: AddressFindings): boolean {
  return findings.some(({ ok }) => ok === false);
}
