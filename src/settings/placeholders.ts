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
  const end = start < 0 ? -1 : closing(text, start + 2);
  if (end < 0) return text;
  const inner = fill(text.slice(start + 2, end), lookup, depth + 1);
  if (typeof inner !== "string") return inner;
  const value = valueOf(inner, lookup, depth);
  if (typeof value !== "string") return value;
  const rest = fill(text.slice(end + 1), lookup, depth);
  return typeof rest === "string" ? text.slice(0, start) + value + rest : rest;
}

function valueOf(inner: string, lookup: Lookup, depth: number): string | Unknown {
  const [name = "", ...rest] = inner.split(":");
  const found = depth < MAX_DEPTH ? lookup(name.trim()) : undefined;
  if (typeof found === "string") return fill(found, lookup, depth + 1);
  if (found !== undefined) return found;
  if (rest.length > 0) return rest.join(":");
  return { unknown: `\${${name}} is not in the environment` };
}

/** Where the brace closes that has opened before `from`; -1 where it does not. */
function closing(text: string, from: number): number {
  for (let i = from, open = 1; i < text.length; i++) {
    if (text.startsWith("${", i)) open++;
    if (text[i] === "}" && --open === 0) return i;
  }
  return -1;
}
