/**
 * What Deno keeps of a program after its first run, made beforehand: a hook has only that one run. V8
 * takes the compiled code from there in place of 200 kB of source.
 *
 * @module
 */

import { basename, dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { remove } from "./kit_place.ts";
import { denoDirOf } from "./places.ts";
import { shippedArgs } from "./program.ts";

/** One of the databases in `DENO_DIR`. */
interface Database {
  readonly name: string;
  /** Its table, by programs. */
  readonly table: string;
  /** Whether Deno puts the program there. */
  readonly hasProgram: boolean;
}

/** V8's code, the only one of them that is for one kind of machine. */
const CODE: Database = { name: "v8_code_cache_v2", table: "codecache", hasProgram: true };
/** What Deno 2.9.6 opens: one that is missing it makes, where it may. */
const DATABASES: readonly Database[] = [
  CODE,
  // What a program imports. Without it Deno parses the program before V8 does.
  { name: "dep_analysis_cache_v2", table: "moduleinfocache", hasProgram: true },
  { name: "node_analysis_cache_v2", table: "cjsanalysiscache", hasProgram: false },
];

/** Stands in a folder where SQLite expects the index of a log. */
const WHY = "A folder in place of the index: whoever runs the program reads this database only.\n";

/**
 * How long the first run may take to leave its code, milliseconds: it does in 100 to 300. `offline`
 * itself ends after 30 s.
 */
const MOST_MS = 25_000;

/** A program whose first run is made here. */
export interface FirstRun {
  /** Where it is now. */
  readonly program: string;
  /** By which path it will be run: Deno looks for it by that. */
  readonly place: string;
  /** Whether V8's code is for the machine that will run it; else it is left out. */
  readonly hasCode: boolean;
}

/**
 * Runs a program once, and writes what Deno has kept of it into the folder beside it: the same bytes
 * each time, wherever the program is.
 *
 * @param argsOf the arguments of `deno` for the program at a path; V8 takes code only with the flags
 *   that it was made with
 * @throws {Error} Deno has kept nothing, with what it said
 */
export async function writeDenoDir(run: FirstRun, argsOf = shippedArgs): Promise<void> {
  const work = resolve(Deno.makeTempDirSync());
  try {
    // A path for the run that does not tell where the program is, which Linux has: it goes into V8's code.
    const isLinux = Deno.build.os === "linux";
    const here = isLinux ? `/proc/self/cwd/${basename(run.program)}` : run.program;
    const [from, to] = [pathToFileURL(here).href, pathToFileURL(run.place).href];
    await runOnce(dirname(run.program), argsOf(here), `${work}/kept`, from);
    for (const database of run.hasCode ? DATABASES : DATABASES.filter((one) => one !== CODE)) {
      const path = `${work}/kept/${database.name}`;
      keepOnly(path, database, from, to);
      writeReadOnly(path, `${denoDirOf(run.program)}/${database.name}`);
    }
  } finally {
    remove(work);
  }
}

/**
 * Runs the program until Deno has written all, which it does beside the program's own work: a command
 * that ends at once may be faster. Without the name of a service `offline` asks nobody, and drains.
 */
async function runOnce(cwd: string, args: readonly string[], kept: string, specifier: string) {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, "offline"],
    cwd,
    clearEnv: true,
    env: {
      DENO_NO_UPDATE_CHECK: "1",
      DENO_DIR: kept,
      // Nothing is there. By default a Spring application on this machine would be found.
      SPRING_CONFIG_LOCATION: `${kept}/`,
    },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let isRunning = true;
  const output = child.output().finally(() => isRunning = false);
  const last = performance.now() + MOST_MS;
  let isKept = false;
  while (!isKept && isRunning && performance.now() < last) {
    await new Promise((done) => setTimeout(done, 20));
    isKept = DATABASES.every((database) => isWritten(kept, database, specifier));
  }
  if (isRunning) child.kill("SIGKILL");
  const { code, stderr } = await output;
  if (isKept) return;
  const said = new TextDecoder().decode(stderr).trim();
  throw new Error(`Cannot keep V8's code: the first run in ${cwd} left none (${code}) ${said}`);
}

function isWritten(kept: string, { name, table, hasProgram }: Database, specifier: string) {
  try {
    using database = new DatabaseSync(`${kept}/${name}`, { readOnly: true });
    const isMade = database.prepare("SELECT 1 FROM info").get() !== undefined;
    const program = database.prepare(`SELECT 1 FROM ${table} WHERE specifier = ?`);
    return isMade && (!hasProgram || program.get(specifier) !== undefined);
  } catch {
    // Not made yet, or just being made.
    return false;
  }
}

/** Of all that was run leaves only the program, by the path of later, and writes the log back. */
function keepOnly(path: string, { table, hasProgram }: Database, from: string, to: string): void {
  using database = new DatabaseSync(path);
  database.prepare(`DELETE FROM ${table} WHERE specifier <> ?`).run(from);
  const { changes } = database.prepare(`UPDATE ${table} SET specifier = ?`).run(to);
  if (Number(changes) !== Number(hasProgram)) throw new Error(`${path} has ${changes} programs`);
  // Deno 2.9.6 writes statistics where there are none, and does not use what it cannot write.
  database.exec("ANALYZE; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
}

/**
 * Copies a database, so that nobody writes it. SQLite reads a database without writing where its log
 * is empty and the log's index cannot be written. A folder cannot be written as a file, not even by
 * root. A process that may write waits up to 40 s for a lock of another user's, and on a full disk
 * Deno makes the database anew. (Deno 2.9.6. A log that is not empty would hold up every start, so
 * the launcher looks at it.)
 */
function writeReadOnly(from: string, to: string): void {
  Deno.mkdirSync(`${to}-shm`, { recursive: true });
  Deno.writeTextFileSync(`${to}-shm/README`, WHY);
  Deno.writeTextFileSync(`${to}-wal`, "");
  Deno.copyFileSync(from, to);
}
