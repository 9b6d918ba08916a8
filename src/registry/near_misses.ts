/** A place where something like the wanted instance stands. */
export interface NearMiss {
  /** The lower, the likelier this is what was meant. */
  readonly rank: number;
  readonly text: string;
}

const MAX_LINES = 5;

/** The likeliest of them, in words. */
export function likeliest(misses: readonly NearMiss[]): string[] {
  return misses.toSorted((a, b) => a.rank - b.rank).slice(0, MAX_LINES).map(({ text }) => text);
}

/** Whether a name may be meant by another: the same but for case, or one is part of the other. */
export function isLike(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  return a.includes(b) || b.includes(a);
}

/** What would have to be set, as settings are written; undefined is what is right already. */
export function asSettings(
  different: Readonly<Record<string, string | number | undefined>>,
): string {
  return Object.entries(different).filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${value}`).join(" ");
}

/** Says that what was named is there, but not at the address. */
export function noneAt(ip: string, where: string, count: number, example?: string): string {
  const like = example === undefined ? "" : `, for example ${example}`;
  return `${where} has ${count} instance(s), none of them at ${ip}${like}`;
}
