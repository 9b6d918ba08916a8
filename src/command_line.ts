/**
 * What the command line says. A mistake in it ends nothing: what could be read counts, and the
 * mistake is said beside the work.
 */

import arg from "arg";
import { closest } from "./closest.ts";
import { type CommandName, COMMANDS, SWITCHES } from "./help.ts";
import { flagOf, secretInFlag, type Setting, type SettingsTable } from "./settings/setting.ts";

/** What the command line says. */
export interface CommandLine {
  /** What to do. */
  readonly command: CommandName;
  /** What to print instead, if nothing else is wrong. */
  readonly answer: "help" | "version" | undefined;
  /** Values of settings, by flag with its dashes; of a flag that stands twice, the last one. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  /** The flags without a value that were given. */
  readonly switches: ReadonlySet<string>;
  /** What is wrong with it, and makes the exit code that of `usage`. */
  readonly mistakes: readonly string[];
  /** Flags that mean nothing to the command; they do no harm. */
  readonly notes: readonly string[];
  /** Keys of settings whose flag was refused because of a password in it. */
  readonly refused: readonly string[];
}

/** The settings by their flags. */
type ByFlag = ReadonlyMap<string, readonly [key: string, setting: Setting]>;

const ALIASES: Readonly<Record<string, string>> = {
  "-h": "--help",
  "-v": "--version",
  "-V": "--version",
};

/** Switches that are commands as well: `help` is `--help`. */
const ANSWERS = ["help", "version"] as const;

/** Dashes of typographers too: text that is copied from a page has them. */
function isFlag(word: string): boolean {
  return /^[-\u2010-\u2015\u2212][^]/.test(word);
}

function isCommand(word: string | undefined): word is CommandName {
  return word !== undefined && Object.hasOwn(COMMANDS, word);
}

function isSwitch(word: string): boolean {
  return word in SWITCHES || word in ALIASES;
}

/** A word as it is repeated: what stands behind `=` may be a secret. */
function shown(word: string): string {
  return `"${word.replace(/=[^]*/, "=…").slice(0, 60)}"`;
}

/**
 * Parses the command line.
 *
 * The flag of a setting takes the next word as its value, also one that is the name of a command,
 * but none that begins with a dash: `--service-name $UNSET --port 80` leaves one flag behind
 * another. So its value is missing; one that does begin with a dash is written with `=`.
 *
 * @param args without the name of the program
 * @param settings every one has a flag
 */
export function parseCommandLine(args: readonly string[], settings: SettingsTable): CommandLine {
  const byFlag: ByFlag = new Map(Object.entries(settings).map((one) => [flagOf(one[1]), one]));
  const mistakes: string[] = [];
  const { argv, doubtful } = readable(inWords(args, mistakes), byFlag, mistakes);
  const { _: all, ...parsed } = arg(flagSpec(byFlag), { argv });
  // An empty word is what a variable without a value leaves.
  const words = all.filter((word) => word.trim() !== "");
  const isAnswer = (word: string) => ANSWERS.some((answer) => answer === word);
  // An image's entry point is the program already; many give its name once more.
  const isProgram = (word: string, i: number) => i === 0 && /(^|\/)service-offline$/.test(word);
  const [first, ...extra] = words.filter((word, i) => !isAnswer(word) && !isProgram(word, i));
  const command = commandOf(first, doubtful, mistakes);
  if (extra.length > 0) {
    const them = extra.map(shown).join(" ");
    mistakes.push(`Cannot use ${them} after ${command}: settings are given as --name value`);
  }
  const flags: Record<string, string> = {};
  const refused: string[] = [];
  const notes: string[] = [];
  for (const [flag, value] of Object.entries(parsed)) {
    const [key, setting] = byFlag.get(flag) ?? [];
    const others = otherCommandsOf(flag, setting, command);
    if (others) notes.push(`${flag} means nothing to ${command}, only to ${others.join(" and ")}`);
    if (key === undefined || setting === undefined) continue;
    if (setting.secret) {
      mistakes.push(secretInFlag(setting));
    } else if (setting.addresses && !setting.lenient && String(value).includes("@")) {
      mistakes.push(secretInFlag(setting));
      refused.push(key);
    } else flags[flag] = String(value);
  }
  return {
    command,
    answer: ANSWERS.find((answer) => `--${answer}` in parsed || words.includes(answer)),
    flags,
    switches: new Set(Object.keys(parsed)),
    // `help` in the place of the command has no use for anything else.
    mistakes: isAnswer(words[0] ?? "") ? [] : mistakes.map((mistake) => `${mistake}; see --help`),
    notes,
    refused,
  };
}

