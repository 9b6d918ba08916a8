/**
 * What the log says of a registration: lines as a function of the state before and after.
 *
 * @module
 */

import { traceOf } from "../errors.ts";
import type { Fields } from "../log.ts";
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
  const lines: Line[] = [];
  const info = (event: string, message: string, fields: Fields = {}) =>
    void lines.push({ level: "info", event, message, fields });
  const warn = (event: string, message: string) =>
    void lines.push({ level: "warn", event, message });
  const once = (level: Line["level"], event: string, message: string, fields: Fields = {}) =>
    void lines.push({ level, event, message, fields, once: message });

  if (after.shared !== undefined) {
    once("warn", "left_alone", `${after.label} is left alone: ${after.shared}`);
    return lines;
  }
  if (after.error !== undefined && after.error !== before.error) {
    // The same bug may come by several ways, each with a stack of its own.
    if (after.error.outcome === "internal") {
      const message = traceOf(after.error);
      lines.push({
        level: "warn",
        event: "internal",
        message,
        once: `trace ${after.error.message}`,
      });
    }
    once("warn", "failed", `${after.error.message}; trying again`);
  }
  if (after.phase === "absent" && before.nearMisses === undefined) {
    const message = `${registry.wanted} is not registered; nothing is written, looking again`;
    // At a start that is as it should be: the app has not come so far yet.
    lines.push({ level: goal.inService ? "info" : "warn", event: "not_found", message });
  }
  if (after.nearMisses !== before.nearMisses) {
    for (const line of after.nearMisses ?? []) warn("near_miss", line);
  }
  if (after.phase === "gone" && before.phase !== "gone") {
    info("deregistered", "it has been deregistered, nothing is left to do");
  }
  if (after.label !== undefined && before.label === undefined && before.nearMisses) {
    info("found", `${after.label} is registered now`);
  }
  if (after.phase === "kept") once("warn", "kept", keptInWords(after));
  else if (after.held !== undefined) once("info", "held", `it is ${after.held}; waiting`);
  if (after.turns > before.turns) warn("turned", goal.turned);
  if (after.wroteAt !== undefined && after.wroteAt !== before.wroteAt) {
    const tookMs = after.wroteAt - (before.writingSince ?? after.wroteAt);
    info("written", `${goal.writing}: write accepted in ${tookMs} ms, checking the record`);
  }
  for (const [address, { why, failed }] of after.elsewhere) {
    const isNew = before.elsewhere.get(address)?.why !== why;
    if (isNew && why !== undefined && failed !== undefined) once("warn", "address_failed", why);
  }
  if (after.phase !== "gone" && after.acceptedAt !== undefined && before.acceptedAt === undefined) {
    lines.push(...acceptedInWords(after, goal.state, startedAt));
  }
  if (after.views !== undefined && after.views !== before.views) {
    lines.push(...listsInWords(after, after.views, { registry, goal }, startedAt, now));
  }
  return lines;
}

/** Why `online` leaves it alone. */
export function keptInWords({ held }: Pick<State, "held">): string {
  return `left out of service, no \`offline\` has taken it out: ${held}; ` +
    "`online --force` puts it back";
}

function listsInWords(
  { acceptedAt = 0, settledAt, phase }: State,
  views: CallersViews,
  { registry, goal }: Pick<Registration, "registry" | "goal">,
  startedAt: number,
  now: number,
): Line[] {
  const warning = (event: string, message: string): Line => {
    return { level: "warn", event, message, once: message };
  };
  const lines = views.failures.map((failure) => warning("address_failed", failure));
  const behind = behindOf(views, goal.inService).join(", ");
  const lag = registry.listLagSeconds;
  if (behind && now >= acceptedAt + lag * 1000) {
    const message = `${goal.lagging} ${behind} ${lag} s after the record changed`;
    lines.push(warning("list_lags", message));
  }
  if (phase === "settled" && settledAt !== undefined) {
    const others = leastOthers(views);
    const message = `${goal.callers}, ${now - startedAt} ms after the start; ` +
      othersInWords(others, goal.inService);
    const fields = { listMs: settledAt - startedAt, others };
    lines.push({ level: "info", event: "list_agrees", message, fields });
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
  return [{ level: "info", event: "accepted", message, fields: { acceptedMs }, once: message }];
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
