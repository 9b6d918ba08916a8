/**
 * How a text from outside is shown: on one line, and not without end.
 *
 * @module
 */

/** What moves a terminal's cursor or turns the direction of reading. */
const UNRULY = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_C}]+/gu;

/** A value is cut here, characters. */
const MAX = 300;

/** The same for a line: several addresses may each say what is wrong. */
const MAX_OF_LINE = 4_000;

/** A text as one plain line: a line break would forge a line, an escape sequence a whole screen. */
export function oneLine(text: string): string {
  return text.replaceAll(UNRULY, " ");
}

/**
 * The beginning of a value.
 *
 * @param most characters; by default 300
 */
export function shortened(value: string, most = MAX): string {
  return value.length > most ? `${value.slice(0, most)}…` : value;
}

/**
 * Lines of a report: whatever stands in one of them, it stays one.
 *
 * @returns the text
 */
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
  return JSON.stringify(value, cut, indent).replaceAll(
    /[\x7f-\x9f\p{Zl}\p{Zp}\p{Bidi_C}]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
