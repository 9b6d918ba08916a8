/** Spring's placeholders: `${NAME}`, `${NAME:default}`, one in another. */

/** What is known of a name: its text, or why nothing is. */
export type Lookup = (name: string) => string | undefined | Unknown;

/** A name of which nobody here can say whether it is set. */
export interface Unknown {
  readonly unknown: string;
}

/** How deep placeholders lead to others; Spring stops at a circle only. */
const MAX_DEPTH = 10;

/**
 * Fills placeholders as Spring does.
 *
 * @returns the text; or why it has none: a name without a value and without a default, or one that
 * may have a value which cannot be seen here, so that its default may be wrong
 */
export function fill(text: string, lookup: Lookup, depth = 0): string | Unknown {
  const start = text.indexOf("${");
  const end = start < 0 ? -1 : endOf(text, start + 2, "}");
  if (end < 0) return text;
  const value = valueOf(text.slice(start + 2, end), lookup, depth);
  if (typeof value !== "string") return value;
  const rest = fill(text.slice(end + 1), lookup, depth);
  return typeof rest === "string" ? text.slice(0, start) + value + rest : rest;
}

/** The value of what stands between the braces. */
function valueOf(inner: string, lookup: Lookup, depth: number): string | Unknown {
  const colon = endOf(inner, 0, ":");
  const written = colon < 0 ? inner : inner.slice(0, colon);
  const name = fill(written, lookup, depth + 1);
  if (typeof name !== "string") return name;
  const found = depth < MAX_DEPTH ? lookup(name.trim()) : undefined;
  if (typeof found === "string") return fill(found, lookup, depth + 1);
  if (found === undefined && colon >= 0) return fill(inner.slice(colon + 1), lookup, depth + 1);
  // A name that was made of values may be a secret.
  if (name !== written) return { unknown: "a placeholder's name that is made of others" };
  return found ?? { unknown: `\${${name}} is not in the environment` };
}

/** Where a mark stands next, outside of placeholders; -1 where it does not. */
function endOf(text: string, from: number, mark: string): number {
  for (let i = from, open = 0; i < text.length; i++) {
    if (open === 0 && text[i] === mark) return i;
    if (text.startsWith("${", i)) open++;
    else if (text[i] === "}") open--;
  }
  return -1;
}
