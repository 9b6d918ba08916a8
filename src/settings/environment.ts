/**
 * What an environment says of Spring's properties, before placeholders are filled. What the program
 * reads has a list (its permission), so it does not look through the environment: it asks for each
 * spelling of a name.
 */

import type { Unknown } from "./placeholders.ts";
import { JAVA_OPTIONS, JSON_NAMES, spellings, uniform } from "./spellings.ts";
import { tried } from "../tried.ts";

/** A variable's text; throws where it may not be read, or is no text. */
export type Env = (name: string) => string | undefined;

/** What stands somewhere, before its placeholders are filled. */
export interface Raw {
  readonly text: string;
  /** Where it stands, in words: `environment variable port`. */
  readonly from: string;
  /** The variable whose text this is, letter by letter; undefined where it is anything else. */
  readonly env?: string | undefined;
  /** Whether it stands in a file. */
  readonly isMounted?: true;
}

/** The same of a property that is given with its name. */
interface Given extends Raw {
  readonly name: string;
}

/**
 * Properties by name and key. In Spring's order: what Java's options say with `--`,
 * SPRING_APPLICATION_JSON, their `-D`, variables. Each is looked for once.
 */
export function createEnvironment(env: Env): (name: string, key?: string) => Raw | undefined {
  let given: readonly Given[] | undefined;
  const known = new Map<string, Raw | undefined>();
  return (name, key) => {
    given ??= givenIn(env);
    const wanted = uniform(name, key);
    if (!known.has(wanted)) {
      const found = given.find((one) => uniform(one.name) === wanted);
      known.set(wanted, found ?? variableOf(env, spellings(name, key)));
    }
    return known.get(wanted);
  };
}

/** A variable, or that it may not be read. */
export function readVariable(env: Env, name: string): string | undefined | Unknown {
  try {
    return env(name);
  } catch (error) {
    if ((error as Error).name !== "NotCapable") throw error;
    return { unknown: `this program may not read ${name}` };
  }
}

/** The first of some variables that has a text; else an empty one, which for Spring is a value too. */
function variableOf(env: Env, names: readonly string[]): Raw | undefined {
  let empty: Raw | undefined;
  for (const name of names) {
    const text = readVariable(env, name);
    if (typeof text !== "string") continue;
    const raw = { text, from: `environment variable ${name}`, env: name };
    if (text.trim() !== "") return raw;
    empty ??= raw;
  }
  return empty;
}

/** The properties that are given as text with their names; the first one of a name counts. */
function givenIn(env: Env): Given[] {
  const options = JAVA_OPTIONS.flatMap((name) => optionsIn(name, readVariable(env, name)))
    .toReversed();
  const start = (mark: string) => options.filter(({ from }) => from.startsWith(mark));
  return [...start("--"), ...jsonIn(variableOf(env, JSON_NAMES)), ...start("-D")];
}

/** Java's own quotes, and those that a shell takes away in `eval`. */
function optionsIn(variable: string, text: unknown): Given[] {
  if (typeof text !== "string") return [];
  const words = text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return words.flatMap((word) => {
    const [, mark = "", name = "", value] = /^(-D|--)([^=]+)=([^]*)$/
      .exec(word.replaceAll(/["']/g, "")) ?? [];
    return value === undefined
      ? []
      : [{ name, text: value, from: `${mark}${name} of ${variable}` }];
  });
}

function jsonIn(variable: Raw | undefined): Given[] {
  if (variable === undefined) return [];
  const flat = (path: string, value: unknown): Given[] => {
    if (Array.isArray(value) && value.every((one) => typeof one !== "object")) {
      return flat(path, value.join(","));
    }
    if (typeof value === "object" && value !== null) {
      return Object.entries(value).flatMap(([name, one]) => flat(`${path}.${name}`, one));
    }
    const name = path.slice(1);
    // Null is no value for Spring, an empty text is one.
    return value === null ? [] : [{ name, text: `${value}`, from: `${name} of ${variable.env}` }];
  };
  // With what is none Spring refuses to start.
  return tried(() => flat("", JSON.parse(variable.text))) ?? [];
}
