/** What follows from what a registry has said: pure steps from one state to the next. */

import type { ServiceOfflineError } from "../errors.ts";
import type { CallersViews, Sighting } from "../registry/registry.ts";
import { type Goal, NO_SIGN_OF_LIFE, NOT_READY } from "./goal.ts";
import type { Elsewhere, State } from "./state.ts";

/** What a step depends on besides the state. */
export interface Rules {
  readonly goal: Goal;
  /** How long the registry's lists may lie behind its record, ms. */
  readonly listLagMs: number;
  /** Whether nothing is written before the app has given a sign of life. */
  readonly awaitLife: boolean;
  /** Whether `online` also undoes what no `offline` has done. */
  readonly force: boolean;
  /** False once the other command has taken over. */
  readonly mayWrite: boolean;
}

/** What is no longer so when the record does not agree. */
const NOT_AGREED = { agreedAt: undefined, acceptedAt: undefined, settledAt: undefined };

/**
 * A look has been answered.
 *
 * @param sighting undefined where the registry has no such instance
 * @param now ms since the epoch
 */
export function next(
  before: State,
  sighting: Sighting | undefined,
  rules: Rules,
  now: number,
): State {
  const state: State = { ...before, error: undefined };
  if (sighting === undefined) return absent(state, rules, now);
  const { goal } = rules;
  const seen = { ...state, label: sighting.label, goneSince: undefined, why: undefined };
  if (sighting.shared !== undefined) return shared(seen, sighting.shared, now);
  if (goal.mend.includes(sighting.state)) {
    const { othersWish } = sighting;
    if (isOthers(seen, sighting, rules)) return notWritten("kept", seen, othersWish);
    // At Eureka a new registration of the app loses the mark of `offline`, but not the override.
    const isOurs = seen.isOurs || goal.inService && othersWish === undefined;
    const ours = { ...seen, isOurs };
    return rules.awaitLife && !sighting.isAlive
      ? notWritten("held", ours, NO_SIGN_OF_LIFE)
      : differs(ours, rules.mayWrite);
  }
  if (sighting.state === "notReady") return notWritten("held", seen, NOT_READY);
  return settle({ ...seen, phase: "agreed", agreedAt: seen.agreedAt ?? seen.acceptedAt ?? now });
}

function absent(state: State, { goal, listLagMs }: Rules, now: number): State {
  const acceptedAt = state.acceptedAt ?? state.earlier?.acceptedAt;
  if (goal.inService || (state.label === undefined && acceptedAt === undefined)) {
    const { nearMisses = [] } = state;
    return { ...state, ...NOT_AGREED, phase: "absent", why: undefined, nearMisses };
  }
  const goneSince = state.goneSince ?? acceptedAt ?? now;
  const gone: State = { ...state, phase: "gone", goneSince };
  // A registry that has started again is empty until its apps' next heartbeats.
  if (acceptedAt === undefined && now < goneSince + listLagMs) return gone;
  const settledAt = state.settledAt ?? state.earlier?.settledAt ?? goneSince;
  return { ...gone, acceptedAt: state.acceptedAt ?? goneSince, settledAt };
}

/** It stays as it is, and callers are drained all the same: some go to this pod. */
function shared(state: State, why: string, now: number): State {
  const { acceptedAt = now, settledAt = now } = state;
  return { ...state, phase: "shared", acceptedAt, settledAt, why };
}

/** Whether it is somebody else's wish that callers do not get what is seen. */
function isOthers({ isOurs }: State, { othersWish }: Sighting, { goal, force }: Rules): boolean {
  return goal.inService && othersWish !== undefined && !isOurs && !force;
}

function notWritten(phase: "held" | "kept", state: State, why: string | undefined): State {
  return { ...state, ...NOT_AGREED, earlier: undefined, phase, why };
}

function differs(state: State, mayWrite: boolean): State {
  const { agreedAt, acceptedAt, wroteAt, earlier } = state;
  const hasAgreed = (agreedAt ?? acceptedAt ?? earlier?.acceptedAt) !== undefined;
  if (hasAgreed && !mayWrite) return state;
  if (!hasAgreed) return { ...state, phase: wroteAt === undefined ? "differs" : "written" };
  const anew = { wroteAt: undefined, earlier: undefined, turns: state.turns + 1 };
  return { ...state, ...NOT_AGREED, ...anew, phase: "differs" };
}

