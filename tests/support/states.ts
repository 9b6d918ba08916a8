import type { Context } from "../../src/context.ts";
import { type Goal, OUT } from "../../src/lifecycle/goal.ts";
import type { HoldOptions } from "../../src/lifecycle/held.ts";
import { hold } from "../../src/lifecycle/hold.ts";
import { type Registration, registrationOf, type State } from "../../src/lifecycle/state.ts";
import { createSupervisor } from "../../src/lifecycle/supervise.ts";
import type { Registry } from "../../src/registry/registry.ts";

export function registrationAt(
  registry: Registry,
  state: Partial<State> = {},
  goal: Goal = OUT,
): Registration {
  const registration = registrationOf(registry, goal);
  become(registration, state);
  return registration;
}

export function become(registration: Registration, state: Partial<State>): void {
  registration.state = { ...registration.state, ...state };
}

/** For supervisors of tests: a job that throws fails the test. */
export function rethrow(thrown: unknown): void {
  queueMicrotask(() => {
    throw thrown;
  });
}

/** Runs the job of a registration, and those of its further addresses, until it is stopped. */
export function startHolding(
  registration: Registration,
  context: Omit<Context, "signal">,
  options: Omit<HoldOptions, "supervisor">,
): { stop(): Promise<void> } {
  const stop = new AbortController();
  const supervisor = createSupervisor(context.clock, rethrow);
  hold(registration, { ...context, signal: stop.signal }, { ...options, supervisor });
  const ended = supervisor.until(() => stop.signal.aborted ? { end: true } : { wakeAt: Infinity });
  return {
    async stop() {
      stop.abort();
      supervisor.wake();
      await ended;
      await supervisor.idle();
    },
  };
}
