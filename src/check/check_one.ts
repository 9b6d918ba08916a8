/** What `check` finds at one registry. */

import { lookAt } from "./look.ts";
import type { CheckedRegistry } from "./report.ts";
import { isMisnamed, writesOf } from "./warnings.ts";
import type { Clock } from "../clock.ts";
import type { AddressFindings } from "../registry/examine.ts";
import type { Registry } from "../registry/registry.ts";

/**
 * How long the callers' lists are waited for, milliseconds: they are proof of the work, which `offline`
 * does without it, and the rest is to be said soon.
 */
const LISTS_MS = 5_000;

/** Looks at one registry, and says how `offline` would end there. */
export async function checkOne(
  registry: Registry,
  clock: Clock,
  signal: AbortSignal,
): Promise<CheckedRegistry> {
  // This first, so that it is these connections whose time is taken.
  const [addresses, seen] = await Promise.all([
    registry.check(signal),
    lookAt(registry, clock, signal, LISTS_MS),
  ]);
  // As `offline` has it: where the pod itself was found, its name is only wrong.
  const outcome = isMisnamed(seen) ? "done" : seen.outcome;
  const report = { ...seen, outcome, removes: registry.remove !== undefined, addresses };
  const refusals = seen.outcome === "done" ? refusalsOf(addresses) : [];
  if (refusals.length > 0) {
    return { ...report, outcome: "refused", reason: [seen.reason, ...refusals].join("; ") };
  }
  const writes = writesOf(report);
  const [refused] = writes;
  if (refused === undefined || writes.some(({ ok }) => ok !== false)) return report;
  const reason = `${seen.reason}, but it may not be taken out: ${refused.text}`;
  return { ...report, outcome: "refused", reason };
}

/** Which addresses tell nothing of what they hand out, though they work. */
function refusalsOf(addresses: readonly AddressFindings[]): string[] {
  return addresses.flatMap(({ address, findings }) => {
    // One that is read without a login follows the others, or shows that it does not.
    const isRead = findings.some(({ about, ok }) => about === "read" && ok !== false);
    const refusal = findings.find(({ about, ok }) => ok === false && /login|read/.test(about));
    return refusal && !isRead ? [`what ${address} has is not known: ${refusal.text}`] : [];
  });
}
