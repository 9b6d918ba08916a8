/**
 * `check`: whether `offline` would do its work with these settings, before it matters. Changes
 * nothing.
 *
 * @module
 */

import { differingRecords, inWords, LOOK_MS, lookAt, type Report } from "./look.ts";
import { type Ending, type Run, trafficForMachines } from "./run.ts";
import { manifest } from "../check/manifest.ts";
import type { EffectiveSetting } from "../check/settings.ts";
import { type Clock, timeout } from "../clock.ts";
import { type OutcomeName, OUTCOMES } from "../errors.ts";
import { type Budget, budgetOf } from "../lifecycle/budget.ts";
import { graceAdvice, SCRIPT_SLEEP_SECONDS, type TimeSettings } from "../lifecycle/plan.ts";
import { worst } from "../lifecycle/verdict.ts";
import { linesInWords, plainJson } from "../plain.ts";
import type { AddressFindings, Finding } from "../registry/examine.ts";
import type { Registry } from "../registry/registry.ts";
import { trafficInWords, type TrafficReport } from "../traffic/traffic.ts";

/** What `check` reports besides the registries. */
export interface CheckOptions {
  /** The settings in effect. */
  readonly settings: readonly EffectiveSetting[];
  /** Whether the off switch is set. */
  readonly disabled: boolean;
  /** What the log would have got so far; goes on growing. */
  readonly said: readonly Said[];
  /** How the report looks: for people, one JSON object, or only the YAML. */
  readonly form: "text" | "json" | "yaml";
}

/** A line of the log. */
export interface Said {
  /** What kind of line it is. */
  readonly event: string;
  /** Its text. */
  readonly message: string;
}

/** What stands in the report already. */
const REPORTED = ["problem", "login_refused"];
/** How long the callers' lists are waited for, milliseconds; the rest is to be said soon. */
const LISTS_MS = 5_000;
/** A counter that is not there at first may come with the second read, one second later. */
const TRAFFIC_READS = 2;

const MANIFEST_TITLE = [
  "Manifest: a patch of the Deployment, from here to the end; `check --yaml` prints it alone.",
  "Replace the names in capitals, then: kubectl patch deployment NAME --patch-file FILE",
  "An httpGet that the container has as preStop or postStart: remove it first, or this is refused.",
];

/** What one registry says. */
interface CheckReport extends Report {
  readonly addresses: readonly AddressFindings[];
}

/**
 * Runs `check`.
 *
 * @param run settings, registries, clock and log
 * @param options what else is reported, and how
 * @param print takes the report, on stdout
 * @returns the ending that `offline` would have
 */
export async function check(
  run: Run,
  options: CheckOptions,
  print: (text: string) => void,
): Promise<Ending> {
  const { problems, problemOutcome, settings: times } = run;
  const { settings, disabled, form } = options;
  using limit = timeout(run.clock, LOOK_MS);
  const [traffic, registries] = await Promise.all([
    readTraffic(run.traffic, limit.signal),
    Promise.all(run.registries.map((one) => checkOne(one, run.clock, limit.signal))),
  ]);
  const notes = options.said.flatMap(({ event, message }) =>
    REPORTED.includes(event) ? [] : [message]
  );
  const verdicts = [...registries, ...problems.map(() => ({ outcome: problemOutcome }))];
  const outcome: OutcomeName = disabled ? "done" : worst(verdicts);
  const { code: exitCode, meaning } = OUTCOMES[outcome];
  const off = disabled ? ["SERVICE_OFFLINE_DISABLED is set: `offline` does nothing"] : [];
  const parts = disabled
    ? off
    : [...problems, ...registries.map((one) => [one.reason, ...one.nearMisses].join("; "))];
  const budget = budgetOf(times, run.registries, run.traffic?.quietSeconds);
  const warnings = [...off, ...warningsOf(times, budget, registries, traffic)];
  const [first] = run.registries;
  // Settings that no registry can be asked with are none to paste.
  const yaml = first === undefined ? null : manifest({
    settings,
    grace: Math.max(budget.grace, budget.missing > 0 ? 0 : times.gracePeriodSeconds ?? 0),
    registry: first.name,
  });
  if (form === "json") {
    // Not the whole of them: at run time all settings stand in there, the secret ones too.
    const { gracePeriodSeconds = null, stopReserveSeconds, drainSeconds = null } = times;
    const time = { gracePeriodSeconds, stopReserveSeconds, drainSeconds, ...budget };
    const report = { outcome, exitCode, problems, notes, warnings, settings, registries };
    const requests = trafficForMachines(traffic);
    print(plainJson({ ...report, traffic: requests, time: yaml && time, yaml }, 2));
  } else if (form === "text") {
    const lines = [
      ...section("Settings in effect", rows(settings)),
      ...section("Problems", problems),
      ...section("Notes", notes),
      ...registries.flatMap(({ addresses, ...report }) => [
        // Each address says what it is and what is wrong with it, but not with its list.
        ...inWords({ ...report, server: {}, failures: listFailures(report) }),
        ...addresses.flatMap(addressInWords),
        "",
      ]),
      ...section("The app", appInWords(run, traffic)),
      ...section("Time", yaml === null ? [] : timeInWords(times, budget, traffic)),
      `Verdict: with these settings \`offline\` would end with exit code ${exitCode} now (${meaning})`,
      ...warnings.map((warning) => `  WARNING: ${warning}`),
      ...(yaml === null ? [] : ["", ...MANIFEST_TITLE, "", ...yaml.trimEnd().split("\n")]),
    ];
    print(linesInWords(lines));
  } else if (yaml !== null) print(yaml.trimEnd());
  return { outcome, parts };
}

