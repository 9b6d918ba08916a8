/**
 * What moves a terminal's cursor or turns the direction of reading: Unicode's Cc, Zl, Zp and Bidi_C.
 * Spelled out, since `\p{Cc}` costs half a millisecond before the first line (Deno 2.9.6).
 */
const BEYOND_ASCII = String.raw`\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069`;
const UNRULY = new RegExp(String.raw`[\0-\x1f${BEYOND_ASCII}]+`, "g");
const UNRULY_IN_JSON = new RegExp(`[${BEYOND_ASCII}]`, "g");

/** A value is cut here, characters. */
const MAX = 300;

/** The same for a line: several addresses may each say what is wrong. */
const MAX_OF_LINE = 4_000;

/** A text as one plain line: a line break would forge a line, an escape sequence a whole screen. */
export function oneLine(text: string): string {
  return text.replaceAll(UNRULY, " ");
}

/** The beginning of a value. */
export function shortened(value: string, max = MAX): string {
  return value.length > max ? `${value.slice(0, max)}…` : value;
}

/** The text of a report: whatever stands in one of its lines, it stays one. */
export function linesInWords(lines: readonly string[]): string {
  return lines.map((line) => oneLine(shortened(line, MAX_OF_LINE))).join("\n");
}

/**
 * JSON that does nothing to a terminal either: `JSON.stringify` leaves control characters from
 * U+007F on as they are, among them one that begins escape sequences.
 */
export function plainJson(value: unknown, indent?: number): string {
  const cut = (_: string, one: unknown) =>
    typeof one === "string" ? shortened(one, MAX_OF_LINE) : one;
  return JSON.stringify(value, cut, indent).replaceAll(UNRULY_IN_JSON, escapeOf);
}

/** A character as JSON and YAML write it in a text. */
export function escapeOf(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
