import assert from "node:assert/strict";
import { parse, stringify } from "yaml";
import { readYaml, type Yaml } from "../../src/settings/files/yaml.ts";

/** Maps as plain objects, to compare them. */
function plain(value: Yaml): unknown {
  if (typeof value === "string") return value;
  return value instanceof Map
    ? Object.fromEntries([...value].map(([key, one]) => [key, plain(one)]))
    : (value as readonly Yaml[]).map(plain);
}
const read = (text: string) => readYaml(text).map(plain);

const READ: Readonly<Record<string, readonly [text: string, ...documents: unknown[]]>> = {
  "nothing": ["", ""],
  "comments alone": ["# a\n\n  # b\n", ""],
  "a byte order mark and Windows' line ends": ["\ufeffa: 1\r\nb:\r\n  c: x\r\n", {
    a: "1",
    b: { c: "x" },
  }],
  "no line end": ["a: b", { a: "b" }],
  "keys without values": ["a:\nb:   # c\nc: ''\n", { a: "", b: "", c: "" }],
  "texts with marks inside": [
    "a: http://h:80/a#b,c\nb: a: b\n".replace("b: a: b", "b: a:b -c"),
    { a: "http://h:80/a#b,c", b: "a:b -c" },
  ],
  "keys with quotes, dots, brackets": [
    `"a b": 1\n'c''d': 2\ne.f: 3\n"[g/h]": 4\ni[0]: 5\n`,
    { "a b": "1", "c'd": "2", "e.f": "3", "[g/h]": "4", "i[0]": "5" },
  ],
  "lists in the column of their key and further in": [
    "a:\n- x\n- y\nb:\n    - z\nc: d\n",
    { a: ["x", "y"], b: ["z"], c: "d" },
  ],
  "maps and lists in lists": [
    "-   a: 1\n    b:\n    - 2\n-\n  c: 3\n- - d\n  - e\n-\n",
    [{ a: "1", b: ["2"] }, { c: "3" }, ["d", "e"], ""],
  ],
  "texts over several lines": [
    "a: b\n  c\n\n  d # e\nf: 'g\n\n  h'\ni: \"j \\\n  k\"\n",
    { a: "b c\nd", f: "g\nh", i: "j k" },
  ],
  "escapes": [String.raw`a: "\t\"\\\x41\u4e2d\/\n"`, { a: '\t"\\A中/\n' }],
  "blocks": [
    "a: |\n  b\n   c\n\n  d\n\ne: >-\n  f\n  g\n\n  h\n    i\n  j\nk: |2+\n    l\n\nm: >\n\nn: o\n",
    { a: "b\n c\n\nd\n", e: "f g\nh\n  i\nj", k: "  l\n\n", m: "", n: "o" },
  ],
  "lists and maps in brackets, over lines": [
    "a: [ b, 'c, d', [e],\n  # f\n  {g: h, i: , \"j\":k} ]\nl: {}\nm: []\n",
    { a: ["b", "c, d", ["e"], { g: "h", i: "", j: "k" }], l: {}, m: [] },
  ],
  "anchors, aliases, merges": [
    "a: &a\n  b: 1\n  c: 2\nd:\n  <<: *a\n  c: 3\ne: &e f\ng: *e\nh:\n  <<: [*a, {b: 4, i: 5}]\nj: [&k l, *k]\n",
    {
      a: { b: "1", c: "2" },
      d: { b: "1", c: "3" },
      e: "f",
      g: "f",
      h: { b: "1", c: "2", i: "5" },
      j: ["l", "l"],
    },
  ],
  "tags": ["a: !!str 1\nb: !!map\n  c: 2\n", { a: "1", b: { c: "2" } }],
  "documents and directives": [
    "%YAML 1.1\n---\na: 1\n--- # b\nc: |\n  d\n...\n---\n",
    "",
    { a: "1" },
    { c: "d\n" },
    "",
    "",
  ],
  "words and numbers of YAML 1.1": [
    "a: [on, No, TRUE, ~, null, 010, 0x1F, 1_000, 0b11, -5, 1:30, 08, 1.50, y, nULL, '010']\n",
    {
      a: ["true", "false", "true", "", "", "8", "31", "1000", "3", "-5", "90", "08", "1.50"].concat(
        ["y", "nULL", "010"],
      ),
    },
  ],
  "placeholders": ["a: ${B:c}\nd: ${E}:${F:80}\n", { a: "${B:c}", d: "${E}:${F:80}" }],
};

for (const [name, [text, ...documents]] of Object.entries(READ)) {
  Deno.test(`readYaml() reads ${name}`, () => {
    assert.deepEqual(read(text), documents);
  });
}

