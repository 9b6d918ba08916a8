/** How much of a word may be wrong: two letters of `stauts`. */
const MAX_WRONG = 0.4;

/**
 * The name that is most like a word: another spelling, an abbreviation, or some letters wrong.
 * Of two that are equally like it, it is the first; undefined where none is.
 */
export function closest<Name extends string>(
  word: string,
  names: Iterable<Name>,
): Name | undefined {
  const written = bare(word);
  let best: Name | undefined;
  let least = Math.ceil(written.length * MAX_WRONG) + 0.01;
  for (const name of names) {
    const meant = bare(name);
    const isShort = written.length > 1 && meant.includes(written);
    const cost = isShort ? (meant.length - written.length) / 100 : distance(written, meant);
    if (cost < least) [best, least] = [name, cost];
  }
  return best;
}

/** `--service-name`, `serviceName` and `SERVICE_NAME` are one name. */
function bare(name: string): string {
  return name.slice(0, 60).toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

/** How many letters have to be put in, left out or replaced to make one word the other. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...one].entries()) {
    let corner = i;
    let left = i + 1;
    const next = [left];
    for (const [j, wanted] of [...other].entries()) {
      const above = row[j + 1] ?? 0;
      left = Math.min(corner + (letter === wanted ? 0 : 1), above + 1, left + 1);
      corner = above;
      next.push(left);
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
