/** What one setting is. */

import type * as z from "zod/mini";
import type { Derived } from "./spring.ts";

/** One setting: everything the program knows about it stands here, once. */
export interface Setting {
  /** Its environment variable; the names of the scripts are kept letter by letter. */
  readonly env: string;
  /**
   * What is read when `env` is not set, the first one set wins: an environment variable, or with dots
   * a property of Spring, in every spelling that Spring takes.
   */
  readonly standIns?: readonly (string | Derived)[];
  /** For `--help` and the README, in whole sentences. */
  readonly help: string;
  /** Makes the value of the text; the message says what the text should have been. */
  readonly schema: z.ZodMiniType;
  /** The text that stands in where nothing is set. */
  readonly fallback?: string;
  /** Texts that stand for nothing: Spring's, and what Kubernetes puts under this name. */
  readonly blank?: RegExp;
  /** Whether 0 among those, where nothing else is set, is said: a port that only a registry knows. */
  readonly mayBeAny?: true;
  /** Without it nothing can be done at all; with a key, unless that setting has a value. */
  readonly required?: true | "instanceId";
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
    ? z.output<Table[Key]["schema"]>
    : z.output<Table[Key]["schema"]> | undefined;
};

/**
 * The flag of a setting. That of a secret is refused, with a word on what to do instead.
 *
 * @returns `--service-name` for `serviceName`, `--drain-seconds` for `DRAIN_SECONDS`
 */
export function flagOf({ env }: Pick<Setting, "env">): string {
  const kebab = /^[A-Z0-9_]+$/.test(env)
    ? env.replaceAll("_", "-")
    : env.replaceAll(/[A-Z]/g, (letter) => `-${letter}`);
  return `--${kebab.toLowerCase()}`;
}

/** The names of a setting's places, in the order in which they are read. */
export function namesOf({ env, standIns = [] }: Setting): readonly string[] {
  return [env, ...standIns.map((one) => typeof one === "string" ? one : one.name)];
}

/** Whether a stand-in is a property of Spring, and no variable. */
export function isProperty(name: string): boolean {
  return name.includes(".");
}

/** That a secret came as a flag, or a password in one of addresses. */
export function secretInFlag(setting: Setting): string {
  const { env, secret } = setting;
  const what = (secret ? "" : "The password in ") + flagOf(setting);
  const instead = secret
    ? `the environment variable ${env} or ${env}_FILE`
    : "an environment variable";
  return `${what} is not taken from the command line, which every process can read: use ${instead}`;
}
