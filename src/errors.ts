/** One way a run can end. */
interface Outcome {
  /** The process exit code; after BSD's `sysexits.h` where that has a fitting one. */
  readonly code: number;
  /** What it means, as `--help` and the README say it. */
  readonly meaning: string;
}

/** Every way a run can end. `--help` and the README's table are made from this. */
export const OUTCOMES = {
  done: { code: 0, meaning: "done, or nothing to do" },
  usage: { code: 64, meaning: "usage: unknown command or flag" },
  notFound: { code: 66, meaning: "not found: the instance was never seen in the registry" },
  unreachable: { code: 69, meaning: "unreachable: no registry address gave a usable answer" },
  internal: { code: 70, meaning: "internal error: a bug, please report it" },
  notConfirmed: {
    code: 75,
    meaning: "not confirmed: written, but the registry still shows the old state",
  },
  refused: { code: 77, meaning: "refused: login failed or permission missing" },
  settings: { code: 78, meaning: "settings: a value is missing or wrong" },
  undone: { code: 79, meaning: "undone: `online` ended this `offline`, or the other way round" },
} as const satisfies Record<string, Outcome>;

/** The name of one way a run can end. */
export type OutcomeName = keyof typeof OUTCOMES;

/** An error that says which way the run ends if nothing better comes of it. */
export class ServiceOfflineError extends Error {
  override name = "ServiceOfflineError";
  /** How the run ends if nothing better comes of it. */
  readonly outcome: OutcomeName;

  /** The message names what was attempted, where, what came back, and what to change. */
  constructor(outcome: OutcomeName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.outcome = outcome;
  }
}

/** The login failed or the server forbids the request; only other credentials help. */
export class RefusedError extends ServiceOfflineError {
  constructor(message: string) {
    super("refused", message);
  }
}

/**
 * What exactly has failed: `connection`: nobody has taken it, so nothing was sent; `certificate`: one
 * side does not trust that of the other; `protocol`: what answers speaks no HTTP/1.1.
 */
export type FailureKind = "connection" | "certificate" | "protocol";

/** No usable answer: no connection, no reply, a broken one, or a server that cannot serve now. */
export class UnreachableError extends ServiceOfflineError {
  /** Undefined where nobody decides by it. */
  readonly kind: FailureKind | undefined;

  constructor(message: string, options: ErrorOptions & { kind?: FailureKind | undefined } = {}) {
    super("unreachable", message, options);
    this.kind = options.kind;
  }
}

/** The registry says that there is no such instance (any more). */
export class NotFoundError extends ServiceOfflineError {
  constructor(message: string) {
    super("notFound", message);
  }
}

/** The error itself, or a wrapper that calls it a bug. */
export function asServiceOfflineError(thrown: unknown): ServiceOfflineError {
  if (thrown instanceof ServiceOfflineError) return thrown;
  const detail = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new ServiceOfflineError("internal", detail, { cause: thrown });
}

/** Enough for ten places in the code, and little enough where a message holds a whole answer. */
const MAX_TRACE = 2_000;

/** What the log keeps of a bug: its stack, in one line, which is not shown anywhere else. */
export function traceOf(thrown: unknown): string {
  const bug = thrown instanceof ServiceOfflineError ? thrown.cause ?? thrown : thrown;
  const trace = bug instanceof Error && bug.stack || String(bug);
  return `a bug, please report it: ${trace.replaceAll(/\s+/g, " ").slice(0, MAX_TRACE)}`;
}
