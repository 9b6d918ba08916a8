import type { TakeItem } from "../http/body.ts";
import type { Read } from "../shape.ts";

/** Reads a list that may have thousands of items, in the memory of a few. */
export interface LongList<Item> {
  /** Takes the items one by one. */
  readonly takeItem: TakeItem;
  /**
   * Gives all items of the answer's array; undefined where it is none, or one of them is something
   * else. In the place of each item that was taken stands its number.
   */
  readonly itemsOf: Read<Item[]>;
}

/** An item as it came. */
export type Part = Readonly<Record<string, unknown>>;

/**
 * Makes a reader. Of a list that is long enough to be taken item by item, only what may be meant is
 * kept as it is: the first of its kind stands for all others, so that they can still be counted.
 *
 * @param mayBeMeant whether an item has to be told from the others
 * @param kindOf what the others are counted by
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
