/**
 * Lists of thousands of instances, in the memory of one.
 *
 * @module
 */

import type { TakeItem } from "../http/body.ts";
import type { Read } from "../shape.ts";

/** Reads the items of one answer. */
export interface LongList<Item> {
  /** Takes those that come one by one. */
  readonly takeItem: TakeItem;
  /**
   * All items.
   *
   * @param parts the array of the answer: items as they came, or the numbers of those taken
   * @returns undefined where it is no array, or one of them is something else
   */
  readonly itemsOf: Read<Item[]>;
}

/**
 * Makes a reader. Of a list that is long enough to be taken item by item, only what may be meant is
 * kept as it is: the first of its kind stands for all others, so that they can still be counted.
 *
 * @param read reads one item
 * @param mayBeMeant whether one has to be told from the others
 * @param kindOf what others have to be counted by
 */
export function createLongList<Item>(
  read: Read<Item>,
  mayBeMeant: (item: Item) => boolean,
  kindOf: (item: Item, part: unknown) => string,
): LongList<Item> {
  const taken: Item[] = [];
  const others = new Map<string, number>();
  return {
    takeItem(part) {
      const item = read(part);
      if (item === undefined) return undefined;
      if (mayBeMeant(item)) return taken.push(item) - 1;
      const kind = kindOf(item, part);
      const known = others.get(kind) ?? taken.push(item) - 1;
      others.set(kind, known);
      return known;
    },
    itemsOf(parts) {
      if (!Array.isArray(parts)) return undefined;
      const items = parts.map((part) => typeof part === "number" ? taken[part] : read(part));
      return items.every((one) => one !== undefined) ? items : undefined;
    },
  };
}
