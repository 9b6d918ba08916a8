import assert from "node:assert/strict";
import { kitPlan } from "../../scripts/kit.ts";
import { DIST } from "../../scripts/places.ts";

/** What a command line leads to, without the function. */
function plan(...args: string[]) {
  const { base, arch, out } = kitPlan(args);
  return { base, arch, out };
}

const own = Deno.build.arch;

Deno.test("kitPlan() takes the compiled executable for this machine, unless told otherwise", () => {
  assert.deepEqual(plan(), { base: "compiled", arch: own, out: `${DIST}/opt` });
  assert.deepEqual(
    plan("--base", "deno", "--target=aarch64", "--out", "/images/a=b/"),
    { base: "deno", arch: "aarch64", out: "/images/a=b" },
  );
  assert.equal(plan("--out=x").out, `${Deno.cwd()}/x`);
});

Deno.test("kitPlan() refuses what it does not know, and says what it does", () => {
  for (
    const args of [["--base", "node"], ["--target", "arm64"], ["--out"], ["deno"], ["--base="]]
  ) {
    assert.throws(() => plan(...args), /--base deno\|compiled, --target x86_64\|aarch64, --out/);
  }
});
