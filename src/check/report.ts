/** What `status` and `check` find, as plain data. `--json` prints it; the text shows it. */

import type { EffectiveSetting } from "./settings.ts";
import type { OutcomeName } from "../errors.ts";
import type { Budget } from "../lifecycle/budget.ts";
import type { RunRecord } from "../lifecycle/record.ts";
import type { AddressFindings } from "../registry/examine.ts";
import type { CallersView, InstanceState, Others } from "../registry/registry.ts";
import type { TrafficReport } from "../traffic/traffic.ts";

/** What one registry says about the instance. */
export interface RegistryReport {
  readonly registry: string;
  /** What was found, or looked for. */
  readonly instance: string;
  /** Null where there was no answer, or no such instance is known. */
  readonly state: InstanceState | null;
  /** Whether callers get it; null likewise. */
  readonly inService: boolean | null;
  /** The address that answered, the server's version. */
  readonly server: Readonly<Record<string, unknown>>;
  /** Weight, metadata, health. */
  readonly details: Readonly<Record<string, unknown>>;
  /** The record of each address, where there are several. */
  readonly records: readonly AddressRecord[];
  readonly callers: readonly CallersView[];
  /** Why addresses gave no callers' list, one line each. */
  readonly failures: readonly string[];
  readonly nearMisses: readonly string[];
  /** What the pod has registered besides. */
  readonly further: readonly FurtherReport[];
  /** How far one could look for that; null where nobody has looked. */
  readonly reach: Others["reach"] | null;
  /** Why not all is known, or why not all is taken out; null where nothing is left. */
  readonly why: string | null;
  /** What is at the pod's address and may be another's. */
  readonly leftAlone: readonly string[];
  readonly outcome: OutcomeName;
  /** The outcome in words, with registry and instance. */
  readonly reason: string;
}

/** A further registration of the pod. */
interface FurtherReport {
  readonly instance: string;
  /** Null where it has gone since, or cannot be read. */
  readonly state: InstanceState | null;
}

/** The record of one address. */
interface AddressRecord {
  readonly address: string;
  /** Null where the instance is not registered there. */
  readonly state: InstanceState | null;
}

/** What `status` finds. */
export interface StatusReport {
  readonly problems: readonly string[];
  readonly registries: readonly RegistryReport[];
  /** What the last `offline` on this machine has left. */
  readonly record: RunRecord | null;
}

/** What `check` finds at one registry. */
export interface CheckedRegistry extends RegistryReport {
  /** Whether `offline` removes the record at the end (REMOVE_AFTER_DRAIN). */
  readonly removes: boolean;
  readonly addresses: readonly AddressFindings[];
}

/** The time settings and what they come to, in seconds. */
export interface TimeReport extends Budget {
  readonly gracePeriodSeconds: number | null;
  readonly stopReserveSeconds: number;
  readonly drainSeconds: number | null;
}

/** What `check` finds. */
export interface CheckReport {
  /** How `offline` would end. */
  readonly outcome: OutcomeName;
  readonly exitCode: number;
  readonly problems: readonly string[];
  /** What the log would have said. */
  readonly notes: readonly string[];
  /** What is wrong although the exit code does not say so. */
  readonly warnings: readonly string[];
  readonly settings: readonly EffectiveSetting[];
  readonly registries: readonly CheckedRegistry[];
  /** The app's requests; null where no setting says where they are counted. */
  readonly traffic: TrafficReport | null;
  /** The settings of URLs that `offline` calls and `check` does not. */
  readonly calls: readonly string[];
  /** Null where no registry can be asked. */
  readonly time: TimeReport | null;
  /** The patch to paste; null likewise. */
  readonly yaml: string | null;
}

/** How a report is printed. */
export interface ReportForm {
  readonly form: "text" | "json" | "yaml";
  /** Text: also defaults, each finding, the YAML. */
  readonly all: boolean;
  /** Text: whether stdout shows colours. */
  readonly colour: boolean;
}
