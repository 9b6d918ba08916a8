import assert from "node:assert/strict";
import { EXEC_FORM, README, withPermissions, withTables } from "../../scripts/readme.ts";
import denoJson from "../../deno.json" with { type: "json" };

const text = await Deno.readTextFile(README);

Deno.test("README has the tables of the code; `deno task readme` writes them", () => {
  assert.equal(text, withTables(text));
});

Deno.test("the exec form's example names every variable; `deno task readme` writes them", async () => {
  const example = await Deno.readTextFile(EXEC_FORM);
  assert.match(example, /--allow-env=\S*,NO_PROXY$/m);
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
