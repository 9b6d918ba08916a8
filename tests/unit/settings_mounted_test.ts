import assert from "node:assert/strict";
import { placeInWords } from "../../src/settings/places.ts";
import { anyText } from "../../src/settings/kinds.ts";
import { readSettings } from "../../src/settings/read.ts";
import { createSpring, type Spring } from "../../src/settings/spring.ts";
import { filesOf } from "../support/memory_files.ts";

const NAME = "spring.application.name";
const named = (name: string) => `spring.application.name: ${name}\n`;

type Texts = Readonly<Record<string, string | undefined>>;

/** What is said of the files. */
function saidBy(spring: Spring) {
  const said = (isWarning: boolean) =>
    spring.notes().filter((note) => (note.isWarning === true) === isWarning)
      .map(({ message }) => message);
  return { notes: said(false), warnings: said(true) };
}

/** Looks up the app's name, and notes what it costs. Some variables may not be read. */
function look(texts: Texts, env: Readonly<Record<string, string>> = {}) {
  const asked: string[] = [];
  const reads: string[] = [];
  const { readFile, list } = filesOf(texts);
  const variable = (name: string) => {
    if (!/APP_|^nacos[._-]/.test(name)) return env[name];
    throw Object.assign(new Error("Requires env access"), { name: "NotCapable" });
  };
  const spring = createSpring(variable, {
    readFile: (path) => {
      reads.push(path);
      return readFile(path);
    },
    list: (path) => {
      asked.push(path);
      return list(path);
    },
  });
  const value = spring(NAME);
  const { text, from } = value ?? {};
  return { spring, asked, reads, text, from, ...saidBy(spring) };
}

Deno.test("createSpring() says which property of which file a value is", () => {
  const { text, from, notes, spring } = look({
    "config/application.yml": "spring:\n  application.NAME: orders",
  });
  assert.deepEqual([text, from], [
    "orders",
    "spring.application.NAME of ./config/application.yml",
  ]);
  assert.equal(spring(NAME)?.isMounted, true);
  assert.equal(spring(NAME)?.env, undefined);
  assert.deepEqual(notes, ["Spring's settings are read from ./config/application.yml"]);
});

Deno.test("createSpring() touches no file where the environment has the answer", () => {
  const { text, asked, reads, notes } = look({ "application.yml": named("file") }, {
    SPRING_APPLICATION_NAME: "variable",
  });
  assert.deepEqual([text, asked, reads, notes], ["variable", [], [], []]);
});

Deno.test("createSpring() reads each file once, and says nothing where there is none", () => {
  const none = look({ "app.jar": "" });
  assert.deepEqual([none.text, none.notes], [undefined, []]);
  none.spring("server.port");
  assert.deepEqual(none.asked, ["./", "/config/"]);
  const { reads, spring } = look({ "application.yml": named("a"), "bootstrap.yml": named("b") });
  spring("server.port");
  assert.deepEqual(reads.toSorted(), ["./application.yml", "./bootstrap.yml"]);
});

Deno.test("createSpring() tries /config where the usual folders have nothing, and is told no other", () => {
  const files = { "/config/application.yml": named("a") };
  assert.equal(look(files).text, "a");
  assert.equal(look({ ...files, "application.yml": "x: 1" }).text, undefined);
  assert.equal(look(files, { SPRING_CONFIG_LOCATION: "optional:file:./" }).text, undefined);
});

