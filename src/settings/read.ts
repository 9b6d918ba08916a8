/** Reads the settings: flag over environment over stand-in names over default. */

import * as z from "zod/mini";
import {
  flagOf,
  isProperty,
  namesOf,
  passwordInFlag,
  type Setting,
  type SettingsTable,
  type Values,
} from "./setting.ts";
import { createSpring, type Derived, type Spring, type SpringValue } from "./spring.ts";
import { shortened } from "../plain.ts";

/** Where settings come from. */
export interface Sources {
  /** Values given as flags, by flag name with its dashes. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  /** An environment variable's text. */
  readonly env: (name: string) => string | undefined;
  /** A file's text; throws where it cannot be read. */
  readonly readFile: (path: string) => string;
  /** Whether there is such a folder. */
  readonly isFolder?: (path: string) => boolean;
}

/** One setting that is missing or wrong. */
export interface Problem {
  /** The key in the table. */
  readonly key: string;
  /** What is wrong, where the value came from, and what it should be. */
  readonly message: string;
  /** Whether the work can be done all the same, with the setting's default. */
  readonly lenient: boolean;
}

/** What reading gave. */
export interface Reading<Table extends SettingsTable> {
  /** The values; complete only when no problem is left that is not lenient. */
  readonly values: Partial<Values<Table>>;
  /** What is missing or wrong. */
  readonly problems: readonly Problem[];
  /** Where the values come from, by key; those that are defaults come from nowhere. */
  readonly origins: Readonly<Record<string, Origin>>;
  /** Values that count as not set, and why. */
  readonly notes: readonly Note[];
}

/** What is to be said of a setting, and is nobody's mistake. */
export interface Note {
  /** The key in the table. */
  readonly key: string;
  readonly message: string;
}

/** Where a value comes from. */
export interface Origin {
  /** In words: `flag --port`, `environment variable port`. */
  readonly from: string;
  /** The variable to give this text to; of a flag the one that means the same. */
  readonly env: string;
  /** What stands there; of a file its path. */
  readonly text: string;
  /** Whether it is one of Spring's properties. */
  readonly isSpring?: boolean;
  /** Why others may not see it. */
  readonly note?: string | undefined;
}

/** A value that is empty or only white space counts as not set, as `${VAR:-}` leaves it. */
function present(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== "";
}

/** A place where a setting may stand. */
interface Place {
  readonly from: string;
  /** @throws {Error} what stands there is no text */
  readonly read: () => Origin | undefined;
}

