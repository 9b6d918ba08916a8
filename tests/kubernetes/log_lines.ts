/** What a container has printed, looked through. */

import type { LogLine } from "./space.ts";

export function lineOf(lines: readonly LogLine[], pattern: RegExp): LogLine {
  const found = lines.find(({ text }) => pattern.test(text));
  if (found) return found;
  throw new Error(`No line matches ${pattern}:\n${lines.map(({ text }) => text).join("\n")}`);
}

/**
 * When a line was written, by the clock of whoever wrote it, milliseconds since the epoch. The
 * runtime's `at` is later, on a busy machine by 60 ms and more.
 */
export function writtenAt({ text }: LogLine): number {
  const at = Date.parse(/\d{4}-\d\d-\d\dT\S+Z/.exec(text)?.[0] ?? "");
  if (!Number.isNaN(at)) return at;
  throw new Error(`No time in ${text}`);
}
