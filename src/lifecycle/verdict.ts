/** How far a run has come, and how it ended, from how far each registry came. */

import { type OutcomeName, OUTCOMES } from "../errors.ts";
import { addressesThat, type Elsewhere, isReplaced, type Registration } from "./state.ts";
import { behindOf, keptInWords } from "./words.ts";

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
 * @param startedAt when this process began, ms since the epoch
 * @param endedAt when it ended
 */
export function verdictOf(
  { registry, goal, state, isFurther }: Registration,
  startedAt: number,
  endedAt: number,
): Verdict {
  const { phase, why, acceptedAt, error, label, wroteAt, writeError, nearMisses } = state;
  const what = label ?? registry.wanted;
  const done = (reason: string): Verdict => ({ outcome: "done", reason: `${what} ${reason}` });
  if (phase === "shared") return done(`is left alone: ${why}`);
  if (phase === "gone") return done("has been deregistered");
  if (phase === "kept") return done(`is ${keptInWords(state)}`);
  const unsure = (reason: string): Verdict => ({ outcome: "notConfirmed", reason: what + reason });
  const differing = addressesThat(state, "differs");
  if (differing.length > 0) {
    const where = differing.map(([address, { why }]) => `at ${address} (${why})`).join(", nor ");
    return unsure(` is ${goal.state} at one address, but not ${where}`);
  }
  if (acceptedAt !== undefined) {
    const how = wroteAt === undefined ? " already" : `, accepted ${after(acceptedAt, startedAt)}`;
    const isOverdue = endedAt >= acceptedAt + registry.listLagSeconds * 1000;
    const accepted = `${what} is ${goal.state}${how}`;
    return listVerdict(accepted, { goal, state, isFurther }, startedAt, isOverdue);
  }
  if (error !== undefined) return { outcome: error.outcome, reason: error.message };
  if (why !== undefined) return unsure(`: ${why}`);
  if (label !== undefined) {
    if (wroteAt !== undefined) {
      return unsure(": written, but the registry's own record does not show it");
    }
    // The time was over during a further try.
    return writeError && writeError.outcome !== "notFound"
      ? { outcome: writeError.outcome, reason: writeError.message }
      : unsure(": seen, but no write was answered in time");
  }
  if (nearMisses === undefined) {
    return { outcome: "unreachable", reason: `no answer about ${what} in time` };
  }
  const reason = [`${what} was never registered`, ...nearMisses].join("; ");
  return { outcome: "notFound", reason };
}

/** Of what every record says that could be read: whether the lists say so, too. */
function listVerdict(
  accepted: string,
  { goal, state, isFurther }: Pick<Registration, "goal" | "state" | "isFurther">,
  startedAt: number,
  isOverdue: boolean,
): Verdict {
  const { settledAt, views, elsewhere } = state;
  const unknown = addressesThat(state, "unknown");
  // A node that is dead hands out nothing. One that works and refuses us may do so for ever; of all
  // that it hands out the named one tells.
  const isRefused = ({ failed }: Elsewhere) => failed === "refused" && !isFurther;
  const outcome = unknown.some(([, one]) => isRefused(one)) ? "refused" : "done";
  const rest = unknown.map(([address, one]) =>
    `; what ${address} has is not known${isRefused(one) ? ` (${one.why})` : ""}`
  ).join("");
  if (settledAt !== undefined) {
    const reason = `${accepted}, ${goal.callers} ${after(settledAt, startedAt)}${rest}`;
    return { outcome, reason };
  }
  const behind = behindOf(views, goal.inService);
  const where = behind.join(", ");
  const caveat = where ? `${goal.lagging} ${where}` : "the callers' list was not seen";
  // Where the app does not register, `online` has nothing to put back.
  const isWrong = behind.some((one) =>
    elsewhere.get(one)?.state === "unknown" ||
    isOverdue && (!goal.inService || elsewhere.get(one)?.state !== "none")
  );
  const reason = `${accepted}; ${caveat}${rest}`;
  return { outcome: isWrong && outcome === "done" ? "notConfirmed" : outcome, reason };
}

/** The verdicts that decide the exit code: a wrong name is none where the pod itself was found. */
export function withoutReplaced(
  registrations: readonly Registration[],
  verdicts: readonly Verdict[],
): readonly Verdict[] {
  return verdicts.filter((_, i) => {
    const registration = registrations[i];
    return registration === undefined || !isReplaced(registration, registrations);
  });
}

/** So many further registrations that are not at their goal are named. */
const MAX_NAMED = 5;

/** What the last line says: the named ones in full, the further ones summed up. */
export function partsOf(
  registrations: readonly Registration[],
  verdicts: readonly Verdict[],
): string[] {
  const all = registrations.flatMap((registration, i) => {
    const verdict = verdicts[i];
    return verdict ? [{ ...registration, verdict }] : [];
  });
  const named = all.filter(({ isFurther }) => !isFurther);
  return named.flatMap(({ registry: { name }, verdict: { reason } }) => {
    const further = all.filter((one) => one.isFurther && one.registry.name === name);
    const good = further.filter(({ verdict }) => verdict.outcome === "done");
    const bad = further.filter((one) => !good.includes(one));
    const unnamed = bad.length - MAX_NAMED;
    return [
      `${name}: ${reason}`,
      ...good.length > 0 ? [`${name}: ${goodInWords(good)}`] : [],
      ...bad.slice(0, MAX_NAMED).map(({ verdict }) => `${name}: ${verdict.reason}`),
      ...unnamed > 0 ? [`${name}: ${unnamed} more are not`] : [],
    ];
  });
}

function goodInWords(further: readonly Registration[]): string {
  const [first, ...rest] = further;
  const state = first?.goal.state;
  const label = first?.state.label ?? "";
  return rest.length === 0
    ? `1 further registration of the pod is ${state} (${label})`
    : `${further.length} further registrations of the pod are ${state}`;
}

function after(moment: number, startedAt: number): string {
  return `after ${Math.max(0, moment - startedAt)} ms`;
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

/** How far each registry has come, in words. */
export function stateInWords(registrations: readonly Registration[]): string {
  if (registrations.length === 0) return "no registry could be asked";
  const further = registrations.filter(({ isFurther }) => isFurther);
  const left = further.filter(({ state }) => state.acceptedAt === undefined).length;
  return [
    ...registrations.filter(({ isFurther }) => !isFurther)
      .map((one) => `${one.registry.name}: ${stateOf(one)}`),
    ...left > 0 ? [`${left} of ${further.length} further registrations are not done`] : [],
  ].join("; ");
}

function stateOf({ goal, state }: Registration): string {
  if (state.phase === "gone") return "deregistered";
  if (state.phase === "kept") return "left out of service";
  const [differing] = addressesThat(state, "differs");
  if (differing) return `not ${goal.state} at ${differing[0]}`;
  if (state.settledAt !== undefined) return `${goal.state}, ${goal.callers}`;
  if (state.acceptedAt !== undefined) return goal.state;
  if (state.error !== undefined) {
    // Who was never seen may be so already.
    const what = state.label === undefined ? "state unknown" : `not ${goal.state}`;
    return `${what}, ${state.error.outcome}`;
  }
  if (state.label !== undefined) return `not ${goal.state} yet`;
  return state.nearMisses ? "not registered" : "no answer yet";
}
