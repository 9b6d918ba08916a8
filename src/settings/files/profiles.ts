/** Spring's profiles: which are active, and what a document asks of them. */

/** Yes, no, or nobody here can say. */
type Maybe = boolean | undefined;

/** Whether an expression holds: `prod & !(eu | us)`. */
export function holds(expression: string, isActive: (profile: string) => Maybe): Maybe {
  const tokens = expression.match(/[()&|!]|[^()&|!\s]+/g) ?? [];
  const chain = (mark: string, next: () => Maybe) => (): Maybe => {
    const values = [next()];
    while (tokens[0] === mark) {
      tokens.shift();
      values.push(next());
    }
    const decides = mark === "|";
    if (values.includes(decides)) return decides;
    return values.includes(undefined) ? undefined : !decides;
  };
  const one = (): Maybe => {
    const token = tokens.shift();
    if (token === "!") {
      const value = one();
      return value === undefined ? undefined : !value;
    }
    if (token !== "(") return token === undefined ? false : isActive(token);
    const inside = any();
    tokens.shift();
    return inside;
  };
  const any = chain("|", chain("&", one));
  return any();
}

/**
 * The profiles that count, the later one wins: those that are included, those that are active, each
 * with its group behind it; without any the default ones.
 *
 * @param list the values of a property
 * @param isComplete whether no other profile can be active
 */
export function profilesOf(
  list: (name: string) => readonly string[],
  included: readonly string[],
  isComplete: boolean,
): readonly string[] {
  const groups = (profile: string) => list(`spring.profiles.group.${profile}`);
  const active = expanded([...included, ...list("spring.profiles.active")], groups);
  if (active.length > 0 || !isComplete) return active;
  const byDefault = list("spring.profiles.default");
  return expanded(byDefault.length > 0 ? byDefault : ["default"], groups);
}

function expanded(
  profiles: readonly string[],
  groups: (profile: string) => readonly string[],
): string[] {
  const found = new Set<string>();
  const waiting = [...profiles];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    if (found.has(next)) continue;
    found.add(next);
    waiting.unshift(...groups(next));
  }
  return [...found];
}
