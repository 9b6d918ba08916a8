/**
 * Spring's properties as an environment and mounted files give them, by the rules of Spring Boot's
 * relaxed binding (3.5.16).
 */

import { createEnvironment, type Env, type Raw, readVariable } from "./environment.ts";
import type { Found } from "./files/document.ts";
import type { Files } from "./files/disk.ts";
import type { Note } from "./files/notes.ts";
import { createMounted } from "./files/mounted.ts";
import { fill, type Lookup, type Unknown } from "./placeholders.ts";
import { IN_POD, uniform } from "./spellings.ts";

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
  readonly notes: () => readonly Note[];
}

/** What stands at a property. */
export interface SpringValue extends Omit<Raw, "text"> {
  /** With its placeholders filled; undefined where they cannot be. */
  readonly text: string | undefined;
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

/** Where properties are looked up. */
interface World {
  readonly env: Env;
  readonly inEnvironment: ReturnType<typeof createEnvironment>;
  mounted: ReturnType<typeof createMounted> | undefined;
  /** Where a variable may say otherwise than a file, and may not be read. */
  readonly doubts: Set<string>;
}

/** One question, with all that its placeholders ask. */
interface Question {
  /** The properties that are being filled; one that leads back to itself has no value. */
  readonly pending: Set<string>;
  /** How much more may be asked: what is made of what is made of others grows without bounds. */
  left: number;
}

/** Characters that the placeholders of one property may bring, and what each counts at least. */
const MOST_TEXT = 1_000_000;
const LEAST_TEXT = 1_000;

/** Spring's properties of an environment, then of files, which are read when that says nothing. */
export function createSpring(env: Env, files?: Files): Spring {
  const inEnvironment = createEnvironment(env);
  const world: World = { env, inEnvironment, mounted: undefined, doubts: new Set() };
  const begin = (): Question => ({ pending: new Set(), left: MOST_TEXT });
  const property = (name: string, key?: string) => propertyOf(world, begin(), name, key);
  // While files are read, others may be asked for what is asked for already.
  world.mounted = files && createMounted(files, {
    property,
    filled: (text) => filledFrom({ text, from: "" }, lookupFor(world, begin())).text,
    platform: () => typeof readVariable(env, IN_POD) === "string" ? "kubernetes" : "none",
  });
  return Object.assign(property, {
    notes: () => [
      ...world.mounted?.notes() ?? [],
      ...[...world.doubts].map((message): Note => ({ message })),
    ],
  });
}

function propertyOf(
  world: World,
  question: Question,
  name: string,
  key?: string,
): SpringValue | undefined {
  const { pending } = question;
  const wanted = uniform(name, key);
  if (pending.has(wanted)) return undefined;
  const found = world.inEnvironment(name, key) ?? rawOf(world.mounted?.find(wanted));
  if (found === undefined) return undefined;
  pending.add(wanted);
  const value = filledFrom(found, lookupFor(world, question));
  pending.delete(wanted);
  return value;
}

function lookupFor(world: World, question: Question): Lookup {
  return (name) => {
    const found = name.includes(".") ? ofSpring(world, question, name) : ofAnyName(world, name);
    question.left -= typeof found === "string" ? LEAST_TEXT + found.length : LEAST_TEXT;
    return question.left < 0 ? { unknown: "it is made of too many others" } : found;
  };
}

/** Of Spring's own names the files in the jar may know more than is seen here. */
function ofSpring(world: World, question: Question, name: string): string | Unknown {
  const { text, isMounted } = propertyOf(world, question, name) ?? {};
  if (isMounted) doubt(world, name);
  return text ?? { unknown: `only Spring knows \${${name}}` };
}

function ofAnyName(world: World, name: string): string | undefined | Unknown {
  const variables = variablesFor(name).map((one) => readVariable(world.env, one));
  const text = variables.find((one) => typeof one === "string");
  if (text !== undefined) return text;
  const entry = world.mounted?.find(uniform(name));
  // `${PORT}` is not what a file says of `port`.
  const isMeant = entry?.name === name || /^[a-z][a-z\d-]*$/.test(name);
  if (!isMeant || entry === undefined) return variables.find((one) => one !== undefined);
  doubt(world, name);
  return entry.text;
}

/** Says where the variable that counts before a file's word may not be read. */
function doubt({ env, doubts }: World, name: string): void {
  // Pods have no variables like `nacos_host` for `${nacos-host}`.
  const capitals = variablesFor(name).at(-1) ?? name;
  const some = /^\w+$/.test(name) ? [name, capitals] : [capitals];
  const unread = some.findLast((one) => typeof readVariable(env, one) === "object");
  if (unread === undefined) return;
  doubts.add(
    `\${${name}} is taken from a file: this program may not read ${unread}, which counts first; ` +
      "set our own variable where that is set",
  );
}

function rawOf(found: Found | undefined): Raw | undefined {
  if (found === undefined) return undefined;
  const { name, text, path } = found;
  return { text, from: `${name} of ${path}`, isMounted: true };
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
function variablesFor(name: string): string[] {
  const plain = name.replaceAll(/[.-]/g, "_");
  return [name, plain, name.toUpperCase(), plain.toUpperCase()];
}
