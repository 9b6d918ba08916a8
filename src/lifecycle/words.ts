/** What the log says of a registration: lines as a function of the state before and after. */

import { traceOf } from "../errors.ts";
import type { Fields, Log } from "../log.ts";
import type { CallersViews } from "../registry/registry.ts";
import type { Registration, State } from "./state.ts";

/** One line of the log. */
export interface Line {
  readonly level: "info" | "warn";
  readonly event: string;
  readonly message: string;
  readonly fields?: Fields;
  /** Said once in a run, not at every look: what tells such lines apart. */
  readonly once?: string;
}

function info(event: string, message: string, fields: Fields = {}): Line {
  return { level: "info", event, message, fields };
}

function warn(event: string, message: string): Line {
  return { level: "warn", event, message };
}

function once(line: Line): Line {
  return { ...line, once: line.message };
}

/** Says lines, and those that are to be said once only once. */
export function createVoice(log: Log): (line: Line) => void {
  const said = new Set<string>();
  return ({ level, event, message, fields, once }) => {
    if (once !== undefined && said.has(once)) return;
    if (once !== undefined) said.add(once);
    log[level](event, message, fields);
  };
}

/**
 * What is to be said of a change.
 *
 * @param registration with the state after it
 * @param startedAt when this process began, ms since the epoch
 * @param now ms since the epoch
 */
export function changeInWords(
  before: State,
  { state: after, registry, goal }: Registration,
  startedAt: number,
  now: number,
): Line[] {
  if (after.phase === "shared") {
    return [once(warn("left_alone", `${after.label} is left alone: ${after.why}`))];
  }
  const isAccepted = after.acceptedAt !== undefined && before.acceptedAt === undefined;
  const isListed = after.views !== undefined && after.views !== before.views;
  return [
    ...errorInWords(before, after),
    ...foundInWords(before, after, { registry, goal }),
    ...waitingInWords(after),
    ...writtenInWords(before, after, goal),
    ...elsewhereInWords(before, after),
    ...isAccepted && after.phase !== "gone" ? acceptedInWords(after, goal.state, startedAt) : [],
    ...isListed ? listsInWords(after, after.views, { registry, goal }, startedAt, now) : [],
  ];
}

function errorInWords(before: State, { error }: State): Line[] {
  if (error === undefined || error === before.error) return [];
  const failed = once(warn("failed", `${error.message}; trying again`));
  if (error.outcome !== "internal") return [failed];
  // The same bug may come by several ways, each with a stack of its own.
  return [{ ...warn("internal", traceOf(error)), once: `trace ${error.message}` }, failed];
}

function foundInWords(
  before: State,
  { phase, nearMisses, label }: State,
  { registry, goal }: Pick<Registration, "registry" | "goal">,
): Line[] {
  const lines: Line[] = [];
  if (phase === "absent" && before.nearMisses === undefined) {
    const message = `${registry.wanted} is not registered; nothing is written, looking again`;
    // At a start that is as it should be: the app has not come so far yet.
    lines.push(goal.inService ? info("not_found", message) : warn("not_found", message));
  }
  if (nearMisses !== before.nearMisses) {
    lines.push(...nearMisses?.map((line) => warn("near_miss", line)) ?? []);
  }
  if (phase === "gone" && before.phase !== "gone") {
    lines.push(info("deregistered", "it has been deregistered, nothing is left to do"));
  }
  if (label !== undefined && before.label === undefined && before.nearMisses) {
    lines.push(info("found", `${label} is registered now`));
  }
  return lines;
}

function waitingInWords(state: State): Line[] {
  if (state.phase === "kept") return [once(warn("kept", keptInWords(state)))];
  return state.phase === "held" ? [once(info("held", `it is ${state.why}; waiting`))] : [];
}

function writtenInWords(
  before: State,
  { turns, wroteAt }: State,
  goal: Registration["goal"],
): Line[] {
  const lines = turns > before.turns ? [warn("turned", goal.turned)] : [];
  if (wroteAt === undefined || wroteAt === before.wroteAt) return lines;
  const took = `${wroteAt - (before.writingSince ?? wroteAt)} ms`;
  const message = `${goal.writing}: write accepted in ${took}, checking the record`;
  return [...lines, info("written", message)];
}

function elsewhereInWords(before: State, { elsewhere }: State): Line[] {
  return [...elsewhere].flatMap(([address, { why, failed }]) => {
    const isNew = before.elsewhere.get(address)?.why !== why;
    return isNew && why !== undefined && failed !== undefined
      ? [once(warn("address_failed", why))]
      : [];
  });
}

/** Why `online` leaves it alone. */
export function keptInWords({ why }: Pick<State, "why">): string {
  return `left out of service, no \`offline\` has taken it out: ${why}; ` +
    "`online --force` puts it back";
}

function listsInWords(
  { acceptedAt = 0, settledAt, phase }: State,
  views: CallersViews,
  { registry, goal }: Pick<Registration, "registry" | "goal">,
  startedAt: number,
  now: number,
): Line[] {
  const lines = views.failures.map((failure) => once(warn("address_failed", failure)));
  const behind = behindOf(views, goal.inService).join(", ");
  const lag = registry.listLagSeconds;
  if (behind && now >= acceptedAt + lag * 1000) {
    const message = `${goal.lagging} ${behind} ${lag} s after the record changed`;
    lines.push(once(warn("list_lags", message)));
  }
  if (phase === "settled" && settledAt !== undefined) {
    const others = leastOthers(views);
    const message = `${goal.callers}, ${now - startedAt} ms after the start; ` +
      othersInWords(others, goal.inService);
    const fields = { listMs: settledAt - startedAt, others };
    lines.push(info("list_agrees", message, fields));
  }
  return lines;
}

function acceptedInWords(state: State, goal: string, startedAt: number): Line[] {
  const { acceptedAt = 0, elsewhere, didDiffer, wroteAt } = state;
  if ([...elsewhere.values()].some(({ failed }) => failed === "refused")) return [];
  const acceptedMs = acceptedAt - startedAt;
  const message = didDiffer
    ? `${goal} in the record of every address, ${acceptedMs} ms after the start`
    : wroteAt === undefined
    ? `it is ${goal} already`
    : `${goal} in the registry's own record, ${acceptedMs} ms after the start`;
  return [once(info("accepted", message, { acceptedMs }))];
}

/** The addresses whose callers' lists do not agree. */
export function behindOf(views: CallersViews | undefined, inService: boolean): string[] {
  return (views?.answers ?? []).flatMap(({ address, listed }) =>
    listed === inService ? [] : address
  );
}

/** How many other instances callers get, where addresses differ the smallest number. */
export function leastOthers(views: CallersViews): number {
  return Math.min(...views.answers.map((view) => view.others));
}

function othersInWords(others: number, inService: boolean): string {
  if (others === 0 && !inService) return "this was the last instance callers can see";
  return `${others} other instance${others === 1 ? "" : "s"} still listed`;
}
