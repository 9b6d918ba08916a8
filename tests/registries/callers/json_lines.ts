/**
 * Speaks with tests/support/caller_process.ts, as JsonLines.java does: a request is a JSON line on
 * stdin, an answer or an event one on stdout.
 */

import { createInterface } from "node:readline";
import process from "node:process";

export function say(message: object): void {
  process.stdout.write(JSON.stringify(message) + "\n");
}

export function complain(...words: unknown[]): void {
  process.stderr.write(words.map(String).join(" ") + "\n");
}

const quiet = () => {};

/** For a client whose warnings have nothing secret in them. */
export const LOGGER = { debug: quiet, info: quiet, log: quiet, warn: complain, error: complain };

export async function serve<Request extends { readonly id: number; readonly op: string }>(
  handle: (request: Request) => Promise<object | undefined>,
): Promise<never> {
  say({ event: "ready" });
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as Request;
    try {
      say({ id: request.id, ...await handle(request) });
    } catch (error) {
      say({ id: request.id, error: String(error) });
    }
    if (request.op === "exit") process.exit(0);
  }
  // Whoever started us has gone without a word.
  process.exit(1);
}