async function checkOne(
  registry: Registry,
  clock: Clock,
  signal: AbortSignal,
): Promise<CheckReport> {
  // Begun first, so that it is these connections whose time is taken.
  const looking = registry.check(signal);
  const listing = async (s: AbortSignal) => {
    // The lists are proof of the work, which `offline` does without it.
    using limit = timeout(clock, LISTS_MS, s);
    return await registry.callersViews(limit.signal);
  };
  const [report, addresses] = await Promise.all([
    lookAt(registry, clock, signal, listing),
    looking,
  ]);
  const writes = writesOf({ ...report, addresses });
  const refused = writes.find(({ ok }) => ok === false);
  if (refused === undefined || writes.some(({ ok }) => ok !== false)) {
    return { ...report, addresses };
  }
  const reason = `${report.reason}, but it may not be taken out: ${refused.text}`;
  return { ...report, addresses, outcome: "refused", reason };
}

/** What was found about the permission to write; one that is out already needs no write. */
function writesOf({ state, addresses }: CheckReport): Finding[] {
  if (state === null || state === "outOfService") return [];
  return addresses.flatMap(({ findings }) => findings.filter(({ about }) => about === "write"));
}

/** Why nobody can say beforehand whether it can be taken out. */
function unverified(report: CheckReport): string[] {
  const writes = writesOf(report);
  const unknown = writes.find(({ ok }) => ok === null);
  if (unknown === undefined || writes.some(({ ok }) => ok === true)) return [];
  return [`${report.registry}: whether it can be taken out is not known: ${unknown.text}`];
}

/** What says that the addresses do not know of each other. */
function apart(report: CheckReport): string[] {
  const findings = report.addresses.flatMap(({ findings }) => findings);
  const generations = new Set(findings.flatMap(({ generation }) => generation ?? []));
  const why = generations.size > 1
    ? [`one has the API ${[...generations].join(", another ")}`]
    : differingRecords(report);
  if (why.length === 0) return [];
  return [
    `${report.registry}: its addresses do not know of each other, or one lags: ${
      why.join("; ")
    }; ` +
    "`offline` writes at each that does not follow",
  ];
}

/** Why the lists were not seen, where no address has shown its own. */
function listFailures({ callers, failures }: Report): readonly string[] {
  return callers.length > 0 ? [] : failures;
}

/** What the counter of the app's requests says; null where the settings name none. */
async function readTraffic(
  traffic: Run["traffic"],
  signal: AbortSignal,
): Promise<TrafficReport | null> {
  if (traffic === undefined) return null;
  const over = new AbortController();
  let reads = 0;
  await traffic.watch(AbortSignal.any([signal, over.signal]), () => {
    if (++reads >= TRAFFIC_READS) over.abort();
  });
  return traffic.report;
}

function appInWords(run: Run, traffic: TrafficReport | null): string[] {
  const calls = { APP_OFFLINE_URL: run.appOffline, AFTER_DRAIN_URL: run.afterDrain };
  return [
    ...(traffic === null ? [] : [
      traffic.readable
        ? `${mark(true)} TRAFFIC_URL: ${trafficInWords(traffic)}`
        : `${mark(false)} TRAFFIC_URL: see the notes`,
    ]),
    ...Object.entries(calls).flatMap(([name, call]) =>
      call ? [`${mark(null)} ${name}: set; it is not called now`] : []
    ),
  ];
}

