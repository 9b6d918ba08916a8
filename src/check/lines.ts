/** Lines of a report for people, with colours where a terminal shows them. */

import { linesInWords } from "../plain.ts";

/** A line; `lead`, its beginning, is coloured: green, yellow or red. */
export type Line = string | {
  readonly tone: "good" | "doubt" | "bad";
  readonly lead: string;
  readonly text?: string;
  readonly indent?: number;
};

const CODES = { good: 32, doubt: 33, bad: 31 };

/**
 * A line with a mark before it.
 *
 * @param ok null where that cannot be told
 */
export function marked(ok: boolean | null, text: string, indent: number): Line {
  return ok
    ? { tone: "good", lead: "ok    ", text: ` ${text}`, indent }
    : ok === null
    ? { tone: "doubt", lead: "?     ", text: ` ${text}`, indent }
    : { tone: "bad", lead: "FAILED", text: ` ${text}`, indent };
}

/** The lines as one text. Nothing in them reaches the terminal as a control sequence. */
export function textOf(lines: readonly Line[], colour: boolean): string {
  return lines.map((line) => {
    if (typeof line === "string") return linesInWords([line]);
    const { tone, indent = 0, text = "" } = line;
    const lead = linesInWords([line.lead]);
    const painted = colour ? `\x1b[${CODES[tone]}m${lead}\x1b[0m` : lead;
    return " ".repeat(indent) + painted + linesInWords([text]);
  }).join("\n");
}