/** Accepted is what every address has that can be brought to it. */
function settle(state: State): State {
  const { phase: before } = state;
  if (state.agreedAt === undefined || before === "gone" || before === "shared") return state;
  if (state.acceptedAt === undefined) {
    // Nothing comes of waiting for one that refuses: the other callers are drained.
    const isWaitedFor = (one: Elsewhere) => one.state === "differs" && one.failed !== "refused";
    if ([...state.elsewhere.values()].some(isWaitedFor)) return { ...state, phase: "agreed" };
  }
  const phase = state.settledAt === undefined ? "accepted" : "settled";
  return { ...state, phase, acceptedAt: state.acceptedAt ?? state.agreedAt };
}

/** A write is sent. */
export function writing(state: State, now: number): State {
  return { ...state, writingSince: now, isOurs: true };
}

/** A write was answered. */
export function wrote(state: State, now: number): State {
  const phase = "written";
  return { ...state, phase, wroteAt: now, writingSince: undefined, writeError: undefined };
}

/** A write was not answered. */
export function unanswered(state: State, writeError: ServiceOfflineError): State {
  return { ...state, writingSince: undefined, writeError };
}

/** A further address is to be looked at. */
export function following(state: State, address: string): State {
  if (state.elsewhere.has(address)) return state;
  const unknown: Elsewhere = { state: "unknown" };
  return { ...state, elsewhere: new Map(state.elsewhere).set(address, unknown) };
}

/**
 * What a look at a further address has found, and whether a write is due there.
 *
 * @param sighting undefined where it has no such instance
 */
export function elsewhereAfter(
  state: State,
  sighting: Sighting | undefined,
  rules: Rules,
): Elsewhere & { readonly mayWrite: boolean } {
  const { goal, awaitLife, mayWrite } = rules;
  const isNothing = sighting === undefined || sighting.state === "notReady" && goal.inService;
  if (isNothing) return { state: "none", mayWrite: false };
  if (!goal.mend.includes(sighting.state)) return { state: "agrees", mayWrite: false };
  if (isOthers(state, sighting, rules)) return { state: "none", mayWrite: false };
  if (awaitLife && !sighting.isAlive) {
    return { state: "differs", why: NO_SIGN_OF_LIFE, mayWrite: false };
  }
  const why = mayWrite ? `not ${goal.state} in its record` : "the other command has begun";
  return { state: "differs", why, mayWrite };
}

/** A look at the record of a further address has been answered, or has failed. */
export function heardOf(state: State, address: string, found: Elsewhere, now: number): State {
  const before = state.elsewhere.get(address)?.state;
  const after: State = { ...state, elsewhere: new Map(state.elsewhere).set(address, found) };
  if (found.state === "differs" && before !== "differs") {
    // Its callers have to be waited for as well, from when it agrees.
    const anew = { acceptedAt: undefined, settledAt: undefined, earlier: undefined };
    return settle({ ...after, ...anew, didDiffer: true });
  }
  const isLast = found.state !== "differs" && before === "differs";
  return settle(isLast && state.agreedAt !== undefined ? { ...after, agreedAt: now } : after);
}

/** Callers' lists have been seen. */
export function listed(state: State, views: CallersViews, goal: Goal, now: number): State {
  // Something has changed while they were asked for.
  if (state.acceptedAt === undefined) return state;
  const { earlier } = state;
  if (views.answers.some((view) => view.listed !== goal.inService)) {
    // What was not on the lists is there again.
    return { ...state, views, earlier: earlier?.settledAt === undefined ? earlier : undefined };
  }
  return {
    ...state,
    views,
    phase: "settled",
    // Both have been seen again: the drain counts from where the run before had come to.
    acceptedAt: earlier?.acceptedAt ?? state.acceptedAt,
    settledAt: earlier?.settledAt ?? now,
  };
}
