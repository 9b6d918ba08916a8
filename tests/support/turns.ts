/** Lets a few at a time go on; the others wait for their turn. */
interface Turns {
  enter(): Promise<void>;
  leave(): void;
}

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
