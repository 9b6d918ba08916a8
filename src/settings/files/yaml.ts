/**
 * The YAML that Spring's files are written in. What is not known here (a key behind `?`, a pair in a
 * list `[a: b]`) is refused with its line; it never counts as something else.
 *
 * A library would do more and cost more: `yaml` 2.9.1 makes the bundle of 177 kB 98 kB larger and each
 * start 4 ms CPU longer, file or no file, `js-yaml` 4.1.0 40 kB and 3 ms, of 29 ms (Deno 2.9.6). This
 * takes 5 kB, and with all that finds the files less than 1 ms.
 */

import { blockText, folded, plainValue, unquoted } from "./yaml_text.ts";

/** A text, a list or a map; all texts as Java would print them. */
export type Yaml = string | readonly Yaml[] | ReadonlyMap<string, Yaml>;

/** A document, and how far it is read. */
interface Source {
  /** Ends with a line break. */
  readonly text: string;
  readonly firstLine: number;
  readonly anchors: Map<string, Yaml>;
  at: number;
  /** How many entries `<<` has brought so far. */
  merged: number;
}

/** An alias may stand for a map of aliases of such maps. */
export const MOST_NODES = 50_000;

const DASH = /-(?=\s)/y;
const REST = /[ \t]*(?:#[^\n]*)?\n/y;
const QUOTED = /"(?:[^"\\]|\\[^])*"|'(?:[^']|'')*'/y;
const PLAIN = /(?:[^\n:#]|:(?!\s)|(?<!\s)#)+/y;
const PLAIN_IN_FLOW = /(?:[^:#,[\]{}]|:(?![\s,[\]{}])|(?<!\s)#)+/y;
const NO_PLAIN = /[,[\]{}#&*!|>'"%@`]|[-?:][\s,[\]{}]/y;
const KEY =
  /(?:("(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\n]|'')*')[ \t]*|((?![,[\]{}#&*!|>'"%@`]|[-?:]\s)(?:[^\n:#]|:(?!\s)|(?<!\s)#)+)):(?=\s)/y;

/**
 * The documents of a file.
 *
 * @throws {Error} it is no YAML, or none of the kind that is known here; the message tells the line
 * and nothing of what stands there
 */
export function readYaml(text: string): Yaml[] {
  const documents: Source[] = [];
  let lines: string[] = [];
  let firstLine = 1;
  let isEmpty = true;
  const end = (next: number) => {
    const about = { firstLine, anchors: new Map(), at: 0, merged: 0 };
    documents.push({ ...about, text: `${lines.join("\n")}\n` });
    lines = [];
    isEmpty = true;
    firstLine = next;
  };
  const all = text.replace(/^\ufeff/, "").replace(/(?:\r\n|\r|\n)$/, "").split(/\r\n|\r|\n/);
  for (const [i, line] of all.entries()) {
    const [mark, rest = ""] = /^(?:---|\.\.\.)(?=\s|$)(.*)/.exec(line) ?? [];
    if (mark !== undefined) end(i + 1);
    const isDirective: boolean = line.startsWith("%") && isEmpty;
    const kept: string = mark !== undefined ? rest.trim() : isDirective ? "" : line;
    isEmpty &&= kept === "";
    lines.push(kept);
  }
  end(0);
  return documents.map(documentOf);
}

function documentOf(source: Source): Yaml {
  const column = skip(source);
  if (column < 0) return "";
  const value = block(source, column, -1);
  if (skip(source) >= 0) fail(source);
  return value;
}

function fail({ text, at, firstLine }: Source): never {
  const line = firstLine + text.slice(0, at).split("\n").length - 1;
  throw new Error(`line ${line} is not understood`);
}

/** What matches here; the reader then stands behind it. */
function take(source: Source, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = source.at;
  const found = pattern.exec(source.text) ?? undefined;
  if (found) source.at = pattern.lastIndex;
  return found;
}

function isNext({ text, at }: Source, pattern: RegExp): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

function columnOf({ text, at }: Source): number {
  return at === 0 ? 0 : at - 1 - text.lastIndexOf("\n", at - 1);
}

/** Goes to what comes next. @returns its column; -1 at the end */
function skip(source: Source): number {
  while (take(source, REST));
  take(source, / */y);
  if (isNext(source, /\t/y)) fail(source);
  return source.at < source.text.length ? columnOf(source) : -1;
}

/** What begins a line, or stands behind a dash. @param parent the column of what it is in */
function block(source: Source, column: number, parent: number): Yaml {
  if (isNext(source, DASH)) return list(source, column);
  return isNext(source, KEY) ? map(source, column) : valueOf(source, parent, false);
}

function list(source: Source, column: number): Yaml {
  const items: Yaml[] = [];
  do {
    take(source, DASH);
    take(source, / */y);
    const isBlock = isNext(source, DASH) || isNext(source, KEY);
    items.push(
      isBlock ? block(source, columnOf(source), column) : valueOf(source, column, false),
    );
  } while (goesOn(source, column, DASH));
  return items;
}

function map(source: Source, column: number): Yaml {
  const entries: [string, Yaml][] = [];
  do {
    const [, quoted, plain = ""] = take(source, KEY) ?? fail(source);
    const key = quoted === undefined ? plain.trim() : unquoted(quoted);
    entries.push([key, valueOf(source, column, true)]);
  } while (goesOn(source, column, KEY));
  return withMerged(source, entries);
}

function goesOn(source: Source, column: number, pattern: RegExp): boolean {
  const next = skip(source);
  if (next > column) fail(source);
  return next === column && isNext(source, pattern);
}

/** `<<` stands for what its maps have and this one has not. */
function withMerged(source: Source, entries: readonly [string, Yaml][]): Yaml {
  const merged = entries.flatMap(([key, value]) => key === "<<" ? [value].flat() : []);
  // A map that is merged a thousand times takes memory before anybody counts what came of it.
  for (const one of merged) source.merged += one instanceof Map ? one.size : 0;
  if (source.merged > MOST_NODES) throw new Error(`it has more than ${MOST_NODES} entries`);
  const theirs = merged.toReversed().flatMap((one) => one instanceof Map ? [...one] : []);
  return new Map([...theirs, ...entries.filter(([key]) => key !== "<<")]);
}

/** The value behind a key or a dash. */
function valueOf(source: Source, parent: number, isInMap: boolean): Yaml {
  const anchor = anchorOf(source);
  let value: Yaml = "";
  if (isNext(source, REST)) {
    const column = skip(source);
    // A list of a map may begin in the map's own column.
    if (column > parent || isInMap && column === parent && isNext(source, DASH)) {
      value = block(source, column, parent);
    }
  } else value = inLine(source, parent);
  if (anchor !== undefined) source.anchors.set(anchor, value);
  return value;
}

/** Goes over blanks, an anchor and a tag. */
function anchorOf(source: Source): string | undefined {
  take(source, /[ \t]*(?:![^\s,[\]{}]*[ \t]*)?/y);
  const [, anchor] = take(source, /&([^\s,[\]{}]+)[ \t]*/y) ?? [];
  take(source, /(?:![^\s,[\]{}]*[ \t]*)?/y);
  return anchor;
}

function inLine(source: Source, parent: number): Yaml {
  const header = take(source, /([|>][-+1-9]{0,2})[ \t]*(?:#[^\n]*)?\n/y)?.[1];
  if (header !== undefined) return blockText(header, blockLines(source, header, parent));
  const value = isNext(source, /["'[{*]/y) ? flow(source) : plain(source, parent);
  if (!isNext(source, REST)) fail(source);
  return value;
}

function blockLines(source: Source, header: string, parent: number): string[] {
  const [digit] = /\d/.exec(header) ?? [];
  let width = digit === undefined ? undefined : Math.max(parent, 0) + Number(digit);
  const lines: string[] = [];
  for (const { text } = source; source.at < text.length;) {
    const end = text.indexOf("\n", source.at);
    const line = text.slice(source.at, end);
    const indent = line.search(/[^ ]/);
    if (indent >= 0) {
      width ??= Math.max(indent, parent + 1);
      if (indent < width) break;
    }
    lines.push(line.slice(width ?? line.length));
    source.at = end + 1;
  }
  return lines;
}

/** A text without quotes, with the lines that go on with it. */
function plain(source: Source, parent: number): string {
  if (isNext(source, NO_PLAIN)) fail(source);
  const lines = [take(source, PLAIN)?.[0] ?? fail(source)];
  while (isNext(source, /\n/y)) {
    const before = source.at;
    const breaks: string[] = [];
    while (take(source, /[ \t]*\n/y)) breaks.push("");
    take(source, / */y);
    const isMore = columnOf(source) > parent && isNext(source, /[^#]/y);
    if (!isMore) {
      source.at = before;
      break;
    }
    lines.push(...breaks.slice(1), take(source, PLAIN)?.[0] ?? fail(source));
  }
  return plainValue(folded(lines).trim());
}

/** Quoted texts, aliases, and lists and maps in brackets, with all that stands in them. */
function flow(source: Source): Yaml {
  const anchor = anchorOf(source);
  const value = flowValue(source);
  if (anchor !== undefined) source.anchors.set(anchor, value);
  return value;
}

function flowValue(source: Source): Yaml {
  const [quoted] = take(source, QUOTED) ?? [];
  if (quoted !== undefined) return unquoted(quoted);
  const [, alias] = take(source, /\*([^\s,[\]{}]+)/y) ?? [];
  if (alias !== undefined) return source.anchors.get(alias) ?? fail(source);
  if (take(source, /\[/y)) return flowItems(source, /\]/y, () => flow(source));
  if (take(source, /\{/y)) {
    return withMerged(
      source,
      flowItems(source, /\}/y, () => {
        const key = flow(source);
        if (typeof key !== "string") fail(source);
        gap(source);
        const isPair = take(source, /:/y) !== undefined;
        gap(source);
        return [key, isPair && !isNext(source, /[,}]/y) ? flow(source) : ""] as [string, Yaml];
      }),
    );
  }
  if (isNext(source, NO_PLAIN)) fail(source);
  const [text] = take(source, PLAIN_IN_FLOW) ?? fail(source);
  return plainValue(folded(text.trim().split("\n")));
}

function flowItems<Item>(source: Source, end: RegExp, item: () => Item): Item[] {
  const items: Item[] = [];
  for (gap(source); !take(source, end); gap(source)) {
    items.push(item());
    gap(source);
    if (!take(source, /,/y) && !isNext(source, end)) fail(source);
  }
  return items;
}

function gap(source: Source): void {
  while (take(source, /\s+|(?<=\s)#[^\n]*/y));
}
