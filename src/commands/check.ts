/**
 * `check`: whether `offline` would do its work with these settings, before it matters. Changes
 * nothing.
 */

import { type Ending, type Run, trafficForMachines } from "./run.ts";
import { checkText } from "../check/check_text.ts";
import { find, type Told } from "../check/find.ts";
import { partsOf } from "../check/look.ts";
import type { ReportForm } from "../check/report.ts";
import { OFF } from "../check/warnings.ts";
import { plainJson } from "../plain.ts";

/**
 * Runs `check`.
 *
 * @param print takes the report, on stdout
 * @returns the ending that `offline` would have
 */
export async function check(
  run: Run,
  told: Told,
  { form, all, colour }: ReportForm,
  print: (text: string) => void,
): Promise<Ending> {
  const report = await find(run, told);
  const { outcome, traffic, yaml } = report;
  if (form === "json") print(plainJson({ ...report, traffic: trafficForMachines(traffic) }, 2));
  else if (form === "text") print(checkText(report, all, colour));
  else if (yaml !== null) print(yaml.trimEnd());
  const parts = told.disabled ? [OFF] : partsOf(report);
  return { outcome, parts, isReported: form === "text" };
}
