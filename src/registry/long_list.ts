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

/** An item as it came, before anything is known about it. */
export type Part = Readonly<Record<string, unknown>>;

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
  mayBeMeant: (part: Part) => boolean,
  kindOf: (part: Part) => string,
): LongList<Item> {
  const taken: Item[] = [];
  const others = new Map<string, number>();
  return {
    takeItem(part) {
      const fields: Part = Object(part);
      // Only looked at: to read each of 20,000 costs more than all the rest.
      const kind = mayBeMeant(fields) ? undefined : kindOf(fields);
      const known = kind === undefined ? undefined : others.get(kind);
      if (known !== undefined) return known;
      const item = read(part);
      if (item === undefined) return undefined;
      const index = taken.push(item) - 1;
      if (kind !== undefined) others.set(kind, index);
      return index;
    },
    itemsOf(parts) {
      if (!Array.isArray(parts)) return undefined;
      const items = parts.map((part) => typeof part === "number" ? taken[part] : read(part));
      return items.every((one) => one !== undefined) ? items : undefined;
    },
  };
}
