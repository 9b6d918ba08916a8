/**
 * How far a run has come, and how it ended, from how far each registry came.
 *
 * @module
 */

import { type OutcomeName, OUTCOMES } from "../errors.ts";
import type { Elsewhere } from "./elsewhere.ts";
import type { Progress } from "./hold.ts";

/** How a run ended, for one registry or in all. */
export interface Verdict {
  /** Decides the exit code. */
  readonly outcome: OutcomeName;
  /** Why, in words. */
  readonly reason: string;
}

/** The worse of two ends comes first: what only a person can mend before what may pass. */
const SEVERITY: readonly OutcomeName[] = [
  "internal",
  "usage",
  "settings",
  "refused",
  "unreachable",
  "notFound",
  "notConfirmed",
  "undone",
  "done",
];

/**
 * How the run ended at one registry.
 *
 * @param progress how far its loop came
 * @param startedAt when this process began, milliseconds since the epoch
 * @param endedAt when it ended
 */
export function verdictOf(progress: Progress, startedAt: number, endedAt: number): Verdict {
  const { acceptedAt, leftAt, views, error, label, registry, goal, wroteAt, nearMisses } = progress;
  const what = label ?? registry.wanted;
  const after = (moment: number) => `after ${Math.max(0, moment - startedAt)} ms`;
  if (progress.gone) return { outcome: "done", reason: `${what} has been deregistered` };
  const differing = elsewhereOf(progress, "differs");
  if (differing.length > 0) {
    const where = differing.map(([address, { why }]) => `at ${address} (${why})`).join(", nor ");
    const reason = `${what} is ${goal.state} at one address, but not ${where}`;
    return { outcome: "notConfirmed", reason };
  }
  if (acceptedAt !== undefined) {
    const how = wroteAt === undefined ? " already" : `, accepted ${after(acceptedAt)}`;
    const accepted = `${what} is ${goal.state}${how}`;
    const unknown = elsewhereOf(progress, "unknown").map(([address]) => address);
    const rest = unknown.length > 0 ? `; what ${unknown.join(", ")} has is not known` : "";
    if (leftAt !== undefined) {
      return { outcome: "done", reason: `${accepted}, ${goal.callers} ${after(leftAt)}${rest}` };
    }
    const behind = (views?.answers ?? []).flatMap(({ address, listed }) =>
      listed === goal.inService ? [] : [address]
    );
    const where = behind.join(", ");
    const caveat = where ? `${goal.lagging} ${where}` : "the callers' list was not seen";
    const overdue = endedAt >= acceptedAt + registry.listLagSeconds * 1000;
    // Where the app does not register, `online` has nothing to put back.
    const wrong = behind.filter((one) =>
      unknown.includes(one) ||
      overdue && (!goal.inService || progress.elsewhere?.get(one)?.state !== "none")
    );
    const outcome = wrong.length > 0 ? "notConfirmed" : "done";
    return { outcome, reason: `${accepted}; ${caveat}${rest}` };
  }
  if (error !== undefined) return { outcome: error.outcome, reason: error.message };
  if (label !== undefined) {
    if (progress.held !== undefined) {
      return { outcome: "notConfirmed", reason: `${what}: ${progress.held}` };
    }
    // The time was over during a further try.
    const { writeError } = progress;
    if (wroteAt === undefined && writeError?.outcome === "unreachable") {
      return { outcome: "unreachable", reason: writeError.message };
    }
    const why = wroteAt === undefined
      ? "seen, but no write was answered in time"
      : "written, but the registry's own record does not show it";
    return { outcome: "notConfirmed", reason: `${what}: ${why}` };
  }
  if (nearMisses === undefined) {
    return { outcome: "unreachable", reason: `no answer about ${what} in time` };
  }
  return {
    outcome: "notFound",
    reason: [`${what} was never registered`, ...nearMisses].join("; "),
  };
}

function elsewhereOf({ elsewhere = new Map() }: Progress, state: Elsewhere["state"]) {
  return [...elsewhere].filter(([, found]: [string, Elsewhere]) => found.state === state);
}

/**
 * The verdict that decides the exit code.
 *
 * @param verdicts at least one
 */
export function worst(verdicts: readonly Pick<Verdict, "outcome">[]): OutcomeName {
  return SEVERITY.find((name) => verdicts.some((verdict) => verdict.outcome === name)) ?? "done";
}

/**
 * The last line of a run.
 *
 * @param outcome how the run ended
 * @param code the exit code, which `online` may have forgiven
 * @param parts what was done, in the order it is said
 */
export function lastLine(outcome: OutcomeName, code: number, parts: readonly string[]): string {
  const name = OUTCOMES[outcome].meaning.split(/[:,]/)[0];
  return `${name}: ${parts.join("; ")}; exit code ${code}`;
}

/**
 * How far each registry has come, in words.
 *
 * @param progress of every registry
 */
export function stateInWords(progress: readonly Progress[]): string {
  if (progress.length === 0) return "no registry could be asked";
  return progress.map((one) => `${one.registry.name}: ${stateOf(one)}`).join("; ");
}

function stateOf(one: Progress): string {
  if (one.gone) return "deregistered";
  const { state, callers } = one.goal;
  const [differing] = elsewhereOf(one, "differs");
  if (differing) return `not ${state} at ${differing[0]}`;
  if (one.leftAt !== undefined) return `${state}, ${callers}`;
  if (one.acceptedAt !== undefined) return state;
  if (one.error !== undefined) {
    // Who was never seen may be so already.
    return `${one.label === undefined ? "state unknown" : `not ${state}`}, ${one.error.outcome}`;
  }
  if (one.label !== undefined) return `not ${state} yet`;
  return one.nearMisses ? "not registered" : "no answer yet";
}
