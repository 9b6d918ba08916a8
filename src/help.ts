/**
 * What `--help` prints.
 *
 * @module
 */

import { OUTCOMES } from "./errors.ts";
import { SETTINGS } from "./settings/all.ts";
import { settingsForTerminal } from "./settings/help.ts";

/** The commands and what they do. */
export const COMMANDS = {
  offline: "take the instance out, confirm it, wait until callers are gone (default)",
  online: "put back what was taken out; exit code 0 in every case unless --strict",
  status: "what each registry says about this instance now",
  check: "whether `offline` would do its work; changes nothing, prints the YAML to paste",
  sidecar: "a container of its own: `online`, wait for TERM, `offline`",
  install: "copy the kit from its image into the volume at /target (init container)",
} as const;

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS;

/** A flag without a value. */
export interface Switch {
  /** The commands that look at it; undefined where it stands for a command itself. */
  readonly of?: readonly CommandName[];
  /** What it does. */
  readonly help: string;
}

/** The flags that are no settings. */
export const SWITCHES: Readonly<Record<string, Switch>> = {
  "--background": {
    of: ["online"],
    help: "at a start: wait for a sign of life of the app, give way to an `offline`",
  },
  "--strict": { of: ["online"], help: "exit with the code that fits, instead of 0" },
  "--json": { of: ["status", "check"], help: "one JSON object" },
  "--yaml": { of: ["check"], help: "only the YAML to paste" },
  "--help": { help: "this text; also -h, help" },
  "--version": { help: "the version; also -v, version" },
};

/** The switches with the commands they belong to and what they do. */
export function switchRows(): [name: string, meaning: string][] {
  return Object.entries(SWITCHES).map(([name, { of, help }]) => [
    name,
    of ? `${of.join(", ")}: ${help}` : help,
  ]);
}

/** The whole help text. */
export function helpText(): string {
  const list = (rows: readonly (readonly [string, string])[], width: number) =>
    rows.map(([name, meaning]) => `  ${name.padEnd(width)} ${meaning}`).join("\n");
  return `service-offline takes the instance it runs beside out of its service registry before its
container is stopped, and keeps the container alive until callers have gone.

Usage: service-offline [command] [flags]

Commands:
${list(Object.entries(COMMANDS), 10)}

Flags:
${list(switchRows(), 14)}

Settings, each by environment variable or by flag; the flag goes first:
${settingsForTerminal(SETTINGS)}

Exit codes:
${list(Object.values(OUTCOMES).map(({ code, meaning }) => [String(code), meaning] as const), 4)}
`;
}
