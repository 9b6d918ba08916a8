/** Reads the settings: flag over environment over stand-in names over default. */

import * as z from "zod/mini";
import {
  flagOf,
  namesOf,
  passwordInFlag,
  type Setting,
  type SettingsTable,
  type Values,
} from "./setting.ts";
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
}

/** Where a value comes from. */
export interface Origin {
  /** In words: `flag --port`, `environment variable port`. */
  readonly from: string;
  /** The variable; of a flag the one that means the same. */
  readonly env: string;
  /** What stands there; of a file its path. */
  readonly text: string;
}

/** A value that is empty or only white space counts as not set, as `${VAR:-}` leaves it. */
function present(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== "";
}

/** A place where a setting may stand. */
interface Place {
  readonly env: string;
  readonly from: string;
  readonly text: () => string | undefined;
}

/** Where a setting may stand, in the order in which these places count. */
function placesOf(setting: Setting, sources: Sources): Place[] {
  return namesOf(setting).flatMap((env) => {
    // What stands in may be another setting, and have a flag itself.
    const flag = flagOf({ env });
    return [
      { env, from: `flag ${flag}`, text: () => sources.flags[flag] },
      { env, from: `environment variable ${env}`, text: () => sources.env(env) },
    ];
  });
}

/**
 * What stands at a place; of a file both its path and its content.
 *
 * @throws {Error} it is not text, or is in a file that cannot be read
 */
function find(
  setting: Setting,
  { env, from, text: read }: Place,
  sources: Sources,
): { content: string; origin: Origin } | undefined {
  const text = attempt(from, read);
  if (!present(text)) return undefined;
  if (setting.secret) return { content: text, origin: { from, env, text } };
  const path = text.trim();
  const origin = { from, env, text: path };
  if (!setting.file) return { content: path, origin };
  const unnamed = path.includes("://") ? "the file (a path is expected, no URL)" : "the file";
  const file = isPath(path, setting, sources) ? shortened(path) : unnamed;
  return { content: attempt(`${file} of ${from}`, () => sources.readFile(path)), origin };
}

/**
 * Whether a value may be shown as the path that it should be. Whoever puts the secret itself there,
 * or a URL with a password, does not get it printed: of a secret's file the first folder must exist.
 */
function isPath(value: string, { env }: Setting, { isFolder }: Sources): boolean {
  if (/:\/\/|@|\p{Cc}/u.test(value)) return false;
  if (!/PASSWORD|HEADERS/.test(env)) return true;
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
  const [first = "", ...others] = namesOf(setting);
  const variables = others.length > 0
    ? `one of the environment variables ${[first, ...others].join(", ")}`
    : `the environment variable ${first}`;
  return `set ${variables} or the flag ${flagOf(setting)}`;
}

/** What was found of one setting. */
interface Found {
  readonly value?: unknown;
  /** Undefined where the value is the default, or there is none. */
  readonly origin?: Origin;
  /** What is wrong at the places before. */
  readonly wrong: string[];
}

/**
 * Reads one setting. Behind a wrong value the next place counts: `port=tcp://10.0.0.1:80`, a service
 * link of Kubernetes, is no reason not to take `SERVER_PORT`.
 */
function readOne(setting: Setting, sources: Sources): Found {
  const { env, schema, fallback, required } = setting;
  const wrong: string[] = [];
  for (const place of placesOf(setting, sources)) {
    let found: ReturnType<typeof find>;
    try {
      found = find(setting, place, sources);
    } catch (error) {
      wrong.push((error as Error).message);
      continue;
    }
    if (found === undefined) continue;
    const { content, origin } = found;
    if (setting.addresses && place.from.startsWith("flag") && origin.text.includes("@")) {
      wrong.push(passwordInFlag(setting));
      continue;
    }
    const { success, data, error } = z.safeParse(schema, content);
    if (success) return { value: data, origin, wrong };
    // A value with an @, parameters or a fragment may be a URL that carries a password.
    const isSecret = setting.secret || setting.file || /[@?#]|%40/.test(origin.text);
    const shown = isSecret ? "" : `, not "${shortened(origin.text)}"`;
    wrong.push(`Cannot use ${env} (${place.from}): ${error.issues[0]?.message}${shown}`);
    const rest = usable(setting, origin.text);
    if (rest === "") continue;
    const { from } = place;
    return {
      value: z.parse(schema, rest),
      origin: { ...origin, from: `${rest} of ${from}`, text: rest },
      wrong,
    };
  }
  if (required && wrong.length === 0) wrong.push(`${env} is not set: ${howToSet(setting)}`);
  return fallback === undefined ? { wrong } : { value: z.parse(schema, fallback), wrong };
}

/** Reads all settings of a table and collects what is wrong instead of stopping at the first. */
export function readSettings<Table extends SettingsTable>(
  table: Table,
  sources: Sources,
): Reading<Table> {
  const values: Record<string, unknown> = {};
  const problems: Problem[] = [];
  const origins: Record<string, Origin> = {};
  for (const [key, setting] of Object.entries(table)) {
    const { value, origin, wrong } = readOne(setting, sources);
    if (value !== undefined) values[key] = value;
    if (origin) origins[key] = origin;
    const lenient = setting.lenient === true || origin !== undefined;
    for (const text of wrong) {
      const message = origin ? `${text}; ${origin.from} is used` : text;
      problems.push({ key, message, lenient });
    }
  }
  return { values: values as Partial<Values<Table>>, problems, origins };
}
