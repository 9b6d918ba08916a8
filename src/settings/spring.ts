/**
 * Spring's properties as an environment gives them, by the rules of Spring Boot's relaxed binding
 * (3.5.16). What the program reads has a list (its permission), so it does not look through the
 * environment: it asks for each spelling of a name.
 */

import { fill, type Lookup, type Unknown } from "./placeholders.ts";
import { JAVA_OPTIONS, JSON_NAMES, spellings } from "./spellings.ts";

/** Spring's properties. */
export interface Spring {
  /**
   * One property.
   *
   * @param name in Spring's own form, `spring.cloud.nacos.discovery.server-addr`
   * @param key of a property that is a map: `default-zone` for `eureka.client.service-url`
   */
  (name: string, key?: string): SpringValue | undefined;
}

/** What stands at a property. */
export interface SpringValue {
  /** With its placeholders filled; undefined where they cannot be. */
  readonly text: string | undefined;
  /** Where it stands, in words. */
  readonly from: string;
  /** The variable whose text this is, letter by letter; undefined where it is anything else. */
  readonly env?: string | undefined;
  /** Why there is no text, or what keeps others from seeing it. */
  readonly note?: string;
}

/** A setting's place that Spring makes of several properties. */
export interface Derived {
  /** As it is shown. */
  readonly name: string;
  /** The properties that are read for it. */
  readonly properties: readonly string[];
  readonly find: (spring: Spring) => SpringValue | undefined;
}

/** A variable's text; throws where it may not be read, or is no text. */
export type Env = (name: string) => string | undefined;

/**
 * Spring's properties of an environment. In Spring's order: what Java's options say with `--`,
 * SPRING_APPLICATION_JSON, their `-D`, variables.
 */
export function createSpring(env: Env): Spring {
  let given: readonly Given[] | undefined;
  const pending = new Set<string>();
  const spring: Spring = (name, key) => {
    const wanted = uniform(key === undefined ? name : `${name}.${key}`);
    // A circle of placeholders.
    if (pending.has(wanted)) return undefined;
    given ??= givenIn(env);
    const found = given.find((one) => uniform(one.name) === wanted) ??
      variableOf(env, spellings(name, key));
    if (found === undefined) return undefined;
    pending.add(wanted);
    const value = filled(found, (one) => lookUp(one, spring, env));
    pending.delete(wanted);
    return value;
  };
  return spring;
}

/** What stands somewhere, before its placeholders are filled. */
interface Raw {
  readonly text: string;
  readonly from: string;
  readonly env?: string;
}

/** The same of a property that is given with its name. */
interface Given extends Raw {
  readonly name: string;
}

function filled({ text, from, env }: Raw, lookup: Lookup): SpringValue {
  const value = fill(text, lookup);
  if (typeof value !== "string") {
    return { text: undefined, from, note: `${from} counts as not set: ${value.unknown}` };
  }
  if (value !== text || env === undefined) return { text: value, from };
  if (/^\w+$/.test(env)) return { text, from, env };
  const note =
    `${env} is no name for a shell: dash and busybox keep it from a hook that a wrapper ` +
    "starts";
  return { text, from, note };
}

/** What a placeholder names. Of Spring's own names the app's files may know more than is seen here. */
function lookUp(name: string, spring: Spring, env: Env): ReturnType<Lookup> {
  if (!name.includes(".")) return read(env, name);
  const value = spring(name);
  return value?.text ?? { unknown: `only Spring knows \${${name}}` };
}

function read(env: Env, name: string): string | undefined | Unknown {
  try {
    return env(name);
  } catch (error) {
    if ((error as Error).name !== "NotCapable") throw error;
    return { unknown: `this program may not read ${name}` };
  }
}

/** The first of some variables that is set. */
function variableOf(env: Env, names: readonly string[]): Raw | undefined {
  for (const name of names) {
    const text = read(env, name);
    if (typeof text !== "string" || text.trim() === "") continue;
    return { text, from: `environment variable ${name}`, env: name };
  }
  return undefined;
}

/** The properties that are given as text with their names; the first one of a name counts. */
function givenIn(env: Env): Given[] {
  const options = JAVA_OPTIONS.flatMap((name) => optionsIn(name, read(env, name))).toReversed();
  const start = (mark: string) => options.filter(({ from }) => from.startsWith(mark));
  return [...start("--"), ...jsonIn(variableOf(env, JSON_NAMES)), ...start("-D")];
}

/** Java's own quotes, and those that a shell takes away in `eval`. */
function optionsIn(variable: string, text: unknown): Given[] {
  if (typeof text !== "string") return [];
  const words = text.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return words.flatMap((word) => {
    const [, mark = "", name = "", value = ""] = /^(-D|--)([^=]+)=([^]*)$/
      .exec(word.replaceAll(/["']/g, "")) ?? [];
    return value === "" ? [] : [{ name, text: value, from: `${mark}${name} of ${variable}` }];
  });
}

function jsonIn(variable: Raw | undefined): Given[] {
  if (variable === undefined) return [];
  const flat = (path: string, value: unknown): Given[] => {
    if (typeof value === "object" && value !== null) {
      return Object.entries(value).flatMap(([name, one]) => flat(`${path}.${name}`, one));
    }
    const name = path.slice(1);
    return [{ name, text: `${value ?? ""}`, from: `${name} of ${variable.env}` }];
  };
  try {
    return flat("", JSON.parse(variable.text)).filter(({ text }) => text.trim() !== "");
  } catch {
    // Spring refuses to start with it.
    return [];
  }
}

/** As names are compared: small letters, without dashes; `[key]` is one more part. */
function uniform(name: string): string {
  return name.replaceAll(/\[(.*?)\]/g, ".$1").replaceAll(/[-_]/g, "").toLowerCase();
}
