/**
 * What Deno keeps of a program after its first run, made beforehand: a hook has only that one run. V8
 * takes the compiled code from there in place of 200 kB of source.
 *
 * @module
 */

import { basename, dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { remove } from "./kit_place.ts";
import { shippedArgs } from "./program.ts";

/** V8's code, the only one of the databases that is for one kind of machine. */
const CODE = "v8_code_cache_v2";
/** What a program imports: without it Deno parses the program before V8 does. */
const IMPORTS = "dep_analysis_cache_v2";
/**
 * The databases that Deno 2.9.6 opens, each with its table of programs. In a folder that cannot be
 * written each is used if it is whole and beside two empty files: its log, and the log's index.
 */
const DATABASES: Readonly<Record<string, string>> = {
  [CODE]: "codecache",
  [IMPORTS]: "moduleinfocache",
  "node_analysis_cache_v2": "cjsanalysiscache",
};

/** How long the first run may take to leave its code, milliseconds: it does in 100 to 300. */
const MOST_MS = 30_000;

/** A program whose first run is made here. */
export interface Cached {
  /** Where it is now. */
  readonly program: string;
  /** By which path it will be run: Deno looks for it by that. */
  readonly place: string;
  /** The folder that is written, and that `DENO_DIR` will name. */
  readonly folder: string;
  /** Whether it runs on this kind of machine. Else V8's code is left out. */
  readonly isNative: boolean;
}

/**
 * Runs a program once, and writes what Deno has kept of it. The same bytes each time, wherever the
 * program is.
 *
 * @param cached the program and the folder
 * @param args for `deno`, by the path that they are given; as the program will be run, or V8 will not
 *   take the code
 * @throws {Error} Deno has kept nothing
 */
export async function writeCodeCache(cached: Cached, args = shippedArgs): Promise<void> {
  const { program, place, folder, isNative } = cached;
  const work = Deno.makeTempDirSync();
  try {
    await runOnce(program, work, args);
    Deno.mkdirSync(folder, { recursive: true });
    for (const [name, table] of Object.entries(DATABASES)) {
      if (name === CODE && !isNative) continue;
      settle(`${work}/${name}`, table, pathHere(program), place);
      Deno.copyFileSync(`${work}/${name}`, `${folder}/${name}`);
      for (const end of ["-wal", "-shm"]) {
        Deno.writeFileSync(`${folder}/${name}${end}`, new Uint8Array());
      }
    }
  } finally {
    remove(work);
  }
}

/**
 * Runs the program until Deno has written its code, which it does beside the program's own work: a
 * command that ends at once may be faster. `offline` without any setting asks nobody, and drains.
 */
async function runOnce(program: string, cache: string, args: typeof shippedArgs): Promise<void> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args(pathHere(program)), "offline"],
    cwd: dirname(program),
    clearEnv: true,
    env: { DENO_NO_UPDATE_CHECK: "1", DENO_DIR: cache },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const ended = new AbortController();
  const status = child.status.finally(() => ended.abort());
  const last = performance.now() + MOST_MS;
  try {
    while (![CODE, IMPORTS].every((name) => hasRow(cache, name))) {
      if (ended.signal.aborted || performance.now() > last) {
        throw new Error(`Cannot keep the code of ${program}: its first run has left none`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  } finally {
    if (!ended.signal.aborted) child.kill("SIGKILL");
    await status;
  }
}

/** A path for the run, which goes into V8's code: it does not tell where the program is. */
function pathHere(program: string): string {
  return `/proc/self/cwd/${basename(program)}`;
}

function hasRow(cache: string, name: string): boolean {
  try {
    using database = new DatabaseSync(`${cache}/${name}`, { readOnly: true });
    return database.prepare(`SELECT 1 FROM ${DATABASES[name]}`).get() !== undefined;
  } catch {
    // Not made yet, or just being made.
    return false;
  }
}

/**
 * Makes a database one file that needs no writing: its log is written back, the statistics that Deno
 * would write are there, and of all that was run only the program, by the path of later.
 */
function settle(path: string, table: string, here: string, place: string): void {
  const [from, to] = [pathToFileURL(here).href, pathToFileURL(place).href];
  using database = new DatabaseSync(path);
  database.prepare(`DELETE FROM ${table} WHERE specifier <> ?`).run(from);
  database.prepare(`UPDATE ${table} SET specifier = ?`).run(to);
  database.exec("ANALYZE; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
}
