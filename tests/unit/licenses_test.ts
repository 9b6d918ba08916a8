import assert from "node:assert/strict";
import config from "../../deno.json" with { type: "json" };
import { filesIn } from "../../scripts/tree.ts";
import { REPOSITORY } from "../../scripts/places.ts";

/** The npm packages that src imports, as `deno.json` names them. */
function packages(): string[] {
  const src = `${REPOSITORY}/src`;
  const specifiers = filesIn(src).flatMap((name) =>
    [...Deno.readTextFileSync(`${src}/${name}`).matchAll(/\bfrom "([^."][^"]*)"/g)]
      .flatMap(([, specifier]) => specifier ?? [])
  );
  const npm: Readonly<Record<string, string>> = config.imports;
  return [...new Set(specifiers)].map((specifier) => {
    const name = /^npm:((?:@[^/]+\/)?[^@/]+)/.exec(npm[specifier] ?? specifier)?.[1];
    return name ?? assert.fail(`${specifier} is no npm package`);
  }).toSorted();
}

Deno.test("the kit has the licence of each package that is in the program", () => {
  const licences = filesIn(`${REPOSITORY}/licenses`);
  assert.ok(packages().includes("zod"));
  for (const name of [...packages(), "deno", "v8", "rust", "glibc", "libgcc"]) {
    assert.ok(licences.includes(`${name}.txt`), `licenses/${name}.txt`);
  }
});
