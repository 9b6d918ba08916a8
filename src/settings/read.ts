/** Reads the settings: flag over environment over stand-in names over default. */

import * as z from "zod/mini";
import {
  flagOf,
  isProperty,
  namesOf,
  secretInFlag,
  type Setting,
  type SettingsTable,
  type Values,
} from "./setting.ts";
import { contentOf, type Origin, placesOf, present, type Sources } from "./places.ts";
import type { Note } from "./files/notes.ts";
import { createSpring, type Spring } from "./spring.ts";
import { shortened } from "../plain.ts";

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
  readonly notes: readonly NoteOn[];
}

/** What is to be said of a setting, and is nobody's mistake. */
interface NoteOn extends Note {
  /** The key in the table; empty for what is about all. */
  readonly key: string;
}

/** Quotes that a manifest or a file of variables has kept, and blanks that nobody sees. */
const AROUND =
  /^[\s"'\u201c\u201d\u2018\u2019\u200b-\u200d\u2060]+|[\s"'\u201c\u201d\u2018\u2019\u200b-\u200d\u2060]+$/g;

/**
 * What can be used of a wrong text: what stands in quotes; of a list of servers those that can be
 * asked.
 */
function usable({ addresses, lenient, schema }: Setting, text: string): string {
  if (addresses && lenient) return "";
  const isGood = (part: string) => part !== "" && z.safeParse(schema, part).success;
  const parts = addresses ? text.split(/[,;\s]+/) : [text];
  return parts.map((part) => part.replaceAll(AROUND, "")).filter(isGood).join(",");
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
    let origin: Origin | undefined;
    let content: string;
    try {
      origin = place();
      if (origin === undefined) continue;
      const isSet = present(origin.text);
      if (!isSet && origin.note) notes.push(origin.note);
      const isBlank = isSet && setting.blank?.test(origin.text);
      if (isBlank) blanks.push(origin);
      if (!isSet || isBlank) continue;
      content = contentOf(setting, origin, sources);
    } catch (error) {
      wrong.push((error as Error).message);
      continue;
    }
    const { wrong: more, ...result } = valueOf(setting, origin, content);
    if (more !== undefined) wrong.push(more);
    if (result.origin !== undefined) return { ...result, wrong, notes };
  }
  const any = setting.mayBeAny && blanks.find(({ text }) => text === "0");
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
  origin: Origin,
  content: string,
): { readonly value?: unknown; readonly origin?: Origin; readonly wrong?: string } {
  const { env, schema } = setting;
  const { from, text } = origin;
  if (setting.addresses && from.startsWith("flag") && text.includes("@")) {
    return { wrong: secretInFlag(setting) };
  }
  const { success, data, error } = z.safeParse(schema, content);
  if (success) return { value: data, origin };
  // A value with an @, parameters or a fragment may be a URL that carries a password.
  const isSecret = setting.secret || setting.file || /[@?#]|%40/.test(text);
  const shown = isSecret ? "" : `, not "${shortened(text)}"`;
  const wrong = `Cannot use ${env} (${from}): ${error.issues[0]?.message}${shown}`;
  const rest = isSecret ? "" : usable(setting, text);
  if (rest === "") return { wrong };
  const used = { ...origin, from: `${rest} of ${from}`, text: rest };
  return { value: z.parse(schema, rest), origin: used, wrong };
}

/**
 * Reads all settings of a table and collects what is wrong instead of stopping at the first.
 *
 * @param spring with the files that it has read, if any
 */
export function readSettings<Table extends SettingsTable>(
  table: Table,
  sources: Sources,
  spring: Spring = createSpring(sources.env),
): Reading<Table> {
  const values: Record<string, unknown> = {};
  const problems: Problem[] = [];
  const origins: Record<string, Origin> = {};
  const notes: NoteOn[] = [];
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
  notes.unshift(...spring.notes().map((note) => ({ key: "", ...note })));
  return { values: values as Partial<Values<Table>>, problems, origins, notes };
}
