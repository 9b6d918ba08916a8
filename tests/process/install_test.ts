/** `install` in a root of its own, with and without a volume at /target. */

import assert from "node:assert/strict";
import { sideBySide } from "../support/at_once.ts";
import { assertEnd } from "../support/ends.ts";
import { type HookRun, runHook } from "../support/hook.ts";

const UNSHARE = ["/usr/bin/unshare", "--map-root-user", "--mount"] as const;

/** Ubuntu 24.04 lets only root make namespaces. */
const canUnshare = new Deno.Command(UNSHARE[0], { args: [...UNSHARE.slice(1), "true"] })
  .outputSync().success;
if (!canUnshare) {
  Deno.test.ignore("install (SKIPPED: no mount namespace may be made here)", () => {});
}
const test = canUnshare ? sideBySide("install") : () => {};

/**
 * Runs it in a root on a file system in memory, which has all folders of this machine's, and a kit
 * where this machine has none.
 */
function installIn(prepare: string, launcher = ""): Promise<HookRun> {
  const script = `set -e
    mount -t tmpfs -o mode=755 none /mnt
    cd /mnt
    for one in /*; do
      case $one in /mnt | /target) continue ;; esac
      [ -d "$one" ] && { [ "$one" != /opt ] || [ -d /opt/service-offline ]; } || continue
      mkdir ".$one"
      mount --rbind "$one" ".$one"
    done
    if [ ! -d opt ]; then mkdir -p opt/service-offline/lib; echo >opt/service-offline/lib/one; fi
    mkdir target
    ${prepare}
    exec chroot . ${launcher} "$@"`;
  return runHook(["install"], {}, {
    launcher: [...UNSHARE, "/bin/sh", "-c", script, "sh"],
  });
}

test("copies the kit to a volume on another disk", async () => {
  assertEnd(await installIn("mount -t tmpfs none target"), "done", /files of .* are in \/target;/);
});

test("copies the kit to a volume on the disk that the root is on", async () => {
  const run = await installIn("mkdir volume; mount --bind volume target");
  assertEnd(run, "done", /files of .* are in \/target;/);
  assert.doesNotMatch(run.stdout, /cannot be told/);
});

test("is no success without a volume", async () => {
  for (const prepare of ["", "rmdir target"]) {
    assertEnd(await installIn(prepare), "settings", /no volume is mounted at \/target/);
  }
});

test("copies the kit, and says so, where only the owner of the root could tell", async () => {
  const run = await installIn(
    "chmod 555 .",
    "/usr/bin/setpriv --bounding-set -all --inh-caps -all",
  );
  assertEnd(run, "done", /it cannot be told whether \/target is a volume/);
});
