import assert from "node:assert/strict";
import {
  EXEC_FORM,
  README,
  settingsInMarkdown,
  withPermissions,
  withTables,
} from "../../scripts/readme.ts";
import type { Setting } from "../../src/settings/setting.ts";
import { SETTINGS } from "../support/settings.ts";
import denoJson from "../../deno.json" with { type: "json" };

const text = await Deno.readTextFile(README);

Deno.test("README has the tables of the code; `deno task readme` writes them", () => {
  assert.equal(text, withTables(text));
});

Deno.test("the README's settings are one row of five cells each, and one for each group", () => {
  const [head, rule, ...rows] = settingsInMarkdown().split("\n");
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
  assert.equal(example, withPermissions(example));
});

Deno.test("README names the commands of a fresh machine, with one version of Deno", () => {
  assert.match(text, /npx -y deno@2\.9\.6 task demo/);
  assert.match(text, /npx -y deno@2\.9\.6 task test\b/);
  const versions = new Set([...text.matchAll(/deno@(\d+\.\d+\.\d+)/g)].map((match) => match[1]));
  assert.deepEqual([...versions], ["2.9.6"]);
});

Deno.test("README names no task that deno.json does not have", () => {
  const tasks: Record<string, unknown> = denoJson.tasks;
  const named = [...text.matchAll(/(?:deno(?:@[\d.]+)? task) ([a-z][\w:]*)/g)]
    .map((match) => match[1] ?? "");
  assert.notEqual(named.length, 0);
  assert.deepEqual(named.filter((name) => !(name in tasks)), []);
});

Deno.test("links of the READMEs and docs lead to a file, and to a heading of it", async () => {
  const root = new URL("../../", import.meta.url);
  const pages = ["README.md", "README.zh-CN.md"];
  for await (const { name } of Deno.readDir(new URL("docs", root))) pages.push(`docs/${name}`);
  assert.ok(pages.length > 3, pages.join());
  const wrong: string[] = [];
  for (const page of pages) {
    const here = new URL(page, root);
    for (const [, link = ""] of (await Deno.readTextFile(here)).matchAll(/\]\(([^)\s]+)\)/g)) {
      const target = new URL(link, here);
      if (target.protocol !== "file:") continue;
      const anchor = decodeURIComponent(target.hash.slice(1));
      target.hash = "";
      const found = await Deno.readTextFile(target).catch(() => undefined);
      if (found === undefined || (anchor && !anchorsOf(found).includes(anchor))) {
        wrong.push(`${page}: ${link}`);
      }
    }
  }
  assert.deepEqual(wrong, []);
});

function anchorsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
  );
}
