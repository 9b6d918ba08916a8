/** V8's code comes out of the kit, for whoever runs it: without, a start takes three times as long. */

import assert from "node:assert/strict";
import { bundle } from "../../scripts/bundle.ts";
import { writeDenoDir } from "../../scripts/deno_dir.ts";
import { KIT_DENO_DIR, KIT_PROGRAM } from "../../scripts/places.ts";
import { shippedArgs } from "../../scripts/program.ts";
import { ship, shippedAt } from "../../scripts/shipped.ts";
import { filesIn } from "../../scripts/tree.ts";
import { VERSION } from "../../src/version.ts";
import { makeMemoryCgroup } from "./cgroup.ts";
import { startContainer } from "./container.ts";
import { KIT_BASE, kitUnderTest } from "./kit_disk.ts";
import { rootTest } from "./root_test_case.ts";

const NOBODY = 65534;

/** Takes the only lock that a reader may take of each path, and holds it while its stdin is open. */
const LOCK = `use Fcntl; $| = 1; my ($held, @all) = (0);
for (@ARGV) {
  sysopen(my $file, $_, O_RDONLY) or die "$_: $!";
  my $lock = pack("s s x4 q q i x4", F_RDLCK, 0, 0, 0, 0);
  $held++ if fcntl($file, F_SETLK, $lock);
  push @all, $file;
}
print "$held\\n"; <STDIN>;`;

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

/** But for a link that Deno adds where it may. */
function contentsOf(folder: string): string[] {
  return filesIn(folder).filter((name) => !name.startsWith("node_compat_bin/"))
    .map((name) => `${name} ${Deno.readFileSync(`${folder}/${name}`).toHex()}`);
}

const LITTLE = 64 * 1024 * 1024;

/** As NOBODY with 64 MiB of memory. */
const POOR = 'echo $$ >"$0" && exec setpriv --reuid=65534 --clear-groups "$@"';

rootTest(
  "V8 takes its code, with little memory too, and nobody writes there, nor does root",
  async () => {
    const folder = Deno.makeTempDirSync({ prefix: "service-offline-code-" });
    const memory = makeMemoryCgroup(LITTLE);
    Deno.chmodSync(folder, 0o755);
    try {
      const [deno, program] = [`${folder}/deno`, `${folder}/service-offline.mjs`];
      Deno.copyFileSync(Deno.execPath(), deno);
      await bundle(program);
      const [place, kept] = [`${folder}/place/service-offline.mjs`, `${folder}/deno_dir`];
      const args = (path: string) => telling(shippedArgs(path));
      await writeDenoDir({ program, place, hasCode: true }, args);
      Deno.mkdirSync(`${folder}/place`);
      Deno.renameSync(program, place);

      const env = { DENO_NO_UPDATE_CHECK: "1", DENO_DIR: kept };
      const version = [deno, ...args(place), "--version"];
      const isTaken = async (command: readonly string[], uid: number) => {
        const said = await output(command, env, uid);
        assert.ok(said.includes(`service-offline ${VERSION}\n`), said);
        assert.match(said, /^\[Deserializing from \d{6} bytes/m);
        assert.doesNotMatch(said, /^\[Cached code failed|^\[Serializing/m);
      };
      const asBuilt = contentsOf(kept);
      await isTaken(version, NOBODY);
      await isTaken(["/bin/sh", "-c", POOR, memory.procs, ...version], 0);
      await isTaken(version, 0);
      // With other flags the code does not fit, and Deno wants to write that of this run.
      await output([deno, ...shippedArgs(place), "offline"], { ...env, DRAIN_SECONDS: "1" });
      assert.deepEqual(contentsOf(kept), asBuilt);
      await isTaken(version, NOBODY);
    } finally {
      await memory.remove();
      Deno.removeSync(folder, { recursive: true });
    }
  },
);

rootTest("a lock on what Deno reads holds no start up", async () => {
  const folder = Deno.makeTempDirSync({ prefix: "service-offline-code-" });
  Deno.chmodSync(folder, 0o755);
  try {
    const { args, env } = shippedAt(await ship(await bundle(`${folder}/bundle.js`), folder));
    const paths = [...Deno.readDirSync(env.DENO_DIR)].map(({ name }) => `${env.DENO_DIR}/${name}`);
    const locking = new Deno.Command("perl", {
      args: ["-e", LOCK, ...paths],
      ...{ uid: NOBODY, gid: NOBODY, stdin: "piped", stdout: "piped" },
    }).spawn();
    try {
      const reader = locking.stdout.getReader();
      assert.equal(new TextDecoder().decode((await reader.read()).value), `${paths.length}\n`);
      await reader.cancel();
      // Deno waits 5 s for a lock, and tries eight times.
      const command = ["timeout", "4", Deno.execPath(), ...args, "--version"];
      const before = contentsOf(env.DENO_DIR);
      assert.equal(await output(command, env), `service-offline ${VERSION}\n`);
      assert.deepEqual(contentsOf(env.DENO_DIR), before);
    } finally {
      await locking.stdin.close();
      await locking.status;
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

if (KIT_BASE === "deno") {
  rootTest("empty: Deno finds V8's code at the place of the kit", async () => {
    await using container = await startContainer({ root: "empty" });
    const { execForm } = await kitUnderTest();
    const env = { DENO_NO_UPDATE_CHECK: "1", DENO_DIR: KIT_DENO_DIR };
    const words = container.launcherOf(...telling(execForm), "--version");
    // Found: else V8 has nothing to refuse.
    assert.match(await output(words, env), /^\[Cached code failed check: flags mismatch\]$/m);
  });

  rootTest("debian: the launcher says where V8's code is", async () => {
    await using container = await startContainer({ root: "debian" });
    const folder = Deno.makeTempDirSync({ prefix: "service-offline-code-" });
    try {
      // A file for each thread: in one for all a call is cut in two where another comes between.
      const strace = ["/usr/bin/strace", "-ff", "-o", `${folder}/trace`, "-e", "trace=openat"];
      await output([...strace, ...container.launcher, KIT_PROGRAM, "--version"], {});
      const traces = filesIn(folder).map((name) => Deno.readTextFileSync(`${folder}/${name}`));
      const opened = new RegExp(`"${KIT_DENO_DIR}/v8_code_cache_v2", O_RDONLY.* = \\d`);
      assert.match(traces.join(""), opened);
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
}
