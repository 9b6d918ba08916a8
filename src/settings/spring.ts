/**
 * Spring's properties as an environment and mounted files give them, by the rules of Spring Boot's
 * relaxed binding (3.5.16). What the program reads has a list (its permission), so it does not look
 * through the environment: it asks for each spelling of a name.
 */

import type { Files } from "./files/disk.ts";
import { createMounted, type Mounted, NO_FILES } from "./files/mounted.ts";
import { fill, type Lookup, type Unknown } from "./placeholders.ts";
import { IN_POD, JAVA_OPTIONS, JSON_NAMES, spellings, uniform } from "./spellings.ts";

/** Spring's properties. */
export interface Spring {
  /**
   * One property.
   *
   * @param name in Spring's own form, `spring.cloud.nacos.discovery.server-addr`
   * @param key of a property that is a map: `default-zone` for `eureka.client.service-url`
   */
  (name: string, key?: string): SpringValue | undefined;
  /** What is to be said of the files that were looked for. */
  readonly notes: () => readonly string[];
  /** What was wrong with them, so that a value may be another than the app's. */
  readonly warnings: () => readonly string[];
}

/** What stands at a property. */
export interface SpringValue {
  /** With its placeholders filled; undefined where they cannot be. */
  readonly text: string | undefined;
  /** Where it stands, in words. */
  readonly from: string;
  /** The variable whose text this is, letter by letter; undefined where it is anything else. */
  readonly env?: string | undefined;
  /** Whether it stands in a file. */
  readonly isMounted?: true;
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
 * SPRING_APPLICATION_JSON, their `-D`, variables, files. Those are read when all before say nothing.
 */
export function createSpring(env: Env, files?: Files): Spring {
  let given: readonly Given[] | undefined;
  const known = new Map<string, Raw | undefined>();
  const inEnvironment = (name: string, key: string | undefined, wanted: string) => {
    given ??= givenIn(env);
    if (!known.has(wanted)) {
      const found = given.find((one) => uniform(one.name) === wanted);
      known.set(wanted, found ?? variableOf(env, spellings(name, key)));
    }
    return known.get(wanted);
  };
  const mounted: Mounted = files === undefined ? NO_FILES : createMounted(files, {
    property: (name) => forFiles.property(name),
    filled: (text) => forFiles.filled({ text, from: "" }).text,
    platform: () => typeof read(env, IN_POD) === "string" ? "kubernetes" : "none",
  });
  // While files are read, others may be asked for what is asked for already.
  const forFiles = lookups(env, inEnvironment, mounted);
  const { property, doubts } = lookups(env, inEnvironment, mounted);
  const notes = () => [...new Set([...mounted.notes(), ...forFiles.doubts, ...doubts])];
  return Object.assign(property, { notes, warnings: mounted.warnings });
}

/** What stands somewhere, before its placeholders are filled. */
interface Raw {
  readonly text: string;
  readonly from: string;
  readonly env?: string;
  readonly isMounted?: true;
}

/** The same of a property that is given with its name. */
interface Given extends Raw {
  readonly name: string;
}

/** Looks properties up; one that leads back to itself has no value. */
function lookups(
  env: Env,
  inEnvironment: (name: string, key: string | undefined, wanted: string) => Raw | undefined,
  mounted: Mounted,
) {
  const pending = new Set<string>();
  /** Where a variable may say otherwise than a file, and may not be read. */
  const doubts = new Set<string>();
  const inFiles = (wanted: string): Raw | undefined => {
    const { name, path, text = "" } = mounted.find(wanted) ?? {};
    return path === undefined ? undefined : { text, from: `${name} of ${path}`, isMounted: true };
  };
  const property = (name: string, key?: string): SpringValue | undefined => {
    const wanted = uniform(key === undefined ? name : `${name}.${key}`);
    if (pending.has(wanted)) return undefined;
    const found = inEnvironment(name, key, wanted) ?? inFiles(wanted);
    if (found === undefined) return undefined;
    pending.add(wanted);
    const value = filled(found);
    pending.delete(wanted);
    return value;
  };
  const filled = (raw: Raw) => filledFrom(raw, lookUp);
  /** Of Spring's own names the files in the jar may know more than is seen here. */
  const lookUp: Lookup = (name) => {
    if (name.includes(".")) {
      const { text, isMounted } = property(name) ?? {};
      if (isMounted) doubt(name);
      return text ?? { unknown: `only Spring knows \${${name}}` };
    }
    const variable = [...variablesFor(name)].map((one) => read(env, one));
    const text = variable.find((one) => typeof one === "string");
    if (text !== undefined) return text;
    const entry = mounted.find(uniform(name));
    // `${PORT}` is not what a file says of `port`.
    const isMeant = entry?.name === name || /^[a-z][a-z\d-]*$/.test(name);
    if (!isMeant || entry === undefined) return variable.find((one) => one !== undefined);
    doubt(name);
    return entry.text;
  };
  const doubt = (name: string) => {
    // Pods have no variables like `nacos_host` for `${nacos-host}`.
    const capitals = [...variablesFor(name)].at(-1) ?? name;
    const some = /^\w+$/.test(name) ? [name, capitals] : [capitals];
    const unread = some.findLast((one) => typeof read(env, one) === "object");
    if (unread === undefined) return;
    doubts.add(
      `\${${name}} is taken from a file: this program may not read ${unread}, which counts first; ` +
        "set our own variable where that is set",
    );
  };
  return { property, filled, doubts };
}

function filledFrom({ text, from, env, isMounted }: Raw, lookup: Lookup): SpringValue {
  const value = fill(text, lookup);
  if (typeof value !== "string") {
    return { text: undefined, from, note: `${from} counts as not set: ${value.unknown}` };
  }
  if (isMounted) return { text: value, from, isMounted };
  if (value !== text || env === undefined) return { text: value, from };
  if (/^\w+$/.test(env)) return { text, from, env };
  const note =
    `${env} is no name for a shell: dash and busybox keep it from a hook that a wrapper ` +
    "starts";
  return { text, from, note };
}

/** The variables that Spring asks for a placeholder, in its order: `${nacos-host}` is NACOS_HOST too. */
function variablesFor(name: string): Set<string> {
  const plain = name.replaceAll(/[.-]/g, "_");
  return new Set([name, plain, name.toUpperCase(), plain.toUpperCase()]);
}

function read(env: Env, name: string): string | undefined | Unknown {
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
    const text = read(env, name);
    if (typeof text !== "string") continue;
    const raw = { text, from: `environment variable ${name}`, env: name };
    if (text.trim() !== "") return raw;
    empty ??= raw;
  }
  return empty;
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
  try {
    return flat("", JSON.parse(variable.text));
  } catch {
    // Spring refuses to start with it.
    return [];
  }
}
