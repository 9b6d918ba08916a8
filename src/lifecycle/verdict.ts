/**
 * How far a run has come, and how it ended, from how far each registry came.
 *
 * @module
 */

import { type OutcomeName, OUTCOMES } from "../errors.ts";
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
  if (acceptedAt !== undefined) {
    const how = wroteAt === undefined ? " already" : `, accepted ${after(acceptedAt)}`;
    const accepted = `${what} is ${goal.state}${how}`;
    if (leftAt !== undefined) {
      return { outcome: "done", reason: `${accepted}, ${goal.callers} ${after(leftAt)}` };
    }
    const behind = views?.answers.filter((view) => view.listed !== goal.inService) ?? [];
    const where = behind.map((view) => view.address).join(", ");
    const caveat = where ? `${goal.lagging} ${where}` : "the callers' list was not seen";
    const overdue = endedAt >= acceptedAt + registry.listLagSeconds * 1000;
    const outcome = overdue && behind.length === views?.answers.length ? "notConfirmed" : "done";
    return { outcome, reason: `${accepted}; ${caveat}` };
  }
  if (error !== undefined) return { outcome: error.outcome, reason: error.message };
  if (label !== undefined) {
    if (progress.held !== undefined) {
      return { outcome: "notConfirmed", reason: `${what}: ${progress.held}` };
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
  if (one.leftAt !== undefined) return `${state}, ${callers}`;
  if (one.acceptedAt !== undefined) return state;
  if (one.error !== undefined) {
    // Who was never seen may be so already.
    return `${one.label === undefined ? "state unknown" : `not ${state}`}, ${one.error.outcome}`;
  }
  if (one.label !== undefined) return `not ${state} yet`;
  return one.nearMisses ? "not registered" : "no answer yet";
}
