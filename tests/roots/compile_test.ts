/**
 * `deno task compile`, as far as it goes without its base: the `deno` of the npm package stands in
 * for it, as large and linked to the same libraries. What comes out is put together in the same way,
 * and is Deno's command line. tests/build has a stand-in that starts.
 */

import assert from "node:assert/strict";
import { writeBase } from "../../scripts/base.ts";
import { bundle } from "../../scripts/bundle.ts";
import { compile } from "../../scripts/compile.ts";
import { DENO_VERSION } from "../../scripts/deno_version.ts";
import { readElf } from "../../scripts/elf.ts";
import { KIT_LIB } from "../../scripts/places.ts";
import { unzip } from "../../scripts/unzip.ts";

const arch = Deno.build.arch;
const other = arch === "x86_64" ? "aarch64" : "x86_64";

async function withFolder(fn: (folder: string) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync({ prefix: "service-offline-compile-test-" });
  try {
    await fn(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

async function withEnvironment(
  env: Readonly<Record<string, string>>,
  fn: () => Promise<void>,
): Promise<void> {
  const before = Object.keys(env).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(env)) Deno.env.set(name, value);
  try {
    await fn();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

async function digest(path: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", Deno.readFileSync(path));
  return new Uint8Array(bytes).toHex();
}

Deno.test("two bundles and two compiled files are byte-identical", () =>
  withFolder(async (folder) => {
    // What is around at build time must not get in.
    await withEnvironment({ OTEL_DENO: "true", DENO_COMPAT: "1" }, async () => {
      for (const name of ["one", "other"]) {
        Deno.mkdirSync(`${folder}/${name}`);
        Deno.copyFileSync(Deno.execPath(), `${folder}/${name}/base`);
        const bundled = await bundle(`${folder}/${name}/bundle.js`);
        await compile(`${folder}/${name}/base`, bundled, `${folder}/${name}/program`);
      }
    });
    for (const name of ["bundle.js", "program"]) {
      assert.equal(await digest(`${folder}/one/${name}`), await digest(`${folder}/other/${name}`));
    }
    const { interpreter, rpath } = readElf(`${folder}/one/program`);
    assert.ok(interpreter?.startsWith(`${KIT_LIB}/ld-linux-`), interpreter);
    assert.equal(rpath, KIT_LIB);
  }));

Deno.test("without a base the error says where to put one", () =>
  withFolder(async (folder) => {
    const zip = `${folder}/dl/release/v${DENO_VERSION}/denort-${other}-unknown-linux-gnu.zip`;
    await withEnvironment({
      DENORT_BIN: Deno.execPath(),
      DENO_DIR: folder,
      // Nobody listens there: in place of a host that cannot be reached.
      HTTPS_PROXY: "http://127.0.0.1:9",
    }, async () => {
      await assert.rejects(writeBase(other, `${folder}/base`), ({ message }: Error) => {
        assert.match(message, new RegExp(`Cannot compile for ${other}: DENORT_BIN is .* ${arch},`));
        assert.ok(message.includes(`put it there: ${zip}`), message);
        assert.match(message, /or unpack it and set DENORT_BIN/);
        return true;
      });
    });
  }));

Deno.test("unzip() reads a deflated file, and one that is stored", () =>
  withFolder(async (folder) => {
    const text = "a base\n".repeat(1_000);
    const python = `
import sys, zipfile
for name, method in (("deflated", 8), ("stored", 0)):
    with zipfile.ZipFile(sys.argv[1] + "/" + name, "w", method) as archive:
        archive.writestr("README", "before it")
        archive.writestr("denort", ${JSON.stringify("a base\n")} * 1000)
`;
    const args = ["-c", python, folder];
    const { success } = await new Deno.Command("python3", { args }).output();
    assert.ok(success, "python3 is needed to make a zip archive");
    for (const name of ["deflated", "stored"]) {
      const archive = Deno.readFileSync(`${folder}/${name}`);
      assert.equal(new TextDecoder().decode(await unzip(archive, "denort")), text);
      await assert.rejects(unzip(archive, "deno"), /the archive has no such file/);
    }
  }));
