import assert from "node:assert/strict";
import { KIT } from "../../scripts/places.ts";
import { runTool } from "../../scripts/tool.ts";
import { launcher, WRAPPERS } from "../../scripts/wrappers.ts";

const NAMES = ["v8_code_cache_v2", "dep_analysis_cache_v2"];

/** What the launcher of a kit says `DENO_DIR` is. */
async function denoDirOf(change: (folder: string) => void): Promise<string> {
  const kit = Deno.makeTempDirSync({ prefix: "service-offline-launcher-" });
  try {
    const folder = `${kit}/deno_dir`;
    for (const name of NAMES) {
      Deno.mkdirSync(`${folder}/${name}-shm`, { recursive: true });
      Deno.writeTextFileSync(`${folder}/${name}-wal`, "");
      Deno.writeTextFileSync(`${folder}/${name}`, "database");
    }
    change(folder);
    Deno.copyFileSync(`${WRAPPERS}/clean_env.sh`, `${kit}/clean_env.sh`);
    const command = ["/bin/sh", "-c", 'echo "$DENO_DIR"'];
    const script = launcher(command).replaceAll(KIT, kit);
    const onlyEnv = { PATH: "/usr/bin:/bin", DENO_DIR: "/of/the/app" };
    const said = await runTool("/bin/sh", ["-c", script], { onlyEnv });
    return said.trim().replace(kit, "");
  } finally {
    Deno.removeSync(kit, { recursive: true });
  }
}

Deno.test("the launcher names the folder with V8's code, if it is as it was built", async () => {
  const changes: Record<string, (folder: string) => void> = {
    "as built": () => {},
    "no folder": (folder) => Deno.removeSync(folder, { recursive: true }),
    "a log of somebody who wrote": (folder) =>
      Deno.writeTextFileSync(`${folder}/${NAMES[1]}-wal`, "written"),
    "an index that can be written": (folder) => {
      Deno.removeSync(`${folder}/${NAMES[0]}-shm`);
      Deno.writeTextFileSync(`${folder}/${NAMES[0]}-shm`, "");
    },
  };
  const found: Record<string, string> = {};
  for (const [name, change] of Object.entries(changes)) found[name] = await denoDirOf(change);
  assert.deepEqual(found, {
    "as built": "/deno_dir",
    "no folder": "/dev/null",
    "a log of somebody who wrote": "/dev/null",
    "an index that can be written": "/dev/null",
  });
});
