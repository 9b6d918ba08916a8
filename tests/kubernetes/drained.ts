/** How a pod that was taken out has to end. */

import assert from "node:assert/strict";
import { lineOf } from "./log_lines.ts";
import type { LogLine, Space } from "./space.ts";

interface Ended {
  readonly pod: string;
  readonly lines: readonly LogLine[];
  /** When it was told to end, milliseconds since the epoch. */
  readonly deletedAt: number;
  readonly drainSeconds: number;
}

/** The hook says that it is out and drained, TERM came after the drain, and no event is a failure. */
export async function assertDrained(space: Space, ended: Ended): Promise<void> {
  const { pod, lines, deletedAt, drainSeconds } = ended;
  assert.match(lineOf(lines, /is out of service/).text, /drained/);
  const term = lineOf(lines, /^app \S+ TERM/).at - deletedAt;
  assert.ok(term >= drainSeconds * 1000, `TERM ${term} ms after the delete`);
  const reasons = (await space.events(pod)).map(({ reason }) => reason);
  assert.ok(reasons.includes("Killing"), reasons.join());
  assert.ok(!reasons.some((reason) => reason.startsWith("Failed")), reasons.join());
}
