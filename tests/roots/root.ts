/** Roots of foreign images: empty, busybox, and Debian made by debootstrap (24 s, 206 MB, kept). */

import { runTool } from "../../scripts/tool.ts";

export type RootName = "empty" | "busybox" | "debian";

export const ROOTS: readonly RootName[] = ["empty", "busybox", "debian"];

/** A statically linked busybox, also the shell that enters roots. */
export const BUSYBOX = "/usr/bin/busybox";

const RELEASE = "bookworm";

const CACHE = `${
  Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`
}/service-offline-roots`;

export async function prepareRoot(name: RootName): Promise<string> {
  const root = `${CACHE}/${name}`;
  if (name === "debian" && !exists(root)) {
    const unfinished = `${root}.unfinished`;
    remove(unfinished);
    await runTool("cp", ["-a", await debianRoot(), unfinished]);
    Deno.renameSync(unfinished, root);
  }
  // What every container runtime puts there.
  for (const folder of ["proc", "dev", "etc", "tmp", "opt"]) mkdir(`${root}/${folder}`);
  for (const file of ["etc/hosts", "etc/resolv.conf"]) {
    remove(`${root}/${file}`);
    Deno.writeTextFileSync(`${root}/${file}`, "");
  }
  if (name === "busybox") {
    mkdir(`${root}/bin`);
    Deno.copyFileSync(BUSYBOX, `${root}/bin/busybox`);
    remove(`${root}/bin/sh`);
    Deno.symlinkSync("busybox", `${root}/bin/sh`);
  }
  plantTraps(root);
  return root;
}

/** What stands in an app's image and would break a program that read it. */
function plantTraps(root: string): void {
  for (const name of ["package.json", "deno.json", "deno.lock"]) {
    Deno.writeTextFileSync(`${root}/${name}`, "{ this is no JSON");
  }
  mkdir(`${root}/hostile`);
  Deno.writeTextFileSync(`${root}/hostile/.npmrc`, "registry=${UNSET}\n");
  for (const name of ["libm.so.6", "libgcc_s.so.1", "libdl.so.2", "libpthread.so.0"]) {
    Deno.writeTextFileSync(`${root}/hostile/${name}`, "no library");
  }
}

/** Debian as debootstrap leaves it. */
export async function debianRoot(): Promise<string> {
  const root = `${CACHE}/${RELEASE}`;
  if (exists(root)) return root;
  const unfinished = `${root}.unfinished`;
  remove(unfinished);
  mkdir(unfinished);
  await runTool("debootstrap", ["--variant=minbase", RELEASE, unfinished], {
    ifMissing: "On Debian: apt-get install debootstrap",
  });
  Deno.renameSync(unfinished, root);
  return root;
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function mkdir(path: string): void {
  Deno.mkdirSync(path, { recursive: true, mode: 0o755 });
}

function remove(path: string): void {
  if (exists(path)) Deno.removeSync(path, { recursive: true });
}
