/** Each page in Chinese says what the English one says. */

import assert from "node:assert/strict";
import { inChineseWords } from "../faults/chinese.ts";
import { KINDS } from "../faults/kinds.ts";
import { MOMENTS } from "../faults/moments.ts";
import { inChinesePath, isChinese, type Page, pages } from "../../scripts/pages.ts";

const PAGES = await pages();
const byPath = new Map(PAGES.map((page) => [page.path, page]));
const english = PAGES.filter(({ path }) =>
  path === "README.md" || path.startsWith("docs/") && !isChinese(path)
);

/** What stands between two headings. */
interface Section {
  readonly level: number;
  readonly anchor: string;
  /** Without code blocks. */
  readonly prose: string;
  readonly code: readonly string[];
}

function sectionsOf({ text }: Page): Section[] {
  const blocks: string[] = [];
  // A heading within code is none.
  const marked = text.replaceAll(/^```[\s\S]*?^```/gm, (block) => `\0${blocks.push(block) - 1}\0`);
  // Before the title there is only the way to other pages.
  return marked.split(/^(?=#+ )/m).slice(marked.startsWith("#") ? 0 : 1).map((part) => {
    const [, marks = "", heading = ""] = /^(#+) (.*)$/m.exec(part) ?? [];
    const code = [...part.matchAll(/\0(\d+)\0/g)].map(([, i]) => blocks[Number(i)] ?? "");
    const prose = part.replaceAll(/\0\d+\0/g, "").replace(/^\[(?:简体中文|English)\]\(.*\)$/m, "");
    return { level: marks.length, anchor: anchorOf(heading), prose, code };
  });
}

function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
}

/** A block without its comments: those are said in the language of the page. */
function withoutComments(block: string): string {
  return /^```\w/.test(block) ? block.replaceAll(/[ \t]*(?:^|[ \t])#[^!\n]*$/gm, "") : block;
}

/** Rows and columns of each table. */
function tablesOf(prose: string): string[] {
  return [...prose.matchAll(/(?:^\|.*\n?)+/gm)].map(([table]) =>
    table.trim().split("\n").map((row) => row.replaceAll(/`[^`]*`/g, "").split("|").length).join()
  );
}

/** The numbers, in any order: no two languages count in the same. */
function figuresOf(prose: string): string[] {
  const words = prose.replaceAll(/\]\([^)]*\)/g, "]").replaceAll(/``.+?``|`[^`]*`/g, "");
  return [...words.matchAll(/\d+(?:[.,]\d+)*/g)].map(([figure]) => figure).sort();
}

/** What is spelled letter by letter. */
function codeOf(prose: string): string[] {
  return [...new Set([...prose.matchAll(/``(.+?)``|`([^`]*)`/g)].map(([, a, b = ""]) => a ?? b))]
    .sort();
}

/** Where links lead, as the path in English and which heading of that page. */
function linksOf({ url }: Page, prose: string): string[] {
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = ""]) => {
    const target = new URL(link, url);
    const page = PAGES.find((one) => one.url.pathname === target.pathname);
    if (page === undefined) return target.href;
    const anchor = decodeURIComponent(target.hash.slice(1));
    const heading = anchor && sectionsOf(page).findIndex((section) => section.anchor === anchor);
    const pair = english.find(({ path }) => inChinesePath(path) === page.path);
    return `${pair?.path ?? page.path} ${heading}`;
  }).sort();
}

Deno.test("every page has its pair in Chinese, and no pair lacks its page", () => {
  const pairs = english.map(({ path }) => inChinesePath(path));
  const chinese = PAGES.filter(({ path }) => isChinese(path)).map(({ path }) => path);
  assert.deepEqual(chinese.sort(), pairs.sort());
});

for (const page of english) {
  const pair = byPath.get(inChinesePath(page.path));
  if (pair === undefined) continue;
  Deno.test(`${pair.path} says what ${page.path} says`, () => {
    const [ours, theirs] = [sectionsOf(page), sectionsOf(pair)];
    const levels = (sections: readonly Section[]) => sections.map(({ level }) => level);
    assert.deepEqual(levels(theirs), levels(ours));
    for (const [i, section] of ours.entries()) {
      const other = theirs[i] ?? section;
      const where: string = `${pair.path}, ${other.anchor}`;
      const same = (what: string, of: (section: Section) => unknown) =>
        assert.deepEqual(of(other), of(section), `${where}: ${what}`);
      same("code blocks", ({ code }) => code.map(withoutComments));
      same("tables", ({ prose }) => tablesOf(prose));
      same("figures", ({ prose }) => figuresOf(prose));
      same("what is spelled as code", ({ prose }) => codeOf(prose));
      assert.deepEqual(linksOf(pair, other.prose), linksOf(page, section.prose), `${where}: links`);
    }
  });
}

Deno.test("the pages in Chinese use the words that their readers search for", () => {
  const all = PAGES.filter(({ path }) => isChinese(path)).map(({ text }) => text).join("\n");
  for (const word of ["无损下线", "优雅下线", "优雅停机", "优雅终止宽限期", "快速开始"]) {
    assert.ok(all.includes(word), word);
  }
  for (const calque of ["第一分钟", "查证", "应答", "出厂设置", "提供方"]) {
    assert.ok(!all.includes(calque), calque);
  }
});

Deno.test("the table of faults has words in Chinese for each kind and moment", () => {
  for (const { name } of KINDS) assert.notEqual(inChineseWords(name), "");
  for (const name of Object.values(MOMENTS)) assert.notEqual(inChineseWords(name), "");
  assert.throws(() => inChineseWords("no such fault"));
});
