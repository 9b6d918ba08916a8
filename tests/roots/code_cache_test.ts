/** V8's code comes out of the kit, for whoever runs it: without, a start takes three times as long. */

import assert from "node:assert/strict";
import { bundle } from "../../scripts/bundle.ts";
import { writeCodeCache } from "../../scripts/code_cache.ts";
import { KIT_CACHE } from "../../scripts/places.ts";
import { shippedArgs } from "../../scripts/program.ts";
import { filesIn } from "../../scripts/tree.ts";
import { VERSION } from "../../src/version.ts";
import { makeMemoryCgroup } from "./cgroup.ts";
import { startContainer } from "./container.ts";
import { KIT_BASE, kitUnderTest } from "./kit_disk.ts";
import { rootTest } from "./root_test_case.ts";

const NOBODY = 65534;

/** V8 says with this what it takes out of a cache. It is one of the flags that a cache must fit. */
function telling(args: readonly string[]): readonly string[] {
  return args.map((arg) =>
    arg.startsWith("--v8-flags=") ? `${arg},--profile-deserialization` : arg
  );
}

async function output(
  [program = "", ...args]: readonly string[],
  env: Record<string, string>,
  uid = 0,
): Promise<string> {
  const command = new Deno.Command(program, {
    ...{ args, env, clearEnv: true, uid, gid: uid },
    stdin: "null",
  });
  const { stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return text(stdout) + text(stderr);
}

const LITTLE = 64 * 1024 * 1024;

/** With 64 MiB of memory and one processor, as NOBODY. */
const POOR = 'echo $$ >"$0" && exec setpriv --reuid=65534 --clear-groups taskset -c 0 "$@"';

rootTest(
  "V8 takes its code from a folder that cannot be written, on a small machine too",
  async () => {
    const folder = Deno.makeTempDirSync({ prefix: "service-offline-code-" });
    const memory = makeMemoryCgroup(LITTLE);
    Deno.chmodSync(folder, 0o755);
    try {
      const [deno, program] = [`${folder}/deno`, `${folder}/service-offline.mjs`];
      Deno.copyFileSync(Deno.execPath(), deno);
      await bundle(program);
      const [place, cache] = [`${folder}/place/service-offline.mjs`, `${folder}/cache`];
      const args = (path: string) => telling(shippedArgs(path));
      await writeCodeCache({ program, place, folder: cache, isNative: true }, args);
      Deno.mkdirSync(`${folder}/place`);
      Deno.renameSync(program, place);

      const version = [deno, ...args(place), "--version"];
      const isTaken = async (command: readonly string[], uid: number) => {
        const env = { DENO_NO_UPDATE_CHECK: "1", DENO_DIR: cache };
        const said = await output(command, env, uid);
        assert.ok(said.includes(`service-offline ${VERSION}\n`), said);
        assert.match(said, /^\[Deserializing from \d{6} bytes/m);
        assert.doesNotMatch(said, /^\[Cached code failed|^\[Serializing/m);
      };
      const before = filesIn(cache);
      await isTaken(version, NOBODY);
      await isTaken(["/bin/sh", "-c", POOR, memory.procs, ...version], 0);
      assert.deepEqual(filesIn(cache), before);
      // Who may write there adds an index and a link, and leaves the databases usable for others.
      const databases = before.filter((name) => !name.endsWith("-shm"));
      const bytes = () => databases.map((name) => Deno.readFileSync(`${cache}/${name}`).toHex());
      const asBuilt = bytes();
      await isTaken(version, 0);
      assert.deepEqual(bytes(), asBuilt);
      await isTaken(version, NOBODY);
    } finally {
      await memory.remove();
      Deno.removeSync(folder, { recursive: true });
    }
  },
);

if (KIT_BASE === "deno") {
  rootTest("empty: Deno finds V8's code at the place of the kit", async () => {
    await using container = await startContainer({ root: "empty" });
    const { execForm } = await kitUnderTest();
    const env = { DENO_NO_UPDATE_CHECK: "1", DENO_DIR: KIT_CACHE };
    const words = container.launcherOf(...telling(execForm), "--version");
    // Found: else V8 has nothing to refuse.
    assert.match(await output(words, env), /^\[Cached code failed check: flags mismatch\]$/m);
  });
}
