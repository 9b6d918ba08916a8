import type { Source } from "./message.ts";
import { tried } from "../tried.ts";

/**
 * Gets one object of an array, parsed.
 *
 * @returns the number that replaces it in the text; undefined leaves it there
 */
export type TakeItem = (item: unknown) => number | undefined;

/** What was read. */
export interface Body {
  /** Of a long list with the numbers of {@linkcode TakeItem} instead of the items. */
  readonly text: string;
  /** Whether it is too long: then the text is its beginning. */
  readonly isCut: boolean;
}

/** A longer list is read item by item, and none of its items may be longer. */
const LONG_LIST_BYTES = 256 * 1024;

/** Most answers fit in here; the buffer grows with what comes, up to what is allowed. */
const FIRST_BYTES = 4 * 1024;

/** Of what was cut only its beginning is shown. */
const CUT_BYTES = 4 * 1024;

/** 20,000 instances of Eureka are 22 MB and more; they take a third of a second. */
const MAX_LIST_BYTES = 64 * 1024 * 1024;

/** The longest text that may be left without the items. */
const MAX_FRAME = 1024 * 1024;

/** The deepest nesting; items of registries are the fourth level. */
const MAX_DEPTH = 100;

/** The most objects in arrays that `TakeItem` does not take: then this is another kind of list. */
const MAX_OTHERS = 20;

/**
 * Reads a body within bounds: the hook's memory is that of the app's container. Of a list in JSON,
 * however long, never more than a part is held: parsed as a whole, 10,000 instances of Eureka cost
 * 100 MiB, item by item 10 (Deno 2.9.6).
 *
 * @param max bytes, where it is no list
 * @param take of a list
 */
export async function readBody(
  body: Source,
  max: number,
  take?: TakeItem,
): Promise<Body> {
  const most = (take ? LONG_LIST_BYTES : max) + 1;
  let buffer = new Uint8Array(Math.min(FIRST_BYTES, most));
  const list = take && createListReader(take);
  let filled = 0;
  let total = 0;
  while (true) {
    const count = await body.read(buffer.subarray(filled));
    if (count === null) break;
    filled += count;
    total += count;
    if (filled < buffer.length) continue;
    if (filled < most) {
      // Moved, not copied: what a copy leaves behind stays until V8 collects it, 40 MiB when answers
      // of 2 MiB come again and again (Deno 2.9.6).
      buffer = new Uint8Array(buffer.buffer.transfer(Math.min(4 * filled, most)));
      continue;
    }
    if (list) filled = list.read(buffer);
    if (filled === buffer.length || total > MAX_LIST_BYTES) {
      return end(new TextDecoder().decode(buffer.subarray(0, CUT_BYTES)), true);
    }
  }
  const rest = buffer.subarray(0, filled);
  return end(list ? list.end(rest) : new TextDecoder().decode(rest), false);

  function end(text: string, isCut: boolean): Body {
    // Given back at once.
    buffer.buffer.transfer(0);
    return { text, isCut };
  }
}

/** An object or array that has not ended yet. */
interface Open {
  readonly isArray: boolean;
  /** Whether it is an object in an array. */
  readonly isItem: boolean;
  /** Where it begins in the buffer. */
  start: number;
  /** Whether items in it were taken: then it is no item itself. */
  hasItems: boolean;
}

/** Takes the items out of a text that comes in pieces, as bytes: text would be copied each time. */
function createListReader(take: TakeItem) {
  const decoder = new TextDecoder();
  const ofItems = new TextDecoder();
  let frame = "";
  const open: Open[] = [];
  /** Where in the buffer to go on. */
  let seen = 0;
  let isInString = false;
  let others = 0;

  return {
    /**
     * Takes the items out of a full buffer and moves an unfinished one to its beginning.
     *
     * @returns how long that is; the whole buffer where this is no list, or an item is too long
     */
    read(buffer: Uint8Array): number {
      let done = 0;
      let i = seen;
      for (; i < buffer.length; i++) {
        const byte = buffer[i];
        if (isInString) {
          // The escaped byte may be the first one of the next buffer.
          if (byte === 0x5c) i++;
          else if (byte === 0x22) isInString = false;
        } else if (byte === 0x22) isInString = true;
        else if (byte === 0x5b || byte === 0x7b) {
          const isArray = byte === 0x5b;
          const isItem = !isArray && open.at(-1)?.isArray === true;
          if (open.push({ isArray, isItem, start: i, hasItems: false }) > MAX_DEPTH) {
            return buffer.length;
          }
        } else if (byte === 0x5d || byte === 0x7d) {
          const closed = open.pop();
          if (!closed?.isItem || closed.hasItems) continue;
          const index = take(parse(ofItems.decode(buffer.subarray(closed.start, i + 1))));
          if (index === undefined) {
            if (++others > MAX_OTHERS) return buffer.length;
            continue;
          }
          frame += decoder.decode(buffer.subarray(done, closed.start), { stream: true }) + index;
          done = i + 1;
          for (const outer of open) outer.hasItems = true;
        }
      }
      const pending = open.find(({ isItem, hasItems }) => isItem && !hasItems);
      const kept = pending?.start ?? buffer.length;
      frame += decoder.decode(buffer.subarray(done, kept), { stream: true });
      for (const outer of open) outer.start -= kept;
      buffer.copyWithin(0, kept);
      seen = i - kept;
      return frame.length > MAX_FRAME ? buffer.length : buffer.length - kept;
    },
    /** The text with the last bytes; a short list keeps its items. */
    end(rest: Uint8Array): string {
      const left = frame === "" ? rest.length : this.read(rest);
      return frame + decoder.decode(rest.subarray(0, left));
    },
  };
}

/** Text as JSON; undefined where it is none, or deeper than anything a server says. */
export function json(text: string): unknown {
  return isDeep(text) ? undefined : parse(text);
}

function parse(text: string): unknown {
  return tried(() => JSON.parse(text));
}

/** V8 kept 80 MiB for answers of 30,000 brackets in each other, 64 KiB each, every 5 s (Deno 2.9.6). */
function isDeep(text: string): boolean {
  let depth = 0;
  for (let i = 0; i < text.length && depth <= MAX_DEPTH; i++) {
    const code = text.charCodeAt(i);
    // Of both pairs of brackets.
    const bracket = code | 0x20;
    if (code === 0x22) i = endOfString(text, i);
    else if (bracket === 0x7b) depth++;
    else if (bracket === 0x7d) depth--;
  }
  return depth > MAX_DEPTH;
}

/** Where the string ends that begins at a quote. Sought, not walked: most of an answer is strings. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let escapes = 0;
    while (text[end - 1 - escapes] === "\\") escapes++;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