/** What the exit code does not say. */
function warningsOf(
  times: TimeSettings,
  budget: Budget,
  registries: readonly CheckReport[],
  traffic: TrafficReport | null,
): string[] {
  if (registries.length === 0) return [];
  const { available, callers, missing, grace } = budget;
  const { drainSeconds } = times;
  const time = available === null
    ? [
      `TERMINATION_GRACE_PERIOD_SECONDS is not set: whether the pod has the time is not known, and ` +
      `the drain is ${drainSeconds ?? SCRIPT_SLEEP_SECONDS} s: ${graceAdvice(grace)}`,
    ]
    : missing > 0
    ? [`the drain would be cut by ${missing} s: ${graceAdvice(grace)}`]
    : [];
  const short = drainSeconds !== undefined && drainSeconds < callers && !traffic?.readable
    ? [`callers may go on calling for up to ${callers} s, DRAIN_SECONDS is ${drainSeconds}`]
    : [];
  const last = registries.filter(({ inService, callers: views }) =>
    inService && views.length > 0 && views.every(({ others }) => others === 0)
  );
  const failed = registries.flatMap(({ addresses, outcome }) =>
    // Otherwise the outcome says so.
    outcome === "done" || outcome === "notFound"
      ? addresses.filter(isBad).map(({ address }) => address)
      : []
  );
  return [
    ...time,
    ...short,
    ...registries.filter((one) => listFailures(one).length > 0).map(({ registry }) =>
      `${registry}: the callers' list was not seen, nor would \`offline\` see it`
    ),
    ...registries.flatMap(unverified),
    ...registries.flatMap(apart),
    ...last.map(({ registry }) => `${registry}: this is the last instance callers can see`),
    ...failed.map((address) => `${address} is not as it should be, see above`),
    ...(traffic?.readable === false ? ["TRAFFIC_URL tells nothing, requests hold nothing up"] : []),
  ];
}

function isBad({ findings }: AddressFindings): boolean {
  return findings.some(({ ok }) => ok === false);
}

function timeInWords(
  times: TimeSettings,
  budget: Budget,
  traffic: TrafficReport | null,
): string[] {
  const { gracePeriodSeconds, stopReserveSeconds, drainSeconds } = times;
  const { available, needed, callers, missing } = budget;
  const isAsScript = available === null && drainSeconds === undefined;
  const drain = [
    `the drain takes up to ${isAsScript ? SCRIPT_SLEEP_SECONDS : needed} s: `,
    isAsScript
      ? `the script's, where the grace period is not known; callers may call for up to ${callers} s`
      : drainSeconds === undefined
      ? "until callers' caches have run out"
      : `DRAIN_SECONDS and the proof of the write; callers go on calling for up to ${callers} s`,
    traffic === null ? "" : ", and while requests arrive",
  ].join("");
  if (available === null) return [drain, "the grace period is not known"];
  const verdict = missing > 0
    ? `too short by ${missing} s`
    : available < needed
    ? `enough but for the worst case, which takes ${needed - available} s more`
    : "enough";
  return [
    `grace period ${gracePeriodSeconds} s, of which ${stopReserveSeconds} s are the app's own: ` +
    `${available} s are left for the run`,
    drain,
    verdict,
  ];
}

/** A part of the report with its title, and nothing where there is nothing to say. */
function section(title: string, lines: readonly string[]): string[] {
  return lines.length > 0 ? [title, ...lines.map((line) => `  ${line}`), ""] : [];
}

/** Settings, one under the other, but defaults in one line. */
function rows(settings: readonly EffectiveSetting[]): string[] {
  const given = settings.filter(({ variable }) => variable !== undefined);
  const width = Math.max(0, ...given.map(({ name }) => name.length));
  const defaults = settings.filter(({ variable }) => variable === undefined);
  return [
    ...given.map(({ name, value, source }) => `${name.padEnd(width)}  ${value}  (${source})`),
    `by default: ${defaults.map(({ name, value }) => `${name}=${value}`).join(" ")}`,
  ];
}

function addressInWords({ address, findings }: AddressFindings): string[] {
  return [
    `  address ${address}`,
    ...findings.map(({ about, ok, text }) => {
      const what = about === "read" || about === "write" ? `permission to ${about}` : about;
      return `    ${mark(ok)} ${what}: ${text}`;
    }),
  ];
}

function mark(ok: Finding["ok"]): string {
  return ok ? "ok    " : ok === null ? "?     " : "FAILED";
}
