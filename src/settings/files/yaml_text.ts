/** The texts of YAML: quoted, plain, over several lines. */

/** Lines that are one text: a break is a blank, each empty line between them a break. */
export function folded(lines: readonly string[]): string {
  const last = lines.length - 1;
  let text = last > 0 ? (lines[0] ?? "").trimEnd() : lines[0] ?? "";
  let breaks = 0;
  for (const [i, line] of lines.entries()) {
    if (i === 0) continue;
    breaks++;
    const one = i === last ? line.trimStart() : line.trim();
    if (one === "" && i < last) continue;
    text += (breaks > 1 ? "\n".repeat(breaks - 1) : " ") + one;
    breaks = 0;
  }
  return text;
}

const ESCAPED = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([^]))/g;
const ESCAPES: Readonly<Record<string, string>> = {
  ...{ 0: "\0", a: "\x07", b: "\b", t: "\t", n: "\n", v: "\v", f: "\f", r: "\r", e: "\x1b" },
  ...{ N: "\x85", _: "\xa0", L: "\u2028", P: "\u2029" },
};

/** @param quoted with its quotes */
export function unquoted(quoted: string): string {
  const inside = quoted.slice(1, -1);
  if (quoted[0] === "'") return folded(inside.split("\n")).replaceAll("''", "'");
  // A break behind a backslash is none.
  const joined = inside.replaceAll(/((?:^|[^\\])(?:\\\\)*)\\\n[ \t]*/g, "$1");
  return folded(joined.split("\n")).replaceAll(
    ESCAPED,
    (_, x?: string, u?: string, U?: string, char = "") => {
      const code = x ?? u ?? U;
      return code === undefined ? ESCAPES[char] ?? char : String.fromCodePoint(parseInt(code, 16));
    },
  );
}

/**
 * The lines behind `|` or `>`, without their indentation.
 *
 * @param header `|`, `>-`
 */
export function blockText(header: string, lines: readonly string[]): string {
  const body = [...lines];
  while (body.at(-1) === "") body.pop();
  const literal = body.join("\n");
  // Lines that are indented further keep their breaks.
  const text = header.startsWith("|")
    ? literal
    : literal.replaceAll(/^(\S.*)\n(\n*)(?=\S)/gm, (_, line, more) => line + (more || " "));
  if (header.includes("+")) return text + "\n".repeat(lines.length - body.length + (text ? 1 : 0));
  return header.includes("-") || text === "" ? text : `${text}\n`;
}

/** SnakeYAML (2.4) goes by YAML 1.1. */
const WORDS: readonly (readonly [form: RegExp, value: string])[] = [
  [/^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/, "true"],
  [/^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/, "false"],
  [/^(?:~|null|Null|NULL)$/, ""],
];

/**
 * What Java makes of a text without quotes: `on` is true, `010` is 8, `1_000` is 1000. Fractions stay
 * as they are written.
 */
export function plainValue(text: string): string {
  for (const [form, value] of WORDS) if (form.test(text)) return value;
  const [, sign = "", digits = ""] =
    /^([-+]?)(0b[01_]+|0x[\da-fA-F_]+|0[0-7_]+|0|[1-9][\d_]*(?::[0-5]?\d)*)$/.exec(text) ?? [];
  if (digits === "") return text;
  const plain = digits.replaceAll("_", "");
  const value = plain.includes(":")
    ? plain.split(":").reduce((sum, part) => sum * 60n + BigInt(part), 0n)
    : BigInt(plain.replace(/^0(?=[0-7])/, "0o"));
  return `${sign === "-" ? -value : value}`;
}