/** Where a setting may stand, in the order in which these places count. */
function placesOf(setting: Setting, { flags, env }: Sources, spring: Spring): Place[] {
  const variable = (name: string, from: string, text: () => string | undefined): Place => ({
    from,
    read: () => ({ from, env: name, text: attempt(from, text) ?? "" }),
  });
  const property = (name: string, read: () => SpringValue | undefined): Place => ({
    from: name,
    read() {
      const { text = "", env = setting.env, from, note } = attempt(name, read) ?? {};
      return from === undefined ? undefined : { from, env, text, isSpring: true, note };
    },
  });
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

/** What counts of what stands at a place: of a file its content. */
interface Content {
  readonly content: string;
  readonly origin: Origin;
}

/** @throws {Error} it is in a file that cannot be read */
function contentOf(setting: Setting, origin: Origin, sources: Sources): Content {
  if (setting.secret) return { content: origin.text, origin };
  const path = origin.text.trim();
  const trimmed = { ...origin, text: path };
  if (!setting.file) return { content: path, origin: trimmed };
  const unnamed = path.includes("://") ? "the file (a path is expected, no URL)" : "the file";
  const file = isPath(path, setting, sources) ? shortened(path) : unnamed;
  const content = attempt(`${file} of ${origin.from}`, () => sources.readFile(path));
  return { content, origin: trimmed };
}

/**
 * Whether a value may be shown as the path that it should be. Whoever puts the secret itself there,
 * or a URL with a password, does not get it printed: of a secret's file the first folder must exist.
 */
function isPath(value: string, { env }: Setting, { isFolder }: Sources): boolean {
  if (/:\/\/|@|\p{Cc}/u.test(value)) return false;
  if (!/PASSWORD|HEADERS|KEY/.test(env)) return true;
  const [folder] = /^\/[^/]+(?=\/)/.exec(value) ?? [];
  return folder !== undefined && isFolder?.(folder) === true;
}

/** Deno's own messages repeat values and paths; where a secret may stand, that is too much. */
function attempt<Value>(what: string, read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    const why = error instanceof Error ? error.message.split(/: (?:readfile|stat|")/)[0] : error;
    throw new Error(`Cannot read ${what}: ${why}`);
  }
}

/**
 * Of a list of servers those that can be asked; none where a part of a password may be taken for one.
 */
function usable({ addresses, lenient, schema }: Setting, list: string): string {
  if (!addresses || lenient || list.includes("@")) return "";
  const isGood = (part: string) => part !== "" && z.safeParse(schema, part).success;
  return list.split(/[,;\s]+/).filter(isGood).join(",");
}

function howToSet(setting: Setting): string {
  const names = namesOf(setting);
  const variables = names.filter((name) => !isProperty(name)).join(", ");
  const some = variables.includes(",")
    ? "one of the environment variables"
    : "the environment variable";
  const properties = names.filter(isProperty).join(", ");
  const spring = properties && ` (or Spring's ${properties})`;
  return `set ${some} ${variables}${spring} or the flag ${flagOf(setting)}`;
}

/** What was found of one setting. */
interface Found {
  readonly value?: unknown;
  /** Undefined where the value is the default, or there is none. */
  readonly origin?: Origin;
  /** What is wrong at the places before. */
  readonly wrong: readonly string[];
  /** What stands at the places before and means nothing. */
  readonly notes: readonly string[];
}

/**
 * Reads one setting. Behind a wrong value the next place counts: a wrong `port` is no reason not to
 * take `SERVER_PORT`.
 */
function readOne(setting: Setting, sources: Sources, spring: Spring, required: boolean): Found {
  const { env, schema, fallback } = setting;
  const wrong: string[] = [];
  const notes: string[] = [];
  const blanks: Origin[] = [];
  for (const place of placesOf(setting, sources, spring)) {
    let found: Content | undefined;
    try {
      const origin = place.read();
      if (origin && !present(origin.text) && origin.note) notes.push(origin.note);
      if (origin === undefined || !present(origin.text)) continue;
      if (setting.blank?.test(origin.text.trim())) {
        blanks.push(origin);
        continue;
      }
      found = contentOf(setting, origin, sources);
    } catch (error) {
      wrong.push((error as Error).message);
      continue;
    }
    const { wrong: more, ...result } = valueOf(setting, found);
    if (more !== undefined) wrong.push(more);
    if (result.origin !== undefined) return { ...result, wrong, notes };
  }
  const any = setting.mayBeAny && blanks.find(({ text }) => text.trim() === "0");
  if (any) return { value: 0, origin: any, wrong, notes };
  if (required && wrong.length === 0) {
    const empty = blanks.map(({ from, text }) => `${from} is ${shortened(text)}`);
    const why = [...empty, ...notes].join("; ");
    wrong.push(`${env} is not set${why && ` (${why})`}: ${howToSet(setting)}`);
  }
  return fallback === undefined
    ? { wrong, notes }
    : { value: z.parse(schema, fallback), wrong, notes };
}

/** The value of what stands somewhere, or what is wrong with it; of a list both may be. */
function valueOf(
  setting: Setting,
  { content, origin }: Content,
): { readonly value?: unknown; readonly origin?: Origin; readonly wrong?: string } {
  const { env, schema } = setting;
  const { from, text } = origin;
  if (setting.addresses && from.startsWith("flag") && text.includes("@")) {
    return { wrong: passwordInFlag(setting) };
  }
  const { success, data, error } = z.safeParse(schema, content);
  if (success) return { value: data, origin };
  // A value with an @, parameters or a fragment may be a URL that carries a password.
  const isSecret = setting.secret || setting.file || /[@?#]|%40/.test(text);
  const shown = isSecret ? "" : `, not "${shortened(text)}"`;
  const wrong = `Cannot use ${env} (${from}): ${error.issues[0]?.message}${shown}`;
  const rest = usable(setting, text);
  if (rest === "") return { wrong };
  const used = { ...origin, from: `${rest} of ${from}`, text: rest };
  return { value: z.parse(schema, rest), origin: used, wrong };
}

/** Reads all settings of a table and collects what is wrong instead of stopping at the first. */
export function readSettings<Table extends SettingsTable>(
  table: Table,
  sources: Sources,
): Reading<Table> {
  const values: Record<string, unknown> = {};
  const problems: Problem[] = [];
  const origins: Record<string, Origin> = {};
  const notes: Note[] = [];
  const spring = createSpring(sources.env);
  for (const [key, setting] of Object.entries(table)) {
    const instead = setting.required === "instanceId" ? table["instanceId"] : undefined;
    const isGiven = instead && readOne(instead, sources, spring, false).origin !== undefined;
    const found = readOne(setting, sources, spring, setting.required !== undefined && !isGiven);
    const { value, origin, wrong } = found;
    notes.push(...found.notes.map((message) => ({ key, message })));
    if (value !== undefined) values[key] = value;
    if (origin) origins[key] = origin;
    const lenient = setting.lenient === true || origin !== undefined;
    for (const text of wrong) {
      const message = origin ? `${text}; ${origin.from} is used` : text;
      problems.push({ key, message, lenient });
    }
  }
  return { values: values as Partial<Values<Table>>, problems, origins, notes };
}