Deno.test("createSpring() goes on behind a file that it cannot use, and says why", () => {
  const good = { "application.yaml": named("good") };
  const wrong: readonly (readonly [files: Texts, note: RegExp])[] = [
    [
      { "application.yml": undefined },
      /^Cannot read Spring's \.\/application\.yml: Permission den/,
    ],
    [{ "application.yml": "password: 'geheim" }, /application\.yml: line 1 is not understood$/],
    [{ "application.xml": "<a/>" }, /application\.xml: xml is not understood$/],
    [
      { "application.yml": bomb() },
      /application\.yml: it has more than 50000 entries$/,
    ],
    [
      { "application.yml": "spring.config.import: 'file:${my.folder}/a.yml'" },
      /^spring\.config\.import of \.\/application\.yml counts as not set/,
    ],
    [{ "application.yml": "spring.config.import: none.yml" }, /\.\/none\.yml: No such file/],
    [{ "application.yml": "spring.config.import: file:/none/" }, /\/none\/: No such folder/],
    [{ "application.yml": "spring.config.import: file:/etc" }, /\/etc: a folder ends with \//],
    [
      { "application.yml": "spring.config.import: configtree:/none/" },
      /\/none\/: No such folder/,
    ],
  ];
  for (const [files, note] of wrong) {
    const { text, notes, warnings } = look({ ...good, ...files });
    assert.equal(text, "good", JSON.stringify(files));
    const said = note.source.includes("counts as not set") ? notes : warnings;
    assert.ok(said.some((one) => note.test(one)), said.join("\n"));
    assert.ok([...notes, ...warnings].every((one) => !one.includes("geheim")));
  }
});

/** Lists of aliases of lists of aliases. */
function bomb(): string {
  const names = ["a", "b", "c", "d", "e"];
  return "a: &a [x]\n" +
    names.slice(1).map((name, i) => `${name}: &${name} [${`*${names[i]},`.repeat(20)}]\n`).join("");
}

Deno.test("createSpring() takes no placeholders that grow without bounds", () => {
  // 20 to the power of 7, one in another.
  const levels = Array.from({ length: 8 }, (_, i) => `x${i}: ${`\${x${i + 1}}`.repeat(20)}\n`);
  for (const last of ["ab", "''"]) {
    const { text, spring } = look({
      "application.yml": `${named("${x1}")}${levels.join("")}x8: ${last}\n`,
    });
    assert.equal(text, undefined);
    assert.match(spring(NAME)?.note ?? "", /counts as not set: it is made of too many others$/);
  }
  const long = { "application.yml": `${named("${x}".repeat(20))}x: ${"a".repeat(60_000)}\n` };
  assert.equal(look(long).text, undefined);
  const some = { "application.yml": `${named("${x}".repeat(20))}x: ab\n` };
  assert.equal(look(some).text, "ab".repeat(20));
});

Deno.test("createSpring() minds nothing that is optional and not there", () => {
  const { notes } = look({
    "application.yml":
      "spring.config.import:\n- optional:none.yml\n- optional:file:/none/\n- optional:configtree:/none/*/\n",
  });
  assert.deepEqual(notes, ["Spring's settings are read from ./application.yml"]);
});

Deno.test("createSpring() says what is not seen here, without the password of a server", () => {
  const { notes } = look({
    "application.yml":
      "spring.config.import: 'nacos:orders.yml,optional:configserver:http://u:geheim@c,env:X,vault:token=geheim,consul://u:geheim/x'",
  }, { SPRING_CONFIG_LOCATION: "classpath:/,file:./" });
  assert.equal(
    notes.at(-1),
    "not seen here: classpath:/, nacos:orders.yml, configserver:…, env:X, vault:…, consul:…; what " +
      "stands only there has to be set",
  );
});

Deno.test("createSpring() says which files of profiles it has left, unless the profiles are known", () => {
  const files = { "application.yml": "x: 1", "config/application-prod.yml": named("prod") };
  assert.match(
    look(files).notes.at(-1) ?? "",
    /^not read: \.\/config\/application-prod\.yml; set SPRING_PROFILES_ACTIVE/,
  );
  assert.doesNotMatch(look(files, { SPRING_PROFILES_ACTIVE: "dev" }).notes.join(), /not read/);
  // The only file there is.
  assert.match(look({ "config/application-prod.yml": "" }).notes.at(-1) ?? "", /^not read/);
});

const ofProfile = (text: string, name: string) =>
  `---\nspring.config.activate.on-profile: ${text}\n${named(name)}`;

Deno.test("createSpring() takes nothing that hangs on what it cannot know, and says so", () => {
  const stage = "spring.profiles.active: ${APP_ENV:dev}\n";
  const included = "spring.profiles.include: common\n";
  const cases: Readonly<
    Record<string, readonly [yml: string, name: string, note: RegExp, env?: Record<string, string>]>
  > = {
    "a condition": [
      named("a") + ofProfile("${APP_ENV}-eu", "eu"),
      "a",
      /^spring\.config\.activate\.on-profile of \.\/application\.yml leaves its document out/,
    ],
    "a platform": [
      named("a") + "---\nspring.config.activate.on-cloud-platform: ${APP_ENV}\n" + named("b"),
      "a",
      /on-cloud-platform of \.\/application\.yml leaves its document out/,
    ],
    "the active profile": [
      stage + named("a") + ofProfile("prod", "prod") + ofProfile("'!prod'", "not-prod") +
      ofProfile("default", "default"),
      "a",
      /^spring\.profiles\.active of \.\/application\.yml counts as not set: .*APP_ENV/,
    ],
    "what depends on it": [
      stage + named("a") + ofProfile("'!prod'", "not-prod"),
      "a",
      /^documents with on-profile in \.\/application\.yml do not count where .*; set SPRING_PROFILES_ACTIVE$/,
    ],
    "an included one, and what holds all the same": [
      "spring.profiles.include: ${APP_ENV}\n" + named("a") + ofProfile("dev | eu", "dev") +
      ofProfile("'!(prod & dev)'", "not-prod"),
      "dev",
      /^spring\.profiles\.include of .* counts as not set/,
      { SPRING_PROFILES_ACTIVE: "dev" },
    ],
    "no profile at all": [
      named("a") + ofProfile("prod", "prod"),
      "a",
      /^documents with on-profile in \.\/application\.yml count as where no profile is active/,
    ],
    "no active one beside one that is included": [
      included + named("a") + ofProfile("prod", "prod"),
      "a",
      /^documents with on-profile in/,
    ],
    "a name that a variable may give": [
      "my.app_name: a\nspring.application.name: ${my.app-name}\n",
      "a",
      /^\$\{my\.app-name\} is taken from a file: this program may not read MY_APP_NAME,/,
    ],
    "a plain name that a variable may give": [
      "app-name: a\nspring.application.name: ${app-name}\n",
      "a",
      /^\$\{app-name\} is taken from a file: this program may not read APP_NAME,/,
    ],
  };
  for (const [about, [yml, name, note, env]] of Object.entries(cases)) {
    const { text, notes } = look({ "application.yml": yml }, env);
    assert.equal(text, name, about);
    assert.ok(notes.some((one) => note.test(one)), `${about}: ${notes.join("\n")}`);
  }
  const known = named("a") + ofProfile("prod", "prod");
  const { text, notes } = look({ "application.yml": known }, { SPRING_PROFILES_ACTIVE: "prod" });
  assert.deepEqual([text, notes.length], ["prod", 1]);
  const plain = look({
    "application.yml": "nacos-host: n\nnacos.port: 1\n" +
      named("${nacos-host}${nacos.port}${my.NACOS_HOST:}"),
  }, { MY_NACOS_HOST: "x" });
  assert.deepEqual([plain.text, plain.notes.length], ["n1x", 1], plain.notes.join("\n"));
  const left = look({ "application.yml": included, "application-prod.yml": named("prod") });
  assert.match(left.notes.at(-1) ?? "", /^not read: \.\/application-prod\.yml/);
});

Deno.test("createSpring() opens of a tree only what is asked for", () => {
  const { text, reads, spring } = look({
    "run/spring.application.name": "orders\n",
    "run/db/password": "geheim",
    "run/server.port": undefined,
  }, { SPRING_CONFIG_IMPORT: "configtree:./run/" });
  assert.equal(text, "orders");
  assert.deepEqual(reads, ["./run/spring.application.name"]);
  assert.equal(spring("server.port")?.text, "");
  assert.match(
    saidBy(spring).warnings.join("\n"),
    /Cannot read Spring's \.\/run\/server\.port: Permission/,
  );
});

Deno.test("createSpring() takes no more than a hundred files, and ends", () => {
  const folders = Array.from({ length: 150 }, (_, i) => `config/${1000 + i}/application.yml`);
  const { warnings } = look(Object.fromEntries(folders.map((path) => [path, "x: 1"])));
  assert.equal(warnings.filter((one) => one.includes("more than 100 files")).length, 1);
});

Deno.test("readSettings() takes a mounted value last, and says where it stands", () => {
  const table = {
    name: { env: "serviceName", standIns: [NAME], help: ".", schema: anyText },
  } as const;
  const read = (env: Readonly<Record<string, string>>) => {
    const sources = { flags: {}, env: (name: string) => env[name], readFile: () => "" };
    const spring = createSpring(sources.env, filesOf({ "application.yml": named("file") }));
    return readSettings(table, sources, spring);
  };
  const { values, origins: { name }, notes } = read({});
  assert.equal(values.name, "file");
  assert.equal(name?.isMounted, true);
  assert.ok(name && placeInWords(name) === `${NAME} of ./application.yml`);
  assert.equal(notes[0]?.key, "");
  assert.equal(read({ serviceName: "ours" }).values.name, "ours");
  const variable = read({ SPRING_APPLICATION_NAME: "theirs" });
  assert.equal(variable.values.name, "theirs");
  assert.equal(
    variable.origins["name"] && placeInWords(variable.origins["name"]),
    "SPRING_APPLICATION_NAME",
  );
});
