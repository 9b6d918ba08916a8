/** `task compile`, then `task kit`, as the README has them, on stand-ins for the base. */

import assert from "node:assert/strict";
import { denoDir } from "../../scripts/base.ts";
import { DENO_VERSION } from "../../scripts/deno_version.ts";
import { filesIn } from "../../scripts/tree.ts";
import { VERSION } from "../../src/version.ts";
import { type Clone, makeClone, ownWay } from "./clone.ts";
import { makeDenort, zipDenort } from "./denort.ts";

const arch = Deno.build.arch;

const sumsOf = (clone: Clone) =>
  Deno.readTextFileSync(`${clone.project}/dist/opt/service-offline/SHA256SUMS`);
const modeOf = (path: string) => ((Deno.statSync(path).mode ?? 0) & 0o777).toString(8);

/** Runs tasks, each of which must go well, for a careful user with the modules of this machine. */
async function tasks(clone: Clone, env: Record<string, string>, ...all: readonly string[]) {
  let last = "";
  for (const words of all) {
    const { code, text } = await clone.task(words.split(" "), {
      DENO_DIR: await denoDir(),
      ...env,
    });
    assert.equal(code, 0, text);
    last = text;
  }
  return last;
}

Deno.test("task compile, then task kit: for this machine, run before it is used, the same each time", async () => {
  using one = await makeClone();
  using other = await makeClone();
  const base = `${one.folder}/denort`;
  await makeDenort(base);
  // As a base out of a read-only store.
  Deno.chmodSync(base, 0o555);
  const env = { DENORT_BIN: base, OTEL_DENO: "true", DENO_COMPAT: "1", DENO_CONDITIONS: "x" };
  const said = await tasks(one, env, "compile", "kit");
  assert.match(said, /It was run here/);
  assert.deepEqual(
    [...Deno.readDirSync(`${one.project}/dist`)].map(({ name }) => name).toSorted(),
    ["opt", `service-offline-${arch}`, "service-offline.js"],
  );
  const opt = `${one.project}/dist/opt`;
  for (const name of ["", "/service-offline", "/service-offline/lib"]) {
    assert.equal(modeOf(`${opt}${name}`), "755", `dist/opt${name}`);
  }
  assert.match(Deno.readTextFileSync(`${opt}/service-offline/VERSION`), /, base compiled, /);

  await tasks(other, { DENORT_BIN: base }, "compile", "kit");
  assert.equal(sumsOf(one), sumsOf(other));
});

Deno.test("the base is found in a relative DENO_DIR", async () => {
  using clone = await makeClone();
  const base = `${clone.folder}/denort`;
  const at = `${clone.project}/cache/dl/release/v${DENO_VERSION}`;
  await makeDenort(base);
  await tasks(clone, {}, "bundle");
  // The modules of this machine, by a link in a cache of its own.
  Deno.mkdirSync(at, { recursive: true });
  for (const { name } of Deno.readDirSync(await denoDir())) {
    if (name !== "dl") {
      Deno.symlinkSync(`${await denoDir()}/${name}`, `${clone.project}/cache/${name}`);
    }
  }
  for (const { name } of Deno.readDirSync(`${await denoDir()}/dl`)) {
    if (name !== "release") {
      Deno.symlinkSync(`${await denoDir()}/dl/${name}`, `${clone.project}/cache/dl/${name}`);
    }
  }
  await zipDenort(base, `${at}/denort-${arch}-unknown-linux-gnu.zip`);
  await tasks(clone, { DENO_DIR: "cache" }, "compile", "kit");
});

Deno.test("what is no base of this version is refused, and why is said", async () => {
  using clone = await makeClone();
  const old = `${clone.folder}/denort`;
  await makeDenort(old, { deno: "2.9.5" });
  const said = async (base: string) => {
    const env = { ...await ownWay(), DENORT_BIN: base };
    const { code, text } = await clone.task(["compile"], env);
    assert.equal(code, 1, text);
    assert.throws(() => Deno.statSync(`${clone.project}/dist/service-offline-${arch}`));
    return text;
  };
  assert.match(await said(old), /Cannot compile on DENORT_BIN=.*denort: it is of Deno 2\.9\.5/);
  assert.match(await said(Deno.execPath()), /it is a deno, with its whole command line/);
});

Deno.test("a kit that fails leaves the one before as it was, and one that goes well replaces it as a whole", async () => {
  using clone = await makeClone();
  const [good, bad] = [`${clone.folder}/good`, `${clone.folder}/bad`];
  await makeDenort(good);
  await makeDenort(bad, { version: "0.0.9" });
  const env = await ownWay();
  const opt = `${clone.project}/dist/opt`;

  const early = await clone.task(["kit"], env);
  assert.equal(early.code, 1);
  assert.match(early.text, /Either run `deno task compile --target \w+` first/);
  assert.throws(() => Deno.statSync(opt), Deno.errors.NotFound);

  // A kit of an older version, and a file of somebody else.
  Deno.mkdirSync(`${opt}/service-offline/lib`, { recursive: true });
  for (
    const name of [
      "service_old.sh",
      "theirs",
      "service-offline/service_old.sh",
      "service-offline/VERSION",
    ]
  ) {
    Deno.writeTextFileSync(`${opt}/${name}`, "");
  }
  const before = filesIn(opt);
  await tasks(clone, { DENORT_BIN: bad }, "compile");
  const failed = await clone.task(["kit"], env);
  assert.equal(failed.code, 1);
  assert.match(failed.text, /it prints "service-offline 0\.0\.9" and not "service-offline /);
  assert.deepEqual(filesIn(opt), before);
  assert.deepEqual(
    [...Deno.readDirSync(`${clone.project}/dist`)].length,
    3,
    "nothing else is left",
  );

  await tasks(clone, { DENORT_BIN: good }, "compile", "kit");
  const after = filesIn(opt);
  assert.ok(after.includes("theirs"));
  assert.ok(!after.some((name) => name.includes("service_old.sh")), after.join(" "));
  assert.ok(after.includes("service_online.sh"));
  assert.match(
    Deno.readTextFileSync(`${opt}/service-offline/VERSION`),
    new RegExp(`^service-offline ${VERSION}\n`),
  );
});
