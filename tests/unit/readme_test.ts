import assert from "node:assert/strict";
import { type Page, pages } from "../../scripts/pages.ts";
import { KIT_DENO_DIR } from "../../scripts/places.ts";
import {
  EXEC_FORM,
  settingsInMarkdown,
  TABLES,
  withArguments,
  withTables,
} from "../../scripts/readme.ts";
import type { Setting } from "../../src/settings/setting.ts";
import { SETTINGS } from "../support/settings.ts";
import denoJson from "../../deno.json" with { type: "json" };

const PAGES = await pages();
const README = PAGES.find(({ path }) => path === "README.md")?.text ?? "";

/** What is wrong with pages, each with its path. */
function wrongIn(find: (page: Page) => readonly string[]): string[] {
  return PAGES.flatMap((page) => find(page).map((what) => `${page.path}: ${what}`));
}

Deno.test("pages have the tables of the code; `deno task readme` writes them", () => {
  for (const page of PAGES) assert.equal(page.text, withTables(page), page.path);
  const isThere = (name: string) => PAGES.some(({ text }) => text.includes(`<!-- ${name} -->\n|`));
  assert.deepEqual(Object.keys(TABLES).filter((name) => !isThere(name)), []);
});

Deno.test("the settings in Markdown are one row of five cells each, and one for each group", () => {
  const [head, rule, ...rows] = settingsInMarkdown((english) => english).split("\n");
  for (const line of [head, rule, ...rows]) assert.equal(line?.split("|").length, 7, line);
  const isGroup = (row: string) => row.startsWith("| **");
  assert.ok(rows.some((row) => row.startsWith("| **Eureka**")));
  assert.deepEqual(
    rows.filter((row) => !isGroup(row)).map((row) => row.split("`")[1]).sort(),
    Object.values<Setting>(SETTINGS).map(({ env }) => env).sort(),
  );
  const row = (name: string) => rows.find((line) => line.startsWith(`| \`${name}\``)) ?? "";
  assert.match(row("serviceName"), /required/);
  assert.match(row("NACOS_PASSWORD"), /secret/);
  assert.doesNotMatch(row("podip"), /required|secret/);
});

Deno.test("the exec form's example names every variable; `deno task readme` writes them", async () => {
  const example = await Deno.readTextFile(EXEC_FORM);
  assert.match(example, /--allow-env=\S*,DENO_CERT,/m);
  assert.equal(example, withArguments(example));
  assert.ok(example.includes(`              value: ${KIT_DENO_DIR}\n`));
});

Deno.test("README is read in a minute, and names the commands of a fresh machine", () => {
  const bytes = new TextEncoder().encode(README).length;
  assert.ok(bytes <= 12_000, `${bytes} bytes, at most 12,000`);
  assert.match(README, /npx -y deno@2\.9\.6 task demo/);
  assert.match(README, /npx -y deno@2\.9\.6 task test\b/);
});

Deno.test("pages name one version of Deno, and no task that deno.json does not have", () => {
  const tasks: Record<string, unknown> = denoJson.tasks;
  const versions = wrongIn(({ text }) =>
    [...text.matchAll(/deno@(?!2\.9\.6)\d+\.\d+\.\d+/g)].map(String)
  );
  assert.deepEqual(versions, []);
  const unknown = wrongIn(({ text }) =>
    [...text.matchAll(/deno(?:@[\d.]+)? task ([a-z][\w:]*)/g)]
      .map(([, name = ""]) => name).filter((name) => !(name in tasks))
  );
  assert.deepEqual(unknown, []);
});

Deno.test("links and pictures of pages lead to a file, and to a heading of it", async () => {
  assert.ok(PAGES.length > 10, `${PAGES.length}`);
  const wrong = await Promise.all(PAGES.map(async ({ path, url, text }) => {
    const links = [...text.matchAll(/\]\(([^)\s]+)\)|\bsrc(?:set)?="([^"]+)"/g)]
      .map(([, link, picture = ""]) => link ?? picture);
    const broken = await Promise.all(links.map((link) => isBroken(new URL(link, url))));
    return links.filter((_, i) => broken[i]).map((link) => `${path}: ${link}`);
  }));
  assert.deepEqual(wrong.flat(), []);
});

async function isBroken(target: URL): Promise<boolean> {
  if (target.protocol !== "file:") return false;
  const anchor = decodeURIComponent(target.hash.slice(1));
  target.hash = "";
  const found = await Deno.readTextFile(target).catch(() => undefined);
  return found === undefined || anchor !== "" && !anchorsOf(found).includes(anchor);
}

function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
}

Deno.test("every page can be reached from the README", () => {
  const reached = new Set(["README.md"]);
  for (const path of reached) {
    const page = PAGES.find((one) => one.path === path);
    for (const [, link = ""] of page?.text.matchAll(/\]\(([^)#\s]+\.md)/g) ?? []) {
      const target = new URL(link, page?.url);
      const to = PAGES.find(({ url }) => url.href === target.href);
      if (to) reached.add(to.path);
    }
  }
  assert.deepEqual(PAGES.map(({ path }) => path).filter((path) => !reached.has(path)), []);
});

Deno.test("messages that the pages explain are those of the code", async () => {
  const source = await sourceText();
  const wrong = wrongIn(({ path, text }) =>
    /(README|troubleshooting)(\.zh-CN)?\.md$/.test(path)
      ? messagesOf(text).filter((part) => !source.includes(part))
      : []
  );
  assert.deepEqual(wrong, []);
  assert.ok(messagesOf(README).length > 5);
});

/** The fixed parts of messages: the first cells of tables that begin with code, cut at each `…`. */
function messagesOf(markdown: string): string[] {
  return [...markdown.matchAll(/^\| (?:`` (.+?) ``|`([^`]*[a-z] [a-z][^`]*)`)(?:.*?) \|/gm)]
    .flatMap(([, double, single = ""]) => (double ?? single).split("…"))
    .map((part) => part.replace(/^[:;,. ()]+|[:;,. (=]+$/g, ""))
    .filter((part) => part.length > 8);
}

/** All of src, with texts that go over several lines in one piece. */
async function sourceText(): Promise<string> {
  const texts: string[] = [];
  const visit = async (folder: URL) => {
    for await (const { name, isDirectory } of Deno.readDir(folder)) {
      const url = new URL(isDirectory ? `${name}/` : name, folder);
      if (isDirectory) await visit(url);
      else texts.push(await Deno.readTextFile(url));
    }
  };
  await visit(new URL("../../src/", import.meta.url));
  return texts.join("\n").replaceAll(/["`] \+\s*["`]/g, "").replaceAll("\\`", "`");
}
