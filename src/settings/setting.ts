/**
 * What one setting is, and the kinds of values settings have.
 *
 * @module
 */

import * as z from "zod/mini";
import type { Schema } from "../shape.ts";

/** One setting: everything the program knows about it stands here, once. */
export interface Setting<Value = unknown> {
  /** Its environment variable; the names of the scripts are kept letter by letter. */
  readonly env: string;
  /** Further environment variables that are read when `env` is not set, the first one set wins. */
  readonly standIns?: readonly string[];
  /** One sentence for `--help` and the README. */
  readonly help: string;
  /** Turns the text into the value; the issue's message says what the text should have been. */
  readonly schema: Schema<Value>;
  /** The text that stands in where nothing is set. */
  readonly fallback?: string;
  /** Without it nothing can be done at all. */
  readonly required?: true;
  /** Never shown, never taken from a flag. */
  readonly secret?: true;
  /** The value is one or more addresses; one with a password is not taken from a flag. */
  readonly addresses?: true;
  /** The value is the path of a file whose content is what counts. */
  readonly file?: true;
  /**
   * A wrong value is reported and the default used, and the work is done all the same: taking the
   * instance out matters more than how long to wait or how to log.
   */
  readonly lenient?: true;
  /** Means nothing to the other of these two commands. */
  readonly only?: "offline" | "online";
}

/** A table of settings; the keys are the names in the code. */
export type SettingsTable = Readonly<Record<string, Setting>>;

/** The values that a table gives: always there where a setting is required or has a fallback. */
export type Values<Table extends SettingsTable> = {
  readonly [Key in keyof Table]: Table[Key] extends { required: true } | { fallback: string }
    ? ValueOf<Table[Key]>
    : ValueOf<Table[Key]> | undefined;
};

/** The value that a setting gives. */
export type ValueOf<S> = S extends Setting<infer Value> ? Value : never;

/**
 * A schema from a function.
 *
 * @param expected what the text should be: `a whole number from 1 to 65535`
 * @param parse gives the value, or undefined when the text is not as expected
 */
export function text<Value>(
  expected: string,
  parse: (text: string) => Value | undefined,
): Schema<Value> {
  return z.transform((input: string, context) => {
    const value = parse(input);
    if (value !== undefined) return value;
    context.issues.push({ code: "custom", message: `expected ${expected}`, input });
    return z.NEVER;
  });
}

/**
 * Runs a schema.
 *
 * @param schema from a setting
 * @param input the text
 * @returns the value, or the problem: what the text should have been
 */
export function check<Value>(
  schema: Schema<Value>,
  input: string,
): { readonly value?: Value; readonly problem?: string } {
  const result = z.safeParse(schema as z.ZodMiniType<Value>, input);
  if (result.success) return { value: result.data };
  return { problem: result.error.issues.map((issue) => issue.message).join("; ") };
}

/** Any text. */
export const anyText: Schema<string> = z.string();

/** A TCP port. */
export const port: Schema<number> = text(
  "a port number from 1 to 65535",
  (input) => wholeNumber(input, 1, 65535),
);

/** A time in whole seconds, at most a day. */
export const seconds: Schema<number> = text(
  "a whole number of seconds from 0 to 86400, without a unit",
  (input) => wholeNumber(input, 0, 86_400),
);

/** The same for what takes some time in any case. */
export const secondsFromOne: Schema<number> = text(
  "a whole number of seconds from 1 to 86400, without a unit",
  (input) => wholeNumber(input, 1, 86_400),
);

function wholeNumber(input: string, least: number, most: number): number | undefined {
  if (!/^\d{1,6}$/.test(input)) return undefined;
  const value = Number(input);
  return value >= least && value <= most ? value : undefined;
}

/** Yes or no, as people write it in environment variables. */
export const yesOrNo: Schema<boolean> = text("true or false", (input) => {
  if (/^(true|1|yes|y|on)$/i.test(input)) return true;
  if (/^(false|0|no|n|off)$/i.test(input)) return false;
  return undefined;
});

/** An address or name a registry can list; catches `$(POD_IP)` that nothing has filled in. */
export const address: Schema<string> = text(
  "an IP address or a host name, without port and scheme",
  (input) => (/^[0-9A-Za-z._:%-]+$/.test(input) ? input : undefined),
);

/** Servers take no longer one in a header. */
const MOST_PASSWORD = 4_096;

/** A password as the content of a variable or file; only the line break at its end is dropped. */
export const password: Schema<string> = text(
  `a password of at most ${MOST_PASSWORD} characters, the file is empty or longer`,
  (input) => {
    const value = input.replace(/\r?\n$/, "");
    return value.length > 0 && value.length <= MOST_PASSWORD ? value : undefined;
  },
);

/**
 * Certificates in PEM form. `Deno.createHttpClient` refuses a broken one, but takes a text without
 * any in silence and then trusts nothing new (Deno 2.9.6).
 */
export const certificates: Schema<string> = text(
  "certificates in PEM form (-----BEGIN CERTIFICATE-----)",
  (input) => (input.includes("-----BEGIN CERTIFICATE-----") ? input : undefined),
);