const REFUSED: readonly (readonly [text: string, line: number])[] = [
  ["a: b: c\n", 1],
  ["a: 1\n b: 2\n", 2],
  ["a:\n  b: 1\n c: 2\n", 3],
  ["a:\n\tb: 1\n", 2],
  ["a: 'b\n", 1],
  ["a: 'b' c\n", 1],
  ["a: [b\n", 2],
  ["a: [b: c]\n", 1],
  ["a: {b\n", 2],
  ["? a\n: b\n", 1],
  ["a: *b\n", 1],
  ["a: @b@\n", 1],
  ["a: %b\n", 1],
  ["- a\nb: c\n", 2],
  ["a: 1\n---\nb: 2\n- c\n", 4],
  ["a\nb: c\n", 2],
  ["{a: 1}: 2\n", 1],
];

Deno.test("readYaml() refuses what it does not know, by line, and repeats nothing of it", () => {
  for (const [text, line] of REFUSED) {
    assert.throws(() => readYaml(text), { message: `line ${line} is not understood` }, text);
  }
});

/** Numbers from 0 to 1 that are the same in each run. */
function createRandom(): () => number {
  let state = 7;
  return () => (state = state * 16807 % 2147483647) / 2147483647;
}

const WORDS = [
  "a",
  "on",
  "1e3",
  "010",
  "- x",
  "k: v",
  "#c",
  "a #b",
  "'",
  '"',
  "\\",
  "中",
  " a ",
  "",
]
  .concat("a\nb", "\n", "a\n\n b\n", "[x]", "{y}", "http://h:1/a?b=c&d", "~", "${A:b}", "*a", "&a")
  .concat(
    "a b c d e f g h i j k l m n",
    "!t",
    "%d",
    "@v@",
    "---",
    "...",
    "a:",
    "?",
    "a\tb",
    "|",
    ">",
  );

Deno.test("readYaml() reads what the library writes", () => {
  const random = createRandom();
  const pick = <One>(all: readonly One[]) => all[Math.floor(random() * all.length)] as One;
  const value = (depth: number): unknown => {
    const size = 1 + Math.floor(random() * 3);
    if (depth > 3 || random() < 0.4) return pick(WORDS);
    return random() < 0.4
      ? Array.from({ length: size }, () => value(depth + 1))
      : Object.fromEntries(Array.from({ length: size }, () => [pick(WORDS), value(depth + 1)]));
  };
  for (let i = 0; i < 3_000; i++) {
    const written = { a: value(0), b: value(0) };
    const text = stringify(written, {
      version: "1.1",
      indent: pick([2, 4]),
      indentSeq: pick([true, false]),
      lineWidth: pick([0, 20, 80]),
      singleQuote: pick([true, false, null]),
      defaultStringType: pick(["PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE", "BLOCK_LITERAL"] as const),
      collectionStyle: pick(["any", "block", "flow"] as const),
      aliasDuplicateObjects: false,
    });
    // Keys over several lines, and those behind `?`.
    if (/^\s*(?:- )*\? |"<<"/m.test(text)) continue;
    // 2.9.1 puts an empty line before a text that it folds in a list of lists.
    const itself = parse(text, { version: "1.1" });
    assert.deepEqual(read(text), [itself], text);
  }
});

Deno.test("readYaml() counts what `<<` brings before it is built", () => {
  const keys = Array.from({ length: 3_000 }, (_, i) => `  k${i}: v\n`).join("");
  const merging = (times: number) =>
    `a: &a\n${keys}` + Array.from({ length: times }, (_, i) => `b${i}:\n  <<: *a\n`).join("");
  assert.equal(readYaml(merging(16)).length, 1);
  assert.throws(() => readYaml(merging(17)), { message: "it has more than 50000 entries" });
  assert.throws(() => readYaml(`a: &a\n${keys}b: [${"{<<: *a},".repeat(17)}]\n`), /50000/);
});

Deno.test("readYaml() ends soon with what is long or deep", () => {
  const long = 1_000_000;
  for (
    const text of [
      " ".repeat(long),
      "\n".repeat(long),
      `a: ${"b ".repeat(long / 2)}`,
      `a: ${" ".repeat(long)}b`,
      `a${" ".repeat(long)}b`,
      `a: "${" \n".repeat(long / 2)}"`,
      `a: '${"''".repeat(long / 2)}`,
      `a: "${"\\".repeat(long)}`,
      "[".repeat(long),
      "a: {".repeat(long / 4),
      "- ".repeat(long / 2),
      `a: |\n${"  b\n".repeat(long / 4)}`,
      `a: >\n${"  b\n".repeat(long / 4)}`,
      `a: b\n${"  c\n".repeat(long / 4)}`,
      "a: 1\n".repeat(long / 5),
      `a: ${"#".repeat(long)}`,
      "---\n".repeat(long / 4),
      `${"\n".repeat(long / 2)}${"%\n".repeat(long / 4)}`,
    ]
  ) {
    const begun = performance.now();
    try {
      readYaml(text);
    } catch {
      // Refused is as good.
    }
    const took = performance.now() - begun;
    assert.ok(took < 10_000, `${text.slice(0, 20)}… took ${took} ms`);
  }
});
