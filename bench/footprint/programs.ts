/**
 * The programs that are compared, built and copied into a folder of their own.
 *
 * @module
 */

import { librariesOf } from "./page_cache.ts";
import { ship, shippedAt } from "../../scripts/shipped.ts";
import { filesIn } from "../../scripts/tree.ts";
import { QUIET } from "../measure.ts";

/** The names, as they stand in the report. */
export const PROGRAMS = ["script", "go", "bundle", "minimal deno", "empty deno"] as const;

/** One of them. */
export type ProgramName = typeof PROGRAMS[number];

/** A program. */
export interface Program {
  /** Its name. */
  readonly name: ProgramName;
  /** The command line that loads it and does nothing. */
  readonly startUp: readonly string[];
  /** The command line that takes the instance out; the empty program has none. */
  readonly offline: readonly string[] | undefined;
  /** What it finds in its environment beside what all do. */
  readonly env?: Readonly<Record<string, string>>;
}

/** All of them. */
export interface Kit {
  /** In the order of the report. */
  readonly programs: readonly Program[];
  /** What every one of them finds in its environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Every file they are made of, libraries too. */
  readonly files: readonly string[];
  /** Bytes of what has to be copied into an image; the runtime beside the bundle. */
  readonly bytes: Readonly<Record<string, number>>;
}

/**
 * Builds the kit. The executables are copies: pages of a file that another process runs, as this
 * bench runs Deno, cannot be dropped from the page cache.
 *
 * @param folder an empty one, without a deno.json beside or above it
 */
export async function makeKit(folder: string): Promise<Kit> {
  const bin = `${folder}/bin`;
  const file = {
    deno: `${bin}/deno`,
    bash: `${bin}/bash`,
    curl: `${bin}/curl`,
    sed: `${bin}/sed`,
    go: `${bin}/offline-go`,
    script: `${folder}/offline.sh`,
    bundle: `${folder}/service-offline.mjs`,
    minimal: `${folder}/offline.js`,
    empty: `${folder}/empty.js`,
  };
  await Deno.mkdir(bin);
  await Deno.copyFile(Deno.execPath(), file.deno);
  for (const name of ["bash", "curl", "sed"] as const) await Deno.copyFile(which(name), file[name]);
  await Deno.copyFile(new URL("./offline.sh", import.meta.url), file.script);
  await Deno.copyFile(new URL("./offline.js", import.meta.url), file.minimal);
  const bundle = Deno.env.get("FOOTPRINT_BUNDLE") ??
    new URL("../../dist/service-offline.js", import.meta.url);
  const { args, env } = shippedAt(await ship(bundle, folder));
  const cache = filesIn(env.DENO_DIR).map((name) => `${env.DENO_DIR}/${name}`);
  await Deno.writeTextFile(file.empty, "");
  await buildGo(file.go);

  const minimal = [file.deno, "run", "--no-prompt", "--allow-net", "--allow-env", file.minimal];
  const run = [file.deno, ...args];
  return {
    programs: [
      { name: "script", startUp: [file.bash, "-c", ":"], offline: [file.bash, file.script] },
      { name: "go", startUp: [file.go, "--version"], offline: [file.go] },
      { name: "bundle", startUp: [...run, "--version"], offline: [...run, "offline"], env },
      {
        name: "minimal deno",
        startUp: [...minimal, "--version"],
        offline: minimal,
      },
      { name: "empty deno", startUp: [file.deno, "run", file.empty], offline: undefined },
    ],
    env: { ...QUIET, PATH: bin },
    files: [
      ...Object.values(file),
      ...cache,
      ...await librariesOf(Object.values(file).slice(0, 4)),
    ],
    bytes: {
      bundle: (await Deno.stat(file.bundle)).size,
      cache: cache.reduce((sum, path) => sum + Deno.statSync(path).size, 0),
      deno: (await Deno.stat(file.deno)).size,
      go: (await Deno.stat(file.go)).size,
    },
  };
}

async function buildGo(to: string): Promise<void> {
  const source = new URL("./offline.go", import.meta.url).pathname;
  const { success, stderr } = await new Deno.Command("go", {
    args: ["build", "-ldflags=-s -w", "-o", to, source],
    env: { CGO_ENABLED: "0", GO111MODULE: "off" },
    stderr: "piped",
  }).output();
  if (!success) throw new Error(`Cannot build ${source}: ${new TextDecoder().decode(stderr)}`);
}

function which(name: string): string {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    try {
      return Deno.realPathSync(`${folder}/${name}`);
    } catch {
      // Not there.
    }
  }
  throw new Error(`The bench needs ${name} on the PATH`);
}
