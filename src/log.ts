import type { Clock } from "./clock.ts";
import { linesInWords, plainJson } from "./plain.ts";

/** How lines look: for people, or one JSON object each. */
export type LogFormat = "text" | "json";

/** More about an event; `undefined` values are left out. */
export type Fields = Readonly<Record<string, unknown>>;

/** Where a run says what it does: one line per thing done. */
export interface Log {
  /** Says what was done. */
  info(event: string, message: string, fields?: Fields): void;
  /** Says what is not as it should be. */
  warn(event: string, message: string, fields?: Fields): void;
  /** The same log, each line naming a registry. */
  of(registry: string): Log;
  /** The line that is written for an event, without writing it. */
  format(level: Level, event: string, message: string, fields?: Fields): string;
}

/** How much it matters: `error` is a failure that ends the run. */
type Level = "info" | "warn" | "error";

const MARKS: Readonly<Record<Level, string>> = { info: "", warn: " WARNING:", error: " ERROR:" };

/** What a log needs. */
interface LogOptions {
  readonly clock: Clock;
  /** When the run began, milliseconds since the epoch; lines carry the time since then. */
  readonly startedAt: number;
  /** @default {"text"} */
  readonly format?: LogFormat;
  /** Takes one line, without its line break, and what is said in it. */
  readonly write: (line: string, event: string, message: string) => void;
}

/** Makes a log. */
export function createLog(options: LogOptions): Log {
  const { clock, startedAt, write } = options;
  const format = (
    registry: string | undefined,
    level: Level,
    event: string,
    message: string,
    fields: Fields = {},
  ): string => {
    const now = clock.now();
    const time = new Date(now).toISOString();
    const elapsedMs = now - startedAt;
    if (options.format === "json") {
      const head = { time, level, elapsedMs, event, ...(registry ? { registry } : {}) };
      return plainJson({ ...head, message, ...fields });
    }
    const elapsed = `+${(elapsedMs / 1000).toFixed(3)}s`;
    const place = registry ? ` ${registry}:` : "";
    // A server's text may hold line breaks and escape sequences; one event stays one plain line.
    return linesInWords([`${time} service-offline ${elapsed}${place}${MARKS[level]} ${message}`]);
  };

  const named = (registry?: string): Log => {
    const say = (level: Level) => (event: string, message: string, fields?: Fields) =>
      write(format(registry, level, event, message, fields), event, message);
    return {
      info: say("info"),
      warn: say("warn"),
      of: named,
      format: (level, event, message, fields) => format(registry, level, event, message, fields),
    };
  };
  return named();
}