/** Takes apart a whole line in one word, as YAML's lists make it: `[service-offline, online --strict]`. */
function inWords(args: readonly string[], mistakes: string[]): readonly string[] {
  const [first, ...more] = args[0]?.trim().split(/\s+/) ?? [];
  if (more.length === 0 || !isCommand(first)) return args;
  mistakes.push(`Each word behind ${first} is an argument of its own`);
  return [first, ...more, ...args.slice(1)];
}

/**
 * The command that is meant.
 *
 * @param word in the command's place
 * @param doubtful what may be the command
 */
function commandOf(
  word: string | undefined,
  doubtful: CommandName | undefined,
  mistakes: string[],
): CommandName {
  if (isCommand(word)) return word;
  if (word === undefined) return doubtful ?? "offline";
  const names = Object.keys(COMMANDS).filter(isCommand);
  const meant = closest(word, [...names, ...ANSWERS]);
  mistakes.push(
    `Unknown command ${shown(word)}${meant ? ` (did you mean ${meant}?)` : ""}: ` +
      `expected ${names.join(", ")}`,
  );
  // Whoever has mistyped `online` does not want the instance taken out.
  return isCommand(meant) ? meant : doubtful ?? "offline";
}

/** The commands that a flag belongs to, where this is none of them. */
function otherCommandsOf(
  flag: string,
  setting: Setting | undefined,
  command: CommandName,
): readonly CommandName[] | undefined {
  const only = setting?.only;
  const isOne = command === "offline" || command === "online";
  const of = SWITCHES[flag]?.of ?? (only && isOne ? [only] : undefined);
  return of?.includes(command) ? undefined : of;
}

/** The flags of the settings and the switches, as `arg` wants them. */
function flagSpec(byFlag: ByFlag): arg.Spec {
  const spec: arg.Spec = { ...ALIASES };
  for (const name of Object.keys(SWITCHES)) spec[name] = Boolean;
  for (const name of byFlag.keys()) spec[name] = String;
  return spec;
}

/**
 * Takes out of the command line what cannot be read, so that known flags with their values, and
 * words, are left.
 *
 * @param mistakes gets what is wrong
 * @returns what is left, and what may be the command: one behind a flag that nothing is known about,
 * which may be that flag's value, and one that is written like a flag
 */
function readable(
  args: readonly string[],
  byFlag: ByFlag,
  mistakes: string[],
): { readonly argv: string[]; readonly doubtful: CommandName | undefined } {
  const argv: string[] = [];
  let doubtful: CommandName | undefined;
  for (let i = 0; i < args.length; i++) {
    const word = args[i] ?? "";
    if (word === "--") return { argv: [...argv, ...args.slice(i)], doubtful };
    if (!isFlag(word)) {
      argv.push(word);
      continue;
    }
    const [name = ""] = word.split("=", 1);
    const hasValue = name !== word;
    const value = word.slice(name.length + 1);
    const next = args[i + 1];
    const isValue = next !== undefined && !isFlag(next) && next !== "--";
    if (byFlag.has(name)) {
      // arg 5.0.2 cuts what stands behind = at a line break, and takes no dash elsewhere.
      if (hasValue) argv.push(...(value.startsWith("-") ? [word] : [name, value]));
      else if (isValue) argv.push(name, next);
      else mistakes.push(`${name} has no value; one that begins with a dash is written with =`);
      // What may have been meant as the value is neither a question for the help nor repeated.
      if (!hasValue && next !== undefined && (isValue || !isOwnFlag(next, byFlag))) i++;
    } else if (isSwitch(name)) {
      if (hasValue) mistakes.push(`${name} takes no value`);
      else argv.push(name);
    } else {
      const bare = name.replace(/^\W+/, "");
      if (isCommand(bare) && !hasValue && !isValue && mistakes.length === 0) {
        // Whoever asks for `--check` does not want the instance taken out.
        mistakes.push(`Unknown flag ${shown(name)} (did you mean ${bare}?)`);
        doubtful ??= bare;
        continue;
      }
      const meant = closest(name, [...byFlag.keys(), ...Object.keys(SWITCHES)]);
      const setting = byFlag.get(meant ?? "")?.[1];
      const right = setting?.secret ? `the environment variable ${setting.env}` : meant;
      mistakes.push(`Unknown flag ${shown(name)}${right ? ` (did you mean ${right}?)` : ""}`);
      if (hasValue || next === undefined || (meant !== undefined && isSwitch(meant))) continue;
      if (!isValue && !(setting?.secret && !isOwnFlag(next, byFlag))) continue;
      // It belongs to the flag, whatever that is.
      i++;
      if (meant === undefined && isCommand(next)) doubtful ??= next;
    }
  }
  return { argv, doubtful };
}

/** Whether a word behind a flag without a value is a flag of its own, and not that value. */
function isOwnFlag(word: string, byFlag: ByFlag): boolean {
  const [name = ""] = word.split("=", 1);
  return word === "--" || byFlag.has(name) || Boolean(SWITCHES[name]?.of);
}
