import type { InstanceState } from "../registry/registry.ts";

/** What the instance should be, with the words for it. */
export interface Goal {
  /** Whether callers are to get it. */
  readonly inService: boolean;
  /** The states that call for a write; another that is not the goal's is waited for. */
  readonly mend: readonly InstanceState[];
  /** `it is …` */
  readonly state: string;
  /** What a write does. */
  readonly writing: string;
  /** When somebody else has undone it. */
  readonly turned: string;
  /** What callers get once their list agrees. */
  readonly callers: string;
  /** Before the addresses whose lists do not agree. */
  readonly lagging: string;
}

/** Out of service: `offline`. */
export const OUT: Goal = {
  inService: false,
  // What is not ready now may be in a moment.
  mend: ["inService", "partlyOut", "notReady"],
  state: "out of service",
  writing: "taking it out of service",
  turned: "it came back into service; taken out again, the drain starts anew",
  callers: "callers no longer get it",
  lagging: "still listed at",
};

/** In service: `online`. */
export const IN: Goal = {
  inService: true,
  // Whether it can serve is the app's own to say.
  mend: ["outOfService", "partlyOut"],
  state: "in service",
  writing: "putting it back into service",
  turned: "it went out of service again; putting it back",
  callers: "callers get it",
  lagging: "not listed yet at",
};

/** Nobody keeps the instance back, and callers do not get it all the same. */
export const NOT_READY = "registered, but its app does not report that it is ready";

/** Put back now, callers would get an address where nobody listens. */
export const NO_SIGN_OF_LIFE =
  "out of service, and there was no heartbeat since: a process that was killed leaves that behind";
