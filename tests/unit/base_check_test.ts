import assert from "node:assert/strict";
import { wrongBase } from "../../scripts/base_check.ts";

const bytes = (text: string) => new TextEncoder().encode(`\x7fELF\0${text}\0`);

Deno.test("wrongBase() passes a denort of the pinned version, and what does not say its version", () => {
  for (const text of ["Deno/2.9.6", "Deno/2.9.6+e518fbd", "Deno/1.46.3 Deno/2.9.6", "Deno/", ""]) {
    assert.equal(wrongBase(bytes(text)), undefined, text);
  }
});

Deno.test("wrongBase() refuses another version, and Deno's command line", () => {
  assert.match(wrongBase(bytes("Deno/2.9.5")) ?? "", /of Deno 2\.9\.5, and not of 2\.9\.6/);
  assert.match(wrongBase(bytes("Deno/2.9.60")) ?? "", /of Deno 2\.9\.60/);
  assert.match(wrongBase(bytes("Deno/2.9.6\0deno::tools::bench")) ?? "", /and not a denort/);
});

Deno.test("wrongBase() refuses the deno of the npm package", () => {
  assert.match(wrongBase(Deno.readFileSync(Deno.execPath())) ?? "", /and not a denort/);
});
