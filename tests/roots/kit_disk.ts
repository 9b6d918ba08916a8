/** The kit that the roots get as /opt: the one in `KIT_DIR`, else one built on this `deno`. */

import { buildKit, type KitBase } from "../../scripts/build_kit.ts";
import { kitPlan } from "../../scripts/kit.ts";
import { KIT_PROGRAM } from "../../scripts/places.ts";
import { runTool } from "../../scripts/tool.ts";

interface KitUnderTest {
  readonly device: string;
  /** The command in a root without a shell. */
  readonly execForm: readonly string[];
}

export const KIT_BASE: KitBase = baseOf(Deno.env.get("KIT_DIR"));

function baseOf(folder: string | undefined): KitBase {
  if (!folder) return "deno";
  const version = Deno.readTextFileSync(`${folder}/service-offline/VERSION`);
  const base = /\bbase (compiled|deno)\b/.exec(version)?.[1];
  if (base === "compiled" || base === "deno") return base;
  throw new Error(`The VERSION of the kit in ${folder} names no base: ${version}`);
}

let built: Promise<KitUnderTest> | undefined;

/** The kit; built once for all tests of a file. */
export function kitUnderTest(): Promise<KitUnderTest> {
  return built ??= prepare();
}

async function prepare(): Promise<KitUnderTest> {
  // The harness starts what this names; the roots' launchers start it inside.
  Deno.env.set("HOOK_BIN", KIT_PROGRAM);
  const folder = Deno.makeTempDirSync({ prefix: "service-offline-kit-" });
  let opt = Deno.env.get("KIT_DIR");
  if (!opt) await buildKit(kitPlan(["--base", "deno", "--out", opt = `${folder}/opt`]));
  const execForm = JSON.parse(Deno.readTextFileSync(`${opt}/service-offline/exec-form.json`));
  const device = await asDisk(opt, `${folder}/disk`);
  addEventListener("unload", () => {
    new Deno.Command("losetup", { args: ["--detach", device] }).outputSync();
    Deno.removeSync(folder, { recursive: true });
  });
  return { device, execForm };
}

/**
 * Makes a disk of its own out of a folder. Each container that mounts it has to read it anew, and
 * is charged for the page cache, as the first pod of an image on a node is. With the read-ahead that
 * disks usually have: with the 8 MiB of one machine's disk and 64 MiB of memory the kernel read
 * 3 GB for one run, and that took 23 s instead of 1 (6.18, cgroup v1).
 */
async function asDisk(folder: string, image: string): Promise<string> {
  await runTool("mke2fs", ["-q", "-t", "ext4", "-O", "^has_journal", "-d", folder, image, "150M"]);
  const args = ["--find", "--show", "--read-only", "--direct-io=on", image];
  const device = (await runTool("losetup", args)).trim();
  const readAhead = `/sys/block/${device.split("/").at(-1)}/queue/read_ahead_kb`;
  Deno.writeTextFileSync(readAhead, "128");
  return device;
}
