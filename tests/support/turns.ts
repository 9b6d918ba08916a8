/** Lets a few at a time go on; the others wait for their turn. */
export interface Turns {
  /** Waits for a turn. */
  enter(): Promise<void>;
  /** Gives it on. */
  leave(): void;
}

/**
 * Makes turns.
 *
 * @param most how many have one at a time
 */
export function createTurns(most: number): Turns {
  let taken = 0;
  const queue: (() => void)[] = [];
  return {
    async enter() {
      if (taken >= most) await new Promise<void>((resolve) => queue.push(resolve));
      else taken++;
    },
    leave() {
      const next = queue.shift();
      if (next) next();
      else taken--;
    },
  };
}
