import type { Source } from "./message.ts";

/**
 * Takes one item of a long list, an object in an array.
 *
 * @returns what stands in the text instead of it; undefined leaves it there
 */
export type TakeItem = (item: unknown) => number | undefined;

/** What was read. */
export interface Body {
  /** The text; of a long list with the answers of {@linkcode TakeItem} instead of its items. */
  readonly text: string;
  /** Whether there was more, which was not read. */
  readonly isCut: boolean;
}

/** From this size on a list is taken item by item; a larger item is none. */
const LONG_LIST_BYTES = 256 * 1024;

/** 20,000 instances of Eureka are 22 MB and more; they take a third of a second. */
const MAX_LIST_BYTES = 64 * 1024 * 1024;

/** What may be left of a list without its items. */
const MAX_FRAME = 1024 * 1024;

/** How deep it may be; items of registries are the fourth level. */
const MAX_DEPTH = 100;

/** How many items may be something else than what is listed. */
const MAX_OTHERS = 20;

/**
 * Reads a body within bounds: what the hook takes is memory of the app's container. Of a list in JSON, however long, never more than a part is held: parsed as a whole,
 * 10,000 instances of Eureka cost 100 MiB, item by item 10 (Deno 2.9.6).
 *
 * @param max bytes that are read of what is no list
 * @param take makes it a list
 */
export async function readBody(
  body: Source,
  max: number,
  take?: TakeItem,
): Promise<Body> {
  const buffer = new Uint8Array((take ? LONG_LIST_BYTES : max) + 1);
  const list = take && createListReader(take);
  let filled = 0;
  let total = 0;
  while (true) {
    const count = await body.read(buffer.subarray(filled));
    if (count === null) break;
    filled += count;
    total += count;
    if (filled < buffer.length) continue;
    if (list) filled = list.read(buffer);
    if (filled === buffer.length || total > MAX_LIST_BYTES) {
      return { text: new TextDecoder().decode(buffer.subarray(0, max)), isCut: true };
    }
  }
  const rest = buffer.subarray(0, filled);
  return { text: list ? list.end(rest) : new TextDecoder().decode(rest), isCut: false };
}

/** An object or array whose end has not come yet. */
interface Open {
  readonly isArray: boolean;
  /** Whether it is an object in an array. */
  readonly isItem: boolean;
  /** Where it begins in the buffer. */
  start: number;
  /** Whether items in it were taken: then it is none itself. */
  hasItems: boolean;
}

/** Takes the items out of a text that comes in pieces. Bytes, since text would be copied again and again. */
function createListReader(take: TakeItem) {
  const decoder = new TextDecoder();
  const ofItems = new TextDecoder();
  let frame = "";
  const open: Open[] = [];
  /** How much of the buffer was looked at. */
  let seen = 0;
  let isInString = false;
  let others = 0;

  return {
    /**
     * Looks at a full buffer and moves what is not done with to its beginning.
     *
     * @returns how much that is; all of it where it is no list, or one with too long items
     */
    read(buffer: Uint8Array): number {
      let done = 0;
      let i = seen;
      for (; i < buffer.length; i++) {
        const byte = buffer[i];
        if (isInString) {
          // What it escapes may be the first byte of the next buffer.
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
          const index = take(json(ofItems.decode(buffer.subarray(closed.start, i + 1))));
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
    /** The text, with the rest of it; a list that is short stays as it is. */
    end(rest: Uint8Array): string {
      const left = frame === "" ? rest.length : this.read(rest);
      return frame + decoder.decode(rest.subarray(0, left));
    },
  };
}

/** Text as JSON; undefined where it is none. */
export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
