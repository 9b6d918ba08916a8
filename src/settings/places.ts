/** Where a setting may stand, and what stands there. */

import { reasonOf } from "./files/disk.ts";
import { flagOf, isProperty, type Setting } from "./setting.ts";
import type { Derived, Spring, SpringValue } from "./spring.ts";
import { shortened } from "../plain.ts";
import { tried } from "../tried.ts";

/** Where settings come from. */
export interface Sources {
  /** Values given as flags, by flag name with its dashes. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  /** An environment variable's text. */
  readonly env: (name: string) => string | undefined;
  /** A file's text; throws where it cannot be read. */
  readonly readFile: (path: string) => string;
  /** The names in a folder; throws where there is none. */
  readonly list?: (path: string) => readonly string[];
}

/** Where a value comes from. */
export interface Origin extends SpringValue {
  /** The variable to give this text to; of a flag the one that means the same. */
  readonly env: string;
  /** What stands there; of a file its path. */
  readonly text: string;
  /** Whether it is one of Spring's properties. */
  readonly isSpring?: boolean;
}

/** The variable that was read, or what else of Spring's. */
export function placeInWords({ from, env, isSpring }: Origin): string {
  return isSpring && !from.endsWith(env) ? from : env;
}

/** A value that is empty or only white space counts as not set, as `${VAR:-}` leaves it. */
export function present(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== "";
}

/** Looks at one place where a setting may stand; throws where there is no text. */
type Place = () => Origin | undefined;

/** Where a setting may stand, in the order in which these places count. */
export function placesOf(setting: Setting, { flags, env }: Sources, spring: Spring): Place[] {
  const bare = (text = "") => setting.secret ? text : text.trim();
  const variable = (name: string, from: string, text: () => string | undefined): Place => () => ({
    from,
    env: name,
    text: bare(attempt(from, text)),
  });
  const property = (name: string, read: () => SpringValue | undefined): Place => () => {
    const value = attempt(name, read);
    if (value === undefined) return undefined;
    const { env = setting.env, text } = value;
    return { ...value, env, text: bare(text), isSpring: true };
  };
  return [setting.env, ...setting.standIns ?? []].flatMap((one: string | Derived) => {
    if (typeof one !== "string") return property(one.name, () => one.find(spring));
    if (isProperty(one)) return property(one, () => spring(one));
    // What stands in may be another setting, and have a flag itself.
    const flag = flagOf({ env: one });
    return [
      variable(one, `flag ${flag}`, () => flags[flag]),
      variable(one, `environment variable ${one}`, () => env(one)),
    ];
  });
}

/**
 * What counts of what stands at a place: of a file its content.
 *
 * @throws {Error} it cannot be read
 */
export function contentOf(
  setting: Setting,
  { text: path, from }: Origin,
  sources: Sources,
): string {
  if (!setting.file) return path;
  const unnamed = path.includes("://") ? "the file (a path is expected, no URL)" : "the file";
  const file = isPath(path, setting, sources) ? shortened(path) : unnamed;
  return attempt(`${file} of ${from}`, () => sources.readFile(path));
}

/**
 * Whether a value may be shown as the path that it should be. Whoever puts the secret itself there,
 * or a URL with a password, does not get it printed: of a secret's file the first folder must exist.
 */
function isPath(value: string, { env }: Setting, { list }: Sources): boolean {
  if (/:\/\/|@|\p{Cc}/u.test(value)) return false;
  if (!/PASSWORD|HEADERS|KEY/.test(env)) return true;
  const [folder] = /^\/[^/]+(?=\/)/.exec(value) ?? [];
  return folder !== undefined && tried(() => list?.(folder)) !== undefined;
}

function attempt<Value>(what: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw new Error(`Cannot read ${what}: ${reasonOf(error)}`);
  }
}
