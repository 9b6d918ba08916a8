/** The last event of a run, with `LOG_FORMAT=json`. */

export interface End {
  readonly elapsedMs: number;
  /** `done`, or what went wrong. */
  readonly outcome: string;
  readonly message: string;
  /** ISO time. */
  readonly startedAt: string;
  /** ISO time. */
  readonly endedAt: string;
  /** The one registry; none where the settings were wrong. */
  readonly registries?: readonly { readonly acceptedMs: number | null }[];
}

/** Reads it. @returns undefined where the last line is none */
export function endOf(lastLine: string): End | undefined {
  try {
    return JSON.parse(lastLine);
  } catch {
    return undefined;
  }
}
