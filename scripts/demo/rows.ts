/** The lines of the demo, as text. */

import { PER_SECOND, type Second } from "./service.ts";

/** The width of a bar; a full one is a full second. */
const CELLS = 20;
const LABEL = 7;
const COLUMN = 36;

/** A piece of a line, and its colour. */
interface Piece {
  readonly text: string;
  readonly colour?: "green" | "red" | "bold";
}

const CODES = { green: 32, red: 31, bold: 1 };

/** Makes lines of two columns; with colours or not. */
export function createRows(colours: boolean) {
  const paint = ({ text, colour }: Piece) =>
    colours && colour ? `\x1b[${CODES[colour]}m${text}\x1b[0m` : text;
  const cell = (pieces: readonly Piece[], width: number) => {
    const length = pieces.reduce((sum, { text }) => sum + text.length, 0);
    return pieces.map(paint).join("") + " ".repeat(Math.max(0, width - length));
  };
  const row = (label: string, ...columns: readonly (readonly Piece[])[]) =>
    [cell([{ text: label }], LABEL), ...columns.map((column) => cell(column, COLUMN))].join("")
      .trimEnd();
  return {
    /** The names of the columns. */
    head: (...names: readonly string[]) =>
      row("", ...names.map((text): Piece[] => [{ text, colour: "bold" }])),
    /** What has happened, in one of the columns. */
    event: (column: number, text: string) =>
      row("", ...Array.from({ length: column + 1 }, (_, i) => [{ text: i < column ? "" : text }])),
    /** One second of each. */
    second: (n: number, ...columns: readonly Second[]) =>
      row(`${String(n).padStart(3)} s`, ...columns.map(bar)),
    /** All of it. */
    sum: (...columns: readonly Second[]) =>
      row(
        "in all",
        ...columns.map(({ ok, failed }): Piece[] => [
          { text: `${failed} of ${ok + failed} failed`, colour: failed > 0 ? "red" : "green" },
        ]),
      ),
  };
}

function bar({ ok, failed }: Second): Piece[] {
  const bad = failed === 0 ? 0 : Math.max(1, Math.round(failed / PER_SECOND * CELLS));
  const all = Math.min(CELLS, Math.round((ok + failed) / PER_SECOND * CELLS));
  return [
    { text: "█".repeat(Math.max(0, all - bad)), colour: "green" },
    { text: "░".repeat(bad), colour: "red" },
    ...(failed > 0 ? [{ text: ` ${failed} failed`, colour: "red" } as const] : []),
  ];
}
