/**
 * Reads the settings: flag over environment over stand-in names over default.
 *
 * @module
 */

import { check, type Setting, type SettingsTable, type Values } from "./setting.ts";

/** Where settings come from. */
export interface Sources {
  /** Values given as flags, by flag name with its dashes. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  /** An environment variable's text. */
  readonly env: (name: string) => string | undefined;
  /** A file's text; throws where it cannot be read. */
  readonly readFile: (path: string) => string;
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
}

/**
 * The flag of a setting. That of a secret is refused, with a word on what to do instead.
 *
 * @param setting one row of the table
 * @returns `--service-name` for `serviceName`, `--drain-seconds` for `DRAIN_SECONDS`
 */
export function flagOf({ env }: Pick<Setting, "env">): string {
  const kebab = /^[A-Z0-9_]+$/.test(env)
    ? env.replaceAll("_", "-")
    : env.replaceAll(/[A-Z]/g, (letter) => `-${letter}`);
  return `--${kebab.toLowerCase()}`;
}

/**
 * Every environment variable the program reads.
 *
 * @param table all settings
 */
export function environmentNames(table: SettingsTable): string[] {
  return Object.values(table).flatMap((setting) => [setting.env, ...(setting.standIns ?? [])]);
}

/** A value that is empty or only white space counts as not set, as `${VAR:-}` leaves it. */
function present(value: string | undefined): value is string {
  return value !== undefined && value.trim() !== "";
}

/**
 * The text of a setting and the words for where it came from.
 *
 * @throws {Error} where it is not text, or is in a file that cannot be read
 */
function find(setting: Setting, sources: Sources): { text: string; from: string } | undefined {
  let text: string | undefined;
  let from = "";
  for (const env of [setting.env, ...(setting.standIns ?? [])]) {
    // What stands in may be another setting, and have a flag itself.
    const flag = flagOf({ env });
    text = sources.flags[flag];
    from = `flag ${flag}`;
    if (present(text)) break;
    from = `environment variable ${env}`;
    text = attempt(from, () => sources.env(env));
    if (present(text)) break;
  }
  if (!present(text)) return undefined;
  if (setting.secret) return { text, from };
  const path = text.trim();
  if (!setting.file) return { text: path, from };
  // Whoever puts the secret itself where its path belongs does not get it printed.
  const file = setting.env.includes("PASSWORD") ? "the file" : path;
  return { text: attempt(`${file} of ${from}`, () => sources.readFile(path)), from };
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

/** How to set a setting, in words. */
function howToSet(setting: Setting): string {
  const names = [setting.env, ...(setting.standIns ?? [])].join(", ");
  return `set the environment variable ${names} or the flag ${flagOf(setting)}`;
}

/**
 * Reads all settings of a table and collects what is wrong instead of stopping at the first.
 *
 * @param table the settings
 * @param sources flags, environment and files
 */
export function readSettings<Table extends SettingsTable>(
  table: Table,
  sources: Sources,
): Reading<Table> {
  const values: Record<string, unknown> = {};
  const problems: Problem[] = [];
  for (const [key, setting] of Object.entries(table)) {
    const report = (message: string) =>
      problems.push({ key, message, lenient: setting.lenient === true });
    if (setting.fallback !== undefined) {
      values[key] = check(setting.schema, setting.fallback).value;
    }
    let found: ReturnType<typeof find>;
    try {
      found = find(setting, sources);
    } catch (error) {
      report((error as Error).message);
      continue;
    }
    if (found === undefined) {
      if (setting.required) report(`${setting.env} is not set: ${howToSet(setting)}`);
      continue;
    }
    const { text, from } = found;
    const { value, problem } = check(setting.schema, text);
    if (problem === undefined) {
      values[key] = value;
      continue;
    }
    // A value with an @ may be a URL that carries a password.
    const shown = setting.secret || setting.file || /@|%40/.test(text) ? "" : `, not "${text}"`;
    report(`Cannot use ${setting.env} (${from}): ${problem}${shown}`);
  }
  return { values: values as Partial<Values<Table>>, problems };
}
