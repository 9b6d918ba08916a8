/** What `check` warns of: it does not change the exit code of `offline`. */

import { differingRecords } from "./look.ts";
import type { CheckedRegistry, CheckReport, RegistryReport, TimeReport } from "./report.ts";
import { reachInWords } from "../lifecycle/gather.ts";
import { graceAdvice, SCRIPT_SLEEP_SECONDS } from "../lifecycle/plan.ts";
import type { Finding } from "../registry/examine.ts";

/** What is said where the off switch is set. */
export const OFF = "SERVICE_OFFLINE_DISABLED is set: `offline` does nothing";

/** A warning; nothing where all is well. */
type Warning = string | false | undefined;

/** The warnings, the most important first. */
export function warningsOf(
  { disabled, registries, traffic, time }:
    & Pick<CheckReport, "registries" | "traffic" | "time">
    & { readonly disabled: boolean },
): string[] {
  const isUnread = time !== null && traffic?.readable === false;
  const all: readonly Warning[] = [
    disabled && OFF,
    ...time ? timeWarnings(time, traffic?.readable ?? false) : [],
    ...registries.flatMap((one) =>
      registryWarnings(one).map((text) => text && `${one.registry}: ${text}`)
    ),
    isUnread && "TRAFFIC_URL tells nothing: `offline` does not wait for requests to end",
  ];
  return all.filter((one) => typeof one === "string");
}

function timeWarnings(time: TimeReport, isTrafficKnown: boolean): Warning[] {
  const { available, callers, missing, grace, drainSeconds } = time;
  const isShort = drainSeconds !== null && drainSeconds < callers && !isTrafficKnown;
  return [
    available === null
      ? "TERMINATION_GRACE_PERIOD_SECONDS is not known, so nobody knows whether the pod has the time; " +
        `the drain is ${drainSeconds ?? SCRIPT_SLEEP_SECONDS} s: ${graceAdvice(grace)}`
      : missing > 0 && `the drain would be cut by ${missing} s: ${graceAdvice(grace)}`,
    isShort && `callers may go on calling for up to ${callers} s, DRAIN_SECONDS is ${drainSeconds}`,
  ];
}

function registryWarnings(report: CheckedRegistry): Warning[] {
  const { instance, details, removes, inService, callers, leftAlone, why } = report;
  const isLast = inService === true && callers.length > 0 &&
    callers.every(({ others }) => others === 0);
  const isUnseen = listFailures(report).length > 0;
  // Nacos keeps the record of a persistent instance for ever.
  const isKept = details["ephemeral"] === false && !removes;
  return [
    isMisnamed(report) && `${instance} is not registered; the rest of the pod would be taken out`,
    isUnseen && "the callers' list was not seen, nor would `offline` see it",
    unverified(report),
    apart(report),
    isLast && "this is the last instance callers can see",
    isKept &&
    "it is a persistent instance: its record stays when the pod has gone, one more with each " +
      "rollout; REMOVE_AFTER_DRAIN=true removes it",
    leftAlone.length > 0 &&
    `what else is at the pod's address is left alone: ${why}; OFFLINE_SCOPE=pod takes it out too`,
    unknownOthers(report),
    ...badAddresses(report).map((address) => `${address} does not work, see above`),
  ];
}

/** Whether what the settings name is not there, but others of the pod are. */
export function isMisnamed({ state, reach, further }: RegistryReport): boolean {
  return state === null && reach !== null && further.length > 0;
}

/** Why the lists were not seen, where no address has shown its own. */
export function listFailures({ callers, failures }: RegistryReport): readonly string[] {
  return callers.length > 0 ? [] : failures;
}

/** What was found about the permission to write; an instance that is out already needs none. */
export function writesOf(report: CheckedRegistry): Finding[] {
  const { state, addresses } = report;
  if (state === "outOfService" || state === null && !isMisnamed(report)) return [];
  return addresses.flatMap(({ findings }) => findings.filter(({ about }) => about === "write"));
}

function unverified(report: CheckedRegistry): Warning {
  const writes = writesOf(report);
  const unknown = writes.find(({ ok }) => ok === null);
  const isOpen = unknown !== undefined && !writes.some(({ ok }) => ok === true);
  return isOpen && `whether it can be taken out is not known: ${unknown.text}`;
}

function apart(report: CheckedRegistry): Warning {
  const findings = report.addresses.flatMap((one) => one.findings);
  const generations = new Set(findings.flatMap(({ generation }) => generation ?? []));
  const may = new Set(writesOf(report).map(({ ok }) => ok));
  const why = generations.size > 1
    ? [`one has the API ${[...generations].join(", another ")}`]
    : may.has(true) && may.has(false)
    ? ["one takes the write that another refuses"]
    : differingRecords(report);
  return why.length > 0 &&
    `its addresses do not know of each other, or one lags: ${why.join("; ")}; ` +
      "`offline` writes at each that keeps the old state";
}

function unknownOthers({ reach, why }: CheckedRegistry): Warning {
  return reach !== null && reach !== "all" && why !== null &&
    `what else the pod has registered: ${reachInWords(reach)}: ${why}`;
}

/** The addresses that do not work, where the outcome does not say so. */
function badAddresses({ outcome, addresses }: CheckedRegistry): string[] {
  if (outcome !== "done" && outcome !== "notFound") return [];
  return addresses.filter(({ findings }) => findings.some(({ ok }) => ok === false))
    .map(({ address }) => address);
}
