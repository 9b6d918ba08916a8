/** The house: who may import whom. */

import assert from "node:assert/strict";
import { type Import, imports } from "../../scripts/imports.ts";

/** Folders and files, the lowest first; an import leads down, or stays within its folder. */
const LEVELS = [
  [
    "clock.ts",
    "closest.ts",
    "errors.ts",
    "plain.ts",
    "secrets.ts",
    "shape.ts",
    "tried.ts",
    "version.ts",
  ],
  ["backoff.ts", "log.ts", "output.ts"],
  ["context.ts", "settings/"],
  ["http/"],
  ["registry/"],
  ["registry/nacos/", "registry/eureka/", "traffic/", "app/"],
  ["registry/registries.ts"],
  ["lifecycle/"],
  ["check/"],
  ["commands/"],
  ["settings_table.ts", "process.ts"],
  ["help.ts", "surroundings.ts"],
  ["command_line.ts"],
  ["runs.ts"],
  ["cli.ts"],
  ["system.ts"],
  ["main.ts"],
];

const PLACES = LEVELS.flatMap((names, level) => names.map((name) => ({ name, level })))
  .sort((a, b) => b.name.length - a.name.length);

/** Where a file belongs: what fits it best. */
function placeOf(path: string): { name: string; level: number } {
  const place = PLACES.find(({ name }) =>
    name.endsWith("/") ? path.startsWith(name) : name === path
  );
  return place ?? assert.fail(`src/${path} has no level in tests/unit/imports_test.ts`);
}

function isAllowed({ from, to }: Import): boolean {
  const [a, b] = [placeOf(from), placeOf(to)];
  return a.name === b.name || a.level > b.level;
}

Deno.test("imports of src lead down, types too", async () => {
  const all = await imports();
  assert.ok(all.length > 200, "they are all seen");
  const wrong = all.filter((one) => !isAllowed(one)).map(({ from, to }) => `${from} -> ${to}`);
  assert.deepEqual(wrong, []);
});

Deno.test("no file of src imports itself by way of others", async () => {
  let left = await imports();
  for (let count = Infinity; left.length < count;) {
    count = left.length;
    const importing = new Set(left.map(({ from }) => from));
    left = left.filter(({ to }) => importing.has(to));
  }
  assert.deepEqual(left, []);
});
