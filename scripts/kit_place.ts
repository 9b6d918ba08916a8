/**
 * `deno task kit:install`: dist/opt to /opt on this machine. A kit that is there is replaced as a
 * whole; what else is in /opt stays.
 *
 * @module
 */

import { DIST } from "./places.ts";
import { runTool } from "./tool.ts";

/**
 * Puts a whole kit where an older one may be.
 *
 * @param fresh a folder with nothing but the kit, on the same file system; empty afterwards
 * @param at the folder that is or becomes /opt
 */
export function replaceKit(fresh: string, at: string): void {
  Deno.mkdirSync(at, { recursive: true });
  const old = `${at}/service-offline`;
  const has = namesIn(old);
  if (has.length > 0 && !has.includes("VERSION")) {
    throw new Error(`${old} is there and is no kit: move it away, or name another folder`);
  }
  // An older kit may have had other wrappers. It has a copy of each.
  for (const name of [...has.filter(isWrapper), "service-offline"]) {
    remove(`${at}/${name}`);
  }
  // The wrappers last: they start what is in the folder.
  const wrappers = namesIn(fresh).filter(isWrapper);
  for (const name of ["service-offline", ...wrappers]) {
    Deno.renameSync(`${fresh}/${name}`, `${at}/${name}`);
  }
}

/** Removes a folder or file, if it is there. */
export function remove(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function isWrapper(name: string): boolean {
  return /^service_.*\.sh$/.test(name);
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** Copies a built kit; its files belong to who runs this, and not to who has built it. */
export async function installKit(from: string, at: string): Promise<void> {
  const partial = `${at}/.service-offline.partial`;
  remove(partial);
  Deno.mkdirSync(at, { recursive: true });
  try {
    await runTool("cp", ["-R", "--preserve=mode,timestamps", from, partial]);
    replaceKit(partial, at);
  } finally {
    remove(partial);
  }
}

if (import.meta.main) {
  try {
    await installKit(`${DIST}/opt`, "/opt");
  } catch (error) {
    console.error(`Cannot install the kit: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
