/** `status`: what each registry says about this instance now. */

import type { Ending, Run } from "./run.ts";
import { LOOK_MS, lookAt, partsOf } from "../check/look.ts";
import type { ReportForm, StatusReport } from "../check/report.ts";
import { statusText } from "../check/status_text.ts";
import { timeout } from "../clock.ts";
import { worst } from "../lifecycle/verdict.ts";
import { plainJson } from "../plain.ts";

/**
 * Runs `status`.
 *
 * @param print takes the report, on stdout
 */
export async function status(
  run: Run,
  { form, colour }: ReportForm,
  print: (text: string) => void,
): Promise<Ending> {
  const { clock, problems, problemOutcome } = run;
  using limit = timeout(clock, LOOK_MS);
  const registries = await Promise.all(
    run.registries.map((one) => lookAt(one, clock, limit.signal)),
  );
  const report: StatusReport = { problems, registries, record: run.recordFile?.read() ?? null };
  print(form === "json" ? plainJson(report, 2) : statusText(report, clock.now(), colour));
  return {
    outcome: worst([...registries, ...problems.map(() => ({ outcome: problemOutcome }))]),
    parts: partsOf(report),
  };
}
