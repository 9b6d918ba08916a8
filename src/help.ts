/** What `--help` prints, and the commands and switches it tells of. */

import { OUTCOMES } from "./errors.ts";
import { flagOf, namesOf, type Setting } from "./settings/setting.ts";
import type { Kind } from "./registry/kind.ts";
import { type SettingGroup, settingGroups } from "./settings_table.ts";

/** The commands and what they do. */
export const COMMANDS = {
  offline: "take the instance out, prove it, wait until callers are gone (default)",
  online: "put back what was taken out; always exits with 0 unless --strict",
  status: "what each registry says about this instance now",
  check: "whether `offline` would work; changes nothing, prints the YAML to paste",
  sidecar: "a container of its own: `online`, wait for TERM, `offline`",
  install: "copy the kit from its image into the volume at /target (init container)",
} as const;

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS;

/** The commands that the off switch is for: those that change a registry. */
export const DISABLED: ReadonlySet<CommandName> = new Set(["offline", "online", "sidecar"]);

/** The commands that print a report. */
export const REPORTS: ReadonlySet<CommandName> = new Set(["status", "check"]);

/** A flag without a value. */
interface Switch {
  /** The commands that look at it; undefined where it stands for a command itself. */
  readonly of?: readonly CommandName[];
  readonly help: string;
}

/** The flags that are no settings. */
export const SWITCHES: Readonly<Record<string, Switch>> = {
  "--background": {
    of: ["online"],
    help: "at a start: wait for a sign of life of the app, give way to an `offline`",
  },
  "--force": {
    of: ["online"],
    help: "put it back also where it was no `offline` that has taken it out",
  },
  "--strict": { of: ["online"], help: "exit with the code that fits, instead of 0" },
  "--json": { of: ["status", "check"], help: "one JSON object" },
  "--yaml": { of: ["check"], help: "only the YAML to paste" },
  "--all": { of: ["check"], help: "also defaults, each finding, the YAML to paste" },
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

const COLUMNS = 80;

/** The whole help text, in lines that fit a terminal of 80 columns. */
export function helpText(kinds: readonly Kind[]): string {
  return `service-offline takes the instance it runs beside out of its service registry
before its container is stopped, and keeps the container alive until callers
have gone.

Usage: service-offline [command] [flags]

Commands:
${list(Object.entries(COMMANDS))}

Flags:
${list(switchRows())}

Examples:
${list(examples(kinds))}

Each setting is an environment variable or a flag; the flag wins.

${settingGroups(kinds).map(groupText).join("\n")}
Exit codes:
${list(Object.values(OUTCOMES).map(({ code, meaning }) => [`${code}`, meaning]))}
`;
}

function examples([first]: readonly Kind[]): [way: string, example: string][] {
  return [
    [
      "preStop, the kit in the image",
      `command: [sh, /opt/service_offline_${first?.name}.sh]`,
    ],
    ["postStart, to put it back", "command: [sh, /opt/service_online.sh]"],
    ["a container of its own", "args: [sidecar]"],
    ["by hand, before it matters", "service-offline check"],
    ["by hand, to put it back", "service-offline online --strict"],
  ];
}

function list(rows: readonly (readonly [name: string, meaning: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, meaning]) =>
    `  ${name.padEnd(width)}  ${wrapped(meaning, width + 4).join(`\n${" ".repeat(width + 4)}`)}`
  ).join("\n");
}

/** Lines that fit behind an indent. */
function wrapped(text: string, indent: number): string[] {
  const most = new RegExp(`\\S.{0,${COLUMNS - indent - 1}}(?= |$)`, "g");
  return text.match(most) ?? [];
}

function groupText({ title, settings }: SettingGroup): string {
  return `${title}:\n${Object.values(settings).map(settingText).join("")}`;
}

function settingText(setting: Setting): string {
  const { env, help, fallback, required, secret } = setting;
  const [, ...others] = namesOf(setting);
  const about = [
    help,
    ...(required ? [required === true ? "Required." : `Required without ${required}.`] : []),
    ...(fallback === undefined ? [] : [`Default: ${fallback}.`]),
    ...(others.length > 0 ? [`Also read: ${others.join(", ")}.`] : []),
  ].join(" ");
  const lines = wrapped(about, 6).map((line) => `      ${line}\n`).join("");
  return `  ${env}${secret ? "" : `, ${flagOf(setting)}`}\n${lines}`;
}
