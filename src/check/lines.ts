/** Lines of a report for people, with colours where a terminal shows them. */

import { linesInWords } from "../plain.ts";

/** A line. A lead is green where it is good, red where it is bad, yellow where that is in doubt. */
export type Line = string | readonly [isGood: boolean | null, lead: string, text?: string];

/**
 * A line with a mark before it.
 *
 * @param ok null where that cannot be told
 */
export function marked(indent: string, ok: boolean | null, text: string): Line {
  return [ok, indent + (ok ? "ok    " : ok === null ? "?     " : "FAILED"), ` ${text}`];
}

/** The lines as one text. Nothing in them reaches the terminal as a control sequence. */
export function textOf(lines: readonly Line[], colour: boolean): string {
  return lines.map((line) => {
    if (typeof line === "string") return linesInWords([line]);
    const [isGood, lead, text = ""] = line;
    const plain = linesInWords([lead]);
    const code = isGood ? 32 : isGood === null ? 33 : 31;
    return (colour ? `\x1b[${code}m${plain}\x1b[0m` : plain) + linesInWords([text]);
  }).join("\n");
}
